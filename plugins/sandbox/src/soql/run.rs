//! Runs queries and answers them in Salesforce's shape.
//!
//! Records of an answer are found first and shown page by page; what is shown is as it is when the page is asked for.

use std::ops::ControlFlow;

use serde_json::{Map, Value};

use super::aggregate;
use super::error::Failure;
use super::filter::Filter;
use super::keys::Key;
use super::names::Column;
use super::order;
use super::page;
use super::parser::parse;
use super::plan::{Plan, Shape, plan};
use super::project::Node;
use super::rows::Rows;
use crate::error::ApiError;
use crate::view::View;

/// Most groups of an answer: aggregate queries have no further pages.
const MOST_GROUPS: usize = 2_000;

/// How a query is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueryOptions {
    /// Deleted records too (`queryAll`).
    pub deleted_too: bool,
    /// Records of a page, 200 to 2,000.
    pub batch_size: usize,
}

impl Default for QueryOptions {
    fn default() -> Self {
        QueryOptions { deleted_too: false, batch_size: 2_000 }
    }
}

impl QueryOptions {
    /// With the page size of a `Sforce-Query-Options` header (`batchSize=500`), brought into its limits.
    pub fn with_header(self, header: Option<&str>) -> QueryOptions {
        let parts = header.into_iter().flat_map(|header| header.split([',', ';']));
        let mut sizes = parts.filter_map(|part| part.split_once('=')).filter_map(|(name, size)| {
            name.trim().eq_ignore_ascii_case("batchSize").then(|| size.trim().parse::<usize>().ok())?
        });
        QueryOptions {
            batch_size: sizes.next().map_or(self.batch_size, |size| size.clamp(200, 2_000)),
            ..self
        }
    }
}

/// The answer to a query, or one page of it.
#[derive(Debug, Clone, PartialEq)]
pub struct QueryAnswer {
    /// Records of the whole answer.
    pub total: u64,
    /// Path of the next page; `None` on the last one.
    pub next: Option<String>,
    /// Records of this page.
    pub records: Vec<Value>,
}

impl QueryAnswer {
    /// The response's body.
    pub fn to_json(&self) -> Value {
        let mut body = Map::new();
        body.insert("totalSize".into(), self.total.into());
        body.insert("done".into(), self.next.is_none().into());
        if let Some(next) = &self.next {
            body.insert("nextRecordsUrl".into(), next.as_str().into());
        }
        body.insert("records".into(), Value::Array(self.records.clone()));
        Value::Object(body)
    }
}

/// Answers a query.
///
/// # Errors
/// 400 with Salesforce's code and message for a query that it would refuse.
pub fn run(view: &View<'_>, soql: &str, options: QueryOptions) -> Result<QueryAnswer, ApiError> {
    answer(view, soql, options).map_err(|failure| failure.answer(soql))
}

/// The plan of a query.
///
/// # Errors
/// Those of parsing and planning.
pub(super) fn planned<'v>(rows: &Rows<'v>, soql: &str, options: QueryOptions) -> Result<Plan<'v>, Failure> {
    let mut plan = plan(rows, &parse(soql)?)?;
    plan.deleted_too |= options.deleted_too;
    Ok(plan)
}

fn answer(view: &View<'_>, soql: &str, options: QueryOptions) -> Result<QueryAnswer, Failure> {
    let rows = Rows::new(*view);
    let plan = planned(&rows, soql, options)?;
    match &plan.shape {
        Shape::Count => Ok(QueryAnswer { total: count(&rows, &plan)?, next: None, records: Vec::new() }),
        Shape::Groups(grouping) => {
            let records = aggregate::groups(&rows, &plan, grouping)?;
            if records.len() > MOST_GROUPS {
                let message = "Aggregate query does not support queryMore(), use LIMIT to restrict the results to a \
                               single batch";
                return Err(Failure::Api(ApiError::new(400, "EXCEEDED_ID_LIMIT", message)));
            }
            Ok(QueryAnswer { total: records.len() as u64, next: None, records })
        }
        Shape::Records { node, .. } => {
            let ids = ids_of(&rows, &plan, None)?;
            let shown = ids.len().min(options.batch_size);
            let records = show(&rows, node, &ids[..shown])?;
            let total = ids.len() as u64;
            let next = if shown < ids.len() { Some(page::keep(view, soql, options, ids)?) } else { None };
            Ok(QueryAnswer { total, next, records })
        }
    }
}

/// `COUNT()`.
fn count(rows: &Rows<'_>, plan: &Plan<'_>) -> Result<u64, Failure> {
    let all = match &plan.filter {
        None => rows.view.store.count(&plan.object.api_name, plan.deleted_too)?,
        Some(_) => {
            let enough = plan.limit.map(|limit| limit.saturating_add(plan.offset));
            let mut found = 0;
            rows.visit(plan.object, &plan.filters(), plan.deleted_too, |_| {
                found += 1;
                Ok(if enough.is_some_and(|enough| found >= enough) {
                    ControlFlow::Break(())
                } else {
                    ControlFlow::Continue(())
                })
            })?;
            found
        }
    };
    let after_offset = all.saturating_sub(plan.offset);
    Ok(plan.limit.map_or(after_offset, |limit| after_offset.min(limit)))
}

/// Ids of the records that a plan selects, in its order, limit and offset applied; with a further filter for
/// children.
///
/// # Errors
/// The database fails.
pub(super) fn ids_of<'v>(
    rows: &Rows<'v>,
    plan: &Plan<'v>,
    further: Option<&Filter<Column<'v>>>,
) -> Result<Vec<String>, Failure> {
    let Shape::Records { order, .. } = &plan.shape else { return Ok(Vec::new()) };
    let filters: Vec<&Filter<Column<'v>>> = plan.filter.iter().chain(further).collect();
    let enough = plan.limit.map(|limit| limit.saturating_add(plan.offset));
    if enough == Some(0) {
        return Ok(Vec::new());
    }
    let mut found: Vec<(Vec<Key>, String)> = Vec::new();
    rows.visit(plan.object, &filters, plan.deleted_too, |record| {
        let keys = order.iter().map(|by| rows.key(&by.operand, &record)).collect::<Result<_, _>>()?;
        found.push((keys, record.id));
        let stop = order.is_empty() && enough.is_some_and(|enough| found.len() as u64 >= enough);
        Ok(if stop { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    })?;
    if !order.is_empty() {
        found.sort_by(|(left, _), (right, _)| order::compare(order, left, right));
    }
    let (skip, take) = (at_most(plan.offset), plan.limit.map_or(usize::MAX, at_most));
    Ok(found.into_iter().skip(skip).take(take).map(|(_, id)| id).collect())
}

/// A count of rows as an index.
pub(super) fn at_most(count: u64) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}

/// Records as the answer shows them, also those that went to the recycle bin since they were found.
///
/// # Errors
/// The database fails.
pub(super) fn show<'v>(
    rows: &Rows<'v>,
    node: &Node<'v>,
    ids: &[impl AsRef<str>],
) -> Result<Vec<Value>, Failure> {
    let mut records = Vec::with_capacity(ids.len());
    for id in ids {
        if let Some(record) = rows.view.store.get(id.as_ref())? {
            records.push(node.show(rows, &record)?);
        }
    }
    Ok(records)
}
