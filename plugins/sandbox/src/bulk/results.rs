//! Results of an ingest job as CSV: saved, refused and unprocessed rows.
//!
//! Columns are those of the upload behind `sf__Id` and `sf__Created` or `sf__Error` (reference §2.8).

use super::job::{Job, Kind};
use super::states::not_in_this_state;
use crate::error::ApiError;
use crate::view::View;

/// Which rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rows {
    /// `successfulResults`.
    Saved,
    /// `failedResults`.
    Refused,
    /// `unprocessedrecords`.
    Unprocessed,
}

impl Rows {
    /// The rows that a path segment names; clients differ in its case.
    pub fn named(name: &str) -> Option<Rows> {
        match name.to_ascii_lowercase().as_str() {
            "successfulresults" => Some(Rows::Saved),
            "failedresults" => Some(Rows::Refused),
            "unprocessedrecords" => Some(Rows::Unprocessed),
            _ => None,
        }
    }
}

/// The rows of a finished job.
///
/// # Errors
/// 404 without such a job, 400 while it is not finished.
pub fn results(view: &View<'_>, id: &str, rows: Rows) -> Result<Vec<u8>, ApiError> {
    let job = Job::load(view, id, false)?;
    if !job.state.is_final() {
        let message =
            format!("results of job {} can be read when it is finished; it is {}", job.id, job.state.name());
        return Err(not_in_this_state(message));
    }
    let csv = view.store.document(Kind::INPUT, &job.id)?.unwrap_or_default();
    // A CSV that cannot be read has no columns to show.
    let (names, first) = job.dialect.header(&csv).unwrap_or_default();
    let (added, kind) = match rows {
        Rows::Saved => (["sf__Id", "sf__Created"].as_slice(), Kind::saved(&job.id)),
        Rows::Refused => (["sf__Id", "sf__Error"].as_slice(), Kind::refused(&job.id)),
        Rows::Unprocessed => {
            let mut text = match names.is_empty() {
                true => Vec::new(),
                false => job.dialect.write([names.as_slice()]),
            };
            let rest = usize::try_from(job.offset.max(first)).unwrap_or(usize::MAX).min(csv.len());
            text.extend_from_slice(&csv[rest..]);
            return Ok(text);
        }
    };
    let header: Vec<String> = added.iter().map(|name| (*name).to_owned()).chain(names).collect();
    let mut text = job.dialect.write([header.as_slice()]);
    for key in view.store.document_keys(&kind)? {
        text.extend(view.store.document(&kind, &key)?.unwrap_or_default());
    }
    Ok(text)
}
