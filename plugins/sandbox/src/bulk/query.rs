//! Query jobs: the rows are found when the job is made, and read when their results are asked for.
//!
//! The answer to the creation says `UploadComplete`, as Salesforce's does; from then on the job is `JobComplete`.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use super::job::{Job, Kind, Operation, milliseconds};
use super::request;
use super::states::{State, not_in_this_state};
use crate::error::ApiError;
use crate::soql;
use crate::view::View;

/// Rows of a page when the client names no number. Every page has a header row, and jsforce, which names none, takes
/// those of later pages for records: so it is given one page as long as that is sensible.
const PAGE: usize = 250_000;

/// A page of results.
#[derive(Debug, PartialEq)]
pub struct Page {
    /// CSV with a header row.
    pub csv: Vec<u8>,
    /// Rows in it.
    pub rows: usize,
    /// `Sforce-Locator` of the next page; the text `null` on the last one.
    pub locator: String,
}

/// Makes a query job and runs it.
///
/// # Errors
/// 400 for a query that is refused.
pub fn create(view: &View<'_>, body: &Map<String, Value>) -> Result<Value, ApiError> {
    let (operation, soql, dialect) = request::new_query(body)?;
    let table = soql::table(view, soql, operation == Operation::QueryAll)?;
    let ids = table.ids()?;
    let mut job = Job::new(view, operation, table.object(), dialect)?;
    job.soql = Some(soql.to_owned());
    job.processed = ids.len() as u64;
    job.began = milliseconds(view);
    job.state = State::UploadComplete;
    let answer = Value::Object(job.brief());
    job.state = State::JobComplete;
    job.store(view)?;
    view.store.put_document(Kind::INPUT, &job.id, ids.join("\n").as_bytes())?;
    Ok(answer)
}

/// A page of a job's results.
///
/// # Errors
/// 404 without such a job, 400 for an aborted one or an unknown locator.
pub fn results(
    view: &View<'_>,
    id: &str,
    locator: Option<&str>,
    most: Option<usize>,
) -> Result<Page, ApiError> {
    let job = Job::load(view, id, true)?;
    if job.state != State::JobComplete {
        return Err(not_in_this_state(format!("job {} is {} and has no results", job.id, job.state.name())));
    }
    let unknown = || ApiError::new(400, "INVALID_QUERY_LOCATOR", "invalid query locator");
    let from = match locator.filter(|locator| !locator.is_empty() && *locator != "null") {
        Some(locator) => read_locator(locator).ok_or_else(unknown)?,
        None => 0,
    };
    let kept = view.store.document(Kind::INPUT, &job.id)?.unwrap_or_default();
    let kept = String::from_utf8_lossy(&kept);
    let ids: Vec<&str> = kept.lines().collect();
    if from > ids.len() {
        return Err(unknown());
    }
    let to = from.saturating_add(most.unwrap_or(PAGE).max(1)).min(ids.len());
    let deleted_too = job.operation == Operation::QueryAll;
    let table = soql::table(view, job.soql.as_deref().unwrap_or_default(), deleted_too)?;
    let mut lines = vec![table.header()];
    for id in &ids[from..to] {
        lines.extend(table.cells(id)?);
    }
    let locator = if to < ids.len() { URL_SAFE_NO_PAD.encode(to.to_string()) } else { "null".to_owned() };
    let csv = job.dialect.write(lines.iter().map(Vec::as_slice));
    Ok(Page { csv, rows: lines.len() - 1, locator })
}

fn read_locator(locator: &str) -> Option<usize> {
    String::from_utf8(URL_SAFE_NO_PAD.decode(locator).ok()?).ok()?.parse().ok()
}

/// A job with its progress.
///
/// # Errors
/// 404 without such a job.
pub fn read(view: &View<'_>, id: &str) -> Result<Value, ApiError> {
    Ok(Value::Object(Job::load(view, id, true)?.whole()))
}

/// Aborts a query job. All of them are complete by then.
///
/// # Errors
/// Always: 404 without such a job, else 400.
pub fn change(view: &View<'_>, id: &str, body: &Map<String, Value>) -> Result<Value, ApiError> {
    let job = Job::load(view, id, true)?;
    match request::wanted_state(body)? {
        State::Aborted => Err(not_in_this_state("Aborting already Completed Job not allowed")),
        _ => Err(not_in_this_state(format!("job {} is a query job and takes no upload", job.id))),
    }
}

/// Removes a job.
///
/// # Errors
/// 404 without such a job.
pub fn remove(view: &View<'_>, id: &str) -> Result<(), ApiError> {
    Ok(Job::load(view, id, true)?.remove(view)?)
}
