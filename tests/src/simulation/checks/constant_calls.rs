//! Invariant 8: a paused job costs a constant number of calls per run, whatever waits behind it.
//!
//! Exactly: a run (but for the daily job, which also tries older errors) that finds its job held and leaves it held at
//! the same place makes at most [`CALLS_MAX`] CRM calls: the head once, once more for a code that is worth it, and two
//! more for locks.

use super::Check;
use crate::simulation::met::Met;
use crate::simulation::model::Model;
use crate::simulation::seen::{Kind, Seen};

const CALLS_MAX: u32 = 4;

pub(super) struct ConstantCalls;

impl Check for ConstantCalls {
    fn name(&self) -> &'static str {
        "constant_calls"
    }

    fn after(&mut self, model: &Model, seen: &Seen, met: &mut Met) -> Result<(), String> {
        let Seen::Ended { run, ok: true, .. } = seen else { return Ok(()) };
        let view = &model.runs[run];
        let single = matches!(view.kind, Kind::Message | Kind::Schedule | Kind::Person);
        let Some(id) = view.id.as_ref().filter(|_| single && !model.is_stale(*run)) else { return Ok(()) };
        let job = &model.jobs[id].job;
        let held =
            view.began_with.hold.is_some() && job.hold.is_some() && job.cursor == view.began_with.cursor;
        if !held {
            return Ok(());
        }
        met.count("run of a held job that stayed held");
        if view.calls > CALLS_MAX {
            return Err(format!("run {run} of {id}, held all the time, made {} calls", view.calls));
        }
        Ok(())
    }
}
