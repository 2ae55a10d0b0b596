//! The reference evaluator over the typed tree. It has a stack of its own, evaluates each node at most once, and only
//! those that are needed. What a step gives is shared with the library of emitted code.

mod apply;
mod asking;
mod lazy;
mod machine;

pub(crate) use apply::{FREE_TEXT_BYTES_MAX, Work};
pub(crate) use asking::{event, field};
pub(crate) use lazy::{Arguments, Condition, Decision, condition, decide, ended};
pub use machine::{evaluate, evaluate_traced};
