//! Workflow rules with their field updates, which lie in the same file: reference §6.5.
//!
//! Alerts, tasks and outbound messages refuse nothing and change no field; only their names are kept.

use std::collections::BTreeMap;

use super::collect::{add, formula_place, place};
use super::filter;
use crate::error::OrgError;
use crate::folder::decoded;
use crate::read::Findings;
use crate::rules::{FieldUpdate, UpdateValue, WorkflowCondition, WorkflowRule, WorkflowTrigger};
use crate::xml::Element;

const KIND: &str = "workflow rule";

/// Takes the active rules of the file of `object`.
pub(super) fn read(root: Element<'_>, object: &str, findings: &mut Findings) -> Result<(), OrgError> {
    let updates = root.children("fieldUpdates");
    let updates: BTreeMap<String, Element<'_>> =
        updates.filter_map(|update| Some((update.text("fullName")?.to_ascii_lowercase(), update))).collect();
    for rule in root.children("rules") {
        if rule.flag("active")?.unwrap_or(true) {
            one(rule, object, &updates, findings)?;
        }
    }
    Ok(())
}

fn one(
    rule: Element<'_>,
    object: &str,
    file_updates: &BTreeMap<String, Element<'_>>,
    findings: &mut Findings,
) -> Result<(), OrgError> {
    // `Contact%2EEmailChanged`, as its file name would be if it had one.
    let name = decoded(&rule.text("fullName").unwrap_or_default());
    let shown = format!("{object}.{name}");
    let mut unknown = |reason: &str| {
        findings.unknown(KIND, shown.clone(), Some(object), reason, rule.file());
    };
    let Some(trigger) = trigger(rule) else {
        unknown("its <triggerType> is not one that is known");
        return Ok(());
    };
    let Some(condition) = condition(rule) else {
        unknown("it has neither a formula nor criteria");
        return Ok(());
    };
    let (mut updates, mut other_actions, mut missing) = (Vec::new(), Vec::new(), Vec::new());
    for action in rule.children("actions") {
        let (kind, name) = action_name(action);
        if kind != "FieldUpdate" {
            other_actions.push(format!("{kind} {name}"));
            continue;
        }
        match file_updates.get(&name.to_ascii_lowercase()) {
            None => missing.push(name),
            Some(update) => match field_update(*update, &name)? {
                Ok(update) => updates.push(update),
                Err(reason) => unknown(&reason),
            },
        }
    }
    if !missing.is_empty() {
        unknown(&format!("field updates that are not in the file: {}", missing.join(", ")));
    }
    if let Some(reason) = later_updates(rule) {
        findings.unknown("workflow time trigger", shown.clone(), Some(object), reason, rule.file());
    }
    let place = formula_place(rule, "formula");
    let rule_read =
        WorkflowRule { object: object.to_string(), name, trigger, condition, updates, other_actions, place };
    findings.warnings.extend(add(&mut findings.rules.workflow, rule_read, rule));
    Ok(())
}

fn trigger(rule: Element<'_>) -> Option<WorkflowTrigger> {
    Some(match rule.text("triggerType")?.as_str() {
        "onCreateOnly" => WorkflowTrigger::Create,
        "onAllChanges" => WorkflowTrigger::EverySave,
        "onCreateOrTriggeringUpdate" => WorkflowTrigger::CreateOrTurnsTrue,
        _ => return None,
    })
}

fn condition(rule: Element<'_>) -> Option<WorkflowCondition> {
    if let Some(formula) = rule.text("formula") {
        return Some(WorkflowCondition::Formula(formula));
    }
    let criteria = filter::read(rule, "criteriaItems");
    (!criteria.items.is_empty()).then_some(WorkflowCondition::Criteria(criteria))
}

fn action_name(action: Element<'_>) -> (String, String) {
    (action.text("type").unwrap_or_default(), action.text("name").unwrap_or_default())
}

/// Says what is changed some time after the save, if anything is.
fn later_updates(rule: Element<'_>) -> Option<String> {
    let later = rule.children("workflowTimeTriggers").flat_map(|trigger| {
        let actions: Vec<_> = trigger.children("actions").map(action_name).collect();
        actions
    });
    let names: Vec<_> = later.filter(|(kind, _)| kind == "FieldUpdate").map(|(_, name)| name).collect();
    let reason = || format!("it changes fields some time after the save: {}", names.join(", "));
    (!names.is_empty()).then(reason)
}

/// The field update, or why what it does is not known.
fn field_update(element: Element<'_>, name: &str) -> Result<Result<FieldUpdate, String>, OrgError> {
    let Some(field) = element.text("field") else {
        return Ok(Err(format!("its field update {name} names no field")));
    };
    let operation = element.text("operation").unwrap_or_default();
    let value = match operation.as_str() {
        "Formula" => element.text("formula").map(UpdateValue::Formula),
        "Literal" => Some(UpdateValue::Literal(element.text("literalValue").unwrap_or_default())),
        "LookupValue" => {
            let kind = element.text("lookupValueType");
            element.text("lookupValue").map(|value| UpdateValue::Lookup(value, kind))
        }
        "Null" => Some(UpdateValue::Null),
        "NextValue" => Some(UpdateValue::Step(1)),
        "PreviousValue" => Some(UpdateValue::Step(-1)),
        _ => None,
    };
    let Some(value) = value else {
        return Ok(Err(format!("its field update {name} does not say what {field} becomes")));
    };
    let place = match value {
        UpdateValue::Formula(_) => formula_place(element, "formula"),
        _ => place(element),
    };
    Ok(Ok(FieldUpdate {
        name: name.to_string(),
        field,
        target: element.text("targetObject"),
        value,
        reevaluate: element.flag("reevaluateOnChange")?.unwrap_or(false),
        place,
    }))
}
