//! Compiles an org's rules: every formula once, filters and criteria translated to formulas, and a report of all.

mod compiler;
mod condition;
mod conditions;
mod fields;
mod filter;
mod flows;
mod logic;
mod module;
mod options;
mod paths;
mod plugins;
mod report;
mod workflow;

pub(crate) use module::{emit, load, shared_host};
pub use options::{CompileOptions, Compiled, compile, compile_with};
pub use report::{CompileError, Report, Sizes, UnknownEntry};
