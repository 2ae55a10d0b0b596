//! What the other invariants rest on: no run calls the CRM once its lease has run out, no lease is given twice, and no
//! write of a run reaches the ledger once a newer run has the job.
//!
//! Exactly: a CRM call begins while the run's own clock shows an instant before the end of its lease; and a lease is given
//! only when the one before was given back or had run out by the taker's clock, or its owner is the same.
//!
//! Inherent and counted: the first call after a run stood still (or its clock jumped) between its last look at the clock
//! and the call.

use super::Check;
use crate::simulation::met::Met;
use crate::simulation::model::Model;
use crate::simulation::seen::Seen;

pub(super) struct LeaseKept;

impl Check for LeaseKept {
    fn name(&self) -> &'static str {
        "lease_kept"
    }

    fn before(&mut self, model: &Model, seen: &Seen, met: &mut Met) -> Result<(), String> {
        match seen {
            Seen::Called { run, now, late, .. } => {
                let view = &model.runs[run];
                if *now < view.until {
                    return Ok(());
                }
                if *late {
                    met.count("inherent: a call began late, its run had stood still");
                    return Ok(());
                }
                Err(format!("run {run} called the CRM at {now}, its lease ran out at {}", view.until))
            }
            Seen::Leased { run, id, lease, now, .. } => {
                let Some(shadow) = model.jobs.get(id).filter(|shadow| shadow.owner != lease.owner) else {
                    return Ok(());
                };
                let until = shadow.until;
                if until > *now {
                    return Err(format!(
                        "run {run} got the lease of {id} at {now}, another had it until {until}"
                    ));
                }
                if until.millis() > 0 {
                    met.count("lease taken over after it ran out");
                }
                Ok(())
            }
            Seen::Saved { run, .. }
            | Seen::Parked { run, .. }
            | Seen::Unparked { run, .. }
            | Seen::Logged { run, .. }
            | Seen::Closed { run, .. }
                if model.is_stale(*run) =>
            {
                Err(format!("the ledger took a write of run {run}, whose lease a newer run has: {seen}"))
            }
            _ => Ok(()),
        }
    }
}
