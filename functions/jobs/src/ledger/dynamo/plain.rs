//! JSON as DynamoDB's own attributes and back: what people see and edit in the console. It makes no calls.

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Map, Number, Value};

/// A number of DynamoDB has 38 digits and lies between these (DynamoDB Developer Guide, naming rules and data types).
const DIGITS_MAX: usize = 38;
const SMALLEST: f64 = 1e-130;
const LARGEST: f64 = 9.99e125;

/// A JSON value as an attribute. A number that DynamoDB has not becomes a text.
pub(super) fn attribute(value: &Value) -> AttributeValue {
    match value {
        Value::Null => AttributeValue::Null(true),
        Value::Bool(flag) => AttributeValue::Bool(*flag),
        Value::Number(number) if fits(&number.to_string()) => AttributeValue::N(number.to_string()),
        Value::Number(number) => AttributeValue::S(number.to_string()),
        Value::String(text) => AttributeValue::S(text.clone()),
        Value::Array(items) => AttributeValue::L(items.iter().map(attribute).collect()),
        Value::Object(members) => {
            AttributeValue::M(members.iter().map(|(name, value)| (name.clone(), attribute(value))).collect())
        }
    }
}

fn fits(number: &str) -> bool {
    let size = number.parse::<f64>().map_or(f64::INFINITY, f64::abs);
    let mantissa = number.split(['e', 'E']).next().unwrap_or_default();
    let digits = mantissa.chars().filter(char::is_ascii_digit).count();
    digits <= DIGITS_MAX && (size == 0.0 || (SMALLEST..=LARGEST).contains(&size))
}

/// An attribute as JSON, members by name. Sets become lists; bytes, which no setting has, a text that says so.
pub(super) fn value(attribute: &AttributeValue) -> Value {
    let texts = |texts: &[String]| texts.iter().cloned().map(Value::String).collect();
    match attribute {
        AttributeValue::Bool(flag) => Value::Bool(*flag),
        AttributeValue::N(digits) => number(digits),
        AttributeValue::S(text) => Value::String(text.clone()),
        AttributeValue::L(items) => Value::Array(items.iter().map(value).collect()),
        AttributeValue::M(members) => {
            let mut names: Vec<&String> = members.keys().collect();
            names.sort_unstable();
            let member = |name: &String| (name.clone(), value(&members[name]));
            Value::Object(names.into_iter().map(member).collect::<Map<_, _>>())
        }
        AttributeValue::Ss(set) => Value::Array(texts(set)),
        AttributeValue::Ns(set) => Value::Array(set.iter().map(|digits| number(digits)).collect()),
        AttributeValue::B(_) | AttributeValue::Bs(_) => Value::String("(bytes)".to_owned()),
        _ => Value::Null,
    }
}

fn number(digits: &str) -> Value {
    digits.parse::<Number>().map_or_else(|_| Value::String(digits.to_owned()), Value::Number)
}

/// Whether two values say the same. Numbers are compared by what they are worth: DynamoDB writes `1.50` as `1.5`.
pub(super) fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a == b || a.as_f64() == b.as_f64(),
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            let has = |(name, of_a): (&String, &Value)| b.get(name).is_some_and(|of_b| same(of_a, of_b));
            a.len() == b.len() && a.iter().all(has)
        }
        (a, b) => a == b,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn json_goes_there_and_back() {
        let kept = json!({"flag": true, "n": -1.5, "none": null, "list": [1, "a", {}], "é": {"x": ""}});
        assert!(same(&value(&attribute(&kept)), &kept));
        let digits = "1".repeat(39);
        for (text, stays) in [
            ("1e400", false),
            ("1e-200", false),
            ("1e125", true),
            ("0", true),
            ("0e999", true),
            (&digits, false),
        ] {
            let number: Value = serde_json::from_str(text).expect("json");
            assert_eq!(attribute(&number).is_n(), stays, "{text}");
        }
        let set = AttributeValue::Ns(vec!["1".to_owned(), "2".to_owned()]);
        assert_eq!(value(&set), json!([1, 2]));
    }

    #[test]
    fn only_what_differs_is_not_the_same() {
        let read = |text: &str| serde_json::from_str::<Value>(text).expect("json");
        assert!(same(&read(r#"{"a": 1.50, "b": [1e2]}"#), &read(r#"{"b": [100], "a": 1.5}"#)));
        for (a, b) in
            [("1", "2"), ("1", "\"1\""), ("[1]", "[1, 1]"), (r#"{"a": 1}"#, r#"{"b": 1}"#), ("{}", "[]")]
        {
            assert!(!same(&read(a), &read(b)), "{a} {b}");
        }
    }
}
