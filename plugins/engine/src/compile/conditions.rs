//! Rules that refuse: validation rules, lookup filters, duplicate rules.

use metadata::org::FieldKind;

use super::compiler::{Compiler, Subject, rule};
use super::filter::Names;
use crate::plan::{Decision, DuplicatePlan, LookupPlan, ValidationPlan};
use crate::verdict::RuleKind;

/// What Salesforce says when a lookup filter has no message (reference §3.1).
const LOOKUP_MESSAGE: &str = "Value does not exist or does not match filter criteria.";

/// Validation rules, in the order of their names.
pub(super) fn validation(compiler: &mut Compiler<'_>) {
    for found in &compiler.org.rules.validation {
        let name = rule(RuleKind::Validation, &found.object, &found.name, &found.place);
        let subject = Subject { rule: &name, place: &found.place, object: &found.object };
        let condition = compiler.condition(subject, &found.condition);
        compiler.done(&name, &condition);
        let (message, field) = (found.message.clone(), found.field.clone());
        let plan = ValidationPlan { rule: name, line: found.place.line, condition, message, field };
        compiler.object(&found.object).validation.push(plan);
    }
    for object in compiler.plan.objects.values_mut() {
        object.validation.sort_by(|left, right| left.rule.name.cmp(&right.rule.name));
    }
}

/// Required lookup filters.
pub(super) fn lookup_filters(compiler: &mut Compiler<'_>) {
    let org = compiler.org;
    for found in &org.rules.lookup_filters {
        let name = rule(RuleKind::LookupFilter, &found.object, &found.field, &found.place);
        let subject = Subject { rule: &name, place: &found.place, object: &found.object };
        let field = org.object(&found.object).and_then(|object| object.field(&found.field));
        let filter = match field.map(|field| &field.kind) {
            Some(FieldKind::Reference(to)) => {
                let names = Names::LookedUp { targets: &to.to, relationship: &to.relationship_name };
                compiler.filter(subject, &found.filter, names)
            }
            _ => {
                let reason = format!("{} is no lookup of {}", found.field, found.object);
                compiler.unknown(&name, &reason);
                Decision::Unknown(reason)
            }
        };
        compiler.done(&name, &filter);
        let message = found.message.clone().unwrap_or_else(|| LOOKUP_MESSAGE.to_owned());
        let (line, lookup) = (found.place.line, found.field.clone());
        let plan = LookupPlan { rule: name, line, lookup, filter, message };
        compiler.object(&found.object).lookup_filters.push(plan);
    }
}

/// The filters of duplicate rules.
pub(super) fn duplicates(compiler: &mut Compiler<'_>) {
    for (index, found) in compiler.org.rules.duplicates.iter().enumerate() {
        let name = rule(RuleKind::Duplicate, &found.object, &found.name, &found.place);
        let subject = Subject { rule: &name, place: &found.place, object: &found.object };
        let filter = compiler.filter(subject, &found.filter, Names::Record { object: &found.object });
        compiler.done(&name, &filter);
        compiler.object(&found.object).duplicates.push(DuplicatePlan { rule: name, index, filter });
    }
}
