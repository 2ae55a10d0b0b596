//! One record by its id: create, read, update, delete (reference §2.2).

use metadata::org::{Field, Object};
use serde_json::{Map, Value};

use super::answer::Answer;
use super::dispatch::Context;
use super::request::ApiRequest;
use super::rows::{object_of, refuse_member, save_single};
use crate::error::ApiError;
use crate::ids;
use crate::save::Operation;
use crate::store::Record;
use crate::view::View;

/// `POST /sobjects/Account`, also `/sobjects/Account/Id`.
pub fn create(context: &Context<'_>, request: &ApiRequest) -> Result<Answer, ApiError> {
    let view = &context.view;
    let object = object_of(view, &request.path[1])?;
    let values = request.object()?;
    refuse_member(&values, "Id")?;
    let result = save_single(view, request, object, Operation::Insert, values, false)?;
    let location = view.record_url(object, result.id.as_deref().unwrap_or_default());
    Ok(Answer::created(result.single(), location))
}

/// `GET /sobjects/Account/001...?fields=Name,Type`.
pub fn read(context: &Context<'_>, request: &ApiRequest) -> Result<Answer, ApiError> {
    let view = &context.view;
    let object = object_of(view, &request.path[1])?;
    let record = existing(view, object, &request.path[2])?;
    let fields = wanted(view, object, request)?;
    Ok(Answer::ok(render(view, object, &record, &fields)))
}

/// `PATCH /sobjects/Account/001...`.
pub fn update(context: &Context<'_>, request: &ApiRequest) -> Result<Answer, ApiError> {
    let view = &context.view;
    let object = object_of(view, &request.path[1])?;
    let record = existing(view, object, &request.path[2])?;
    let values = request.object()?;
    refuse_member(&values, "Id")?;
    save_single(view, request, object, Operation::Update { id: record.id }, values, false)?;
    Ok(Answer::empty())
}

/// `DELETE /sobjects/Account/001...`.
pub fn delete(context: &Context<'_>, request: &ApiRequest) -> Result<Answer, ApiError> {
    let view = &context.view;
    let object = object_of(view, &request.path[1])?;
    let record = existing(view, object, &request.path[2])?;
    save_single(view, request, object, Operation::Delete { id: record.id }, Map::new(), false)?;
    Ok(Answer::empty())
}

/// The record that a path names by its id.
pub fn existing(view: &View<'_>, object: &Object, id: &str) -> Result<Record, ApiError> {
    let Some(whole) = ids::normalise(id) else {
        let label = format!("{} ID", object.label);
        return Err(ApiError::of_record(vec![ids::malformed(&label, "Id", id)]));
    };
    match view.store.get(&whole)? {
        Some(record) if !record.object.eq_ignore_ascii_case(&object.api_name) => Err(ApiError::not_found()),
        Some(record) if record.deleted => Err(ApiError::new(404, "ENTITY_IS_DELETED", "entity is deleted")),
        Some(record) => Ok(record),
        None => Err(ApiError::not_found()),
    }
}

/// The fields that `fields=` names, or all.
pub fn wanted<'a>(
    view: &View<'a>,
    object: &'a Object,
    request: &ApiRequest,
) -> Result<Vec<&'a Field>, ApiError> {
    match request.parameter("fields") {
        None => Ok(view.fields(object).collect()),
        Some(names) => named(view, object, names.split(',').map(str::trim).filter(|name| !name.is_empty())),
    }
}

/// Fields by name; 400 for one that the user cannot see.
pub fn named<'a, 'n>(
    view: &View<'a>,
    object: &'a Object,
    names: impl Iterator<Item = &'n str>,
) -> Result<Vec<&'a Field>, ApiError> {
    let unknown = |name: &str| {
        let error = view.no_such_column(object, name);
        ApiError::new(400, &error.code, error.message)
    };
    names.map(|name| view.field(object, name).ok_or_else(|| unknown(name))).collect()
}

/// A record as answers show it. `Id` is shown even when it was not asked for.
pub fn render(view: &View<'_>, object: &Object, record: &Record, fields: &[&Field]) -> Value {
    let mut shown = Map::with_capacity(fields.len() + 2);
    shown.insert("attributes".into(), view.attributes(object, &record.id));
    for field in fields {
        shown.insert(field.api_name.clone(), view.value(field, record));
    }
    if !shown.contains_key("Id") {
        shown.insert("Id".into(), record.id.as_str().into());
    }
    Value::Object(shown)
}
