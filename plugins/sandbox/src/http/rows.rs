//! Rows from bodies: what every call that writes has in common.

use metadata::org::Object;
use serde_json::{Map, Value};

use super::request::ApiRequest;
use crate::error::{ApiError, RowError};
use crate::save::{Operation, Row, RowResult, SaveOptions, check_types};
use crate::view::View;

/// Most records of one call (reference §2.3).
pub const MOST_RECORDS: usize = 200;

/// The object that a path names; 404 when the user cannot see it.
pub fn object_of<'a>(view: &View<'a>, name: &str) -> Result<&'a Object, ApiError> {
    view.object(name).ok_or_else(ApiError::not_found)
}

/// Saves the record of a single-record call; a refused record is the call's error.
pub fn save_single(
    view: &View<'_>,
    request: &ApiRequest,
    object: &Object,
    operation: Operation,
    values: Map<String, Value>,
    update_only: bool,
) -> Result<RowResult, ApiError> {
    let row = Row { object: object.api_name.clone(), operation, values, text: false };
    let rows = vec![row];
    check_types(view, &rows, request.text())?;
    let options = SaveOptions { all_or_none: false, update_only };
    let result = view.save_rows(rows, options)?.pop().unwrap_or_default();
    match result.success() {
        true => Ok(result),
        false => Err(ApiError::of_record(result.errors)),
    }
}

/// Refuses a field in the body that the path has named already.
pub fn refuse_member(values: &Map<String, Value>, name: &str) -> Result<(), ApiError> {
    if values.keys().any(|key| key.eq_ignore_ascii_case(name)) {
        let message = format!("The {name} field should not be specified in the sobject data.");
        return Err(ApiError::of_record(vec![RowError::new("INVALID_FIELD", message)]));
    }
    Ok(())
}

/// Takes a member out of an object, whatever its case.
pub fn take(values: &mut Map<String, Value>, name: &str) -> Option<Value> {
    let key = values.keys().find(|key| key.eq_ignore_ascii_case(name)).cloned()?;
    values.shift_remove(&key)
}

/// A Boolean member that may be left out.
pub fn flag(body: &Map<String, Value>, name: &str) -> Result<bool, ApiError> {
    match body.get(name) {
        None | Some(Value::Null) => Ok(false),
        Some(Value::Bool(flag)) => Ok(*flag),
        Some(other) => {
            let message =
                format!("Cannot deserialize instance of boolean from value {other} at [line:1, column:1]");
            Err(ApiError::unreadable(message))
        }
    }
}

/// A member that must be a list.
pub fn list<'b>(body: &'b Map<String, Value>, name: &str) -> Result<&'b Vec<Value>, ApiError> {
    body.get(name).and_then(Value::as_array).ok_or_else(|| {
        ApiError::unreadable(format!("The request body must have a list \"{name}\" at [line:1, column:1]"))
    })
}

/// A parameter that is `true` or anything else.
pub fn parameter_flag(request: &ApiRequest, name: &str) -> bool {
    request.parameter(name).is_some_and(|value| value.eq_ignore_ascii_case("true"))
}
