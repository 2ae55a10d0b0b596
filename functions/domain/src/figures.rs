//! What an account's jobs did in a day: calls, exported records, errors by code. For people; no decision but the daily
//! limit rests on it, and a write whose reply was lost may be counted twice.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The figures of one UTC day, or of a part of it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Figures {
    /// CRM calls.
    pub calls: u64,
    /// Records that the CRM took.
    pub exported: u64,
    /// Record errors that were logged, those of records tried again included, by Marketo Measure's code.
    pub errors: BTreeMap<String, u64>,
}

impl Figures {
    /// Calls alone.
    pub fn of_calls(calls: u64) -> Self {
        Self { calls, ..Self::default() }
    }

    /// Adds others to these.
    pub fn add(&mut self, other: &Self) {
        self.calls = self.calls.saturating_add(other.calls);
        self.exported = self.exported.saturating_add(other.exported);
        for (code, count) in &other.errors {
            let sum = self.errors.entry(code.clone()).or_default();
            *sum = sum.saturating_add(*count);
        }
    }

    /// What was added since they were `before`.
    pub fn since(&self, before: &Self) -> Self {
        let of = |code: &String| before.errors.get(code).copied().unwrap_or_default();
        let errors = self.errors.iter().map(|(code, count)| (code.clone(), count.saturating_sub(of(code))));
        Self {
            calls: self.calls.saturating_sub(before.calls),
            exported: self.exported.saturating_sub(before.exported),
            errors: errors.filter(|(_, count)| *count > 0).collect(),
        }
    }

    /// Whether nothing was counted.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(calls: u64, exported: u64, errors: &[(&str, u64)]) -> Figures {
        let errors = errors.iter().map(|(code, count)| ((*code).to_owned(), *count)).collect();
        Figures { calls, exported, errors }
    }

    #[test]
    fn what_was_added_is_the_difference() {
        let before = figures(1, 2, &[("A", 1), ("B", 2)]);
        let added = figures(3, 4, &[("B", 5), ("C", 1)]);
        let mut after = before.clone();
        after.add(&added);
        assert_eq!(after, figures(4, 6, &[("A", 1), ("B", 7), ("C", 1)]));
        assert_eq!(after.since(&before), added);
        assert!(after.since(&after).is_empty());
    }
}
