//! `/composite/graph`: several composite requests in one, each atomic (reference §2.6).
//!
//! The limits on depth and on different nodes are not checked.

use serde_json::{Value, json};

use super::answer::Answer;
use super::composite::{Step, execute, steps};
use super::dispatch::Context;
use super::request::ApiRequest;
use super::rows::list;
use crate::error::ApiError;

const MOST_GRAPHS: usize = 75;
const MOST_NODES: usize = 500;
/// After so many failed graphs the others are not tried.
const MOST_FAILED: usize = 14;

/// `POST /composite/graph`.
pub fn run(context: &Context<'_>, request: &ApiRequest) -> Result<Answer, ApiError> {
    let body = request.object()?;
    let graphs: Vec<(Value, Vec<Step>)> =
        list(&body, "graphs")?.iter().map(read).collect::<Result<_, ApiError>>()?;
    let nodes: usize = graphs.iter().map(|(_, steps)| steps.len()).sum();
    if graphs.len() > MOST_GRAPHS || nodes > MOST_NODES {
        let message = format!("Limit exceeded: at most {MOST_GRAPHS} graphs and {MOST_NODES} nodes");
        return Err(ApiError::new(400, "LIMIT_EXCEEDED", message));
    }
    let mut failed = 0;
    let mut answers = Vec::with_capacity(graphs.len());
    for (id, steps) in &graphs {
        if failed >= MOST_FAILED {
            let error =
                ApiError::new(400, "PROCESSING_HALTED", "Too many graphs failed; this one was not processed");
            answers.push(json!({ "graphId": id, "graphResponse": { "compositeResponse": [{
                "body": error.to_json(), "httpHeaders": {}, "httpStatusCode": 400, "referenceId": null,
            }] }, "isSuccessful": false }));
            continue;
        }
        let (responses, success) = execute(context, steps, true)?;
        failed += usize::from(!success);
        answers.push(json!({
            "graphId": id, "graphResponse": { "compositeResponse": responses }, "isSuccessful": success,
        }));
    }
    Ok(Answer::ok(json!({ "graphs": answers })))
}

fn read(graph: &Value) -> Result<(Value, Vec<Step>), ApiError> {
    let calls = graph.as_object().map(|graph| list(graph, "compositeRequest"));
    let calls = calls
        .unwrap_or_else(|| Err(ApiError::unreadable("a graph must be an object at [line:1, column:1]")))?;
    Ok((graph["graphId"].clone(), steps(calls)?))
}
