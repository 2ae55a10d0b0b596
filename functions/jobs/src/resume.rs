//! Runs the jobs that wait, as the schedule does: each that is held, and each that still has parked records.

use domain::{AccountName, JobId, Timestamp};

use crate::ledger::{LedgerError, LedgerErrorKind};
use crate::report::RunReport;
use crate::run::{Cause, Jobs};

impl Jobs {
    /// Runs an account's waiting jobs once, by object name, so that most parents come before their children. A job that
    /// another run has, or whose items are damaged, is left out with a warning in its report.
    ///
    /// # Errors
    /// When the ledger cannot be read or written.
    pub async fn resume(
        &self,
        account: &AccountName,
        cause: Cause,
        deadline: Option<Timestamp>,
    ) -> Result<Vec<RunReport>, LedgerError> {
        let mut reports = Vec::new();
        for id in self.waiting(account).await? {
            let report = self.run(&id, &[], cause, deadline).await;
            reports.push(spared(id, report, "not resumed")?);
        }
        Ok(reports)
    }

    /// The jobs that wait for the CRM, for someone, or for time. None while Export to CRM is off.
    async fn waiting(&self, account: &AccountName) -> Result<Vec<JobId>, LedgerError> {
        if !self.settings(account).await?.0.export_to_crm {
            return Ok(Vec::new());
        }
        let mut waiting = Vec::new();
        for (id, job) in self.ledger.jobs(account).await? {
            if job.hold.is_some() || !self.ledger.parked(&id, None, 1).await?.is_empty() {
                waiting.push(id);
            }
        }
        Ok(waiting)
    }
}

/// What is wrong with one job keeps no other from its run: it becomes a warning.
pub(crate) fn spared(
    id: JobId,
    report: Result<RunReport, LedgerError>,
    what: &str,
) -> Result<RunReport, LedgerError> {
    report.or_else(|error| {
        let concerns_one_job = matches!(
            error.kind(),
            LedgerErrorKind::LeaseHeld { .. }
                | LedgerErrorKind::LeaseLost { .. }
                | LedgerErrorKind::Corrupt { .. }
        );
        if !concerns_one_job {
            return Err(error);
        }
        let mut report = RunReport::new(id);
        report.warnings.push(format!("{what}: {error}"));
        Ok(report)
    })
}
