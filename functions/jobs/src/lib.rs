//! The use cases (run a job, retry its export errors, skip a head, change settings) and the ports they stand on.
//!
//! A record enters through [`run`], whoever calls: the SQS handler, the schedule, the daily retry ([`retry`]) or the
//! local program. A port is a folder: the trait in `mod.rs`, one file or folder per technology, a memory double. Nothing
//! here knows Lambda, a terminal or a file of records.

pub mod clock;
pub mod crm;
pub mod events;
pub mod ledger;
