//! Step 16: roll-up summaries. A parent whose summary changes goes through a full save of its own.

use std::collections::BTreeMap;

use engine::{Condition, Fault, Query, RecordId, RuleKind, RuleName};
use formula::{Decimal, Lookup, Value as Seen};
use metadata::Org;
use metadata::org::{Field, Object};
use metadata::rules::{FilterItem, RollUp, RollUpOperation};
use serde_json::{Map, Value};

use super::draft::{Draft, Refusal, note};
use super::nested::Nest;
use super::pipeline;
use super::world::{Ground, find};
use crate::store::StoreError;
use crate::values;
use crate::view::View;

/// Brings the summaries of a record's parents up to date: those it had before and those it has now.
pub fn update_parents(
    view: &View<'_>,
    object: &Object,
    before: Option<&Map<String, Value>>,
    after: Option<&Map<String, Value>>,
    nest: &Nest,
) -> Result<(), Refusal> {
    let mut parents: BTreeMap<String, Vec<&RollUp>> = BTreeMap::new();
    let own =
        view.org.rules.roll_ups.iter().filter(|roll_up| roll_up.child.eq_ignore_ascii_case(&object.api_name));
    for roll_up in own {
        let Some(key) = object.field(&roll_up.foreign_key) else { continue };
        let ids =
            [before, after].into_iter().flatten().filter_map(|values| values.get(&key.api_name)?.as_str());
        for id in ids {
            let roll_ups = parents.entry(id.to_owned()).or_default();
            if !roll_ups.iter().any(|known| std::ptr::eq(*known, roll_up)) {
                roll_ups.push(roll_up);
            }
        }
    }
    for (id, roll_ups) in parents {
        update(view, &id, &roll_ups, nest)?;
    }
    Ok(())
}

fn update(view: &View<'_>, id: &str, roll_ups: &[&RollUp], nest: &Nest) -> Result<(), Refusal> {
    let Some(record) = view.store.get(id)?.filter(|record| !record.deleted) else { return Ok(()) };
    let Some(parent) = view.org.object(&record.object) else { return Ok(()) };
    let mut draft = Draft::change(parent, record);
    let mut changed = false;
    for roll_up in roll_ups {
        let (Some(field), Some(value)) = (parent.field(&roll_up.field), total(view, parent, id, roll_up)?)
        else {
            continue;
        };
        if *draft.get(&field.api_name) != value {
            draft.give(field, value);
            changed = true;
        }
    }
    if changed {
        view.store.atomically(|| pipeline::run(view, draft, nest))?;
    }
    Ok(())
}

/// A summary as it is stored; none when it is not known.
fn total(view: &View<'_>, parent: &Object, id: &str, roll_up: &RollUp) -> Result<Option<Value>, StoreError> {
    let ground = Ground::new(view);
    let total = compute(&ground, id, roll_up);
    ground.check()?;
    Ok(match total {
        Ok(value) => Some(value),
        Err(reason) => {
            let name = format!("{}.{}", parent.api_name, roll_up.field);
            let file = roll_up.place.file.clone();
            note(view, RuleName { kind: RuleKind::Formula, name, file }, reason);
            None
        }
    })
}

fn compute(ground: &Ground<'_>, id: &str, roll_up: &RollUp) -> Result<Value, String> {
    let unknown = || format!("{} is not described in the org folder", roll_up.child);
    let child = ground.object(&roll_up.child).ok_or_else(unknown)?;
    let query = query(ground.view.org, child, id, roll_up)?;
    let found = find(ground, &query).map_err(|fault| match fault {
        Fault::Unknown(reason) | Fault::Broken(reason) => reason,
        Fault::Refused { message, .. } => message,
    })?;
    if roll_up.operation == RollUpOperation::Count {
        return Ok(values::number_value(found.len().into()));
    }
    let summarized = roll_up.summarized.as_deref().unwrap_or_default();
    let field = child.field(summarized).ok_or_else(|| format!("there is no field {summarized}"))?;
    let values = values_of(ground, &found, field)?;
    if roll_up.operation == RollUpOperation::Sum {
        let numbers = values.iter().filter_map(|value| match value {
            Seen::Number(number) => Some(number),
            _ => None,
        });
        let sum = numbers.fold(Decimal::from(0_i64), |sum, number| sum.add(number));
        return Ok(values::shown(field, &Seen::Number(sum)));
    }
    let ordered =
        |left: &&Seen, right: &&Seen| super::world::order(left, right).unwrap_or(std::cmp::Ordering::Equal);
    let extreme = match roll_up.operation {
        RollUpOperation::Min => values.iter().min_by(ordered),
        _ => values.iter().max_by(ordered),
    };
    Ok(extreme.map_or(Value::Null, |value| values::shown(field, value)))
}

/// The values of a field, without nulls.
fn values_of(ground: &Ground<'_>, records: &[RecordId], field: &Field) -> Result<Vec<Seen>, String> {
    let mut values = Vec::with_capacity(records.len());
    for record in records {
        match ground.value(record, &field.api_name) {
            Lookup::Known(value) if value.is_blank() => {}
            Lookup::Known(value) => values.push(value),
            Lookup::Unknown(why) => return Err(why),
            Lookup::Error(error) => return Err(error.to_string()),
        }
    }
    Ok(values)
}

/// The children that are summed up.
fn query(org: &Org, child: &Object, id: &str, roll_up: &RollUp) -> Result<Query, String> {
    let items = roll_up.filter.items.iter().map(|item| condition(org, child, item));
    let mut conditions = items.collect::<Result<Vec<_>, _>>()?;
    let key = conditions.len() + 1;
    let items: Vec<String> = (1..key).map(|number| number.to_string()).collect();
    let logic = match roll_up.filter.logic.as_deref().filter(|logic| !logic.trim().is_empty()) {
        Some(logic) => format!("({logic}) AND {key}"),
        None => items.into_iter().chain([key.to_string()]).collect::<Vec<_>>().join(" AND "),
    };
    conditions.push(Condition {
        field: roll_up.foreign_key.clone(),
        operator: "EqualTo".to_owned(),
        values: vec![Seen::text(id)],
    });
    Ok(Query { object: child.api_name.clone(), conditions, logic, order: None, limit: None })
}

/// One condition of a summary's filter, in the operators of a search.
fn condition(org: &Org, child: &Object, item: &FilterItem) -> Result<Condition, String> {
    if item.value_field.is_some() {
        return Err("its filter compares two fields".to_owned());
    }
    let prefix = format!("{}.", child.api_name);
    let start = item.field.get(..prefix.len()).filter(|start| start.eq_ignore_ascii_case(&prefix));
    let name = if start.is_some() { &item.field[prefix.len()..] } else { item.field.as_str() };
    let field = child.field(name).ok_or_else(|| format!("there is no field {}", item.field))?;
    let operator = match item.operation.as_str() {
        "equals" => "In",
        "notEqual" => "NotIn",
        "lessThan" => "LessThan",
        "lessOrEqual" => "LessThanOrEqualTo",
        "greaterThan" => "GreaterThan",
        "greaterOrEqual" => "GreaterThanOrEqualTo",
        "contains" => "Contains",
        "startsWith" => "StartsWith",
        other => return Err(format!("the operation {other} of its filter is not known")),
    };
    let texts = item.value.as_deref().unwrap_or_default().split(',').map(str::trim);
    let given = metadata::field_type(org, child, field);
    let read = |text: &str| Seen::read(given, text).map_err(|error| error.to_string());
    let values = texts.map(read).collect::<Result<Vec<_>, _>>()?;
    Ok(Condition { field: field.api_name.clone(), operator: operator.to_owned(), values })
}
