//! Step 3, system validation: required fields, lengths, ranges, lists, addresses. All failures are reported together.
//!
//! Required fields are looked at in the whole record; the others only where the record changes, so that a value that
//! was stored under an older org can stay. Messages and codes are those of reference §3.1.

use metadata::org::{Field, FieldKind, Picklist, number_limit};
use serde_json::Value;

use super::draft::Draft;
use crate::error::RowError;
use crate::values;

/// Longest value of a picklist, in characters.
const PICKLIST_LENGTH: u32 = 255;

/// Every failure of system validation.
pub fn failures(draft: &Draft<'_>) -> Vec<RowError> {
    let mut errors: Vec<RowError> = missing(draft).into_iter().collect();
    for field in draft.sent.iter().copied() {
        if draft.changes(field) {
            errors.extend(failure(field, draft.get(&field.api_name)));
        }
    }
    errors
}

fn missing(draft: &Draft<'_>) -> Option<RowError> {
    let required = draft.object.fields.values().filter(|field| field.required && !field.read_only);
    let missing = required.filter(|field| draft.get(&field.api_name).is_null());
    let fields: Vec<String> = missing.map(|field| field.api_name.clone()).collect();
    if fields.is_empty() {
        return None;
    }
    let message = format!("Required fields are missing: [{}]", fields.join(", "));
    Some(RowError { code: "REQUIRED_FIELD_MISSING".into(), message, fields })
}

fn failure(field: &Field, value: &Value) -> Option<RowError> {
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

fn too_long(field: &Field, text: &str, length: u32) -> Option<RowError> {
    let length = length as usize;
    // Bytes are at least as many as characters: most values need no counting.
    if text.len() <= length || text.chars().count() <= length {
        return None;
    }
    let message = format!("{}: data value too large: {text} (max length={length})", field.label);
    Some(RowError::on(&field.api_name, "STRING_TOO_LONG", message))
}

fn bad_email(field: &Field, text: &str) -> Option<RowError> {
    if is_email(text) {
        return None;
    }
    let message = format!("{}: invalid email address: {text}", field.label);
    Some(RowError::on(&field.api_name, "INVALID_EMAIL_ADDRESS", message))
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

fn bad_choice(field: &Field, text: &str, list: &Picklist) -> Option<RowError> {
    if !list.restricted || list.values.iter().any(|value| value.active && value.value == text) {
        return None;
    }
    let message = format!("{}: bad value for restricted picklist field: {text}", field.label);
    Some(RowError::on(&field.api_name, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", message))
}

fn out_of_range(field: &Field, value: &Value, precision: u32, scale: u32) -> Option<RowError> {
    let text = value.to_string();
    let number = values::parse_number(&text);
    if number.is_some_and(|number| number.abs() < number_limit(precision, scale)) {
        return None;
    }
    let shown = number.map_or(text, values::java_text);
    let message = format!("{}: value outside of valid range on numeric field: {shown}", field.label);
    Some(RowError::on(&field.api_name, "NUMBER_OUTSIDE_VALID_RANGE", message))
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
