//! What an invocation's runs came to, in short: the answer of a function that no queue waits for.

use jobs::RunReport;
use serde::Serialize;

/// Counts of several runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Summary {
    /// Jobs that were run, those left out with a warning among them.
    pub jobs: usize,
    /// Records that the CRM took.
    pub exported: u64,
    /// Record errors that were logged.
    pub errors: u64,
    /// CRM calls.
    pub calls: u64,
}

impl Summary {
    /// Adds up reports, and logs what a person should look at.
    pub fn of(reports: &[RunReport]) -> Self {
        for report in reports {
            for warning in &report.warnings {
                tracing::warn!(job = %report.job, warning, "look at this");
            }
        }
        Self {
            jobs: reports.len(),
            exported: reports.iter().map(|report| report.exported).sum(),
            errors: reports.iter().map(|report| report.errors).sum(),
            calls: reports.iter().map(|report| report.calls).sum(),
        }
    }
}
