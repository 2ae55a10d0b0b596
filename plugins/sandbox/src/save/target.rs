//! Step 1: which record is meant, whether the user may write it, and its stored state.

use metadata::org::{Field, FieldKind, Object};
use serde_json::Value;

use super::draft::Refusal;
use super::row::{Operation, Row};
use crate::error::RowError;
use crate::store::{Record, StoreError, is_id_lookup};
use crate::values;
use crate::view::View;
use crate::{ids, store};

/// What a row is about.
pub struct Target<'a> {
    /// Its object.
    pub object: &'a Object,
    /// The stored record; `None` when one shall be created.
    pub prior: Option<Record>,
    /// The upsert key by which no record was found.
    pub free: Option<&'a Field>,
}

/// The field that upserts of this object may use as their key: `Id`, an external id, or another field by which
/// Salesforce finds records. `None` when the user cannot see it.
pub fn upsert_key<'a>(view: &View<'a>, object: &'a Object, name: &str) -> Option<&'a Field> {
    view.field(object, name).filter(|field| field.kind == FieldKind::Id || is_id_lookup(object, field))
}

/// Finds the target of a row and checks the user's right to the object.
pub fn find<'a>(view: &View<'a>, row: &Row, update_only: bool) -> Result<Target<'a>, Refusal> {
    let Some(object) = view.object(&row.object) else {
        let message = format!("sObject type '{}' is not supported.", row.object);
        return Err(RowError::new("INVALID_TYPE", message).into());
    };
    let (prior, key) = match &row.operation {
        Operation::Insert => (None, None),
        Operation::Update { id } | Operation::Delete { id } => (Some(load(view, object, id)?), None),
        Operation::Upsert { key } => find_by_key(view, object, key, row)?,
    };
    if prior.is_none() && update_only {
        return Err(RowError::new("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id").into());
    }
    check_right(view, object, row, prior.is_none())?;
    let free = key.filter(|_| prior.is_none());
    Ok(Target { object, prior, free })
}

fn check_right(view: &View<'_>, object: &Object, row: &Row, create: bool) -> Result<(), RowError> {
    let rights = view.rights(object);
    let refused = |verb: &str| {
        let message = format!("entity type cannot be {verb}: {}", object.api_name);
        Err(RowError::new("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", message))
    };
    match &row.operation {
        Operation::Delete { .. } if !rights.delete => {
            Err(RowError::new("INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id"))
        }
        Operation::Delete { .. } => Ok(()),
        _ if create && !rights.create => refused("inserted"),
        _ if !create && !rights.edit => refused("updated"),
        _ => Ok(()),
    }
}

/// The stored record of an id that a client sent.
fn load(view: &View<'_>, object: &Object, id: &str) -> Result<Record, Refusal> {
    if id.is_empty() {
        return Err(RowError::new("MISSING_ARGUMENT", "Id not specified in an update call").into());
    }
    let label = format!("{} ID", object.label);
    let Some(whole) = ids::normalise(id) else { return Err(ids::malformed(&label, "Id", id).into()) };
    match view.store.get(&whole)? {
        Some(record) if !record.object.eq_ignore_ascii_case(&object.api_name) => {
            Err(ids::malformed(&label, "Id", id).into())
        }
        Some(record) if record.deleted => Err(RowError::new("ENTITY_IS_DELETED", "entity is deleted").into()),
        Some(record) => Ok(record),
        None => Err(RowError::new("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id").into()),
    }
}

/// The record with the row's key, and the key's field.
fn find_by_key<'a>(
    view: &View<'a>,
    object: &'a Object,
    key: &str,
    row: &Row,
) -> Result<(Option<Record>, Option<&'a Field>), Refusal> {
    let Some(field) = upsert_key(view, object, key) else {
        let message = format!(
            "Field name provided, {key} does not match an External ID, Salesforce Id, or indexed field for {}",
            object.api_name
        );
        return Err(RowError::new("INVALID_FIELD", message).into());
    };
    let value = key_value(field, row)?;
    if field.kind == FieldKind::Id {
        return match value {
            Value::String(id) => Ok((Some(load(view, object, &id)?), None)),
            _ => Ok((None, None)),
        };
    }
    if value.is_null() {
        let message = format!("{} not specified", field.api_name);
        return Err(RowError::new("MISSING_ARGUMENT", message).into());
    }
    let found = view.store.find(&object.api_name, &field.api_name, &value, 2)?;
    match found.as_slice() {
        [] => Ok((None, Some(field))),
        [id] => Ok((view.store.get(id)?, Some(field))),
        _ => {
            let message = "The external ID provided matches more than one record";
            Err(RowError::new("DUPLICATE_EXTERNAL_ID", message).into())
        }
    }
}

/// Whether a row is about a record that is there.
pub fn finds(view: &View<'_>, row: &Row) -> Result<bool, StoreError> {
    match find(view, row, false) {
        Ok(target) => Ok(target.prior.is_some()),
        Err(Refusal::Row(_)) => Ok(false),
        Err(Refusal::Store(error)) => Err(error),
    }
}

/// The value of the upsert key in a row, in its stored form; null when the row has none.
pub fn key_value(field: &Field, row: &Row) -> Result<Value, RowError> {
    let sent = row.values.iter().find(|(name, _)| name.eq_ignore_ascii_case(&field.api_name));
    match sent {
        None | Some((_, Value::Null)) => Ok(Value::Null),
        Some((_, Value::String(text))) if row.text => values::from_text(field, text),
        Some((_, value)) => values::from_json(field, value)
            .map_err(|mismatch| RowError::new("JSON_PARSER_ERROR", mismatch.message())),
    }
}

/// What two rows of one request must not share: the upsert key, comparable.
pub fn duplicate_key(view: &View<'_>, row: &Row) -> Option<(String, String)> {
    let Operation::Upsert { key } = &row.operation else { return None };
    let object = view.object(&row.object)?;
    let field = upsert_key(view, object, key).filter(|field| field.kind != FieldKind::Id)?;
    let value = key_value(field, row).ok()?;
    let comparable = store::IndexMode::of(field)?.key(&value)?;
    Some((object.api_name.clone(), comparable))
}
