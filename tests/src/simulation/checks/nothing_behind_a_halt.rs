//! Invariant 2: while a job is paused at a position, no record behind it reaches the CRM.
//!
//! Exactly: when a run that read Pause on Export Errors as on writes a record in the CRM, every earlier record of the job
//! is exported, or in the same all-or-none call, or was passed by the cursor before this run took its lease (logged
//! while the pause was off, or skipped), or is the head that this very run skips, or was dropped by the queue while the
//! ledger was away. That also holds for the daily job's sends, which go out with partial success.
//!
//! Inherent and counted: a call of a run whose lease was lost while the call was on its way. The CRM cannot be fenced;
//! that such a call began with a good lease is `lease_kept`'s business.

use std::ops::Bound::{Excluded, Unbounded};

use super::Check;
use crate::simulation::met::Met;
use crate::simulation::model::Model;
use crate::simulation::seen::{Kind, Landing, Seen};

pub(super) struct NothingBehindAHalt;

impl Check for NothingBehindAHalt {
    fn name(&self) -> &'static str {
        "nothing_behind_a_halt"
    }

    fn before(&mut self, model: &Model, seen: &Seen, met: &mut Met) -> Result<(), String> {
        let Seen::Landed(landing) = seen else { return Ok(()) };
        if model.is_stale(landing.run) {
            met.count("inherent: a write landed after its run lost the lease");
            return Ok(());
        }
        if model.runs[&landing.run].pause { judge(model, landing) } else { Ok(()) }
    }
}

fn judge(model: &Model, landing: &Landing) -> Result<(), String> {
    let view = &model.runs[&landing.run];
    let Some(entry) = model.entries.get(&landing.number) else {
        return Err(format!("the CRM got a record that nobody sent: {landing}"));
    };
    let (Some(place), Some(order)) = (entry.position, model.order.get(&entry.job)) else {
        return Err(format!("the CRM got a record before it was queued: {landing}"));
    };
    let passed = view.began_with.cursor;
    if passed >= Some(place) {
        // A retry of what was passed.
        return Ok(());
    }
    let skipped = if view.kind == Kind::Skip { view.head() } else { None };
    let from = passed.map_or(Unbounded, Excluded);
    let open = order.range((from, Excluded(place))).find(|(earlier, number)| {
        let together = landing.all_or_none && landing.together.contains(number);
        !together
            && Some(**earlier) != skipped
            && !model.is_exported(**number)
            && !model.expired.contains(number)
    });
    match open {
        None => Ok(()),
        Some((earlier, number)) => Err(format!(
            "run {} wrote record {} at {place}, and record {number} at {earlier} before it is open",
            landing.run, landing.number
        )),
    }
}
