//! What the API works with: one account, its jobs, and the seams that differ between a stack and one machine.

use std::sync::Arc;

use async_trait::async_trait;
use domain::{AccountName, ExportError, JobId, Record};
use jobs::Jobs;
use serde_json::Value;
use thiserror::Error;

use crate::auth::Auth;

/// Everything that a request is answered with. It serves one account; no request names another.
#[derive(Clone)]
pub struct Api {
    /// The use cases. Here they only read, and change settings: what runs jobs is asked through [`Work`].
    pub jobs: Jobs,
    /// Whose settings, jobs and errors are served.
    pub account: AccountName,
    /// Who may ask.
    pub auth: Auth,
    /// Runs jobs for a person.
    pub work: Arc<dyn Work>,
    /// When the daily retry runs.
    pub schedule: Arc<dyn RetrySchedule>,
    /// Reproduces refusals, where the org's rules are known.
    pub explain: Option<Arc<dyn Explain>>,
    /// Takes records in, where there is no other queue.
    pub intake: Option<Arc<dyn Intake>>,
    /// The most bytes of a download, where answers are not streamed (Lambda: 6 MB with its envelope); none elsewhere.
    pub download_bytes_max: Option<usize>,
}

/// What was asked could not be handed on. Nothing was done.
#[derive(Debug, Error)]
#[error("{0}")]
pub struct SeamError(pub String);

/// Runs jobs for a person, later: an answer says that it was taken on, not that it is done.
#[async_trait]
pub trait Work: Send + Sync {
    /// Runs one job, or all that wait; a held job tries its head.
    async fn resume(&self, job: Option<JobId>) -> Result<(), SeamError>;

    /// Lets a job pass its head, if that is still this error.
    async fn skip(&self, job: JobId, error_id: String) -> Result<(), SeamError>;

    /// Tries these open errors, or all.
    async fn retry(&self, errors: Option<Vec<String>>) -> Result<(), SeamError>;
}

/// When CRMExport_ExportError runs.
#[async_trait]
pub trait RetrySchedule: Send + Sync {
    /// Brings the schedule to this hour (0 to 23) of this IANA time zone, if it is another. Settings are stored before: when
    /// this fails, the next change of settings puts it right.
    async fn set(&self, hour: u32, time_zone: &str) -> Result<(), SeamError>;
}

/// A schedule that follows the stored settings by itself.
#[derive(Debug, Clone, Copy, Default)]
pub struct FollowsSettings;

#[async_trait]
impl RetrySchedule for FollowsSettings {
    async fn set(&self, _: u32, _: &str) -> Result<(), SeamError> {
        Ok(())
    }
}

/// Reproduces a refusal with the org's rules.
pub trait Explain: Send + Sync {
    /// What `reproduce --json` says of an export error. May take seconds.
    ///
    /// # Errors
    /// Says why it cannot be reproduced here.
    fn explain(&self, error: &ExportError) -> Result<Value, SeamError>;
}

/// Takes records into the queue.
#[async_trait]
pub trait Intake: Send + Sync {
    /// Queues records in their order, all or none.
    async fn take(&self, records: Vec<Record>) -> Result<(), SeamError>;
}
