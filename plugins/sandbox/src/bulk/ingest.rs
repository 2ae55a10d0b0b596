//! What clients do with ingest jobs: make, fill, close, abort, look at, remove.
//!
//! Saving the rows is [`super::chunk`]'s.

use serde_json::{Map, Value, json};
use time::Duration;

use super::job::{Job, Kind};
use super::request;
use super::states::{State, not_in_this_state};
use crate::error::ApiError;
use crate::store::StoreError;
use crate::values;
use crate::view::View;

/// A running job without progress for this long has lost its worker, for example because its process ended.
const LOST_AFTER: Duration = Duration::seconds(10);

/// Makes a job.
///
/// # Errors
/// 400; see [`request::new_ingest`].
pub fn create(view: &View<'_>, body: &Map<String, Value>) -> Result<Value, ApiError> {
    let mut job = request::new_ingest(view, body)?;
    job.store(view)?;
    Ok(Value::Object(job.brief()))
}

/// Takes a job's CSV, once.
///
/// # Errors
/// 404 without such a job, 400 when it has its CSV already or is closed.
pub fn upload(view: &View<'_>, id: &str, csv: &[u8]) -> Result<(), ApiError> {
    let mut job = Job::load(view, id, false)?;
    if job.uploaded {
        let message = format!(
            "Found multiple contents for job: <{}>, please 'Close' / 'Abort' / 'Delete' the current Job then create a \
             new Job and make sure you only do 'PUT' once on a given Job.",
            job.id
        );
        return Err(not_in_this_state(message));
    }
    if job.state != State::Open {
        return Err(not_in_this_state(format!("job {} is {} and takes no upload", job.id, job.state.name())));
    }
    view.store.put_document(Kind::INPUT, &job.id, csv)?;
    job.uploaded = true;
    Ok(job.store(view)?)
}

/// Closes or aborts a job. The answer says how the job is now and whether rows wait to be saved.
///
/// # Errors
/// 404 without such a job, 400 for a change that its state does not allow.
pub fn change(
    view: &View<'_>,
    id: &str,
    body: &Map<String, Value>,
) -> Result<(Value, Option<String>), ApiError> {
    let mut job = Job::load(view, id, false)?;
    let wanted = request::wanted_state(body)?;
    match (job.state, wanted) {
        (State::Open, State::UploadComplete) if !job.uploaded => {
            let message = format!("job {} has no content: PUT its CSV before UploadComplete", job.id);
            return Err(not_in_this_state(message));
        }
        (State::Open, _) | (State::UploadComplete | State::InProgress, State::Aborted) => job.state = wanted,
        (State::UploadComplete | State::InProgress, _) => {
            return Err(not_in_this_state(format!("job {} is closed already", job.id)));
        }
        (_, State::Aborted) => return Err(not_in_this_state("Aborting already Completed Job not allowed")),
        (state, _) => {
            let message = format!("Closing already {} Job not allowed", state.name());
            return Err(not_in_this_state(message));
        }
    }
    job.store(view)?;
    let waiting = job.state.is_running().then(|| job.id.clone());
    Ok((Value::Object(job.brief()), waiting))
}

/// A job with its progress. Also its id when it has lost its worker and needs another one.
///
/// # Errors
/// 404 without such a job.
pub fn read(view: &View<'_>, id: &str) -> Result<(Value, Option<String>), ApiError> {
    let job = Job::load(view, id, false)?;
    let changed = values::parse_datetime(&job.modified);
    let lost = job.state.is_running() && changed.is_none_or(|changed| view.now - changed >= LOST_AFTER);
    Ok((Value::Object(job.whole()), lost.then(|| job.id.clone())))
}

/// All jobs of one sort.
///
/// # Errors
/// The database fails.
pub fn list(view: &View<'_>, query: bool) -> Result<Value, ApiError> {
    let jobs = Job::all(view, query)?;
    let records: Vec<Value> = jobs.iter().map(|job| Value::Object(job.whole())).collect();
    Ok(json!({ "done": true, "nextRecordsUrl": null, "records": records }))
}

/// Removes a job that is not being filled or worked off.
///
/// # Errors
/// 404 without such a job, 400 in the states Open and InProgress.
pub fn remove(view: &View<'_>, id: &str) -> Result<(), ApiError> {
    let job = Job::load(view, id, false)?;
    if matches!(job.state, State::Open | State::InProgress) {
        let message = format!("job {} is {}: abort it before it is deleted", job.id, job.state.name());
        return Err(not_in_this_state(message));
    }
    Ok(job.remove(view)?)
}

/// The CSV of a job; empty when the job is gone.
///
/// # Errors
/// The database fails.
pub fn csv(view: &View<'_>, id: &str) -> Result<Vec<u8>, StoreError> {
    Ok(view.store.document(Kind::INPUT, id)?.unwrap_or_default())
}
