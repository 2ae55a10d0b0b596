//! Looks for records by conditions, as Get Records elements do: by the store's index where that is possible, else by
//! reading an object's records through.
//!
//! Text compares without case, as in SOQL. A comparison with a null holds only for `EqualTo` and `NotEqualTo`.

use std::cmp::Ordering;
use std::ops::ControlFlow;

use engine::{Condition, Fault, Query, RecordId};
use formula::{Lookup, Value as Seen};
use metadata::org::{FieldKind, Object};

use super::ground::Ground;
use super::known::Known;
use crate::ids;
use crate::save::logic::Logic;
use crate::store::{Record, StoreError};
use crate::values;

/// The records that satisfy a query.
pub fn find(ground: &Ground<'_>, query: &Query) -> Result<Vec<RecordId>, Fault> {
    let Some(object) = ground.object(&query.object) else {
        return Err(Fault::Unknown(format!("{} is not described in the org folder", query.object)));
    };
    let logic = Logic::read(Some(&query.logic), query.conditions.len())
        .ok_or_else(|| Fault::Unknown(format!("the logic \"{}\" cannot be read", query.logic)))?;
    let mut found: Vec<(Seen, String)> = Vec::new();
    let enough = query.limit.filter(|_| query.order.is_none());
    let visit = |record: Record| -> Result<ControlFlow<()>, Stop> {
        if enough.is_some_and(|enough| found.len() >= enough) {
            return Ok(ControlFlow::Break(()));
        }
        let Some(known) = Known::stored(ground, &record) else { return Ok(ControlFlow::Continue(())) };
        if logic.holds(&mut |item| holds(&known, object, &query.conditions[item - 1]))? {
            let key = match &query.order {
                Some((field, _)) => value(&known, field)?,
                None => Seen::Null,
            };
            found.push((key, record.id.clone()));
        }
        Ok(ControlFlow::Continue(()))
    };
    match each(ground, object, query, &logic, visit) {
        Ok(()) => {}
        Err(Stop::Fault(fault)) => return Err(fault),
        Err(Stop::Store(error)) => return Err(ground.fail(error)),
    }
    if let Some((_, descending)) = &query.order {
        let ascending = |left: &Seen, right: &Seen| order(left, right).unwrap_or(Ordering::Equal);
        found.sort_by(|(left, _), (right, _)| match descending {
            true => ascending(right, left),
            false => ascending(left, right),
        });
    }
    found.truncate(query.limit.unwrap_or(usize::MAX));
    let object = &object.api_name;
    Ok(found.into_iter().map(|(_, id)| RecordId { object: object.clone(), id }).collect())
}

/// Why a search ends.
enum Stop {
    Fault(Fault),
    Store(StoreError),
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Stop {
        Stop::Store(error)
    }
}

/// Visits the records that can satisfy the query, in the order of their creation.
fn each(
    ground: &Ground<'_>,
    object: &Object,
    query: &Query,
    logic: &Logic,
    mut visit: impl FnMut(Record) -> Result<ControlFlow<()>, Stop>,
) -> Result<(), Stop> {
    let needed = logic.needed();
    let ids = needed.iter().find_map(|item| candidates(ground, object, &query.conditions[item - 1]));
    let Some(ids) = ids else { return ground.view.store.scan(&object.api_name, false, visit) };
    let mut ids = ids?;
    ids.sort_unstable();
    ids.dedup();
    for id in ids {
        let record = ground.view.store.get(&id)?;
        let ours = |record: &Record| !record.deleted && record.object.eq_ignore_ascii_case(&object.api_name);
        if let Some(record) = record.filter(ours)
            && visit(record)?.is_break()
        {
            break;
        }
    }
    Ok(())
}

/// Ids of the only records that can satisfy a condition; none when only reading all of them tells.
fn candidates(
    ground: &Ground<'_>,
    object: &Object,
    condition: &Condition,
) -> Option<Result<Vec<String>, StoreError>> {
    if !["EqualTo", "In"].contains(&condition.operator.as_str())
        || condition.values.iter().any(Seen::is_blank)
    {
        return None;
    }
    let field = object.field(&condition.field)?;
    let stored = condition.values.iter().map(|value| values::from_formula(field, value).ok());
    let stored: Vec<_> = stored.collect::<Option<_>>()?;
    if field.kind == FieldKind::Id {
        return Some(Ok(stored.iter().filter_map(|id| ids::normalise(id.as_str()?)).collect()));
    }
    if !ground.view.store.is_indexed(&object.api_name, &field.api_name) {
        return None;
    }
    let find = |value| ground.view.store.find(&object.api_name, &field.api_name, value, u32::MAX);
    Some(stored.iter().map(find).collect::<Result<Vec<_>, _>>().map(|ids| ids.concat()))
}

fn value(known: &Known<'_, '_>, path: &str) -> Result<Seen, Stop> {
    match known.lookup(path) {
        Lookup::Known(value) => Ok(value),
        Lookup::Unknown(why) => Err(Stop::Fault(Fault::Unknown(format!("{path}: {why}")))),
        Lookup::Error(error) => Err(Stop::Fault(Fault::Unknown(format!("{path}: {error}")))),
    }
}

