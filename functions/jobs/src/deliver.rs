//! Takes records in order, chunk by chunk, until all are settled or something stops the job.

use std::time::Duration;

use domain::chunk::next_chunk;
use domain::job::RefusedRecord;
use domain::join::joined;
use domain::policy::suspended_until;
use domain::{ExportError, Hold, Placed, Record, Refusal};

use crate::exchange::{Fate, Stopped};
use crate::ledger::LedgerError;
use crate::run::Run;

/// Why delivery stopped short.
pub(crate) struct Stop {
    /// What the job comes to rest at; `None` when its time is over.
    pub(crate) hold: Option<Hold>,
    /// Records that are not settled, in order.
    pub(crate) leftover: Vec<Placed>,
}

/// A chunk as it is sent.
pub(crate) struct Prepared<'r> {
    /// The records as they came.
    pub(crate) placed: &'r [Placed],
    /// The same, joined with their open export errors.
    pub(crate) records: Vec<Record>,
    /// Those open errors.
    pub(crate) open: Vec<Option<ExportError>>,
}

impl Run<'_> {
    /// Delivers records. `None` when every one of them is settled.
    pub(crate) async fn deliver(&mut self, records: &[Placed]) -> Result<Option<Stop>, LedgerError> {
        let batch_size = self.settings.batch_size as usize;
        let mut rest = records;
        while !rest.is_empty() {
            if self.out_of_time() {
                return Ok(Some(Stop { hold: None, leftover: rest.to_vec() }));
            }
            let (chunk, behind) = rest.split_at(next_chunk(rest, batch_size));
            self.ready_to_send(chunk).await?;
            let prepared = self.prepare(chunk).await?;
            let stop = if self.settings.pause_on_export_errors {
                self.deliver_in_order(&prepared).await?
            } else {
                self.deliver_passing(&prepared).await?
            };
            if let Some(mut stop) = stop {
                stop.leftover.extend_from_slice(behind);
                return Ok(Some(stop));
            }
            rest = behind;
        }
        Ok(None)
    }

    /// Joins records with their open export errors. The row is written before the record is sent, at the record's place:
    /// should this run end in between, the daily job has nothing older to send, and leaves the row alone until the
    /// cursor passes that place.
    async fn prepare<'r>(&self, placed: &'r [Placed]) -> Result<Prepared<'r>, LedgerError> {
        let prepared = self.join(placed).await?;
        for (index, open) in prepared.open.iter().enumerate() {
            let (position, record) = (placed[index].position, &prepared.records[index]);
            if let Some(open) =
                open.as_ref().filter(|open| open.position != position || open.record != *record)
            {
                let joined = ExportError { position, record: record.clone(), ..open.clone() };
                self.ports.ledger.put_open_error(self.lease(), &joined).await?;
            }
        }
        Ok(prepared)
    }

    /// Finds the open export errors of records, and joins them.
    pub(crate) async fn join<'r>(&self, placed: &'r [Placed]) -> Result<Prepared<'r>, LedgerError> {
        let mut open: Vec<Option<ExportError>> = vec![None; placed.len()];
        if self.job.errors_possible {
            let ids: Vec<_> = placed.iter().map(|placed| &placed.record.external_id).collect();
            for error in self.ports.ledger.open_errors_of(&self.id, &ids).await? {
                if let Some(at) = ids.iter().position(|id| **id == error.record.external_id) {
                    open[at] = Some(error);
                }
            }
        }
        let join = |(placed, open): (&Placed, &Option<ExportError>)| match open {
            Some(open) => joined(&placed.record, open),
            None => placed.record.clone(),
        };
        let records = placed.iter().zip(&open).map(join).collect();
        Ok(Prepared { placed, records, open })
    }

    /// Pause on: settles the records before the first refused one, and stops there.
    async fn deliver_in_order(&mut self, chunk: &Prepared<'_>) -> Result<Option<Stop>, LedgerError> {
        let (exported, stopped) = self.exchange_in_order(&chunk.records).await;
        for index in 0..exported {
            self.settle_exported(chunk, index).await?;
        }
        let hold = match stopped {
            None => return Ok(None),
            Some(Stopped::Refused(refusal)) => {
                let error = self.log_refused(chunk, exported, &refusal).await?;
                Hold::refused(&error, self.job.hold.as_ref(), self.ports.clock.now())
            }
            Some(Stopped::Unavailable { refusal, retry_after }) => self.suspension(&refusal, retry_after),
            Some(Stopped::Ledger(error)) => return Err(error),
        };
        Ok(Some(Stop { hold: Some(hold), leftover: chunk.placed[exported..].to_vec() }))
    }

    /// Pause off: settles the records up to the first whose fate is not known; refused ones are logged and passed.
    ///
    /// Behind that first one nothing is settled, though some of it is written: it is sent again in its order. Nothing
    /// newer was sent meanwhile, so the repeat changes nothing, and no one need remember holes behind the cursor.
    async fn deliver_passing(&mut self, chunk: &Prepared<'_>) -> Result<Option<Stop>, LedgerError> {
        let (fates, stopped) = self.exchange_passing(&chunk.records).await;
        if let Some(Stopped::Ledger(error)) = stopped {
            return Err(error);
        }
        let settled = fates.iter().position(Option::is_none).unwrap_or(fates.len());
        for (index, fate) in fates.iter().enumerate() {
            match fate {
                Some(Fate::Exported) if index < settled => self.settle_exported(chunk, index).await?,
                Some(Fate::Refused(refusal)) => {
                    self.log_refused(chunk, index, refusal).await?;
                    if index < settled {
                        self.passed += 1;
                        self.job.settle(chunk.placed[index].position);
                    }
                }
                _ => {}
            }
        }
        let Some(Stopped::Unavailable { refusal, retry_after }) = stopped else { return Ok(None) };
        let hold = self.suspension(&refusal, retry_after);
        Ok(Some(Stop { hold: Some(hold), leftover: chunk.placed[settled..].to_vec() }))
    }

    fn suspension(&self, refusal: &Refusal, retry_after: Option<Duration>) -> Hold {
        let now = self.ports.clock.now();
        // A job that is paused at a refused record stays so while the CRM is away: that record is what people mend.
        if let Some(Hold::RecordRefused(held)) = &self.job.hold {
            return Hold::RecordRefused(RefusedRecord { last_try: now, ..held.clone() });
        }
        let attempts = Hold::suspension_attempts(self.job.hold.as_ref());
        let until = suspended_until(refusal.class, attempts, now, retry_after);
        Hold::unavailable(refusal, self.job.hold.as_ref(), now, until)
    }
}
