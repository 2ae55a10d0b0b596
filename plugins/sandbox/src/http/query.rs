//! `/query` and `/queryAll`: hands a query to `soql` (reference §2.7).

use super::answer::Answer;
use super::dispatch::Context;
use super::request::ApiRequest;
use super::rows::parameter_flag;
use crate::error::ApiError;
use crate::soql::{self, QueryOptions};

/// `/query?q=SELECT ...`; with `columns=true` only the columns of the answer.
pub fn first(context: &Context<'_>, request: &ApiRequest) -> Result<Answer, ApiError> {
    let missing = || ApiError::new(400, "MALFORMED_QUERY", "A query string has to be specified");
    let query = request.parameter("q").filter(|query| !query.trim().is_empty()).ok_or_else(missing)?;
    if parameter_flag(request, "columns") {
        return Ok(Answer::ok(soql::columns(&context.view, query)?));
    }
    let deleted_too = request.path.last().is_some_and(|name| name.eq_ignore_ascii_case("queryAll"));
    let options = QueryOptions { deleted_too, ..QueryOptions::default() };
    let options = options.with_header(request.query_options.as_deref());
    Ok(Answer::ok(soql::run(&context.view, query, options)?.to_json()))
}

/// `/query/01g...-2000`: the next page.
pub fn next(context: &Context<'_>, request: &ApiRequest) -> Result<Answer, ApiError> {
    Ok(Answer::ok(soql::more(&context.view, &request.path[1])?.to_json()))
}
