//! CRMExport_ExportError: the daily job that exports open errors again, with no one's help.
//!
//! It takes the same lease as every run. A held job gets one resume attempt first; open errors before the place where
//! a job is held are tried all the same, so that a long pause delays no one's repair.

use domain::chunk::next_chunk;
use domain::{AccountName, Hold, JobId, Placed, Timestamp};

use crate::deliver::Prepared;
use crate::events::Event;
use crate::exchange::{Fate, Stopped};
use crate::ledger::{LedgerError, LedgerErrorKind};
use crate::report::RunReport;
use crate::run::{Cause, Jobs, Run};

/// How many open errors are read at a time.
const ERRORS_READ: usize = 200;

impl Jobs {
    /// Exports an account's open errors again, by job and position. It stops before `deadline` and goes on there next
    /// time. A job that another run has, or whose items are damaged, is left out with a warning in its report.
    ///
    /// # Errors
    /// When the ledger cannot be read or written.
    pub async fn retry(
        &self,
        account: &AccountName,
        deadline: Option<Timestamp>,
    ) -> Result<Vec<RunReport>, LedgerError> {
        let mut reports = Vec::new();
        for (id, job) in self.ledger.jobs(account).await? {
            let idle = !job.errors_possible && job.hold.is_none();
            if idle {
                continue;
            }
            reports.push(match self.retry_job(&id, deadline).await {
                Ok(report) => report,
                // What is wrong with one job keeps no other from its retry.
                Err(error) if concerns_one_job(&error) => {
                    let mut report = RunReport::new(id);
                    report.warnings.push(format!("not retried: {error}"));
                    report
                }
                Err(error) => return Err(error),
            });
        }
        Ok(reports)
    }

    async fn retry_job(&self, id: &JobId, deadline: Option<Timestamp>) -> Result<RunReport, LedgerError> {
        let mut run = Run::begin(self, id, deadline).await?;
        let outcome = run.retry().await;
        run.end(outcome).await
    }
}

fn concerns_one_job(error: &LedgerError) -> bool {
    matches!(
        error.kind(),
        LedgerErrorKind::LeaseHeld { .. }
            | LedgerErrorKind::LeaseLost { .. }
            | LedgerErrorKind::Corrupt { .. }
    )
}

/// What trying one chunk of errors came to.
enum Tried {
    All,
    CrmUnavailable,
}

impl Run<'_> {
    async fn retry(&mut self) -> Result<(), LedgerError> {
        if !self.settings.export_to_crm {
            return Ok(());
        }
        self.drain(Cause::Schedule).await?;
        if matches!(self.job.hold, Some(Hold::CrmUnavailable(_))) {
            return Ok(());
        }
        let before = self.report.clone();
        let finished = self.retry_open_errors().await?;
        if finished {
            self.job.retry_from = None;
            self.job.errors_possible = self.ports.ledger.count_open_errors(&self.id).await? > 0;
        }
        let resolved = self.report.exported - before.exported;
        let open = self.report.errors - before.errors;
        if resolved + open > 0 {
            self.ports
                .events
                .publish(Event::ExportErrorsRetried { job: self.id.clone(), resolved, open })
                .await;
        }
        Ok(())
    }

    /// Tries open errors behind `retry_from`. Answers whether the end was reached.
    async fn retry_open_errors(&mut self) -> Result<bool, LedgerError> {
        loop {
            let errors = self.ports.ledger.open_errors(&self.id, self.job.retry_from, ERRORS_READ).await?;
            // The head of a held job has an open error too, behind the cursor. It has had its attempt.
            let due: Vec<Placed> = errors
                .into_iter()
                .filter(|error| self.job.is_settled(error.position))
                .map(|error| Placed { position: error.position, record: error.record })
                .collect();
            if due.is_empty() {
                return Ok(true);
            }
            let mut rest = &due[..];
            while !rest.is_empty() {
                if self.out_of_time() {
                    return Ok(false);
                }
                let (chunk, behind) = rest.split_at(next_chunk(rest, self.settings.batch_size as usize));
                if let Tried::CrmUnavailable = self.retry_chunk(chunk).await? {
                    return Ok(false);
                }
                self.job.retry_from = chunk.last().map(|placed| placed.position);
                rest = behind;
            }
        }
    }

    async fn retry_chunk(&mut self, placed: &[Placed]) -> Result<Tried, LedgerError> {
        self.ready_to_send(placed).await?;
        let chunk: Prepared<'_> = self.join(placed).await?;
        let (fates, stopped) = self.exchange_passing(&chunk.records).await;
        if let Some(Stopped::Ledger(error)) = stopped {
            return Err(error);
        }
        for (index, fate) in fates.iter().enumerate() {
            match fate {
                Some(Fate::Exported) => self.close_open_error(&chunk, index).await?,
                Some(Fate::Refused(refusal)) => drop(self.log_refused(&chunk, index, refusal).await?),
                None => {}
            }
        }
        Ok(if stopped.is_some() { Tried::CrmUnavailable } else { Tried::All })
    }
}
