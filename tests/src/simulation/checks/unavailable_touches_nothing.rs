//! Invariant 5: CRM unavailable creates no export error and moves no cursor.
//!
//! Exactly: a run (but for a skip and the daily job, which touch several jobs or move the cursor by a person's will) to
//! which the CRM answered nothing but unavailable has logged no row, and has not moved its job's cursor, by its end.

use super::Check;
use crate::simulation::met::Met;
use crate::simulation::model::Model;
use crate::simulation::seen::{Kind, Seen};

pub(super) struct UnavailableTouchesNothing;

impl Check for UnavailableTouchesNothing {
    fn name(&self) -> &'static str {
        "unavailable_touches_nothing"
    }

    fn after(&mut self, model: &Model, seen: &Seen, met: &mut Met) -> Result<(), String> {
        let Seen::Ended { run, ok: true, .. } = seen else { return Ok(()) };
        let view = &model.runs[run];
        let single = matches!(view.kind, Kind::Message | Kind::Schedule | Kind::Person);
        let Some(id) = view.id.as_ref().filter(|_| single) else { return Ok(()) };
        if view.calls == 0 || view.learned || logged_incomplete(model, *run) {
            return Ok(());
        }
        met.count("run that met nothing but an unavailable CRM");
        let (before, after) = (view.began_with.cursor, model.jobs[id].job.cursor);
        if view.logged > 0 {
            return Err(format!("run {run} of {id} met an unavailable CRM and logged {} rows", view.logged));
        }
        if !model.is_stale(*run) && before != after {
            return Err(format!(
                "run {run} of {id} met an unavailable CRM and moved {before:?} to {after:?}"
            ));
        }
        Ok(())
    }
}

/// A record that is not whole is refused without asking the CRM, so it may be logged and passed all the same.
fn logged_incomplete(model: &Model, run: u32) -> bool {
    let view = &model.runs[&run];
    let Some(id) = &view.id else { return false };
    view.logged > 0 && model.entries.values().any(|entry| entry.job == *id && !entry.whole)
}
