//! The functions of the formula language: one row each, by family, found by name.

mod date;
mod event;
mod html;
mod json;
mod logic;
mod math;
mod money;
mod row;
mod slices;
mod table;
mod text;

pub use row::{
    Arity, Body, Branches, Call, Computed, Event, Failure, Form, Function, Lazy, NullRule, Parameter,
    ResultType,
};
pub use table::{FAMILIES, Family, all, function, nearest_name};
pub(crate) use text::limited;
