//! Step 2 for a new record: what the client did not send gets its default.
//!
//! Default formulas are not evaluated. A field that was sent as null stays null.

use metadata::org::{Field, FieldKind};
use serde_json::Value;

use super::draft::Draft;
use crate::values;

/// Fills the defaults of a new record.
pub fn fill(draft: &mut Draft<'_>) {
    if draft.prior.is_some() {
        return;
    }
    let object = draft.object;
    for field in object.fields.values() {
        if draft.was_sent(field) {
            continue;
        }
        if let Some(value) = default_of(field) {
            draft.set(&field.api_name, value);
        }
    }
}

fn default_of(field: &Field) -> Option<Value> {
    if let Some(value) = &field.default_value {
        // A default that does not fit its field is none: the org's reader warns about it.
        return values::from_json(field, value).ok();
    }
    match &field.kind {
        FieldKind::Checkbox => Some(Value::Bool(false)),
        FieldKind::Picklist(list) | FieldKind::MultiselectPicklist(list) => {
            let default = list.values.iter().find(|value| value.default && value.active)?;
            Some(Value::from(default.value.as_str()))
        }
        _ => None,
    }
}
