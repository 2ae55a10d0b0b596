//! Invariant 7: one job's hold slows no other job, and one account never sees another's data.
//!
//! Exactly: a run leases jobs of its own account only, and sends only records of that account and of the job that it
//! leased last; and a run (of any job, whatever other jobs are held) that ends well with its own job not held, Export
//! to CRM on and no deadline has nothing parked left in that job.

use super::Check;
use crate::simulation::met::Met;
use crate::simulation::model::Model;
use crate::simulation::seen::{Kind, Seen};

pub(super) struct Isolation;

impl Check for Isolation {
    fn name(&self) -> &'static str {
        "isolation"
    }

    fn after(&mut self, model: &Model, seen: &Seen, met: &mut Met) -> Result<(), String> {
        match seen {
            Seen::Leased { run, id, .. } if model.runs[run].account != id.account => {
                Err(format!("run {run} of {} leased {id}", model.runs[run].account))
            }
            Seen::Called { run, object, numbers, .. } => {
                let view = &model.runs[run];
                let foreign = numbers.iter().find(|number| {
                    let entry = model.entries.get(number);
                    entry.is_none_or(|entry| {
                        Some(&entry.job) != view.id.as_ref() || entry.job.object != *object
                    })
                });
                foreign
                    .map_or(Ok(()), |number| Err(format!("run {run} of {:?} sent record {number}", view.id)))
            }
            Seen::Ended { run, ok: true, .. } => nothing_waits(model, *run, met),
            _ => Ok(()),
        }
    }
}

fn nothing_waits(model: &Model, run: u32, met: &mut Met) -> Result<(), String> {
    let view = &model.runs[&run];
    let moves = matches!(view.kind, Kind::Message | Kind::Schedule | Kind::Person);
    let Some(id) = view.id.as_ref().filter(|_| moves && view.export && !view.deadline) else { return Ok(()) };
    let shadow = &model.jobs[id];
    if shadow.job.hold.is_some() || model.is_stale(run) {
        return Ok(());
    }
    if model.jobs.iter().any(|(other, shadow)| other != id && shadow.job.hold.is_some()) {
        met.count("run that went through while another job was held");
    }
    let waiting = shadow.parked.iter().find(|place| !shadow.job.is_settled(**place));
    waiting.map_or(Ok(()), |place| Err(format!("run {run} of {id} ended well and left {place} parked")))
}
