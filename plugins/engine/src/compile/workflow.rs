//! Workflow rules with their field updates.

use formula::{Schema, Type, Value};
use metadata::OrgSchema;
use metadata::org::{Field, FieldKind, Object};
use metadata::rules::{FieldUpdate, UpdateValue, WorkflowCondition, WorkflowRule, WorkflowTrigger};

use super::compiler::{Compiler, Subject, rule};
use super::filter::Names;
use crate::plan::{ParentPlan, Trigger, UpdatePlan, UpdatePlanValue, Usage, WorkflowPlan};
use crate::stored::StoredValue;
use crate::verdict::{RuleKind, RuleName};

/// Workflow rules, in the order of their names (Salesforce promises none).
pub(super) fn workflow(compiler: &mut Compiler<'_>) {
    for found in &compiler.org.rules.workflow {
        let name = rule(RuleKind::Workflow, &found.object, &found.name, &found.place);
        let subject = Subject { rule: &name, place: &found.place, object: &found.object };
        let condition = match &found.condition {
            WorkflowCondition::Formula(source) => compiler.condition(subject, source),
            WorkflowCondition::Criteria(filter) => {
                compiler.filter(subject, filter, Names::Record { object: &found.object })
            }
        };
        let updates = found.updates.iter().map(|update| plan_update(compiler, found, update)).collect();
        compiler.done(&name, &condition);
        let plan = WorkflowPlan { rule: name, trigger: trigger(found.trigger), condition, updates };
        compiler.object(&found.object).workflow.push(plan);
    }
    for object in compiler.plan.objects.values_mut() {
        object.workflow.sort_by(|left, right| left.rule.name.cmp(&right.rule.name));
    }
}

fn trigger(found: WorkflowTrigger) -> Trigger {
    match found {
        WorkflowTrigger::Create => Trigger::Create,
        WorkflowTrigger::EverySave => Trigger::EverySave,
        WorkflowTrigger::CreateOrTurnsTrue => Trigger::CreateOrTurnsTrue,
    }
}

/// A field update; one whose target or value is not understood is unknown.
fn plan_update(compiler: &mut Compiler<'_>, of: &WorkflowRule, update: &FieldUpdate) -> UpdatePlan {
    let name = rule(RuleKind::Workflow, &of.object, &format!("{}.{}", of.name, update.name), &update.place);
    let parent = update.target.as_deref().map(|target| parent(compiler, &of.object, target));
    let (parent, value) = match parent.transpose() {
        Ok(parent) => {
            let target = parent.as_ref().map_or(of.object.as_str(), |parent| parent.object.as_str());
            let value = plan_value(compiler, of, (&name, update), target);
            (parent, value)
        }
        Err(reason) => (None, UpdatePlanValue::Unknown(reason)),
    };
    if let UpdatePlanValue::Unknown(reason) = &value
        && !compiler.report.errors.iter().any(|error| error.rule == name)
    {
        compiler.unknown(&name, reason);
    }
    UpdatePlan { rule: name, field: update.field.clone(), parent, value, reevaluate: update.reevaluate }
}

/// The parent that `targetObject` names: a lookup field, or its relationship.
fn parent(compiler: &Compiler<'_>, object: &str, target: &str) -> Result<ParentPlan, String> {
    let unknown = || format!("it updates {target}, to which {object} has no lookup");
    let object = compiler.org.object(object).ok_or_else(unknown)?;
    let lookup = object.field(target).or_else(|| object.relationship(target)).ok_or_else(unknown)?;
    let FieldKind::Reference(reference) = &lookup.kind else { return Err(unknown()) };
    let to = reference.to.first().ok_or_else(unknown)?;
    Ok(ParentPlan { object: to.clone(), lookup: lookup.api_name.clone() })
}

fn plan_value(
    compiler: &mut Compiler<'_>,
    of: &WorkflowRule,
    (name, update): (&RuleName, &FieldUpdate),
    target: &str,
) -> UpdatePlanValue {
    let org = compiler.org;
    let Some((object, field)) =
        org.object(target).and_then(|object| Some((object, object.field(&update.field)?)))
    else {
        return UpdatePlanValue::Unknown(format!(
            "it updates {target}.{}, which the folder does not describe",
            update.field
        ));
    };
    let given = OrgSchema::new(org, target).field(&field.api_name).unwrap_or(Type::Any);
    match &update.value {
        UpdateValue::Formula(source) => {
            let subject = Subject { rule: name, place: &update.place, object: &of.object };
            match compiler.formula(subject, source, Usage::Rule, given) {
                Ok(number) => UpdatePlanValue::Formula(number),
                Err(reason) => UpdatePlanValue::Unknown(reason),
            }
        }
        UpdateValue::Literal(text) => literal(given, text),
        UpdateValue::Null => UpdatePlanValue::Constant(StoredValue::new(given, &Value::Null)),
        UpdateValue::Lookup(name, kind) => named(object, field, name, kind.as_deref()),
        UpdateValue::Step(by) => step(field, *by),
    }
}

fn literal(given: Type, text: &str) -> UpdatePlanValue {
    let text = match (given, text) {
        (Type::Boolean, "1") => "true",
        (Type::Boolean, "0") => "false",
        _ => text,
    };
    match Value::read(given, text) {
        Ok(value) => UpdatePlanValue::Constant(StoredValue::new(given, &value)),
        Err(error) => UpdatePlanValue::Unknown(format!("its value cannot be stored: {error}")),
    }
}

/// The record that a `lookupValue` names. Its type is that of the field when none is given.
fn named(object: &Object, field: &Field, name: &str, kind: Option<&str>) -> UpdatePlanValue {
    let of_field = match &field.kind {
        FieldKind::Reference(reference) => reference.to.first().map(String::as_str),
        _ => None,
    };
    let (found, key) = match kind.or(of_field) {
        Some("User") => ("User", "Username"),
        Some("RecordType") => ("RecordType", "DeveloperName"),
        Some("Queue" | "Group") => ("Group", "DeveloperName"),
        other => {
            let other = other.unwrap_or("record");
            let field = format!("{}.{}", object.api_name, field.api_name);
            return UpdatePlanValue::Unknown(format!("which {other} {name:?} of {field} names is not known"));
        }
    };
    UpdatePlanValue::Find { object: found.to_owned(), field: key.to_owned(), value: name.to_owned() }
}

fn step(field: &Field, by: i8) -> UpdatePlanValue {
    let FieldKind::Picklist(picklist) = &field.kind else {
        return UpdatePlanValue::Unknown(format!("{} is no picklist that has a next value", field.api_name));
    };
    let active = picklist.values.iter().filter(|value| value.active);
    UpdatePlanValue::Step { by, values: active.map(|value| value.value.clone()).collect() }
}
