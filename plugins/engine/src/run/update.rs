//! What a workflow's field update gives its field.

use formula::{Lookup, Outcome, Value};

use super::judge::{Judge, raised};
use crate::plan::{UpdatePlan, UpdatePlanValue};
use crate::world::{Condition, Fault, Query, World};

/// The new value as formulas see it; `Err` says why it is not known.
pub(super) fn value_of(update: &UpdatePlan, judge: &Judge<'_>, world: &dyn World) -> Result<Value, String> {
    match &update.value {
        UpdatePlanValue::Constant(stored) => Ok(stored.value()),
        UpdatePlanValue::Unknown(reason) => Err(reason.clone()),
        UpdatePlanValue::Formula(number) => match judge.evaluate(*number) {
            Outcome::Value(value) => Ok(value),
            Outcome::Unknown(reasons) => Err(reasons.to_string()),
            Outcome::Error(error) => Err(raised(&error)),
        },
        UpdatePlanValue::Find { object, field, value } => find(world, object, field, value),
        UpdatePlanValue::Step { by, values } => {
            let path = match &update.parent {
                Some(_) => return Err("the next value of a parent's picklist is not known".to_owned()),
                None => &update.field,
            };
            match judge.record.value(path) {
                Lookup::Known(value) => Ok(step(&value.to_string(), *by, values)),
                Lookup::Unknown(why) => Err(format!("{path}: {why}")),
                Lookup::Error(error) => Err(raised(&error)),
            }
        }
    }
}

/// The id of the only record whose field has a value.
fn find(world: &dyn World, object: &str, field: &str, value: &str) -> Result<Value, String> {
    let equal = Condition {
        field: field.to_owned(),
        operator: "EqualTo".to_owned(),
        values: vec![Value::Text(value.to_owned())],
    };
    let query = Query {
        object: object.to_owned(),
        conditions: vec![equal],
        logic: "and".to_owned(),
        order: None,
        limit: Some(2),
    };
    match world.find(&query).as_deref() {
        Ok([found]) => Ok(Value::Text(found.id.clone())),
        Ok([]) => Err(format!("there is no {object} whose {field} is {value:?} here")),
        Ok(_) => Err(format!("there are several {object} whose {field} is {value:?}")),
        Err(fault) => Err(fault_reason(fault)),
    }
}

/// The value after or before the current one; the last and the first stay (UNCONFIRMED), a blank begins at the first.
fn step(current: &str, by: i8, values: &[String]) -> Value {
    let place = values.iter().position(|value| value == current);
    let next = match place {
        None => Some(0),
        Some(place) if by > 0 => Some((place + 1).min(values.len().saturating_sub(1))),
        Some(place) => Some(place.saturating_sub(1)),
    };
    next.and_then(|place| values.get(place)).map_or(Value::Null, Value::text)
}

/// A fault as the reason of an unknown.
pub(crate) fn fault_reason(fault: &Fault) -> String {
    match fault {
        Fault::Refused { code, message, .. } => format!("it was refused: {code}: {message}"),
        Fault::Unknown(why) => why.clone(),
        Fault::Broken(why) => format!("the store failed: {why}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn picklists_step_to_their_ends() {
        let values = ["New", "Open", "Closed"].map(str::to_owned);
        let check = |current: &str, by: i8, expected: &str| {
            assert_eq!(step(current, by, &values), Value::text(expected), "{current} {by}");
        };
        check("New", 1, "Open");
        check("Closed", 1, "Closed");
        check("Open", -1, "New");
        check("New", -1, "New");
        check("", 1, "New");
        assert_eq!(step("x", 1, &[]), Value::Null);
    }
}
