//! One value, from JSON or from a text (CSV, address), into the form in which its field stores it.
//!
//! JSON of a wrong type is a [`Mismatch`]: Salesforce's parser refuses the whole request for it.

use metadata::org::{Field, FieldKind, NumberStyle};
use serde_json::Value;

use super::moment::{date_text, datetime_text, parse_date, parse_datetime, parse_time};
use super::number::{looks_like_number, parse_number, rounded, to_json};
use crate::error::RowError;
use crate::ids;

/// A JSON value that the field's type cannot be read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// What the field is, in the words of describe.
    pub wanted: &'static str,
    /// What was found, in the words of Salesforce's parser, with the value.
    pub found: String,
}

impl Mismatch {
    fn new(field: &Field, value: &Value) -> Mismatch {
        let found = match value {
            Value::Null => "VALUE_NULL value null".to_owned(),
            Value::Bool(true) => "VALUE_TRUE value true".to_owned(),
            Value::Bool(false) => "VALUE_FALSE value false".to_owned(),
            Value::Number(number) if number.as_str().contains(['.', 'e', 'E']) => {
                format!("VALUE_NUMBER_FLOAT value {number}")
            }
            Value::Number(number) => format!("VALUE_NUMBER_INT value {number}"),
            Value::String(text) => format!("VALUE_STRING value {text}"),
            Value::Array(_) => "START_ARRAY value [".to_owned(),
            Value::Object(_) => "START_OBJECT value {".to_owned(),
        };
        Mismatch { wanted: type_name(field), found }
    }

    /// Salesforce's message, without the position.
    pub fn message(&self) -> String {
        format!(
            "Cannot deserialize instance of {} from {} or request may be missing a required field",
            self.wanted, self.found
        )
    }
}

/// The field's type as describe names it.
pub fn type_name(field: &Field) -> &'static str {
    match &field.kind {
        FieldKind::Id => "id",
        FieldKind::Text { .. } | FieldKind::AutoNumber { .. } => "string",
        FieldKind::LongText { .. } => "textarea",
        FieldKind::Email => "email",
        FieldKind::Phone => "phone",
        FieldKind::Url { .. } => "url",
        FieldKind::Checkbox => "boolean",
        FieldKind::Number { style, .. } => match style {
            NumberStyle::Number => "double",
            NumberStyle::Integer => "int",
            NumberStyle::Currency => "currency",
            NumberStyle::Percent => "percent",
        },
        FieldKind::Date => "date",
        FieldKind::DateTime => "datetime",
        FieldKind::Time => "time",
        FieldKind::Picklist(_) => "picklist",
        FieldKind::MultiselectPicklist(_) => "multipicklist",
        FieldKind::Reference(_) => "reference",
        FieldKind::Formula { returns, .. } => formula_type(returns),
        FieldKind::Summary => "double",
        FieldKind::Location { .. } => "location",
        FieldKind::Compound if field.api_name == "Name" => "string",
        FieldKind::Compound => "address",
    }
}

fn formula_type(returns: &str) -> &'static str {
    let types = [
        ("checkbox", "boolean"),
        ("number", "double"),
        ("currency", "currency"),
        ("percent", "percent"),
        ("date", "date"),
        ("datetime", "datetime"),
        ("time", "time"),
    ];
    let found = types.iter().find(|(name, _)| name.eq_ignore_ascii_case(returns));
    found.map_or("string", |(_, name)| name)
}

/// Reads a JSON value for a field.
pub fn from_json(field: &Field, value: &Value) -> Result<Value, Mismatch> {
    let mismatch = || Mismatch::new(field, value);
    match (&field.kind, value) {
        (_, Value::Null) => Ok(Value::Null),
        (_, Value::Object(_) | Value::Array(_)) => Err(mismatch()),
        (FieldKind::Checkbox, Value::Bool(_)) => Ok(value.clone()),
        (FieldKind::Checkbox, Value::String(text)) => json_boolean(text).ok_or_else(mismatch),
        (FieldKind::Number { scale, style, .. }, Value::Number(number)) => {
            read_number(number.as_str(), *scale, *style).ok_or_else(mismatch)
        }
        (FieldKind::Number { scale, style, .. }, Value::String(text)) => {
            read_number(text.trim(), *scale, *style).ok_or_else(mismatch)
        }
        (FieldKind::Date | FieldKind::DateTime | FieldKind::Time, Value::String(text)) => {
            read_moment(&field.kind, text.trim()).ok_or_else(mismatch)
        }
        (FieldKind::Reference(_) | FieldKind::Id, Value::String(text)) => Ok(read_id(text)),
        (
            FieldKind::Checkbox
            | FieldKind::Number { .. }
            | FieldKind::Date
            | FieldKind::DateTime
            | FieldKind::Time
            | FieldKind::Reference(_)
            | FieldKind::Id,
            _,
        ) => Err(mismatch()),
        (FieldKind::MultiselectPicklist(_), Value::String(text)) => Ok(read_several(text)),
        (_, Value::String(text)) => Ok(read_line(text)),
        (_, Value::Number(number)) => Ok(Value::from(number.to_string())),
        (_, Value::Bool(truth)) => Ok(Value::from(truth.to_string())),
    }
}

