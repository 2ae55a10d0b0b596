//! What people set is what happens, from the next run on; broken settings read as the safe default.
//!
//! Exactly: a run that read Export to CRM as off calls no CRM; a run that read the pause as on sends with all-or-none
//! (the daily job's retries of passed errors excepted), one that read it as off without. A run that read preflight as off
//! asks no rules; and what the rules say is not logged of a head that a person or the daily job brings before the CRM.

use domain::Preflight;

use super::Check;
use crate::simulation::met::Met;
use crate::simulation::model::{Model, RunView};
use crate::simulation::seen::{Kind, Seen};

pub(super) struct SettingsKept;

impl Check for SettingsKept {
    fn name(&self) -> &'static str {
        "settings_kept"
    }

    fn before(&mut self, model: &Model, seen: &Seen, met: &mut Met) -> Result<(), String> {
        match seen {
            Seen::Called { run, all_or_none, .. } => called(&model.runs[run], *run, *all_or_none),
            Seen::Foretold { run, .. } if model.runs[run].preflight == Preflight::Off => {
                Err(format!("run {run} read preflight=off and asked the rules"))
            }
            Seen::Logged { run, error, carried: false, .. } if error.crm_error().foretold_by.is_some() => {
                met.count("rules refused a record without a call");
                let view = &model.runs[run];
                let bring_before_crm = matches!(view.kind, Kind::Person | Kind::Retry);
                if bring_before_crm && view.head() == Some(error.position) {
                    return Err(format!("the rules refused the head that run {run} had to try: {seen}"));
                }
                Ok(())
            }
            Seen::Landed(landing) if model.runs[&landing.run].foretold.contains(&landing.number) => {
                met.count("CRM took what enforced rules refuse");
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

fn called(view: &RunView, run: u32, all_or_none: bool) -> Result<(), String> {
    if !view.export {
        return Err(format!("run {run} called the CRM while Export to CRM is off"));
    }
    if view.kind != Kind::Retry && all_or_none != view.pause {
        return Err(format!("run {run} read pause={} and sent with all_or_none={all_or_none}", view.pause));
    }
    Ok(())
}