fn holds(known: &Known<'_, '_>, object: &Object, condition: &Condition) -> Result<bool, Stop> {
    let found = value(known, &condition.field)?;
    let field = object.field(&condition.field);
    let is_id = field.is_some_and(|field| values::is_id(known.ground.view.org, object, field));
    let wanted: Vec<Seen> = condition.values.iter().map(|value| fitted(is_id, value)).collect();
    test(&found, &condition.operator, &wanted).ok_or_else(|| {
        Stop::Fault(Fault::Unknown(format!("the operator {} is not known", condition.operator)))
    })
}

/// A value as the field shows it: ids with 15 characters.
fn fitted(is_id: bool, value: &Seen) -> Seen {
    match value {
        Seen::Text(id) if is_id && id.len() == 18 && id.is_ascii() => Seen::Text(id[..15].to_owned()),
        _ => value.clone(),
    }
}

/// Whether a value satisfies an operator; none when there is no such operator.
fn test(found: &Seen, operator: &str, wanted: &[Seen]) -> Option<bool> {
    let first = wanted.first().unwrap_or(&Seen::Null);
    let equal = |wanted: &Seen| order(found, wanted) == Some(Ordering::Equal);
    let beyond = |fits: fn(Ordering) -> bool| {
        !found.is_blank() && !first.is_blank() && order(found, first).is_some_and(fits)
    };
    let texts = |fits: fn(&str, &str) -> bool| match (found, first) {
        (Seen::Text(found), Seen::Text(wanted)) => fits(&found.to_lowercase(), &wanted.to_lowercase()),
        _ => false,
    };
    Some(match operator {
        "EqualTo" => equal(first),
        "NotEqualTo" => !equal(first),
        "GreaterThan" => beyond(Ordering::is_gt),
        "GreaterThanOrEqualTo" => beyond(Ordering::is_ge),
        "LessThan" => beyond(Ordering::is_lt),
        "LessThanOrEqualTo" => beyond(Ordering::is_le),
        "StartsWith" => texts(|found, wanted| found.starts_with(wanted)),
        "EndsWith" => texts(|found, wanted| found.ends_with(wanted)),
        "Contains" => texts(|found, wanted| found.contains(wanted)),
        "IsNull" => found.is_blank() == (*first != Seen::Boolean(false)),
        "In" => wanted.iter().any(equal),
        "NotIn" => !wanted.iter().any(equal),
        _ => return None,
    })
}

/// How two values compare; null is smallest. None for values that do not compare.
pub fn order(left: &Seen, right: &Seen) -> Option<Ordering> {
    Some(match (left, right) {
        (left, right) if left.is_blank() || right.is_blank() => right.is_blank().cmp(&left.is_blank()),
        (Seen::Number(left), Seen::Number(right)) => left.cmp(right),
        (Seen::Text(left), Seen::Text(right)) => left.to_lowercase().cmp(&right.to_lowercase()),
        (Seen::Boolean(left), Seen::Boolean(right)) => left.cmp(right),
        (Seen::Date(left), Seen::Date(right)) => left.days().cmp(&right.days()),
        (Seen::DateTime(left), Seen::DateTime(right)) => left.ms().cmp(&right.ms()),
        (Seen::Date(left), Seen::DateTime(right)) => left.midnight().ms().cmp(&right.ms()),
        (Seen::DateTime(left), Seen::Date(right)) => left.ms().cmp(&right.midnight().ms()),
        (Seen::Time(left), Seen::Time(right)) => left.ms().cmp(&right.ms()),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operators() {
        let check = |found: &Seen, operator: &str, wanted: &[Seen], expected: bool| {
            assert_eq!(test(found, operator, wanted), Some(expected), "{found:?} {operator} {wanted:?}");
        };
        let text = |text: &str| Seen::Text(text.into());
        let (two, three) = (Seen::whole(2), Seen::whole(3));
        check(&text("Acme"), "EqualTo", &[text("ACME")], true);
        check(&Seen::Null, "EqualTo", &[text("")], true);
        check(&Seen::Null, "NotEqualTo", &[text("x")], true);
        check(&two, "LessThan", std::slice::from_ref(&three), true);
        check(&Seen::Null, "LessThan", std::slice::from_ref(&three), false);
        check(&three, "GreaterThanOrEqualTo", std::slice::from_ref(&three), true);
        check(&text("Acme"), "StartsWith", &[text("ac")], true);
        check(&text("Acme"), "EndsWith", &[text("ac")], false);
        check(&text("Acme"), "Contains", &[text("CM")], true);
        check(&Seen::Null, "IsNull", &[Seen::Boolean(true)], true);
        check(&Seen::Null, "IsNull", &[Seen::Boolean(false)], false);
        check(&two, "In", &[two.clone(), three.clone()], true);
        check(&two, "NotIn", std::slice::from_ref(&three), true);
        assert_eq!(test(&two, "Near", &[]), None);
    }
}
