//! Assignments: operators on variables, collections and fields of records.

use formula::{Type, Value};
use metadata::flow::{Assignment, Phase, ResourceKind};

use super::held::{Held, Miss};
use super::interview::Interview;
use super::read::{as_records_see, given};
use super::state::{Entry, Origin, TRIGGERING, object_of};
use super::values::fit;
use crate::world::Fault;

/// Whether an operator is understood.
#[cfg(feature = "compile")]
pub(super) fn is_known(operator: &str) -> bool {
    matches!(
        operator,
        "Assign"
            | "Add"
            | "Subtract"
            | "AddItem"
            | "AddAtStart"
            | "AssignCount"
            | "RemoveFirst"
            | "RemoveAll"
            | "RemovePosition"
            | "RemoveAfterFirst"
            | "RemoveBeforeFirst"
            | "RemoveUncommon"
    )
}

impl Interview<'_> {
    /// Does one line of an assignment.
    pub(super) fn assign(&mut self, element: &str, item: &Assignment) -> Result<(), Miss> {
        let operator = item.operator.as_str();
        // An unknown value may be held until something depends on it; a field of the record cannot hold it.
        let value = match self.optional(item.value.as_ref()) {
            Err(Miss::Unknown(why)) if operator == "Assign" && !item.to.contains('.') => Held::Unknown(why),
            value => value?,
        };
        let value = match operator {
            "Assign" => self.state.copy(&value),
            "AssignCount" => Held::Value(Value::whole(count(&value)?)),
            _ => {
                let before = self.read(&item.to)?;
                let value = self.state.copy(&value);
                changed(operator, before, value)?
            }
        };
        self.step(element, "assignment", || format!("{} = {}", item.to, value.shown()));
        self.store(&item.to, value)
    }

    /// Gives a variable, or a field of a record, a value.
    pub(super) fn store(&mut self, to: &str, held: Held) -> Result<(), Miss> {
        let (root, field) = to.split_once('.').unwrap_or((to, ""));
        if root.eq_ignore_ascii_case("$Record") && !field.is_empty() {
            let value = held.value(to)?;
            return self.set(field, value);
        }
        if root.starts_with('$') {
            return Err(Miss::Unknown(format!("{to} cannot be assigned to")));
        }
        let name = root.to_ascii_lowercase();
        let flow = &self.compiled.flow;
        if field.is_empty() {
            let resource = flow.resource(root);
            let fitted = resource.map_or(held.clone(), |resource| fit(held, &resource.data_type));
            if resource.is_some_and(|resource| !matches!(resource.kind, ResourceKind::Variable { .. })) {
                return Err(Miss::Unknown(format!("{to} cannot be assigned to")));
            }
            self.state.variables.insert(name, fitted);
            return Ok(());
        }
        let at = match self.state.variables.get(&name) {
            Some(Held::Record(at)) => *at,
            Some(Held::Unknown(why)) => return Err(Miss::Unknown(why.clone())),
            _ => match object_of(flow, root) {
                Some(object) => {
                    let made = self.state.add(Entry::new(object, Origin::New));
                    let at = self.state.records.len() - 1;
                    self.state.variables.insert(name, made);
                    at
                }
                None => return Err(Miss::Unknown(format!("{root} holds no record to assign {field} to"))),
            },
        };
        let value = match held {
            Held::Unknown(why) => Err(why),
            held => Ok(held.value(to)?),
        };
        self.state.records[at].fields.insert(field.to_ascii_lowercase(), (field.to_owned(), value));
        Ok(())
    }

    /// Gives a field of the triggering record a value: before it is saved at once, afterwards in memory.
    pub(super) fn set(&mut self, field: &str, value: Value) -> Result<(), Miss> {
        let Some(entry) = self.state.records.get_mut(TRIGGERING) else {
            return Err(Miss::Unknown("the flow has no triggering record".to_owned()));
        };
        if self.phase != Phase::BeforeSave {
            entry.fields.insert(field.to_ascii_lowercase(), (field.to_owned(), Ok(value)));
            return Ok(());
        }
        let given = given(self.compiled, &entry.object, field);
        self.world.set(field, as_records_see(value, given)).map_err(missed)
    }
}

/// A fault of the world.
pub(super) fn missed(fault: Fault) -> Miss {
    match fault {
        Fault::Refused { code, message, .. } => Miss::Refused(code, message),
        Fault::Unknown(why) => Miss::Unknown(why),
        Fault::Broken(why) => Miss::Unknown(format!("the store failed: {why}")),
    }
}

fn count(held: &Held) -> Result<i64, Miss> {
    match held {
        Held::List(items) => Ok(i64::try_from(items.len()).unwrap_or(i64::MAX)),
        held if held.is_blank() => Ok(0),
        Held::Unknown(why) => Err(Miss::Unknown(why.clone())),
        held => Err(Miss::Unknown(format!("{} has no count", held.shown()))),
    }
}

