//! System validation: required fields, lengths, ranges, lists, addresses. All failures are reported together.
//!
//! Formats are looked at before the rules run and again after them, required fields only after them (reference §4).
//! Required fields are looked at in the whole record; the others only where the record changes, so that a value that
//! was stored under an older org can stay. Messages and codes are those of reference §3.1.

use metadata::misfit;
use metadata::org::Field;

use super::draft::Draft;
use super::world::PLACEHOLDER;
use crate::error::RowError;

/// Every value that does not fit its field.
pub fn formats(draft: &Draft<'_>) -> Vec<RowError> {
    let changed = draft.sent.iter().copied().filter(|field| draft.changes(field));
    let misfit = |field: &Field| {
        let found = misfit(field, draft.get(&field.api_name))?;
        Some(RowError::on(&field.api_name, found.code, found.message))
    };
    changed.filter_map(misfit).collect()
}

/// The required fields without a value, as one error.
pub fn missing(draft: &Draft<'_>) -> Option<RowError> {
    let required = draft.object.fields.values().filter(|field| field.required && !field.read_only);
    // What a record that was not read has is not known.
    let known = |field: &&Field| !draft.values.contains_key(PLACEHOLDER) || draft.was_sent(field);
    let missing = required.filter(|field| draft.get(&field.api_name).is_null()).filter(known);
    let fields: Vec<String> = missing.map(|field| field.api_name.clone()).collect();
    if fields.is_empty() {
        return None;
    }
    let message = format!("Required fields are missing: [{}]", fields.join(", "));
    Some(RowError::of("REQUIRED_FIELD_MISSING", message, fields))
}
