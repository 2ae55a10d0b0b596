//! The reference evaluator over the typed tree. It has a stack of its own, evaluates each node at most once, and only
//! those that are needed.

mod lazy;
mod machine;

pub use machine::{evaluate, evaluate_traced};
