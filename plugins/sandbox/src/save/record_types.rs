//! System validation of record types: the id is one of the object's, and the picklists that it restricts hold values
//! that it offers.

use metadata::org::{Field, FieldKind};
use metadata::rules::RecordType;

use super::draft::Draft;
use crate::error::RowError;
use crate::view::View;

/// The field that names a record's type.
pub const FIELD: &str = "RecordTypeId";
/// The record type of objects that have none: every org has it.
const MASTER: &str = "012000000000000AAA";

/// Every failure of a record type.
pub fn failures(view: &View<'_>, draft: &Draft<'_>) -> Vec<RowError> {
    let Some(id) = draft.object.field(FIELD).and_then(|field| draft.get(&field.api_name).as_str()) else {
        return Vec::new();
    };
    if id == MASTER {
        return Vec::new();
    }
    let changed = draft.sent.iter().copied().filter(|field| draft.changes(field));
    match view.org.rules.record_type(&draft.object.api_name, id) {
        Some(found) => changed.filter_map(|field| failure(draft, field, found)).collect(),
        None => changed.filter(|field| field.api_name == FIELD).map(|field| unknown(field, id)).collect(),
    }
}

fn unknown(field: &Field, id: &str) -> RowError {
    let message = format!("{}: this ID value isn't valid for the user: {id}", field.label);
    RowError::on(FIELD, "INVALID_CROSS_REFERENCE_KEY", message)
}

/// A value of a restricted picklist that the record type does not offer; values that no record has are system
/// validation's.
fn failure(draft: &Draft<'_>, field: &Field, record_type: &RecordType) -> Option<RowError> {
    let (FieldKind::Picklist(list) | FieldKind::MultiselectPicklist(list)) = &field.kind else { return None };
    let offered = record_type.picklists.iter().find(|(name, _)| name.eq_ignore_ascii_case(&field.api_name));
    let (_, offered) = offered.filter(|_| list.restricted)?;
    let text = draft.get(&field.api_name).as_str()?;
    let is_known = |one: &str| list.values.iter().any(|value| value.active && value.value == one);
    let refused = text.split(';').find(|one| is_known(one) && !offered.iter().any(|value| value == one))?;
    let message = format!("{}: bad value for restricted picklist field: {refused}", field.label);
    Some(RowError::on(&field.api_name, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", message))
}
