//! Invariant 1: every accepted record is exported, an open export error, parked, or still in the queue, at every moment.
//!
//! Exactly: when the queue deletes a message, when the cursor moves, when parked records are removed and when an error is
//! closed, each record that this concerns is *settled* (each of its fields reached the CRM in this or a newer version,
//! a later delete made it moot, or what is missing stands in an open error of the same external id) or parked behind
//! the cursor. A record that the cursor passes must be settled: parked does not count there.
//!
//! Excluded, and counted: messages that SQS dropped after 14 days while the ledger was away.

use std::ops::Bound::{Excluded, Included, Unbounded};

use domain::{JobId, Position};

use super::Check;
use crate::simulation::met::Met;
use crate::simulation::model::Model;
use crate::simulation::seen::Seen;

pub(super) struct NothingLost;

impl Check for NothingLost {
    fn name(&self) -> &'static str {
        "nothing_lost"
    }

    fn before(&mut self, model: &Model, seen: &Seen, met: &mut Met) -> Result<(), String> {
        match seen {
            Seen::Saved { id, job, .. } => {
                let before = model.jobs.get(id).and_then(|shadow| shadow.job.cursor);
                if before > job.cursor {
                    return Err(format!("the cursor of {id} went back"));
                }
                settled(model, id, before, job.cursor, "the cursor passed")
            }
            Seen::Expired { job, sequence } if !model.ledger_was_away => {
                Err(format!("the queue dropped message {sequence} of {job} after 14 days"))
            }
            Seen::Expired { .. } => {
                met.count("message expired while the ledger was away");
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn after(&mut self, model: &Model, seen: &Seen, _: &mut Met) -> Result<(), String> {
        match seen {
            Seen::Deleted { job, sequence } => kept(model, job, Some(*sequence), "the queue deleted"),
            Seen::Unparked { id, .. } => kept(model, id, None, "unparking removed"),
            Seen::Closed { id, error, .. } => {
                let Some(number) = model.number(id, &error.record) else { return Ok(()) };
                known(model, number, "closing an error dropped")
            }
            Seen::Over { .. } => {
                model.entries.keys().try_for_each(|number| known(model, *number, "at the end"))
            }
            _ => Ok(()),
        }
    }
}

/// Each record that the cursor passes is settled.
fn settled(
    model: &Model,
    job: &JobId,
    from: Option<Position>,
    through: Option<Position>,
    what: &str,
) -> Result<(), String> {
    let Some(through) = through.filter(|through| Some(*through) > from) else { return Ok(()) };
    let from = from.map_or(Unbounded, Excluded);
    let mut passed =
        model.order.get(job).into_iter().flat_map(|order| order.range((from, Included(through))));
    let lost = passed.find(|(_, number)| !model.is_settled(**number) && !model.expired.contains(number));
    lost.map_or(Ok(()), |(place, number)| {
        Err(format!("{what} record {number} at {place} of {job}: not settled"))
    })
}

/// Each record of a message (or of a job) is settled, parked or queued.
fn kept(model: &Model, job: &JobId, sequence: Option<u128>, what: &str) -> Result<(), String> {
    let order = model.order.get(job).into_iter().flatten();
    let concerned = order.filter(|(place, _)| sequence.is_none_or(|sequence| place.sequence == sequence));
    concerned.map(|(_, number)| *number).try_for_each(|number| known(model, number, what))
}

fn known(model: &Model, number: u32, what: &str) -> Result<(), String> {
    let entry = &model.entries[&number];
    let Some(position) = entry.position else { return Ok(()) };
    let queued = model.queued.contains(&(entry.job.clone(), position.sequence));
    if queued || model.expired.contains(&number) || model.is_parked(number) || model.is_settled(number) {
        return Ok(());
    }
    Err(format!("{what} record {number} at {position} of {}: it is nowhere", entry.job))
}
