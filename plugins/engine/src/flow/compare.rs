//! The operators of conditions: what they say of two values.

use std::cmp::Ordering;

use formula::{Type, Value};

use super::held::{Held, Miss};

/// Whether texts that differ only in case are different. UNCONFIRMED: reference §5.2 and §6.4 are silent for flows.
const TEXT_IS_CASE_SENSITIVE: bool = true;

/// Whether an operator with two sides is understood.
#[cfg(feature = "compile")]
pub(super) fn is_known(operator: &str) -> bool {
    matches!(
        operator,
        "EqualTo"
            | "NotEqualTo"
            | "GreaterThan"
            | "GreaterThanOrEqualTo"
            | "LessThan"
            | "LessThanOrEqualTo"
            | "Contains"
            | "StartsWith"
            | "EndsWith"
            | "In"
            | "NotIn"
    )
}

/// What an operator says of two sides.
pub(super) fn compare(operator: &str, left: &Held, right: &Held) -> Result<bool, Miss> {
    match operator {
        "EqualTo" => equal(left, right),
        "NotEqualTo" => equal(left, right).map(|equal| !equal),
        "In" => member(left, right),
        "NotIn" => member(left, right).map(|member| !member),
        "Contains" if matches!(left, Held::List(_)) => member(right, left),
        "Contains" => texts(left, right, |left, right| left.contains(right)),
        "StartsWith" => texts(left, right, |left, right| left.starts_with(right)),
        "EndsWith" => texts(left, right, |left, right| left.ends_with(right)),
        "GreaterThan" => ordered(left, right, Ordering::is_gt),
        "GreaterThanOrEqualTo" => ordered(left, right, Ordering::is_ge),
        "LessThan" => ordered(left, right, Ordering::is_lt),
        "LessThanOrEqualTo" => ordered(left, right, Ordering::is_le),
        _ => Err(Miss::Unknown(format!("the operator {operator} is not understood"))),
    }
}

