//! Counts what simulations met, so that a fault that never happens is noticed.

use std::collections::BTreeMap;
use std::fmt;

/// How many of each.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Met {
    counts: BTreeMap<&'static str, u64>,
}

impl Met {
    /// Counts one.
    pub(super) fn count(&mut self, what: &'static str) {
        *self.counts.entry(what).or_default() += 1;
    }

    /// Adds another simulation's counts.
    pub fn add(&mut self, other: &Self) {
        for (what, count) in &other.counts {
            *self.counts.entry(what).or_default() += count;
        }
    }

    /// How many of this there were.
    pub fn of(&self, what: &str) -> u64 {
        self.counts.get(what).copied().unwrap_or(0)
    }
}

impl fmt::Display for Met {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.counts.iter().try_for_each(|(what, count)| writeln!(f, "{count:>12}  {what}"))
    }
}
