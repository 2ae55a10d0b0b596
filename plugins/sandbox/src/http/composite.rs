//! `/composite`: up to 25 calls in order, later ones with values from earlier answers (reference §2.4).
//!
//! `collateSubrequests` is accepted and changes nothing: the calls run in order either way.

use axum::http::Method;
use serde_json::{Map, Value, json};

use super::answer::Answer;
use super::dispatch::{Context, dispatch};
use super::references::{self, Answers};
use super::request::{ApiRequest, Body};
use super::rows::{flag, list};
use crate::error::ApiError;
use crate::store::StoreError;

/// Most calls, and most collections and queries among them.
const MOST_CALLS: usize = 25;
const MOST_LARGE_CALLS: usize = 5;

/// One call of a composite request, before references are replaced.
pub struct Step {
    reference: String,
    method: Method,
    url: String,
    body: Value,
}

/// `POST /composite`.
pub fn run(context: &Context<'_>, request: &ApiRequest) -> Result<Answer, ApiError> {
    let body = request.object()?;
    let steps = steps(list(&body, "compositeRequest")?)?;
    if steps.len() > MOST_CALLS || steps.iter().filter(|step| step.is_large()).count() > MOST_LARGE_CALLS {
        let message = format!(
            "Limit exceeded: at most {MOST_CALLS} subrequests, of which {MOST_LARGE_CALLS} may be sObject Collections or \
             query operations"
        );
        return Err(ApiError::new(400, "LIMIT_EXCEEDED", message));
    }
    let (responses, _) = execute(context, &steps, flag(&body, "allOrNone")?)?;
    Ok(Answer::ok(json!({ "compositeResponse": responses })))
}

/// Reads the calls of a `compositeRequest`.
pub fn steps(items: &[Value]) -> Result<Vec<Step>, ApiError> {
    let mut steps: Vec<Step> = Vec::with_capacity(items.len());
    for item in items {
        let text = |name: &str| {
            item[name].as_str().ok_or_else(|| {
                let message = format!("Each subrequest must have a text \"{name}\" at [line:1, column:1]");
                ApiError::unreadable(message)
            })
        };
        let reference = text("referenceId")?;
        let legal = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
        let repeated = steps.iter().any(|step| step.reference == reference);
        if reference.is_empty() || !reference.chars().all(legal) || repeated {
            let message = format!(
                "Provided referenceId {reference} is not valid: it must be unique in the request and contain only \
                 letters, digits and underscores"
            );
            return Err(ApiError::new(400, "INVALID_INPUT", message));
        }
        let method = Method::from_bytes(text("method")?.to_ascii_uppercase().as_bytes()).map_err(|_| {
            ApiError::unreadable("a subrequest's method is no HTTP method at [line:1, column:1]")
        })?;
        let (reference, url) = (reference.to_owned(), text("url")?.to_owned());
        steps.push(Step { reference, method, url, body: item.get("body").cloned().unwrap_or(Value::Null) });
    }
    Ok(steps)
}

/// Runs calls in order; with `all_or_none` the first refused one undoes all. Says each response and whether all
/// succeeded.
pub fn execute(
    context: &Context<'_>,
    steps: &[Step],
    all_or_none: bool,
) -> Result<(Vec<Value>, bool), ApiError> {
    let mut responses = Vec::with_capacity(steps.len());
    let mut any_failed = false;
    let outcome = context.view.store.atomically(|| {
        let mut answers = Answers::new();
        for step in steps {
            let result = context.view.store.atomically(|| step.run(context, &answers, all_or_none));
            let failed = result.as_ref().map_or(true, |answer| answer.any_refused);
            any_failed |= failed;
            if let Ok(Answer { body: Some(body), .. }) = &result {
                answers.insert(step.reference.clone(), body.clone());
            }
            responses.push(step.response(result));
            if failed && all_or_none {
                return Err(Undo::Refused);
            }
        }
        Ok(())
    });
    match outcome {
        Ok(()) => {}
        Err(Undo::Store(error)) => return Err(error.into()),
        Err(Undo::Refused) => {
            let culprit = responses.len() - 1;
            for (index, step) in steps.iter().enumerate().filter(|(index, _)| *index != culprit) {
                let halted = step.response(Err(halted()));
                match responses.get_mut(index) {
                    Some(response) => *response = halted,
                    None => responses.push(halted),
                }
            }
        }
    }
    Ok((responses, !any_failed))
}

/// Why the calls of a request are undone together.
enum Undo {
    Refused,
    Store(StoreError),
}

impl From<StoreError> for Undo {
    fn from(error: StoreError) -> Undo {
        Undo::Store(error)
    }
}

/// The answer of an innocent call.
fn halted() -> ApiError {
    let message = "The transaction was rolled back since another operation in the same transaction failed.";
    ApiError::new(400, "PROCESSING_HALTED", message)
}

impl Step {
    fn is_large(&self) -> bool {
        let url = self.url.to_ascii_lowercase();
        ["/composite/sobjects", "/query", "/queryall"].iter().any(|part| url.contains(part))
    }

    fn run(&self, context: &Context<'_>, answers: &Answers, all_or_none: bool) -> Result<Answer, ApiError> {
        let url = match references::in_text(&self.url, answers)? {
            Value::String(url) => url,
            other => other.to_string(),
        };
        let body = Body::Json(references::in_value(&self.body, answers)?);
        let mut call = parse(self.method.clone(), &url, body)?;
        call.all_or_none = all_or_none;
        dispatch(context, &call)
    }

    fn response(&self, result: Result<Answer, ApiError>) -> Value {
        let mut headers = Map::new();
        let (status, body) = match result {
            Ok(answer) => {
                headers.extend(answer.location.map(|location| ("Location".to_owned(), location.into())));
                (answer.status, answer.body.unwrap_or(Value::Null))
            }
            Err(error) => (error.status, error.to_json()),
        };
        json!({
            "body": body, "httpHeaders": headers, "httpStatusCode": status, "referenceId": self.reference,
        })
    }
}

/// A call by its full path. Composite requests do not nest.
pub fn parse(method: Method, url: &str, body: Body) -> Result<ApiRequest, ApiError> {
    let target = url.trim_start_matches('/');
    let target = target.strip_prefix("services/data/").unwrap_or(target);
    let call = ApiRequest::parse(method, target, body)?;
    let part = |index: usize| call.path.get(index).map(|part| part.to_ascii_lowercase());
    if part(0).as_deref() == Some("composite") && part(1).as_deref() != Some("sobjects") {
        let message = format!("{url} cannot be used inside a composite request");
        return Err(ApiError::new(400, "INVALID_INPUT", message));
    }
    Ok(call)
}
