//! Step 2, a parent given by its external id: `"Contact__r": {"Ext__c": "42"}`.

use metadata::org::{Field, FieldKind, Object, Reference};
use serde_json::{Map, Value};

use super::target::upsert_key;
use crate::error::RowError;
use crate::store::StoreError;
use crate::values;
use crate::view::View;

/// The lookup that a relationship name stands for; `None` when there is none or the user cannot see it.
pub fn relationship<'a>(
    view: &View<'a>,
    object: &'a Object,
    name: &str,
) -> Option<(&'a Field, &'a Reference)> {
    let field = object.relationship(name).filter(|field| view.field_rights(object, field).readable)?;
    match &field.kind {
        FieldKind::Reference(reference) => Some((field, reference)),
        _ => None,
    }
}

/// Whether a relationship's value is an object (or null) whose external id has the type of its field; else the parser's
/// message.
pub fn check_type(view: &View<'_>, reference: &Reference, value: &Value) -> Result<(), String> {
    match value {
        Value::Null => Ok(()),
        Value::Object(key) => match key_of(view, reference, key) {
            Some((_, field, value)) => {
                values::from_json(field, value).map(drop).map_err(|found| found.message())
            }
            None => Ok(()),
        },
        other => Err(not_an_object(reference, other)),
    }
}

/// The parser's message for a relationship that is given as something else than an object.
pub fn not_an_object(reference: &Reference, value: &Value) -> String {
    let wanted = reference.to.first().map(String::as_str).unwrap_or("sObject");
    format!(
        "Cannot deserialize instance of {wanted} from value {value} or request may be missing a required field"
    )
}

/// The parent's object, the field that it is named by, and the value; `None` when that is not one known field.
pub fn key_of<'a, 'k>(
    view: &View<'a>,
    reference: &Reference,
    key: &'k Map<String, Value>,
) -> Option<(&'a Object, &'a Field, &'k Value)> {
    let (name, value) = only_member(key)?;
    let wanted = wanted_type(key);
    let mut parents =
        reference.to.iter().filter(|to| wanted.is_none_or(|wanted| wanted.eq_ignore_ascii_case(to)));
    parents.find_map(|to| {
        let parent = view.object(to)?;
        upsert_key(view, parent, name).map(|field| (parent, field, value))
    })
}

fn only_member(key: &Map<String, Value>) -> Option<(&String, &Value)> {
    let mut members = key.iter().filter(|(name, _)| *name != "attributes");
    members.next().filter(|_| members.next().is_none())
}

/// `attributes.type`: which of several objects the parent is of.
fn wanted_type(key: &Map<String, Value>) -> Option<&str> {
    key.get("attributes").and_then(|attributes| attributes["type"].as_str())
}

/// A parent that a row names.
pub struct Found {
    /// Its id; null when the row names none.
    pub id: Value,
    /// It is known to be there, because it was found by its external id.
    pub checked: bool,
}

/// Finds the parent. The outer error is the database's, the inner one the row's.
pub fn find(
    view: &View<'_>,
    object: &Object,
    reference: &Reference,
    key: &Map<String, Value>,
    text: bool,
) -> Result<Result<Found, RowError>, StoreError> {
    let Some((parent, field, value)) = key_of(view, reference, key) else {
        return Ok(Err(unusable(object, reference, key)));
    };
    let value = match value {
        Value::String(csv) if text => values::from_text(field, csv),
        value => values::from_json(field, value)
            .map_err(|mismatch| RowError::new("JSON_PARSER_ERROR", mismatch.message())),
    };
    let value = match value {
        Ok(id) if field.kind == FieldKind::Id || id.is_null() => return Ok(Ok(Found { id, checked: false })),
        Ok(value) => value,
        Err(error) => return Ok(Err(error)),
    };
    let shown = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let (name, entity) = (&field.api_name, &parent.api_name);
    let refused = |what: &str| {
        let message = format!("Foreign key external ID: {shown} {what} for field {name} in entity {entity}");
        Err(RowError::new("INVALID_FIELD", message))
    };
    Ok(match view.store.find(entity, name, &value, 2)?.as_slice() {
        [id] => Ok(Found { id: Value::from(id.as_str()), checked: true }),
        [] => refused("not found"),
        _ => refused("matches more than one record"),
    })
}

fn unusable(object: &Object, reference: &Reference, key: &Map<String, Value>) -> RowError {
    let Some((name, _)) = only_member(key) else {
        let entity = &object.api_name;
        let message =
            format!("More than 1 field provided an external foreign key reference in entity: {entity}");
        return RowError::new("INVALID_FIELD", message);
    };
    let parent = wanted_type(key).or(reference.to.first().map(String::as_str)).unwrap_or_default();
    let message = format!(
        "Field name provided, {name} does not match an External ID, Salesforce Id, or indexed field for {parent}"
    );
    RowError::new("INVALID_FIELD", message)
}
