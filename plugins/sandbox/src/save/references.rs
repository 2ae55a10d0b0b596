//! System validation of lookups: the id is one, is of the right object, and its record is there.

use metadata::org::{Field, FieldKind, Reference};

use super::draft::Draft;
use super::record_types;
use crate::error::RowError;
use crate::ids;
use crate::store::StoreError;
use crate::view::View;

/// Every lookup of the draft that points nowhere.
pub fn failures(view: &View<'_>, draft: &Draft<'_>) -> Result<Vec<RowError>, StoreError> {
    let mut errors = Vec::new();
    // Record types are metadata: `record_types` judges them.
    let sent = draft.sent.iter().copied().filter(|field| field.api_name != record_types::FIELD);
    for field in sent.filter(|field| !draft.found.iter().any(|found| std::ptr::eq(*found, *field))) {
        let FieldKind::Reference(reference) = &field.kind else { continue };
        if let (Some(id), true) = (draft.get(&field.api_name).as_str(), draft.changes(field)) {
            errors.extend(failure(view, field, reference, id)?);
        }
    }
    Ok(errors)
}

fn failure(
    view: &View<'_>,
    field: &Field,
    reference: &Reference,
    id: &str,
) -> Result<Option<RowError>, StoreError> {
    if ids::normalise(id).is_none() {
        return Ok(Some(ids::malformed(&field.label, &field.api_name, id)));
    }
    let Some((object, deleted)) = view.store.find_id(id)? else {
        return Ok(Some(unknown(view, field, reference, id)));
    };
    let Some(to) = reference.to.iter().find(|to| to.eq_ignore_ascii_case(&object)) else {
        return Ok(Some(wrong_object(field, id)));
    };
    if deleted {
        return Ok(Some(RowError::new("ENTITY_IS_DELETED", "entity is deleted")));
    }
    if view.object(to).is_none() {
        let message = format!("insufficient access rights on cross-reference id: {id}");
        return Ok(Some(RowError::new("INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY", message)));
    }
    Ok(None)
}

/// There is no record of this id; its first three characters still say whether it could be one of the right object.
fn unknown(view: &View<'_>, field: &Field, reference: &Reference, id: &str) -> RowError {
    let mut targets = reference.to.iter().map(|to| view.org.object(to));
    // An object that the folder does not describe has no known prefix.
    let possible = targets.any(|object| object.is_none_or(|object| id.starts_with(&object.key_prefix)));
    match possible {
        true => RowError::new("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id"),
        false => wrong_object(field, id),
    }
}

fn wrong_object(field: &Field, id: &str) -> RowError {
    let message = format!("{}: id value of incorrect type: {id}", field.label);
    RowError::on(&field.api_name, "FIELD_INTEGRITY_EXCEPTION", message)
}
