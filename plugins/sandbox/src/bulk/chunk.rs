//! Works an ingest job off, 200 rows in one transaction: rows, results and progress are stored together or not at all.
//!
//! So a job that was interrupted goes on where it stopped, and two workers on one job cannot save a row twice.

use super::header::Header;
use super::job::{Job, Kind, Operation, milliseconds};
use super::states::State;
use crate::error::{ApiError, RowError};
use crate::save::{Row, RowResult, SaveOptions};
use crate::store::StoreError;
use crate::view::View;

/// Rows that are saved together, as triggers would see them (reference §2.8, unconfirmed).
const ROWS: usize = 200;

/// Saves the next rows of a job; whether there may be more.
///
/// # Errors
/// The database fails; nothing of the chunk is stored then.
pub fn work(view: &View<'_>, id: &str, csv: &[u8]) -> Result<bool, ApiError> {
    let mut job = match Job::load(view, id, false) {
        Ok(job) if job.state.is_running() => job,
        // Aborted or deleted meanwhile, or done by another worker.
        Ok(_) => return Ok(false),
        Err(error) if error.status == 404 => return Ok(false),
        Err(error) => return Err(error),
    };
    // Records are written as the job's own API version asks for.
    let view = &View { version: job.version, ..*view };
    if let Err(message) = next(view, &mut job, csv)? {
        job.state = State::Failed;
        job.error = Some(message);
    }
    job.store(view)?;
    Ok(job.state == State::InProgress)
}

/// The next rows. The inner error is why the job as a whole fails.
fn next(view: &View<'_>, job: &mut Job, csv: &[u8]) -> Result<Result<(), String>, ApiError> {
    if job.began == 0 {
        job.began = milliseconds(view);
    }
    if !job.dialect.fits(csv) {
        let ending = job.dialect.ending_name();
        let message = format!(
            "ClientInputError : LineEnding is invalid on user data. Current LineEnding setting is {ending}"
        );
        return Ok(Err(message));
    }
    let unreadable = |error: csv::Error| format!("ClientInputError : the CSV cannot be read: {error}");
    let (names, first) = match job.dialect.header(csv) {
        Ok(header) => header,
        Err(error) => return Ok(Err(unreadable(error))),
    };
    let header = match Header::read(view, job, &names) {
        Ok(header) => header,
        Err(message) => return Ok(Err(message)),
    };
    let (rows, offset) = match job.dialect.rows(csv, job.offset.max(first), ROWS) {
        Ok(rows) => rows,
        Err(error) => return Ok(Err(unreadable(error))),
    };
    job.offset = offset;
    job.state = State::InProgress;
    if rows.is_empty() {
        job.state = State::JobComplete;
        return Ok(Ok(()));
    }
    let results = save(view, job, &header, &rows)?;
    keep(view, job, &rows, &results)?;
    job.processed += rows.len() as u64;
    job.failed += results.iter().filter(|result| !result.success()).count() as u64;
    job.chunks += 1;
    Ok(Ok(()))
}

/// Saves rows; the results are in their order.
fn save(
    view: &View<'_>,
    job: &Job,
    header: &Header<'_>,
    rows: &[Vec<String>],
) -> Result<Vec<RowResult>, ApiError> {
    let mut results: Vec<Option<RowResult>> = Vec::with_capacity(rows.len());
    let mut ready: Vec<Row> = Vec::with_capacity(rows.len());
    for cells in rows {
        match header.row(job, cells) {
            Ok(row) => {
                ready.push(row);
                results.push(None);
            }
            Err(errors) => results.push(Some(RowResult { errors, ..RowResult::default() })),
        }
    }
    let mut saved = view.save_rows(ready, SaveOptions::default())?.into_iter();
    let missing = || RowResult {
        errors: vec![RowError::new("UNKNOWN_EXCEPTION", "the row has no result")],
        ..RowResult::default()
    };
    Ok(results.into_iter().map(|result| result.or_else(|| saved.next()).unwrap_or_else(missing)).collect())
}

