//! The use cases (run a job, retry its export errors, skip a head, change settings) and the ports they stand on.
//!
//! A record enters through [`run`], whoever calls: the SQS handler, the schedule, the daily [`retry`] or the local
//! program. A run takes the job's lease, brings out what is parked ([`drain`]), cuts the rest into chunks ([`deliver`]),
//! asks the CRM's rules about them when the account wants that ([`preflight`]), learns each record's fate from the CRM ([`exchange`]) and writes it down ([`settle`]). A port is a folder: the trait in
//! `mod.rs`, one file or folder per technology, a memory double. Nothing here knows Lambda, a terminal or a file of records.

pub mod clock;
pub mod crm;
pub mod events;
pub mod ledger;
pub mod rules;

mod deliver;
mod drain;
mod exchange;
mod preflight;
mod report;
mod resume;
mod retry;
mod run;
mod settings;
mod settle;
mod skip;
mod status;

pub use preflight::FORECAST_TIME;
pub use report::{Disagreement, Disagreements, JobStatus, RunReport};
pub use run::{Cause, Jobs};
pub use settings::ChangeError;
pub use skip::SkipError;
