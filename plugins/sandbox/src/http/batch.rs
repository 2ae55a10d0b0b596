//! `/composite/batch`: up to 25 independent calls, each counted on its own (reference §2.5).

use axum::http::Method;
use serde_json::{Value, json};

use super::answer::Answer;
use super::composite::parse;
use super::dispatch::{Context, dispatch};
use super::request::{ApiRequest, Body};
use super::rows::{flag, list};
use crate::error::ApiError;
use crate::state::count_call;

const MOST_CALLS: usize = 25;

/// `POST /composite/batch`.
pub fn run(context: &Context<'_>, request: &ApiRequest) -> Result<Answer, ApiError> {
    let body = request.object()?;
    let calls = list(&body, "batchRequests")?;
    if calls.len() > MOST_CALLS {
        let message = format!("Limit exceeded: at most {MOST_CALLS} subrequests");
        return Err(ApiError::new(400, "LIMIT_EXCEEDED", message));
    }
    let halt = flag(&body, "haltOnError")?;
    let mut any_failed = false;
    let mut results = Vec::with_capacity(calls.len());
    for (index, call) in calls.iter().enumerate() {
        if any_failed && halt {
            let error =
                ApiError::new(412, "BATCH_PROCESSING_HALTED", "Batch processing was halted by request");
            results.push(shown(Err(error)));
            continue;
        }
        if index > 0 {
            // The request itself was counted as the first.
            count_call(&context.view)?;
        }
        let result = context.view.store.atomically(|| run_one(context, call));
        any_failed |= result.is_err();
        results.push(shown(result));
    }
    Ok(Answer::ok(json!({ "hasErrors": any_failed, "results": results })))
}

fn run_one(context: &Context<'_>, call: &Value) -> Result<Answer, ApiError> {
    let text = |name: &str| call[name].as_str().unwrap_or_default();
    let method = Method::from_bytes(text("method").to_ascii_uppercase().as_bytes())
        .map_err(|_| ApiError::unreadable("a subrequest's method is no HTTP method at [line:1, column:1]"))?;
    let body = Body::Json(call.get("richInput").cloned().unwrap_or(Value::Null));
    dispatch(context, &parse(method, text("url"), body)?)
}

fn shown(result: Result<Answer, ApiError>) -> Value {
    match result {
        Ok(answer) => json!({ "statusCode": answer.status, "result": answer.body }),
        Err(error) => json!({ "statusCode": error.status, "result": error.to_json() }),
    }
}
