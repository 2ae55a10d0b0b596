//! Which call is answered where.

use axum::http::Method;

use super::answer::Answer;
use super::request::ApiRequest;
use super::{
    batch, by_key, collections, composite, describe, discovery, graph, query, records, retrieve, tree,
};
use crate::error::ApiError;
use crate::state::Usage;
use crate::view::View;

/// What every call is given besides itself.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// The org and its records, at the version of the call.
    pub view: View<'a>,
    /// API calls of the day.
    pub usage: Usage,
}

type Handler = fn(&Context<'_>, &ApiRequest) -> Result<Answer, ApiError>;

/// Answers a call.
pub fn dispatch(context: &Context<'_>, request: &ApiRequest) -> Result<Answer, ApiError> {
    let context = Context { view: View { version: request.version, ..context.view }, ..*context };
    let allowed = handlers(request)?;
    match allowed.iter().find(|(method, _)| *method == request.method) {
        Some((_, handler)) => handler(&context, request),
        None => {
            let names: Vec<&str> = allowed.iter().map(|(method, _)| method.as_str()).collect();
            let message =
                format!("HTTP Method '{}' not allowed. Allowed are {}", request.method, names.join(","));
            Err(ApiError::new(405, "METHOD_NOT_ALLOWED", message))
        }
    }
}

/// The methods of a path and who answers each.
fn handlers(request: &ApiRequest) -> Result<Vec<(Method, Handler)>, ApiError> {
    let path: Vec<String> = request.path.iter().map(|segment| segment.to_ascii_lowercase()).collect();
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    let get = |handler: Handler| vec![(Method::GET, handler)];
    let post = |handler: Handler| vec![(Method::POST, handler)];
    Ok(match path.as_slice() {
        [] => get(discovery::resources),
        ["limits"] => get(discovery::limits),
        ["sobjects"] => get(describe::global),
        ["sobjects", _] => vec![(Method::GET, describe::basic), (Method::POST, records::create)],
        ["sobjects", _, "describe"] => get(describe::full),
        ["sobjects", _, "id"] => post(records::create),
        ["sobjects", _, _] => {
            vec![
                (Method::GET, records::read),
                (Method::PATCH, records::update),
                (Method::DELETE, records::delete),
            ]
        }
        ["sobjects", _, _, _] => {
            vec![
                (Method::GET, by_key::read),
                (Method::PATCH, by_key::upsert),
                (Method::DELETE, by_key::delete),
            ]
        }
        ["query" | "queryall"] | ["tooling", "query"] => get(query::first),
        ["query" | "queryall", _] => get(query::next),
        ["composite"] => vec![(Method::POST, composite::run), (Method::GET, discovery::composite)],
        ["composite", "batch"] => post(batch::run),
        ["composite", "graph"] => post(graph::run),
        ["composite", "tree", _] => post(tree::run),
        ["composite", "sobjects"] => vec![
            (Method::POST, collections::create),
            (Method::PATCH, collections::update),
            (Method::DELETE, collections::delete),
        ],
        ["composite", "sobjects", _] => {
            vec![(Method::GET, retrieve::by_url), (Method::POST, retrieve::by_body)]
        }
        ["composite", "sobjects", _, _] => vec![(Method::PATCH, collections::upsert)],
        _ => return Err(ApiError::not_found()),
    })
}
