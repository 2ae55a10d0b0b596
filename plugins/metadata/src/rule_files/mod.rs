//! Reads the files of rules into [`crate::RuleSet`]: one file of this folder for each kind of rule.
//!
//! Only active rules are kept. A rule whose effect cannot be known from its file goes to `unknown`, with the reason.

mod apex;
mod collect;
mod duplicate;
mod field;
mod filter;
mod flow;
mod record_type;
mod stored;
mod validation;
mod workflow;

pub(crate) use collect::{of_files, of_object};
pub(crate) use field::of_field;