fn member(item: &Held, list: &Held) -> Result<bool, Miss> {
    let Held::List(items) = list else { return equal(item, list) };
    for other in items {
        if equal(item, other)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn equal(left: &Held, right: &Held) -> Result<bool, Miss> {
    match (left, right) {
        (Held::Value(left), Held::Value(right)) if left.is_blank() || right.is_blank() => {
            Ok(left.is_blank() && right.is_blank())
        }
        (Held::Value(left), Held::Value(right)) => match alike(left, right) {
            (Value::Text(left), Value::Text(right)) => {
                Ok(cased(&left) == cased(&right) || same_id(&left, &right))
            }
            (left, right) => Ok(left == right),
        },
        (Held::Unknown(why), _) | (_, Held::Unknown(why)) => Err(Miss::Unknown(why.clone())),
        (Held::Record(_), Held::Value(Value::Null)) | (Held::Value(Value::Null), Held::Record(_)) => {
            Ok(false)
        }
        (Held::List(items), Held::Value(Value::Null)) => Ok(items.is_empty()),
        (Held::Record(_) | Held::List(_), _) | (_, Held::Record(_) | Held::List(_)) => {
            Err(Miss::Unknown("how whole records and collections compare is not known".to_owned()))
        }
    }
}

/// With a null side nothing is smaller or larger.
fn ordered(left: &Held, right: &Held, holds: fn(Ordering) -> bool) -> Result<bool, Miss> {
    let (left, right) = (left.clone().value("the left side")?, right.clone().value("the right side")?);
    let ordering = match alike(&left, &right) {
        (Value::Null, _) | (_, Value::Null) => return Ok(false),
        (Value::Number(left), Value::Number(right)) => left.cmp(&right),
        (Value::Text(left), Value::Text(right)) => left.cmp(&right),
        (Value::Date(left), Value::Date(right)) => left.cmp(&right),
        (Value::DateTime(left), Value::DateTime(right)) => left.cmp(&right),
        (Value::Time(left), Value::Time(right)) => left.cmp(&right),
        (left, right) => {
            return Err(Miss::Unknown(format!("{} and {} do not compare", left.kind(), right.kind())));
        }
    };
    Ok(holds(ordering))
}

fn texts(left: &Held, right: &Held, holds: fn(&str, &str) -> bool) -> Result<bool, Miss> {
    let (left, right) = (left.clone().value("the left side")?, right.clone().value("the right side")?);
    if left.is_blank() || right.is_blank() {
        return Ok(false);
    }
    Ok(holds(&cased(&left.to_string()), &cased(&right.to_string())))
}

fn cased(text: &str) -> String {
    if TEXT_IS_CASE_SENSITIVE { text.to_owned() } else { text.to_lowercase() }
}

/// An id with 15 characters and the same with 18.
fn same_id(left: &str, right: &str) -> bool {
    let (short, long) = if left.len() < right.len() { (left, right) } else { (right, left) };
    short.len() == 15 && long.len() == 18 && long.starts_with(short)
}

/// Both values with one type, when one can be read as the other's.
fn alike(left: &Value, right: &Value) -> (Value, Value) {
    match (left, right) {
        (Value::Text(text), other) if !matches!(other, Value::Text(_)) => {
            (read(text, other.kind(), left), other.clone())
        }
        (other, Value::Text(text)) if !matches!(other, Value::Text(_)) => {
            (other.clone(), read(text, other.kind(), right))
        }
        (Value::Date(date), Value::DateTime(_)) => (Value::DateTime(date.midnight()), right.clone()),
        (Value::DateTime(_), Value::Date(date)) => (left.clone(), Value::DateTime(date.midnight())),
        _ => (left.clone(), right.clone()),
    }
}

fn read(text: &str, given: Type, or: &Value) -> Value {
    Value::read(given, text).unwrap_or_else(|_| or.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(given: Type, text: &str) -> Held {
        Held::Value(Value::read(given, text).unwrap())
    }

    #[test]
    fn operators_compare() {
        let check = |left: &Held, operator: &str, right: &Held, expected: bool| {
            assert_eq!(compare(operator, left, right), Ok(expected), "{left:?} {operator} {right:?}");
        };
        let (hot, cold) = (held(Type::Text, "Hot"), held(Type::Text, "Cold"));
        check(&hot, "EqualTo", &hot, true);
        check(&hot, "EqualTo", &held(Type::Text, "hot"), false);
        check(&hot, "NotEqualTo", &cold, true);
        check(&Held::NULL, "EqualTo", &Held::Value(Value::Text(String::new())), true);
        check(&Held::NULL, "EqualTo", &held(Type::NUMBER, "0"), false);
        check(&held(Type::NUMBER, "2.0"), "EqualTo", &held(Type::Text, "2"), true);
        check(&held(Type::NUMBER, "10"), "GreaterThan", &held(Type::NUMBER, "9"), true);
        check(&Held::NULL, "LessThan", &held(Type::NUMBER, "9"), false);
        check(&held(Type::NUMBER, "9"), "LessThanOrEqualTo", &held(Type::NUMBER, "9"), true);
        check(
            &held(Type::Date, "2024-01-02"),
            "GreaterThan",
            &held(Type::DateTime, "2024-01-01T23:00:00Z"),
            true,
        );
        check(&hot, "StartsWith", &held(Type::Text, "Ho"), true);
        check(&hot, "EndsWith", &held(Type::Text, "Ho"), false);
        check(&hot, "Contains", &held(Type::Text, "o"), true);
        check(&hot, "Contains", &Held::NULL, false);
        let list = Held::List(vec![hot.clone(), cold.clone()]);
        check(&cold, "In", &list, true);
        check(&Held::NULL, "NotIn", &list, true);
        check(&list, "Contains", &hot, true);
        check(&held(Type::Text, "001D000000IRFma"), "EqualTo", &held(Type::Text, "001D000000IRFmaIAH"), true);
    }

    #[test]
    fn what_does_not_compare_is_not_known() {
        let unknown =
            |left: &Held, operator| compare(operator, left, &held(Type::Date, "2024-01-01")).is_err();
        assert!(unknown(&Held::boolean(true), "LessThan"));
        assert!(unknown(&Held::Record(0), "EqualTo"));
        assert!(unknown(&Held::Unknown("x".into()), "NotEqualTo"));
        assert!(unknown(&Held::NULL, "Resembles"));
    }
}
