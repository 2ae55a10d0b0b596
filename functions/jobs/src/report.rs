//! What a run and a job's status tell.

use domain::{Hold, JobId, JobState, Position};

/// What one run did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunReport {
    /// Which job.
    pub job: JobId,
    /// Records that the CRM took.
    pub exported: u64,
    /// Record errors that were logged, those of records tried again included.
    pub errors: u64,
    /// API calls that were made.
    pub calls: u64,
    /// What a person should look at, such as damaged settings.
    pub warnings: Vec<String>,
}

impl RunReport {
    /// Nothing done yet.
    pub fn new(job: JobId) -> Self {
        Self { job, exported: 0, errors: 0, calls: 0, warnings: Vec::new() }
    }
}

/// Where a job stands.
#[derive(Debug, Clone, PartialEq)]
pub struct JobStatus {
    /// Which job.
    pub job: JobId,
    /// Running, paused, suspended or draining.
    pub state: JobState,
    /// Why it does not move.
    pub hold: Option<Hold>,
    /// The last position whose fate is settled.
    pub cursor: Option<Position>,
    /// Open export errors.
    pub open_errors: u64,
    /// Records that wait.
    pub parked: u64,
}
