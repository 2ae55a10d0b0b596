//! Everything on one machine: what AWS gives the functions, this program gives itself.
//!
//! [`workplace`] opens ledger, queue and CRM; the [`worker`] runs the jobs when something is queued, when its [`timetable`]
//! says so, or when a person asks ([`desk`]); the API and its pages come from the crate `settings`.

mod desk;
mod explain;
mod intake;
mod rules;
mod timetable;
mod worker;
mod workplace;

pub(crate) use desk::{Desk, desk};
pub(crate) use intake::QueueIntake;
pub(crate) use worker::Worker;
pub(crate) use workplace::Workplace;
