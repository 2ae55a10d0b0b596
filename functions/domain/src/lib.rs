//! The pure heart of crm-export: what a record, a job and an export error are, and every decision about them.
//!
//! Nothing here reads a clock, a network or a disk, and nothing is async: a decision is a function of its arguments, so
//! that the simulation and the production functions cannot decide differently. A record comes in through [`record`],
//! is put in a [`chunk`], the CRM's answer to it is read by [`classify`] and judged by [`decide`].

pub mod chunk;
pub mod classify;
pub mod codes;
pub mod decide;
pub mod export_error;
pub mod figures;
pub mod job;
pub mod join;
pub mod message;
pub mod name;
pub mod nested;
pub mod policy;
pub mod position;
pub mod record;
pub mod settings;
pub mod timestamp;

pub use classify::{CrmError, Refusal};
pub use export_error::{ErrorState, ExportError};
pub use figures::Figures;
pub use job::{Hold, Job, JobState};
pub use name::{AccountName, JobId};
pub use position::Position;
pub use record::{ExternalId, Operation, Placed, Record};
pub use settings::{Preflight, Settings};
pub use timestamp::Timestamp;
