//! CRMExport_ExportError: the daily job that exports open errors again, with no one's help.
//!
//! It takes the same lease as every run. A held job gets one resume attempt first; open errors before the place where
//! a job is held are tried all the same, so that a long pause delays no one's repair. Preflight stops neither: once a
//! day the CRM has the last word.

use std::collections::BTreeMap;

use domain::chunk::next_chunk;
use domain::{AccountName, ExternalId, Hold, JobId, Placed, Position, Timestamp};

use crate::deliver::Prepared;
use crate::events::Event;
use crate::exchange::{Fate, Stopped};
use crate::ledger::LedgerError;
use crate::report::RunReport;
use crate::resume::spared;
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
        for id in self.due_for_retry(account).await? {
            let report = self.retry_job(&id, deadline).await;
            reports.push(spared(id, report, "not retried")?);
        }
        Ok(reports)
    }

    /// Exports these errors again, as a person asks for; those that are open. A job that is held gets a resume attempt
    /// first, as every day. What is left when the time is over stays open.
    ///
    /// # Errors
    /// When the ledger cannot be read or written.
    pub async fn retry_errors(
        &self,
        account: &AccountName,
        ids: &[String],
        deadline: Option<Timestamp>,
    ) -> Result<Vec<RunReport>, LedgerError> {
        let mut by_job: BTreeMap<JobId, Vec<ExternalId>> = BTreeMap::new();
        for id in ids {
            let Some(error) = self.ledger.error(account, id).await? else { continue };
            by_job.entry(error.job()).or_default().push(error.record.external_id);
        }
        let mut reports = Vec::new();
        for (id, external_ids) in by_job {
            let report = self.retry_these(&id, &external_ids, deadline).await;
            reports.push(spared(id, report, "not retried")?);
        }
        Ok(reports)
    }

    /// The jobs that have something to retry, by object name, so that most parents come before their children; but first
    /// the one at which the last run had no more time, and those behind it.
    async fn due_for_retry(&self, account: &AccountName) -> Result<Vec<JobId>, LedgerError> {
        let mut due = self.ledger.jobs(account).await?;
        due.retain(|(_, job)| job.errors_possible || job.hold.is_some());
        let stopped_at = due.iter().position(|(_, job)| job.retry_from.is_some());
        due.rotate_left(stopped_at.unwrap_or(0));
        Ok(due.into_iter().map(|(id, _)| id).collect())
    }

    async fn retry_these(
        &self,
        id: &JobId,
        external_ids: &[ExternalId],
        deadline: Option<Timestamp>,
    ) -> Result<RunReport, LedgerError> {
        let mut run = Run::begin(self, id, deadline).await?;
        let outcome = run.retry_these(external_ids).await;
        run.end(outcome).await
    }

    async fn retry_job(&self, id: &JobId, deadline: Option<Timestamp>) -> Result<RunReport, LedgerError> {
        let mut run = Run::begin(self, id, deadline).await?;
        let outcome = run.retry().await;
        run.end(outcome).await
    }
}

/// What trying one chunk of errors came to.
enum Tried {
    All,
    CrmUnavailable,
}

impl Run<'_> {
    async fn retry(&mut self) -> Result<(), LedgerError> {
        if !self.ready_to_retry(Cause::Daily).await? {
            return Ok(());
        }
        let before = self.report.clone();
        let finished = self.retry_open_errors().await?;
        if finished {
            self.job.retry_from = None;
            self.job.errors_possible = self.ports.ledger.count_open_errors(&self.id).await? > 0;
        }
        self.tell_retried(&before).await;
        Ok(())
    }

    /// Tries the open errors of these external ids.
    async fn retry_these(&mut self, external_ids: &[ExternalId]) -> Result<(), LedgerError> {
        if !self.ready_to_retry(Cause::Person).await? {
            return Ok(());
        }
        let before = self.report.clone();
        // Read under the lease: what was open before it may be closed by now.
        let ids: Vec<&ExternalId> = external_ids.iter().collect();
        let errors = self.ports.ledger.open_errors_of(&self.id, &ids).await?;
        let due: Vec<Placed> = errors
            .into_iter()
            .filter(|error| self.job.is_settled(error.position))
            .map(|error| Placed { position: error.position, record: error.record })
            .collect();
        let mut rest = &due[..];
        while !rest.is_empty() && !self.out_of_time() {
            let (chunk, behind) = rest.split_at(next_chunk(rest, self.settings.batch_size as usize));
            if let Tried::CrmUnavailable = self.retry_chunk(chunk).await? {
                break;
            }
            rest = behind;
        }
        self.tell_retried(&before).await;
        Ok(())
    }

    /// A held job's resume attempt. Answers whether errors may be tried then.
    async fn ready_to_retry(&mut self, cause: Cause) -> Result<bool, LedgerError> {
        if !self.settings.export_to_crm {
            return Ok(false);
        }
        self.drain(cause).await?;
        Ok(!matches!(self.job.hold, Some(Hold::CrmUnavailable(_))))
    }

    async fn tell_retried(&self, before: &RunReport) {
        let resolved = self.report.exported - before.exported;
        let open = self.report.errors - before.errors;
        if resolved + open > 0 {
            self.ports
                .events
                .publish(Event::ExportErrorsRetried { job: self.id.clone(), resolved, open })
                .await;
        }
    }

    /// Tries every open error once: those behind the place where the last run stopped, then those before it. Answers
    /// whether all were tried.
    async fn retry_open_errors(&mut self) -> Result<bool, LedgerError> {
        let stopped_at = self.job.retry_from;
        if !self.retry_through(None).await? {
            return Ok(false);
        }
        if stopped_at.is_none() {
            return Ok(true);
        }
        self.job.retry_from = None;
        self.retry_through(stopped_at).await
    }

    /// Tries open errors behind `retry_from`, up to and with the one at `last`. Answers whether the end was reached.
    async fn retry_through(&mut self, last: Option<Position>) -> Result<bool, LedgerError> {
        loop {
            let errors = self.ports.ledger.open_errors(&self.id, self.job.retry_from, ERRORS_READ).await?;
            // The head of a held job has an open error too, behind the cursor. It has had its attempt.
            let due: Vec<Placed> = errors
                .into_iter()
                .filter(|error| self.job.is_settled(error.position))
                .filter(|error| last.is_none_or(|last| error.position <= last))
                .map(|error| Placed { position: error.position, record: error.record })
                .collect();
            if due.is_empty() {
                return Ok(true);
            }
            let mut rest = &due[..];
            while !rest.is_empty() {
                if self.out_of_time() {
                    // Also a job that had no turn at all says that the next run begins with it.
                    self.job.retry_from.get_or_insert(Position::new(0, 0));
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
        let (fates, stopped) = self.exchange_passing(&chunk.records, (0..placed.len()).collect()).await;
        if let Some(Stopped::Ledger(error)) = stopped {
            return Err(error);
        }
        self.compare_all(&chunk, &fates);
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
