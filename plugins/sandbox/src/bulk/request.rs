//! What a client asks for when it makes or changes a job, checked.
//!
//! Where no public sighting of Salesforce's words was found, the sandbox uses its own under Salesforce's codes.

use serde_json::{Map, Value};

use super::csv::{Delimiter, Dialect};
use super::job::{Job, Operation};
use super::states::State;
use crate::error::ApiError;
use crate::save::upsert_key;
use crate::view::View;

/// A refused request for a job.
fn invalid_job(message: impl std::fmt::Display) -> ApiError {
    ApiError::new(400, "INVALIDJOB", format!("InvalidJob : {message}"))
}

/// The body as a JSON object.
///
/// # Errors
/// 400 `JSON_PARSER_ERROR`.
pub fn object(body: &[u8]) -> Result<Map<String, Value>, ApiError> {
    match serde_json::from_slice(body) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => {
            Err(ApiError::unreadable("The HTTP entity body must be a JSON object at [line:1, column:1]"))
        }
        Err(error) => Err(ApiError::unreadable(error.to_string())),
    }
}

/// A text member; null and absent are the same.
fn text<'b>(body: &'b Map<String, Value>, name: &str) -> Result<Option<&'b str>, ApiError> {
    match body.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(ApiError::unreadable(format!("{name} must be a text"))),
    }
}

fn dialect(body: &Map<String, Value>) -> Result<Dialect, ApiError> {
    let delimiter = text(body, "columnDelimiter")?.unwrap_or("COMMA");
    let delimiter = Delimiter::named(delimiter).ok_or_else(|| {
        invalid_job(format!(
            "columnDelimiter {delimiter} is none of BACKQUOTE, CARET, COMMA, PIPE, SEMICOLON, TAB"
        ))
    })?;
    let crlf = match text(body, "lineEnding")?.unwrap_or("LF") {
        "LF" => false,
        "CRLF" => true,
        other => return Err(invalid_job(format!("lineEnding {other} is neither LF nor CRLF"))),
    };
    match text(body, "contentType")?.unwrap_or("CSV") {
        "CSV" => Ok(Dialect { delimiter, crlf }),
        other => Err(invalid_job(format!("contentType {other} is not CSV"))),
    }
}

fn operation(body: &Map<String, Value>, query: bool) -> Result<Operation, ApiError> {
    let Some(name) = text(body, "operation")? else { return Err(invalid_job("Must specify operation")) };
    let known = Operation::named(name).filter(|operation| operation.is_query() == query);
    known.ok_or_else(|| invalid_job(format!("Unknown operation: {name}")))
}

/// A new ingest job.
///
/// # Errors
/// 400 for an unknown object, operation or external id field.
pub fn new_ingest(view: &View<'_>, body: &Map<String, Value>) -> Result<Job, ApiError> {
    let operation = operation(body, false)?;
    let Some(name) = text(body, "object")? else { return Err(invalid_job("Must specify object")) };
    let Some(object) = view.object(name) else {
        let message = format!("InvalidEntity : Entity '{name}' is not supported by the Bulk API.");
        return Err(ApiError::new(400, "INVALIDENTITY", message));
    };
    let mut job = Job::new(view, operation, &object.api_name, dialect(body)?)?;
    match (operation, text(body, "externalIdFieldName")?) {
        (Operation::Upsert, None | Some("")) => {
            let name = &object.api_name;
            return Err(invalid_job(format!(
                "External ID was blank for {name}. An External ID must be specified for upsert."
            )));
        }
        (Operation::Upsert, Some(key)) => match upsert_key(view, object, key) {
            Some(field) => job.key = Some(field.api_name.clone()),
            None => {
                return Err(invalid_job(format!(
                    "Field name provided, {key} does not match an External ID, Salesforce Id, or indexed field for {}",
                    object.api_name
                )));
            }
        },
        _ => {}
    }
    Ok(job)
}

/// Operation, query and dialect of a new query job.
///
/// # Errors
/// 400 for an unknown operation or a missing query.
pub fn new_query(body: &Map<String, Value>) -> Result<(Operation, &str, Dialect), ApiError> {
    let operation = operation(body, true)?;
    match text(body, "query")? {
        Some(soql) if !soql.trim().is_empty() => Ok((operation, soql, dialect(body)?)),
        _ => Err(invalid_job("Must specify query")),
    }
}

/// The state that a client wants: `UploadComplete` or `Aborted`.
///
/// # Errors
/// 400 for another one.
pub fn wanted_state(body: &Map<String, Value>) -> Result<State, ApiError> {
    let name = text(body, "state")?.unwrap_or_default();
    match State::named(name) {
        Some(state @ (State::UploadComplete | State::Aborted)) => Ok(state),
        _ => Err(invalid_job(format!("state can be set to UploadComplete or Aborted, not to '{name}'"))),
    }
}
