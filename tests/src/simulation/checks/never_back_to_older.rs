//! Invariant 3: for one external id the CRM never goes back to older field values.
//!
//! Exactly: no write gives a field a lower version than it has now, or than the delete that removed it; no delete removes
//! a newer version. The same version again is fine: messages and crashes repeat. External ids are compared
//! to the letter.
//!
//! Inherent and counted: a write of a run whose lease was lost while its call was on its way.

use super::Check;
use crate::simulation::met::Met;
use crate::simulation::model::Model;
use crate::simulation::plan::DELETE;
use crate::simulation::seen::{Landing, Seen};

pub(super) struct NeverBackToOlder;

impl Check for NeverBackToOlder {
    fn name(&self) -> &'static str {
        "never_back_to_older"
    }

    fn before(&mut self, model: &Model, seen: &Seen, met: &mut Met) -> Result<(), String> {
        let Seen::Landed(landing) = seen else { return Ok(()) };
        let found = judge(model, landing);
        if found.is_err() && model.is_stale(landing.run) {
            met.count("inherent: a late write put an older value back");
            return Ok(());
        }
        found
    }
}

fn judge(model: &Model, landing: &Landing) -> Result<(), String> {
    let Some(landed) = model.landed.get(&landing.key) else { return Ok(()) };
    let newer = |version: u32| {
        if landing.delete {
            landed.now.iter().find(|(_, now)| **now > version)
        } else {
            landed.now.get_key_value(DELETE).filter(|(_, deleted)| **deleted > version)
        }
    };
    if landing.delete {
        return newer(landing.number)
            .map_or(Ok(()), |(field, now)| Err(format!("{landing}: a delete of what has {field}={now}")));
    }
    for (field, version) in &landing.fields {
        let now = landed.now.get_key_value(field).filter(|(_, now)| **now > *version);
        if let Some((field, now)) = now.or_else(|| newer(*version)) {
            return Err(format!("{landing}: it had {field}={now}"));
        }
    }
    Ok(())
}