/// What an operator makes of what was there.
fn changed(operator: &str, before: Held, value: Held) -> Result<Held, Miss> {
    if let Held::List(items) = before {
        return Ok(Held::List(changed_list(operator, items, value)?));
    }
    let (before, value) = (before.value("the left side")?, value.value("the right side")?);
    let unknown =
        || Miss::Unknown(format!("{operator} with {} and {} is not understood", before.kind(), value.kind()));
    Ok(Held::Value(match (operator, &before, &value) {
        ("Add" | "Subtract", _, Value::Null) => before,
        ("Add", Value::Null, _) => value,
        ("Subtract", Value::Null, Value::Number(number)) => Value::Number(number.negate()),
        ("Add", Value::Number(left), Value::Number(right)) => Value::Number(left.add(right)),
        ("Subtract", Value::Number(left), Value::Number(right)) => Value::Number(left.subtract(right)),
        ("Add", Value::Text(left), right) => {
            Value::text(format!("{left}{}", text(right).ok_or_else(unknown)?))
        }
        ("Add" | "Subtract", Value::Date(date), Value::Number(days)) => {
            let days = if operator == "Add" { days.to_i64() } else { -days.to_i64() };
            formula::Date::from_days(date.days().saturating_add(days)).map(Value::Date).ok_or_else(unknown)?
        }
        // A picklist with many values.
        ("AddItem", Value::Null, Value::Text(_)) => value,
        ("AddItem", Value::Text(values), Value::Text(item)) => Value::text(format!("{values};{item}")),
        _ => return Err(unknown()),
    }))
}

fn text(value: &Value) -> Option<String> {
    match value.kind() {
        Type::Text | Type::Number(_) | Type::Boolean => Some(value.to_string()),
        _ => None,
    }
}

fn changed_list(operator: &str, mut items: Vec<Held>, value: Held) -> Result<Vec<Held>, Miss> {
    let several = |value: Held| match value {
        Held::List(items) => items,
        item => vec![item],
    };
    let position = items.iter().position(|item| *item == value);
    match operator {
        "Add" | "AddItem" => items.extend(several(value)),
        "AddAtStart" => {
            items.splice(0..0, several(value));
        }
        "RemoveFirst" => {
            position.map(|at| items.remove(at));
        }
        "RemoveAll" => {
            let others = several(value);
            items.retain(|item| !others.contains(item));
        }
        "RemoveUncommon" => {
            let others = several(value);
            items.retain(|item| others.contains(item));
        }
        "RemoveAfterFirst" => items.truncate(position.map_or(items.len(), |at| at + 1)),
        "RemoveBeforeFirst" => {
            items.drain(..position.unwrap_or(0));
        }
        "RemovePosition" => match value.value("the position")? {
            Value::Number(number) if (1..=items.len()).contains(&number.to_count()) => {
                items.remove(number.to_count() - 1);
            }
            _ => return Err(Miss::Fault("The position is not in the collection.".to_owned())),
        },
        _ => return Err(Miss::Unknown(format!("the operator {operator} is not understood"))),
    }
    Ok(items)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(given: Type, text: &str) -> Held {
        Held::Value(Value::read(given, text).unwrap())
    }

    #[test]
    fn operators_change_values() {
        let check = |before: Held, operator: &str, value: Held, expected: &str| {
            let shown = changed(operator, before, value).map(|held| held.shown());
            assert_eq!(shown.unwrap_or_else(Miss::why), expected, "{operator}");
        };
        let number = |text| held(Type::NUMBER, text);
        check(number("2"), "Add", number("0.5"), "2.5");
        check(Held::NULL, "Subtract", number("2"), "-2");
        check(number("2"), "Add", Held::NULL, "2");
        check(held(Type::Text, "a"), "Add", number("1"), "\"a1\"");
        check(held(Type::Date, "2024-02-28"), "Add", number("2"), "2024-03-01");
        check(held(Type::Date, "2024-03-01"), "Subtract", number("1"), "2024-02-29");
        check(held(Type::Text, "A;B"), "AddItem", held(Type::Text, "C"), "\"A;B;C\"");
        check(Held::boolean(true), "Add", number("1"), "Add with Boolean and Number is not understood");
    }

    #[test]
    fn operators_change_collections() {
        let list = |letters: &str| {
            Held::List(letters.chars().map(|one| held(Type::Text, &one.to_string())).collect())
        };
        let check = |operator: &str, value: Held, expected: Held| {
            assert_eq!(changed(operator, list("abcb"), value), Ok(expected), "{operator}");
        };
        let b = || held(Type::Text, "b");
        check("Add", b(), list("abcbb"));
        check("Add", list("xy"), list("abcbxy"));
        check("AddAtStart", list("xy"), list("xyabcb"));
        check("RemoveFirst", b(), list("acb"));
        check("RemoveAll", b(), list("ac"));
        check("RemoveUncommon", list("bx"), list("bb"));
        check("RemoveAfterFirst", b(), list("ab"));
        check("RemoveBeforeFirst", b(), list("bcb"));
        check("RemovePosition", held(Type::NUMBER, "3"), list("abb"));
        let outside = changed("RemovePosition", list("ab"), held(Type::NUMBER, "3"));
        assert_eq!(outside, Err(Miss::Fault("The position is not in the collection.".to_owned())));
    }
}
