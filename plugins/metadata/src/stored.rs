//! Values between the forms of Salesforce's API, in which records are stored, and those that formulas compute with.
//!
//! Nothing is refused here: a value that does not fit its field is handed on as text.

use formula::{Rounding, Type, Value};
use serde_json::{Number, json};

use crate::org::{Field, FieldKind};
use crate::schema::kind_type;

/// A stored value of a field, as formulas see it: a percentage of 50 is 0.5, a checkbox is never null.
///
/// What a roll-up summary holds is told by its form alone; [`value_of`] with [`crate::field_type`] knows better.
pub fn stored_value(field: &Field, json: &serde_json::Value) -> Value {
    match (&field.kind, json) {
        (FieldKind::Summary, serde_json::Value::String(text)) => {
            let given = if text.contains('T') { Type::DateTime } else { Type::Date };
            value_of(given, json)
        }
        _ => value_of(kind_type(field), json),
    }
}

/// A stored value of this type, as formulas see it.
pub fn value_of(given: Type, json: &serde_json::Value) -> Value {
    Value::read_json(given, json).unwrap_or_else(|error| Value::text(error.text))
}

/// A value as formulas see it, in the form in which the field stores it: numbers rounded half up to the field's scale,
/// moments as `2026-11-23T10:00:00.000+0000`.
pub fn to_json(field: &Field, value: &Value) -> serde_json::Value {
    let given = kind_type(field);
    match value.to_stored(given) {
        Value::Null => serde_json::Value::Null,
        Value::Boolean(value) => json!(value),
        Value::Text(text) => json!(text),
        Value::Number(number) if given.is_number() || given == Type::Any => {
            let number = match field.kind {
                FieldKind::Number { scale, .. } => number.round_scale(i64::from(scale), Rounding::HalfUp),
                _ => number,
            };
            // A decimal's text is always a JSON number.
            number.to_string().parse::<Number>().map_or(serde_json::Value::Null, serde_json::Value::Number)
        }
        Value::DateTime(moment) => {
            let (hours, minutes, seconds, ms) = moment.time().parts();
            json!(format!("{}T{hours:02}:{minutes:02}:{seconds:02}.{ms:03}+0000", moment.date(0)))
        }
        Value::Time(time) => json!(format!("{time}Z")),
        Value::Location(latitude, longitude) => {
            let part = |part: formula::Decimal| part.to_string().parse::<Number>().ok();
            json!({ "latitude": part(latitude), "longitude": part(longitude) })
        }
        other => json!(other.to_string()),
    }
}
