//! Writes down a record's fate: its open error is closed or logged, and the cursor moves.
//!
//! The order makes a crash harmless: the CRM first, then the error row, then (with the job) the cursor.

use domain::join::closed_as;
use domain::{CrmError, ExportError, Placed, Refusal};

use crate::deliver::Prepared;
use crate::ledger::LedgerError;
use crate::run::Run;

impl Run<'_> {
    /// The CRM took this record, and every record before it is settled.
    pub(crate) async fn settle_exported(
        &mut self,
        chunk: &Prepared<'_>,
        index: usize,
    ) -> Result<(), LedgerError> {
        self.close_open_error(chunk, index).await?;
        self.job.settle(chunk.placed[index].position);
        Ok(())
    }

    /// The CRM took this record: its open error, if it had one, is resolved or moot.
    pub(crate) async fn close_open_error(
        &mut self,
        chunk: &Prepared<'_>,
        index: usize,
    ) -> Result<(), LedgerError> {
        if let Some(open) = &chunk.open[index] {
            let state = closed_as(&chunk.placed[index].record, open);
            let closed = open.closed(state, self.ports.clock.now());
            self.ports.ledger.close_error(self.lease(), &closed).await?;
        }
        self.report.exported += 1;
        Ok(())
    }

    /// The CRM refused this record, or enforced rules did: its open row is written or carried on.
    pub(crate) async fn log_refused(
        &mut self,
        chunk: &Prepared<'_>,
        index: usize,
        refusal: &Refusal,
    ) -> Result<ExportError, LedgerError> {
        if !self.job.errors_possible {
            // Before the first row is there, so that no run ever skips the look-up while a row is.
            self.job.errors_possible = true;
            self.checkpoint().await?;
        }
        let placed = Placed { position: chunk.placed[index].position, record: chunk.records[index].clone() };
        let now = self.ports.clock.now();
        let error = ExportError::logged(&self.id, placed, refusal, now, chunk.open[index].as_ref());
        self.ports.ledger.put_open_error(self.lease(), &error).await?;
        self.report.errors += 1;
        *self.report.errors_by_code.entry(error.code.clone()).or_default() += 1;
        let CrmError { code: crm_code, foretold_by, .. } = error.crm_error();
        tracing::info!(
            job = %self.id, position = %error.position, error = %error.id, %crm_code, foretold_by, "record refused"
        );
        Ok(error)
    }
}
