//! Validation rules, lookup filters, and which duplicate rules concern a record.

use formula::Lookup;

use super::judge::{Answer, Judge};
use crate::plan::{DuplicatePlan, LookupPlan, ValidationPlan};
use crate::verdict::{Refusal, Unknown, Verdict};

/// What a validation rule's refusal is called (reference §3.1).
const VALIDATION: &str = "FIELD_CUSTOM_VALIDATION_EXCEPTION";
/// What a lookup filter's refusal is called (reference §3.1).
const LOOKUP_FILTER: &str = "FIELD_FILTER_VALIDATION_EXCEPTION";

/// All validation rules that are true for the record.
pub(crate) fn validate(rules: &[ValidationPlan], judge: &Judge<'_>) -> Verdict {
    let mut verdict = Verdict::default();
    for plan in rules {
        match judge.ask(&plan.condition) {
            Answer::Yes => verdict.refusals.push(refusal(plan)),
            answer => verdict.unknown.extend(answer.unknown(&plan.rule)),
        }
    }
    verdict
}

/// What a validation rule that is true says.
pub(super) fn refusal(plan: &ValidationPlan) -> Refusal {
    Refusal {
        code: VALIDATION.to_owned(),
        message: plan.message.clone(),
        fields: plan.field.iter().cloned().collect(),
        rule: plan.rule.clone(),
    }
}

/// All lookups whose record does not pass its filter. An empty lookup has none.
pub(crate) fn lookup_filters(filters: &[LookupPlan], judge: &Judge<'_>) -> Verdict {
    let mut verdict = Verdict::default();
    for plan in filters {
        let answer = match judge.record.value(&plan.lookup) {
            Lookup::Known(value) if value.is_blank() => continue,
            Lookup::Known(_) => judge.ask(&plan.filter),
            Lookup::Error(error) => Answer::Unknown(super::judge::raised(&error)),
            Lookup::Unknown(why) => Answer::Unknown(format!("{}: {why}", plan.lookup)),
        };
        match answer {
            Answer::No => verdict.refusals.push(Refusal {
                code: LOOKUP_FILTER.to_owned(),
                message: plan.message.clone(),
                fields: vec![plan.lookup.clone()],
                rule: plan.rule.clone(),
            }),
            answer => verdict.unknown.extend(answer.unknown(&plan.rule)),
        }
    }
    verdict
}

/// The duplicate rules that concern the record, by their places among the org's.
pub(crate) fn duplicates(rules: &[DuplicatePlan], judge: &Judge<'_>) -> (Vec<usize>, Vec<Unknown>) {
    let mut found = (Vec::new(), Vec::new());
    for plan in rules {
        match judge.ask(&plan.filter) {
            Answer::Yes => found.0.push(plan.index),
            answer => found.1.extend(answer.unknown(&plan.rule)),
        }
    }
    found
}
