//! The WASM back end: typed formulas to a core module that calls [`library`](crate::library), and conditions over
//! [`flat`](crate::flat) records that call nothing.

mod batch;
mod code;
mod condition;
mod emitter;
mod longs;
mod lower;
mod slots;

pub use emitter::{Emitter, FormulaId, Module};
