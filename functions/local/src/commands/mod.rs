//! The commands: each reads its arguments, works, and answers with an exit status.

mod completions;
mod dispatch;
mod errors;
mod export;
mod query;
mod reproduce;
mod resume;
mod rules;
mod sandbox;
#[cfg(feature = "aws")]
mod send;
#[cfg(not(feature = "aws"))]
#[path = "send_absent.rs"]
mod send;
mod serve;
mod settings;
mod shared;
mod skip;
mod status;

pub(crate) use dispatch::run;
pub(crate) use reproduce::{Reproduction, explanation};
