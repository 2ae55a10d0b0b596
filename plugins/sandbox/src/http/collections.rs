//! sObject Collections: up to 200 records in one call, each with its own result (reference §2.3).

use serde_json::{Map, Value};

use super::answer::Answer;
use super::by_key::key_field;
use super::dispatch::Context;
use super::request::ApiRequest;
use super::rows::{MOST_RECORDS, flag, list, object_of, parameter_flag, take};
use crate::error::ApiError;
use crate::ids;
use crate::save::{Operation, Row, SaveOptions, check_types};
use crate::view::View;

/// Most runs of the same type in one create or update.
const MOST_CHUNKS: usize = 10;

/// `POST /composite/sobjects`.
pub fn create(context: &Context<'_>, request: &ApiRequest) -> Result<Answer, ApiError> {
    let mut body = request.object()?;
    let rows: Vec<Row> = records(&mut body)?
        .into_iter()
        .map(|(object, values)| row(object, Operation::Insert, values))
        .collect();
    refuse_many_chunks(&rows)?;
    save(&context.view, request, rows, flag(&body, "allOrNone")?, false)
}

/// `PATCH /composite/sobjects`: each record has its id.
pub fn update(context: &Context<'_>, request: &ApiRequest) -> Result<Answer, ApiError> {
    let mut body = request.object()?;
    let rows = records(&mut body)?.into_iter().map(|(object, mut values)| {
        let id = take(&mut values, "Id").and_then(|id| id.as_str().map(str::to_owned)).unwrap_or_default();
        row(object, Operation::Update { id }, values)
    });
    let rows: Vec<Row> = rows.collect();
    refuse_many_chunks(&rows)?;
    save(&context.view, request, rows, flag(&body, "allOrNone")?, false)
}

/// `PATCH /composite/sobjects/Account/Ext__c`.
pub fn upsert(context: &Context<'_>, request: &ApiRequest) -> Result<Answer, ApiError> {
    let view = &context.view;
    let object = object_of(view, &request.path[2])?;
    let key = key_field(view, object, &request.path[3])?.api_name.clone();
    let mut body = request.object()?;
    let records = records(&mut body)?;
    if let Some((other, _)) = records.iter().find(|(name, _)| !name.eq_ignore_ascii_case(&object.api_name)) {
        let message =
            format!("The record's type {other} does not match the type of the request, {}", object.api_name);
        return Err(ApiError::new(400, "INVALID_TYPE", message));
    }
    let operation = Operation::Upsert { key };
    let rows = records.into_iter().map(|(object, values)| row(object, operation.clone(), values)).collect();
    save(view, request, rows, flag(&body, "allOrNone")?, true)
}

/// `DELETE /composite/sobjects?ids=001...,003...&allOrNone=true`.
pub fn delete(context: &Context<'_>, request: &ApiRequest) -> Result<Answer, ApiError> {
    let view = &context.view;
    let ids = request.parameter("ids").unwrap_or_default();
    let ids: Vec<&str> = ids.split(',').map(str::trim).filter(|id| !id.is_empty()).collect();
    if ids.is_empty() {
        return Err(ApiError::new(400, "MISSING_ARGUMENT", "The ids parameter is required"));
    }
    refuse_many(ids.len())?;
    let mut rows = Vec::with_capacity(ids.len());
    for id in ids {
        rows.push(row(object_of_id(view, id)?, Operation::Delete { id: id.to_owned() }, Map::new()));
    }
    save(view, request, rows, parameter_flag(request, "allOrNone"), false)
}

/// Name of the object of an id: the stored record's, else the one that the id's first characters say.
fn object_of_id(view: &View<'_>, id: &str) -> Result<String, ApiError> {
    if let Some(whole) = ids::normalise(id)
        && let Some((object, _)) = view.store.find_id(&whole)?
    {
        return Ok(object);
    }
    let mut objects = view.org.objects.values().filter(|object| view.rights(object).read);
    let by_prefix = objects.find(|object| id.starts_with(&object.key_prefix));
    // An id of no object at all is refused as malformed whatever the object is.
    let any = || view.org.objects.values().find(|object| view.rights(object).read);
    Ok(by_prefix.or_else(any).map(|object| object.api_name.clone()).unwrap_or_default())
}

fn row(object: String, operation: Operation, values: Map<String, Value>) -> Row {
    Row { object, operation, values, text: false }
}

/// A record's values and the name of its object.
type Typed = (String, Map<String, Value>);

/// Takes the records out of a body.
fn records(body: &mut Map<String, Value>) -> Result<Vec<Typed>, ApiError> {
    refuse_many(list(body, "records")?.len())?;
    let Some(Value::Array(records)) = body.get_mut("records").map(Value::take) else { return Ok(Vec::new()) };
    let typed = |record: Value| {
        let Value::Object(values) = record else {
            return Err(ApiError::unreadable("Each of \"records\" must be an object at [line:1, column:1]"));
        };
        let attributes = values.get("attributes");
        let object = attributes.and_then(|attributes| attributes["type"].as_str()).ok_or_else(|| {
            let message = "Missing entity type information. sObject requires a separate 'attributes' field with the \
                           'type' of the record";
            ApiError::unreadable(format!("{message} at [line:1, column:1]"))
        })?;
        Ok((object.to_owned(), values))
    };
    records.into_iter().map(typed).collect()
}

fn refuse_many(count: usize) -> Result<(), ApiError> {
    if count > MOST_RECORDS {
        let message =
            format!("record limit reached. cannot submit more than {MOST_RECORDS} records into this call");
        return Err(ApiError::new(400, "EXCEEDED_ID_LIMIT", message));
    }
    Ok(())
}

fn refuse_many_chunks(rows: &[Row]) -> Result<(), ApiError> {
    let changes =
        rows.windows(2).filter(|pair| !pair[0].object.eq_ignore_ascii_case(&pair[1].object)).count();
    if changes >= MOST_CHUNKS {
        let message = format!("Cannot have more than {MOST_CHUNKS} chunks in a single operation");
        return Err(ApiError::new(400, "LIMIT_EXCEEDED", message));
    }
    Ok(())
}

fn save(
    view: &View<'_>,
    request: &ApiRequest,
    rows: Vec<Row>,
    all_or_none: bool,
    upsert: bool,
) -> Result<Answer, ApiError> {
    check_types(view, &rows, request.text())?;
    let options = SaveOptions { all_or_none: all_or_none || request.all_or_none, update_only: false };
    let results = view.save_rows(rows, options)?;
    let any_refused = results.iter().any(|result| !result.success());
    let body = results.iter().map(|result| result.in_collection(upsert)).collect();
    Ok(Answer { any_refused, ..Answer::ok(body) })
}
