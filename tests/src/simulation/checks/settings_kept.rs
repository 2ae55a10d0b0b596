//! What people set is what happens, from the next run on; broken settings read as the safe default.
//!
//! Exactly: a run that read Export to CRM as off calls no CRM; a run that read the pause as on sends with all-or-none
//! (the daily job's retries of passed errors excepted), one that read it as off without.

use super::Check;
use crate::simulation::met::Met;
use crate::simulation::model::Model;
use crate::simulation::seen::{Kind, Seen};

pub(super) struct SettingsKept;

impl Check for SettingsKept {
    fn name(&self) -> &'static str {
        "settings_kept"
    }

    fn before(&mut self, model: &Model, seen: &Seen, _: &mut Met) -> Result<(), String> {
        let Seen::Called { run, all_or_none, .. } = seen else { return Ok(()) };
        let view = &model.runs[run];
        if !view.export {
            return Err(format!("run {run} called the CRM while Export to CRM is off"));
        }
        if view.kind != Kind::Retry && *all_or_none != view.pause {
            return Err(format!(
                "run {run} read pause={} and sent with all_or_none={all_or_none}",
                view.pause
            ));
        }
        Ok(())
    }
}