/// Reads a text for a field, as in a CSV file or an address. An empty text is null.
pub fn from_text(field: &Field, text: &str) -> Result<Value, RowError> {
    if text.trim().is_empty() {
        return Ok(Value::Null);
    }
    let read = match &field.kind {
        FieldKind::Checkbox => csv_boolean(text.trim()),
        _ => from_json(field, &Value::from(text)).ok(),
    };
    read.ok_or_else(|| not_of_type(field, text))
}

/// The row error for a value that its field cannot hold at all.
pub fn not_of_type(field: &Field, text: &str) -> RowError {
    let message = format!("{}: value not of required type: {text}", field.label);
    RowError::on(&field.api_name, "INVALID_TYPE_ON_FIELD_IN_RECORD", message)
}

fn json_boolean(text: &str) -> Option<Value> {
    match text.trim() {
        text if text.eq_ignore_ascii_case("true") || text == "1" => Some(Value::Bool(true)),
        text if text.eq_ignore_ascii_case("false") || text == "0" => Some(Value::Bool(false)),
        _ => None,
    }
}

fn csv_boolean(text: &str) -> Option<Value> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "y" | "on" => Some(Value::Bool(true)),
        "false" | "0" | "no" | "n" | "off" => Some(Value::Bool(false)),
        _ => None,
    }
}

fn read_number(text: &str, scale: u32, style: NumberStyle) -> Option<Value> {
    let integer = style == NumberStyle::Integer;
    match parse_number(text) {
        Some(number) if integer && !number.fract().is_zero() => None,
        Some(number) => Some(to_json(rounded(number, scale), integer)),
        None if looks_like_number(text) => text.parse().map(Value::Number).ok(),
        None => None,
    }
}

fn read_moment(kind: &FieldKind, text: &str) -> Option<Value> {
    let text = match kind {
        FieldKind::Date => date_text(parse_date(text)?),
        FieldKind::DateTime => datetime_text(parse_datetime(text)?),
        _ => parse_time(text)?,
    };
    Some(Value::from(text))
}

fn read_id(text: &str) -> Value {
    match ids::normalise(text.trim()) {
        Some(id) => Value::from(id),
        None => read_line(text),
    }
}

fn read_line(text: &str) -> Value {
    match text.trim() {
        "" => Value::Null,
        text => Value::from(text),
    }
}

fn read_several(text: &str) -> Value {
    let mut values: Vec<&str> = Vec::new();
    for value in text.split(';').map(str::trim).filter(|value| !value.is_empty()) {
        if !values.contains(&value) {
            values.push(value);
        }
    }
    read_line(&values.join(";"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;
    use serde_json::json;

    fn field(name: &str) -> Field {
        fixture::org().object("Contact").unwrap().field(name).unwrap().clone()
    }

    #[test]
    fn json_becomes_what_is_stored() {
        let check = |name: &str, value: Value, expected: Value| {
            assert_eq!(from_json(&field(name), &value), Ok(expected), "{name} {value}");
        };
        check("LastName", json!("  Lee "), json!("Lee"));
        check("LastName", json!("   "), Value::Null);
        check("LastName", json!(12), json!("12"));
        check("LastName", json!(true), json!("true"));
        check("Score__c", json!("7"), json!(7.0));
        check("Active__c", json!("TRUE"), json!(true));
        check("Day__c", json!("2026-11-23"), json!("2026-11-23"));
        check("Interests__c", json!(" A; B;A;"), json!("A;B"));
        check("AccountId", json!("001D000000IRFma"), json!("001D000000IRFmaIAH"));
        check("AccountId", json!("003BAD"), json!("003BAD"));
        check("Score__c", Value::Null, Value::Null);
    }

    #[test]
    fn wrong_types_are_named_as_the_parser_names_them() {
        let check = |name: &str, value: Value, expected: &str| {
            let message = from_json(&field(name), &value).unwrap_err().message();
            let tail = " or request may be missing a required field";
            assert_eq!(message, format!("Cannot deserialize instance of {expected}{tail}"), "{name} {value}");
        };
        check("Score__c", json!("abc"), "double from VALUE_STRING value abc");
        check("Active__c", json!("abc"), "boolean from VALUE_STRING value abc");
        check("Active__c", json!(2), "boolean from VALUE_NUMBER_INT value 2");
        check("Day__c", json!("abc"), "date from VALUE_STRING value abc");
        check("LastName", json!({"a": 1}), "string from START_OBJECT value {");
        check("LastName", json!([1]), "string from START_ARRAY value [");
        check("AccountId", json!(1.5), "reference from VALUE_NUMBER_FLOAT value 1.5");
    }

    #[test]
    fn text_becomes_what_is_stored() {
        let check = |name: &str, text: &str, expected: Result<Value, &str>| {
            let found = from_text(&field(name), text).map_err(|error| error.in_bulk());
            assert_eq!(found, expected.map_err(str::to_owned), "{name} {text}");
        };
        check("Active__c", "Yes", Ok(json!(true)));
        check("Score__c", "", Ok(Value::Null));
        check("Score__c", "1.256", Ok(json!(1.26)));
        let refused = "INVALID_TYPE_ON_FIELD_IN_RECORD:Score: value not of required type: abc:Score__c --";
        check("Score__c", "abc", Err(refused));
    }
}
