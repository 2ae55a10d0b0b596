//! Tree and schema to typed tree. This is the only stage that rejects a formula for what it means.

mod calls;
mod checker;
mod operations;

pub use checker::{Blanks, Checked, Context, Options, check};
