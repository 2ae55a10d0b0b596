//! Many records by id: `/composite/sobjects/Account?ids=...&fields=...`, or the same in a body.
//!
//! The answer has the order of the request; a record that is not there is null.

use serde_json::Value;

use super::answer::Answer;
use super::dispatch::Context;
use super::records::{named, render};
use super::request::ApiRequest;
use super::rows::{list, object_of};
use crate::error::ApiError;
use crate::ids;

/// Most records of one call.
const MOST_RECORDS: usize = 2_000;

/// `GET`.
pub fn by_url(context: &Context<'_>, request: &ApiRequest) -> Result<Answer, ApiError> {
    let names = |name: &str| -> Vec<String> {
        let list = request.parameter(name).unwrap_or_default();
        list.split(',').map(str::trim).filter(|one| !one.is_empty()).map(str::to_owned).collect()
    };
    retrieve(context, request, &names("ids"), &names("fields"))
}

/// `POST` with `{"ids": [...], "fields": [...]}`.
pub fn by_body(context: &Context<'_>, request: &ApiRequest) -> Result<Answer, ApiError> {
    let body = request.object()?;
    let names = |name: &str| -> Result<Vec<String>, ApiError> {
        Ok(list(&body, name)?.iter().filter_map(Value::as_str).map(str::to_owned).collect())
    };
    retrieve(context, request, &names("ids")?, &names("fields")?)
}

fn retrieve(
    context: &Context<'_>,
    request: &ApiRequest,
    ids: &[String],
    fields: &[String],
) -> Result<Answer, ApiError> {
    let view = &context.view;
    let object = object_of(view, &request.path[2])?;
    for (name, list) in [("ids", ids), ("fields", fields)] {
        if list.is_empty() {
            return Err(ApiError::new(400, "MISSING_ARGUMENT", format!("{name} is required")));
        }
    }
    if ids.len() > MOST_RECORDS {
        let message =
            format!("record limit reached. cannot submit more than {MOST_RECORDS} records into this call");
        return Err(ApiError::new(400, "EXCEEDED_ID_LIMIT", message));
    }
    let fields = named(view, object, fields.iter().map(String::as_str))?;
    let mut shown = Vec::with_capacity(ids.len());
    for id in ids {
        let found = match ids::normalise(id) {
            Some(id) => view.store.get(&id)?,
            None => None,
        };
        let found =
            found.filter(|found| !found.deleted && found.object.eq_ignore_ascii_case(&object.api_name));
        shown.push(found.map_or(Value::Null, |record| render(view, object, &record, &fields)));
    }
    Ok(Answer::ok(Value::Array(shown)))
}
