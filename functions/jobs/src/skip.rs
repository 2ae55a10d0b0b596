//! Lets a held job pass its head: the record stays an open export error, and the daily job tries it.

use domain::{Hold, JobId};
use thiserror::Error;

use crate::events::Event;
use crate::ledger::LedgerError;
use crate::report::RunReport;
use crate::run::{Cause, Jobs, Run};

/// Why nothing was skipped.
#[derive(Debug, Error)]
pub enum SkipError {
    /// No record holds the job.
    #[error("skip the head of {0}: no refused record holds it; see `status`")]
    NotPaused(JobId),
    /// The ledger cannot be read or written, or another run has the job.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl Jobs {
    /// Passes the record at which the job is paused, then runs the job on.
    ///
    /// # Errors
    /// When the job is not paused at a record, or the ledger cannot be written.
    pub async fn skip(&self, job: &JobId) -> Result<RunReport, SkipError> {
        if self.ledger.job(job).await?.is_none() {
            return Err(SkipError::NotPaused(job.clone()));
        }
        let mut run = Run::begin(self, job, None).await?;
        let paused = run.skip_head();
        let outcome = match paused {
            true => run.after_skip().await,
            false => Ok(()),
        };
        let report = run.end(outcome).await?;
        if paused { Ok(report) } else { Err(SkipError::NotPaused(job.clone())) }
    }
}

impl Run<'_> {
    fn skip_head(&mut self) -> bool {
        let Some(Hold::RecordRefused(held)) = &self.job.hold else { return false };
        let position = held.position;
        self.job.settle(position);
        self.job.hold = None;
        true
    }

    async fn after_skip(&mut self) -> Result<(), LedgerError> {
        self.remove_settled().await?;
        self.ports.events.publish(Event::ExportResumed { job: self.id.clone() }).await;
        if !self.settings.export_to_crm {
            return Ok(());
        }
        self.drain(Cause::Person).await.map(drop)
    }
}
