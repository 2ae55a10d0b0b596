//! Further pages of an answer: the question (a line of JSON) and the ids (a line each) are kept as a document of the
//! store, under the locator's id.
//!
//! A page's records are read when the page is asked for. Old answers are forgotten; see [`KEPT`].

use serde_json::{Value, json};

use super::error::{Failure, QueryErrorKind};
use super::plan::Shape;
use super::rows::Rows;
use super::run::{QueryAnswer, QueryOptions, planned, show};
use crate::error::ApiError;
use crate::ids;
use crate::store::StoreError;
use crate::view::View;

const DOCUMENT: &str = "query";

/// Answers that are kept; the oldest are forgotten first. A limit of the sandbox, so that its database does not grow.
const KEPT: usize = 50;

/// Keeps an answer and returns the path of its second page.
///
/// # Errors
/// The database fails.
pub(super) fn keep(
    view: &View<'_>,
    soql: &str,
    options: QueryOptions,
    ids: Vec<String>,
) -> Result<String, StoreError> {
    let id = ids::make("01g", view.store.count_up("query locator")?);
    let question =
        json!({ "soql": soql, "batchSize": options.batch_size, "deletedToo": options.deleted_too });
    let body = format!("{question}\n{}", ids.join("\n"));
    view.store.put_document(DOCUMENT, &id, body.as_bytes())?;
    let kept = view.store.document_keys(DOCUMENT)?;
    for old in kept.iter().take(kept.len().saturating_sub(KEPT)) {
        view.store.delete_document(DOCUMENT, old)?;
    }
    Ok(path(view, &id, options.batch_size))
}

/// The path of a page, as `nextRecordsUrl` gives it; its last segment is the locator.
fn path(view: &View<'_>, id: &str, from: usize) -> String {
    format!("{}/query/{id}-{from}", view.base_path())
}

/// Answers a further page; `locator` is the last segment of `nextRecordsUrl`.
///
/// # Errors
/// 400 `INVALID_QUERY_LOCATOR` when there is no such answer, or what the query itself is refused for meanwhile.
pub fn more(view: &View<'_>, locator: &str) -> Result<QueryAnswer, ApiError> {
    let unknown = || Failure::Query(QueryErrorKind::BadLocator.into()).answer("");
    let (id, from) = locator.split_once('-').ok_or_else(unknown)?;
    let from: usize = from.parse().map_err(|_| unknown())?;
    let body = view.store.document(DOCUMENT, id)?.ok_or_else(unknown)?;
    let body = String::from_utf8_lossy(&body);
    let (question, ids) = body.split_once('\n').unwrap_or((&body, ""));
    let question: Value = serde_json::from_str(question)
        .map_err(|error| StoreError::Damaged { what: format!("query {id}"), error })?;
    let soql = question["soql"].as_str().unwrap_or_default();
    let ids: Vec<&str> = ids.lines().collect();
    next_page(view, id, from, &question, &ids).map_err(|failure| failure.answer(soql))
}

fn next_page(
    view: &View<'_>,
    id: &str,
    from: usize,
    question: &Value,
    ids: &[&str],
) -> Result<QueryAnswer, Failure> {
    let size = question["batchSize"].as_u64().and_then(|size| usize::try_from(size).ok()).unwrap_or(1).max(1);
    let options =
        QueryOptions { deleted_too: question["deletedToo"].as_bool().unwrap_or_default(), batch_size: size };
    let rows = Rows::new(*view);
    let plan = planned(&rows, question["soql"].as_str().unwrap_or_default(), options)?;
    let (Shape::Records { node, .. }, true) = (&plan.shape, from < ids.len()) else {
        return Err(Failure::Query(QueryErrorKind::BadLocator.into()));
    };
    let to = from.saturating_add(size).min(ids.len());
    let records = show(&rows, node, &ids[from..to])?;
    let next = (to < ids.len()).then(|| path(view, id, to));
    Ok(QueryAnswer { total: ids.len() as u64, next, records })
}
