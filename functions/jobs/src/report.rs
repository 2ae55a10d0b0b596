//! What a run and a job's status tell.

use std::collections::BTreeMap;

use domain::{Figures, Hold, JobId, JobState, Position};

/// What one run did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunReport {
    /// Which job.
    pub job: JobId,
    /// Records that the CRM took.
    pub exported: u64,
    /// Record errors that were logged, those of records tried again included.
    pub errors: u64,
    /// The same by Marketo Measure's code.
    pub errors_by_code: BTreeMap<String, u64>,
    /// API calls that were made.
    pub calls: u64,
    /// Where preflight and the CRM did not agree.
    pub disagreements: Disagreements,
    /// What a person should look at, such as damaged settings.
    pub warnings: Vec<String>,
}

/// How many different disagreements a run names.
const NAMED_MAX: usize = 5;

/// Answers of the CRM that the rules foretold otherwise. Unknown forecasts are in neither count.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Disagreements {
    /// Records that the rules certainly refused, and the CRM took.
    pub false_alarms: u64,
    /// Records that the rules accepted, and the CRM refused with a record error.
    pub misses: u64,
    /// The first few different ones, without a value of any record.
    pub first: Vec<Disagreement>,
}

/// One kind of disagreement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Disagreement {
    /// The rules refused, the CRM took it.
    FalseAlarm {
        /// The rule that was wrong.
        rule: String,
        /// The code it foretold.
        code: String,
    },
    /// The rules accepted, the CRM refused.
    Miss {
        /// The CRM's code.
        code: String,
    },
}

impl Disagreements {
    /// Counts one.
    pub(crate) fn count(&mut self, disagreement: Disagreement) {
        match disagreement {
            Disagreement::FalseAlarm { .. } => self.false_alarms += 1,
            Disagreement::Miss { .. } => self.misses += 1,
        }
        if self.first.len() < NAMED_MAX && !self.first.contains(&disagreement) {
            self.first.push(disagreement);
        }
    }

    /// Whether the rules and the CRM agreed.
    pub fn is_empty(&self) -> bool {
        self.false_alarms == 0 && self.misses == 0
    }
}

impl RunReport {
    /// Nothing done yet.
    pub fn new(job: JobId) -> Self {
        let disagreements = Disagreements::default();
        let errors_by_code = BTreeMap::new();
        Self { job, exported: 0, errors: 0, errors_by_code, calls: 0, disagreements, warnings: Vec::new() }
    }

    /// What a day's figures gain by it.
    pub fn figures(&self) -> Figures {
        Figures { calls: self.calls, exported: self.exported, errors: self.errors_by_code.clone() }
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
