//! Step 2: the sent values over the stored ones, each in the form of its field.
//!
//! A field that the user cannot see is unknown; one that may not be written is refused together with all others of
//! that sort. Lengths and lists are judged later, because rules that run before validation may still change values.

use metadata::org::{Field, FieldKind, Object, Reference};
use serde_json::{Map, Value};

use super::draft::{Draft, Refusal, stop_if_any};
use super::parents;
use super::row::{Operation, Row};
use super::target::Target;
use crate::error::RowError;
use crate::values;
use crate::view::View;

/// A sent value and the field that it is for.
enum Sent<'a, 'v> {
    Value(&'a Field, &'v Value),
    Parent(&'a Field, &'a Reference, &'v Map<String, Value>),
}

/// Puts the row's values over the target.
pub fn overlay<'a>(view: &View<'a>, target: Target<'a>, row: &Row) -> Result<Draft<'a>, Refusal> {
    let Target { object, prior, free } = target;
    let sent = recognise(view, object, row, prior.is_none())?;
    refuse_read_only(view, object, &sent)?;
    let mut draft = match prior {
        Some(prior) => Draft::change(object, prior),
        None => Draft { free, ..Draft::create(object) },
    };
    let mut errors = Vec::new();
    for sent in sent {
        let (field, value) = match sent {
            Sent::Value(field, value) => (field, convert(field, value, row.text)),
            Sent::Parent(field, reference, key) => {
                let found = parents::find(view, object, reference, key, row.text)?;
                draft.found.extend(found.as_ref().is_ok_and(|found| found.checked).then_some(field));
                (field, found.map(|found| found.id))
            }
        };
        match value {
            Ok(value) => {
                draft.set(&field.api_name, value);
                draft.sent.push(field);
            }
            Err(error) => errors.push(error),
        }
    }
    stop_if_any(errors)?;
    Ok(draft)
}

fn recognise<'a, 'v>(
    view: &View<'a>,
    object: &'a Object,
    row: &'v Row,
    create: bool,
) -> Result<Vec<Sent<'a, 'v>>, Refusal> {
    let mut sent = Vec::with_capacity(row.values.len());
    for (name, value) in &row.values {
        if name == "attributes" {
            continue;
        }
        if name.eq_ignore_ascii_case("Id") {
            refuse_id(row, value)?;
            continue;
        }
        match view.field(object, name) {
            // The key of an upsert that found its record says which record, not what to write.
            Some(field) if !create && is_key(&row.operation, field) => {}
            Some(field) => sent.push(Sent::Value(field, value)),
            None => match (parents::relationship(view, object, name), value) {
                (Some((field, reference)), Value::Object(key)) => {
                    sent.push(Sent::Parent(field, reference, key))
                }
                (Some((field, _)), Value::Null) => sent.push(Sent::Value(field, &Value::Null)),
                (Some((_, reference)), other) => {
                    let message = parents::not_an_object(reference, other);
                    return Err(RowError::new("JSON_PARSER_ERROR", message).into());
                }
                (None, _) => return Err(view.no_such_column(object, name).into()),
            },
        }
    }
    Ok(sent)
}

fn is_key(operation: &Operation, field: &Field) -> bool {
    matches!(operation, Operation::Upsert { key } if key.eq_ignore_ascii_case(&field.api_name))
}

/// The id says which record is meant; it is no value.
fn refuse_id(row: &Row, value: &Value) -> Result<(), RowError> {
    match &row.operation {
        _ if value.is_null() || value == "" => Ok(()),
        Operation::Update { .. } | Operation::Delete { .. } => Ok(()),
        Operation::Upsert { key } if key.eq_ignore_ascii_case("Id") => Ok(()),
        Operation::Upsert { .. } => {
            Err(RowError::new("INVALID_FIELD", "The Id field should not be specified in the sobject data."))
        }
        Operation::Insert => {
            let message = "cannot specify Id in an insert call";
            Err(RowError::on("Id", "INVALID_FIELD_FOR_INSERT_UPDATE", message))
        }
    }
}

fn refuse_read_only(view: &View<'_>, object: &Object, sent: &[Sent<'_, '_>]) -> Result<(), RowError> {
    let fields = sent.iter().map(|sent| match sent {
        Sent::Value(field, _) | Sent::Parent(field, ..) => *field,
    });
    let refused = fields.filter(|field| field.read_only || !view.field_rights(object, field).editable);
    let fields: Vec<String> = refused.map(|field| field.api_name.clone()).collect();
    if fields.is_empty() {
        return Ok(());
    }
    let found = metadata::not_writable(&fields);
    Err(RowError::of(found.code, found.message, fields))
}

fn convert(field: &Field, value: &Value, text: bool) -> Result<Value, RowError> {
    let value = match value {
        Value::String(csv) if text => values::from_text(field, csv)?,
        value => values::from_json(field, value)
            .map_err(|mismatch| RowError::on(&field.api_name, "JSON_PARSER_ERROR", mismatch.message()))?,
    };
    match (&field.kind, value) {
        (FieldKind::Checkbox, Value::Null) => Err(values::not_of_type(field, "")),
        (_, value) => Ok(value),
    }
}
