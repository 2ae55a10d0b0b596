//! Rules whose answer was not known in a save: an unknown refuses nothing, but it is not silent either.
//!
//! Each rule is logged once, by its name, without any value of a record.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use engine::{RuleName, Unknown};

/// The rules whose answer was not known, with the number of times.
#[derive(Default)]
pub struct UnknownRules {
    seen: Mutex<BTreeMap<RuleName, (String, u64)>>,
}

impl UnknownRules {
    /// Counts; logs a rule that is met for the first time.
    pub fn note(&self, unknown: &[Unknown]) {
        if unknown.is_empty() {
            return;
        }
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        for Unknown { rule, reason } in unknown {
            match seen.get_mut(rule) {
                Some((_, count)) => *count += 1,
                None => {
                    tracing::info!(rule = %rule.name, file = %rule.file, reason, "a rule's answer is not known");
                    seen.insert(rule.clone(), (reason.clone(), 1));
                }
            }
        }
    }

    /// All of them with their first reason and their count, by kind and name.
    pub fn all(&self) -> Vec<(Unknown, u64)> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let shown = |(rule, (reason, count)): (&RuleName, &(String, u64))| {
            (Unknown { rule: rule.clone(), reason: reason.clone() }, *count)
        };
        seen.iter().map(shown).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use engine::RuleKind;

    #[test]
    fn a_rule_is_listed_once_and_counted() {
        let unknown = |name: &str, reason: &str| Unknown {
            rule: RuleName { kind: RuleKind::Validation, name: name.into(), file: "f.xml".into() },
            reason: reason.into(),
        };
        let rules = UnknownRules::default();
        rules.note(&[unknown("Contact.B", "first"), unknown("Contact.A", "x")]);
        rules.note(&[unknown("Contact.B", "second")]);
        assert_eq!(rules.all(), [(unknown("Contact.A", "x"), 1), (unknown("Contact.B", "first"), 2)]);
    }
}
