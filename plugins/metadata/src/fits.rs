//! Whether a value fits its field: length, range, list, address. Messages and codes are those of reference §3.1.
//!
//! What depends on the record or on other records (required fields, lookups, record types) is not judged here.

use rust_decimal::Decimal;
use serde_json::Value;

use crate::org::{Field, FieldKind, Picklist, number_limit};

/// Longest value of a picklist, in characters.
const PICKLIST_LENGTH: u32 = 255;

/// A value that does not fit, in Salesforce's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misfit {
    /// Salesforce's status code.
    pub code: &'static str,
    /// Its message.
    pub message: String,
}

/// What is wrong with a value for a field that it is written to; none when it fits, or is null. `value` has the form that
/// the field stores.
pub fn misfit(field: &Field, value: &Value) -> Option<Misfit> {
    match (&field.kind, value) {
        (FieldKind::Number { precision, scale, .. }, Value::Number(_)) => {
            out_of_range(field, value, *precision, *scale)
        }
        (_, Value::String(text)) => match &field.kind {
            FieldKind::Text { length } | FieldKind::LongText { length, .. } | FieldKind::Url { length } => {
                too_long(field, text, *length)
            }
            FieldKind::Phone => too_long(field, text, 40),
            FieldKind::Email => too_long(field, text, 80).or_else(|| bad_email(field, text)),
            FieldKind::Picklist(list) => {
                bad_choice(field, text, list).or_else(|| too_long(field, text, PICKLIST_LENGTH))
            }
            FieldKind::MultiselectPicklist(list) => text
                .split(';')
                .find_map(|one| bad_choice(field, one, list).or_else(|| too_long(field, one, 255))),
            _ => None,
        },
        _ => None,
    }
}

fn too_long(field: &Field, text: &str, length: u32) -> Option<Misfit> {
    let length = length as usize;
    // Bytes are at least as many as characters: most values need no counting.
    if text.len() <= length || text.chars().count() <= length {
        return None;
    }
    let message = format!("{}: data value too large: {text} (max length={length})", field.label);
    Some(Misfit { code: "STRING_TOO_LONG", message })
}

fn bad_email(field: &Field, text: &str) -> Option<Misfit> {
    if is_email(text) {
        return None;
    }
    let message = format!("{}: invalid email address: {text}", field.label);
    Some(Misfit { code: "INVALID_EMAIL_ADDRESS", message })
}

/// One `@`, a local part of at most 64 characters, a domain with a dot; as strict as is sure for every org.
fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else { return false };
    let local_letter =
        |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*/=?^_+-`{|}~.".contains(&byte) || byte > 127;
    let label = |label: &str| {
        let letters = label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte > 127);
        !label.is_empty() && letters && !label.starts_with('-') && !label.ends_with('-')
    };
    !local.is_empty() && local.len() <= 64 && local.bytes().all(local_letter) && domain.contains('.') && {
        domain.split('.').all(label)
    }
}

fn bad_choice(field: &Field, text: &str, list: &Picklist) -> Option<Misfit> {
    if !list.restricted || list.values.iter().any(|value| value.active && value.value == text) {
        return None;
    }
    let message = format!("{}: bad value for restricted picklist field: {text}", field.label);
    Some(Misfit { code: "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", message })
}

fn out_of_range(field: &Field, value: &Value, precision: u32, scale: u32) -> Option<Misfit> {
    let text = value.to_string();
    let number = parse_number(&text);
    if number.is_some_and(|number| number.abs() < number_limit(precision, scale)) {
        return None;
    }
    let shown = number.map_or(text, java_text);
    let message = format!("{}: value outside of valid range on numeric field: {shown}", field.label);
    Some(Misfit { code: "NUMBER_OUTSIDE_VALID_RANGE", message })
}

/// A number as JSON writes it.
fn parse_number(text: &str) -> Option<Decimal> {
    text.parse().ok().or_else(|| Decimal::from_scientific(text).ok())
}

/// As Salesforce's messages write a double: with at least one digit after the point.
fn java_text(number: Decimal) -> String {
    let text = number.normalize().to_string();
    if text.contains('.') { text } else { format!("{text}.0") }
}

/// What Salesforce says of fields that the user may not write, or that nobody may.
pub fn not_writable(fields: &[String]) -> Misfit {
    let message = format!(
        "Unable to create/update fields: {}. Please check the security settings of this field and verify that it is \
         read/write for your profile or permission set.",
        fields.join(", ")
    );
    Misfit { code: "INVALID_FIELD_FOR_INSERT_UPDATE", message }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn emails() {
        let check = |text: &str, good: bool| assert_eq!(is_email(text), good, "{text}");
        check("a@b.co", true);
        check("first.o'last+tag@sub.example.com", true);
        check("Not a real email address", false);
        check("a@b", false);
        check("a@@b.co", false);
        check("@b.co", false);
        check("a@b..co", false);
        check("a@-b.co", false);
    }
}
