//! One record by the value of a field: `/sobjects/Account/Ext__c/42` (reference §2.2).
//!
//! Several matches are 300 with their addresses, and nothing is written. The field must not stand in the body.

use metadata::org::{Field, FieldKind, Object};
use serde_json::{Map, Value, json};

use super::answer::Answer;
use super::dispatch::Context;
use super::records::{existing, render, wanted};
use super::request::ApiRequest;
use super::rows::{object_of, parameter_flag, refuse_member, save_single};
use crate::error::ApiError;
use crate::save::{Operation, upsert_key};
use crate::store::Record;
use crate::values;
use crate::view::View;

/// Answers show at most this many matches.
const MOST_MATCHES: u32 = 200;

/// First version that answers an upsert which updated with a body.
const ANSWERS_UPDATES: u32 = 46;

/// What a path names.
struct Key<'a> {
    object: &'a Object,
    field: &'a Field,
    /// In its stored form.
    value: Value,
    found: Option<Record>,
}

/// `GET`.
pub fn read(context: &Context<'_>, request: &ApiRequest) -> Result<Answer, ApiError> {
    let view = &context.view;
    let key = find(view, request)?;
    let record = key.found.ok_or_else(ApiError::not_found)?;
    let fields = wanted(view, key.object, request)?;
    Ok(Answer::ok(render(view, key.object, &record, &fields)))
}

/// `DELETE`.
pub fn delete(context: &Context<'_>, request: &ApiRequest) -> Result<Answer, ApiError> {
    let key = find(&context.view, request)?;
    let record = key.found.ok_or_else(ApiError::not_found)?;
    save_single(&context.view, request, key.object, Operation::Delete { id: record.id }, Map::new(), false)?;
    Ok(Answer::empty())
}

/// `PATCH`: update the match, or create the record unless `updateOnly=true`.
pub fn upsert(context: &Context<'_>, request: &ApiRequest) -> Result<Answer, ApiError> {
    let view = &context.view;
    let key = find(view, request)?;
    let mut values = request.object()?;
    refuse_member(&values, "Id")?;
    refuse_member(&values, &key.field.api_name)?;
    let update_only = parameter_flag(request, "updateOnly");
    if key.found.is_none() && update_only {
        return Err(ApiError::not_found());
    }
    values.insert(key.field.api_name.clone(), key.value);
    let operation = Operation::Upsert { key: key.field.api_name.clone() };
    let result = save_single(view, request, key.object, operation, values, update_only)?;
    let id = result.id.unwrap_or_default();
    let mut body = json!({ "id": id, "success": true, "errors": [] });
    if view.version >= ANSWERS_UPDATES {
        body["created"] = result.created.into();
    }
    match result.created {
        true => Ok(Answer::created(body, view.record_url(key.object, &id))),
        false if view.version >= ANSWERS_UPDATES => Ok(Answer::ok(body)),
        false => Ok(Answer::empty()),
    }
}

/// The field that a path names as a key; 404 when it is none or hidden.
pub fn key_field<'a>(view: &View<'a>, object: &'a Object, name: &str) -> Result<&'a Field, ApiError> {
    upsert_key(view, object, name).ok_or_else(|| {
        let message = format!("Provided external ID field does not exist or is not accessible: {name}");
        ApiError::new(404, "NOT_FOUND", message)
    })
}

fn find<'a>(view: &View<'a>, request: &ApiRequest) -> Result<Key<'a>, ApiError> {
    let object = object_of(view, &request.path[1])?;
    let field = key_field(view, object, &request.path[2])?;
    let text = &request.path[3];
    if field.kind == FieldKind::Id {
        let record = existing(view, object, text)?;
        let value = Value::from(record.id.as_str());
        return Ok(Key { object, field, value, found: Some(record) });
    }
    let value = values::from_text(field, text).map_err(|error| ApiError::of_record(vec![error]))?;
    let ids = view.store.find(&object.api_name, &field.api_name, &value, MOST_MATCHES)?;
    if ids.len() > 1 {
        return Err(ApiError::multiple_choices(ids.iter().map(|id| view.record_url(object, id)).collect()));
    }
    let found = match ids.first() {
        Some(id) => view.store.get(id)?,
        None => None,
    };
    Ok(Key { object, field, value, found })
}
