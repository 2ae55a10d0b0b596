//! What a checker is, and the list of them.

use crate::simulation::met::Met;
use crate::simulation::model::Model;
use crate::simulation::seen::Seen;

use super::constant_calls::ConstantCalls;
use super::drains::Drains;
use super::each_error_once::EachErrorOnce;
use super::isolation::Isolation;
use super::lease_kept::LeaseKept;
use super::never_back_to_older::NeverBackToOlder;
use super::nothing_behind_a_halt::NothingBehindAHalt;
use super::nothing_lost::NothingLost;
use super::settings_kept::SettingsKept;
use super::unavailable_touches_nothing::UnavailableTouchesNothing;

/// Judges what happens. `Err` tells what is wrong.
pub(in crate::simulation) trait Check: Send {
    /// The invariant's name.
    fn name(&self) -> &'static str;

    /// The model does not know of it yet.
    fn before(&mut self, _: &Model, _: &Seen, _: &mut Met) -> Result<(), String> {
        Ok(())
    }

    /// The model knows of it.
    fn after(&mut self, _: &Model, _: &Seen, _: &mut Met) -> Result<(), String> {
        Ok(())
    }
}

/// Every checker.
pub(in crate::simulation) fn all_checks() -> Vec<Box<dyn Check>> {
    vec![
        Box::new(NothingLost),
        Box::new(NothingBehindAHalt),
        Box::new(NeverBackToOlder),
        Box::new(EachErrorOnce),
        Box::new(UnavailableTouchesNothing),
        Box::new(Drains),
        Box::new(Isolation),
        Box::new(ConstantCalls),
        Box::new(LeaseKept),
        Box::new(SettingsKept),
    ]
}
