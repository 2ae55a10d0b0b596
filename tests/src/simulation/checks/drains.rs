//! Invariant 6: when faults stop and the CRM accepts, everything drains in a bounded number of runs, and open errors
//! reach zero after one daily run.
//!
//! Exactly: after at most 40 hourly ticks (a day for an account's own call limit, the hours that clocks jumped, and one
//! for each record that is not whole, which a person skips) the queue is empty, no job is held and nothing is parked;
//! after one daily run no error is open but those of records that are not whole (and of records whose message SQS dropped
//! while the ledger was away: the cursor never passes them until something newer comes). One more daily run, and the ticks after it,
//! is granted, and counted, when a child waited for a parent that was itself an open error. The engine also ends a simulation that never comes to rest.

use super::Check;
use crate::simulation::met::Met;
use crate::simulation::model::Model;
use crate::simulation::seen::Seen;

pub(super) struct Drains;

impl Check for Drains {
    fn name(&self) -> &'static str {
        "drains"
    }

    fn after(&mut self, model: &Model, seen: &Seen, met: &mut Met) -> Result<(), String> {
        let Seen::Over { ticks, retries } = seen else { return Ok(()) };
        met.count("came to rest");
        if let Some((job, sequence)) = model.queued.first() {
            return Err(format!("message {sequence} of {job} is still in the queue after {ticks} ticks"));
        }
        for (id, shadow) in &model.jobs {
            if let Some(hold) = &shadow.job.hold {
                return Err(format!("{id} is still held after {ticks} ticks: {hold:?}"));
            }
            if !shadow.parked.is_empty() {
                return Err(format!("{id} still has {} parked after {ticks} ticks", shadow.parked.len()));
            }
            let whole = |number: &u32| model.entries.get(number).is_none_or(|entry| entry.whole);
            let due = |number: &u32| whole(number) && !model.expired.contains(number);
            if let Some(row) = shadow.open.iter().find(|row| due(&row.number)) {
                return Err(format!(
                    "{id}: the error of record {} at {} is still open after {retries} daily runs",
                    row.number, row.position
                ));
            }
        }
        Ok(())
    }
}
