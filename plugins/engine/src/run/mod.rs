//! Runs compiled rules: one file per step of the save that asks them.

mod batch;
mod conditions;
mod flows;
mod judge;
mod update;
mod view;
mod workflow;

pub(crate) use batch::validate_batch;
pub(crate) use conditions::{duplicates, lookup_filters, validate};
pub(crate) use flows::FlowRunner;
pub(crate) use judge::Judge;
pub(crate) use update::fault_reason;
pub(crate) use workflow::workflow;