/// Stores the results of rows.
fn keep(view: &View<'_>, job: &Job, rows: &[Vec<String>], results: &[RowResult]) -> Result<(), StoreError> {
    let (mut saved, mut refused) = (Vec::new(), Vec::new());
    for (cells, result) in rows.iter().zip(results) {
        let id = result.id.clone().unwrap_or_default();
        let mut line = Vec::with_capacity(cells.len() + 2);
        line.push(id);
        match result.errors.first() {
            None => {
                line.push(created(job.operation, result).to_owned());
                line.extend(cells.iter().cloned());
                saved.push(line);
            }
            Some(error) => {
                line.push(error.in_bulk());
                line.extend(cells.iter().cloned());
                refused.push(line);
            }
        }
    }
    let key = format!("{:09}", job.chunks);
    for (kind, lines) in [(Kind::saved(&job.id), saved), (Kind::refused(&job.id), refused)] {
        if !lines.is_empty() {
            let text = job.dialect.write(lines.iter().map(Vec::as_slice));
            view.store.put_document(&kind, &key, &text)?;
        }
    }
    Ok(())
}

/// `sf__Created`.
fn created(operation: Operation, result: &RowResult) -> &'static str {
    match operation {
        Operation::Insert => "true",
        Operation::Upsert if result.created => "true",
        _ => "false",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use time::OffsetDateTime;

    use super::*;
    use crate::bulk::{ingest, results};
    use crate::config::Database;
    use crate::fixture;
    use crate::reload::Loaded;
    use crate::store::{Store, open};

    fn check(view: &View<'_>, id: &str, state: State, processed: u64, accounts: u64) {
        let job = Job::load(view, id, false).unwrap();
        let found = view.store.count("Account", false).unwrap();
        assert_eq!((job.state, job.processed, found), (state, processed, accounts));
    }

    #[test]
    fn a_job_goes_on_where_it_stopped_and_an_aborted_one_does_not() {
        let connection = open(&Database::Memory).unwrap();
        let loaded = Loaded::new(fixture::org(), Vec::new());
        let store = Store::new(&connection, &loaded.plan);
        let at = |seconds: i64| OffsetDateTime::from_unix_timestamp(1_795_428_000 + seconds).unwrap();
        let (org, rules, watch) = (&*loaded.org, &loaded.rules, fixture::watch());
        let view = View { org, rules, store, now: at(0), version: 59, watch, allow_duplicates: false };
        let body = |value: serde_json::Value| value.as_object().unwrap().clone();
        let request = body(json!({"object": "Account", "operation": "insert"}));
        let id = ingest::create(&view, &request).unwrap()["id"].as_str().unwrap().to_owned();
        let rows: String = (0..650).map(|number| format!("A{number:03}\n")).collect();
        let csv = format!("Name\n{rows}");
        ingest::upload(&view, &id, csv.as_bytes()).unwrap();
        assert!(!work(&view, &id, csv.as_bytes()).unwrap(), "an open job is not worked off");
        let (_, waiting) = ingest::change(&view, &id, &body(json!({"state": "UploadComplete"}))).unwrap();
        assert_eq!(waiting.as_deref(), Some(id.as_str()));
        check(&view, &id, State::UploadComplete, 0, 0);

        assert!(work(&view, &id, csv.as_bytes()).unwrap());
        check(&view, &id, State::InProgress, 200, 200);
        // The worker is lost; whoever looks later is told to start another one.
        assert_eq!(ingest::read(&View { now: at(9), ..view }, &id).unwrap().1, None);
        assert_eq!(ingest::read(&View { now: at(10), ..view }, &id).unwrap().1, Some(id.clone()));
        assert!(work(&view, &id, csv.as_bytes()).unwrap());
        check(&view, &id, State::InProgress, 400, 400);

        ingest::change(&view, &id, &body(json!({"state": "Aborted"}))).unwrap();
        assert!(!work(&view, &id, csv.as_bytes()).unwrap());
        check(&view, &id, State::Aborted, 400, 400);
        let left = results::results(&view, &id, results::Rows::Unprocessed).unwrap();
        let left = String::from_utf8(left).unwrap();
        assert_eq!((left.lines().count(), left.lines().nth(1)), (251, Some("A400")));
    }
}
