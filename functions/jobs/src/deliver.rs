//! Takes records in order, chunk by chunk, until all are settled or something stops the job.

use std::time::Duration;

use domain::chunk::next_chunk;
use domain::job::RefusedRecord;
use domain::join::joined;
use domain::policy::suspended_until;
use domain::{ExportError, Hold, Placed, Record, Refusal};

use crate::exchange::{Fate, Stopped};
use crate::ledger::LedgerError;
use crate::preflight::LastWord;
use crate::rules::Forecast;
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
    /// What the rules foretell of each record; empty when nothing is known of any.
    pub(crate) forecasts: Vec<Forecast>,
}

impl Run<'_> {
    /// Delivers records. `None` when every one of them is settled.
    pub(crate) async fn deliver(
        &mut self,
        records: &[Placed],
        last_word: LastWord,
    ) -> Result<Option<Stop>, LedgerError> {
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
                self.deliver_in_order(&prepared, last_word).await?
            } else {
                self.deliver_passing(&prepared, last_word).await?
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
    async fn prepare<'r>(&mut self, placed: &'r [Placed]) -> Result<Prepared<'r>, LedgerError> {
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

    /// Finds the open export errors of records, joins them, and asks the rules about what is sent then.
    pub(crate) async fn join<'r>(&mut self, placed: &'r [Placed]) -> Result<Prepared<'r>, LedgerError> {
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
        let records: Vec<Record> = placed.iter().zip(&open).map(join).collect();
        let forecasts = self.forecast(&records).await;
        Ok(Prepared { placed, records, open, forecasts })
    }

    /// Pause on: settles the records before the first refused one, and stops there. Nothing from a record on that the rules
    /// refuse is sent.
    async fn deliver_in_order(
        &mut self,
        chunk: &Prepared<'_>,
        last_word: LastWord,
    ) -> Result<Option<Stop>, LedgerError> {
        let refused = self.refused_by_rules(chunk, last_word).into_iter().next();
        let end = refused.as_ref().map_or(chunk.records.len(), |(index, _)| *index);
        let (exported, stopped) = self.exchange_in_order(&chunk.records[..end]).await;
        for index in 0..exported {
            self.compare(chunk, index, None);
            self.settle_exported(chunk, index).await?;
        }
        // What the CRM said stands before the record that the rules refuse.
        let stopped = stopped.or(refused.map(|(_, refusal)| Stopped::Refused(refusal)));
        let hold = match stopped {
            None => return Ok(None),
            Some(Stopped::Refused(refusal)) => {
                self.compare(chunk, exported, Some(&refusal));
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
    ///
    /// A record that the rules refuse is logged without a call, but not behind that first one: it waits there with the
    /// others, since asking the rules again costs nothing.
    async fn deliver_passing(
        &mut self,
        chunk: &Prepared<'_>,
        last_word: LastWord,
    ) -> Result<Option<Stop>, LedgerError> {
        let refused = self.refused_by_rules(chunk, last_word);
        let is_refused = |index: &usize| refused.iter().any(|(refused, _)| refused == index);
        let sent: Vec<usize> = (0..chunk.records.len()).filter(|index| !is_refused(index)).collect();
        let (mut fates, stopped) = self.exchange_passing(&chunk.records, sent).await;
        if let Some(Stopped::Ledger(error)) = stopped {
            return Err(error);
        }
        self.compare_all(chunk, &fates);
        for (index, refusal) in refused {
            if fates[..index].iter().all(Option::is_some) {
                fates[index] = Some(Fate::Refused(refusal));
            }
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
