//! A ledger that can be down for one job, or for rejections. Everything else is the memory double's.

use std::sync::Mutex;

use async_trait::async_trait;
use domain::{AccountName, ExportError, ExternalId, Figures, Job, JobId, Placed, Position, Timestamp};
use jobs::ledger::{
    ErrorFilter, Lease, Ledger, LedgerError, LedgerErrorKind, MemoryLedger, Rejection, StoredSettings,
};
use serde_json::Value;

pub struct FaultyLedger {
    inner: MemoryLedger,
    /// Object whose job cannot be leased; `reject` for rejections; `jobs` for lists of jobs.
    down: Mutex<Option<&'static str>>,
}

impl FaultyLedger {
    pub fn over(inner: MemoryLedger) -> Self {
        Self { inner, down: Mutex::default() }
    }

    pub fn fail(&self, what: Option<&'static str>) {
        *self.down.lock().expect("whole") = what;
    }

    fn up(&self, what: &str) -> Result<(), LedgerError> {
        match *self.down.lock().expect("whole") {
            Some(down) if down == what => Err(LedgerErrorKind::Unavailable("throttled".to_owned()).into()),
            _ => Ok(()),
        }
    }
}

type Answer<T> = Result<T, LedgerError>;

#[async_trait]
impl Ledger for FaultyLedger {
    async fn lease(
        &self,
        job: &JobId,
        owner: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Answer<(Lease, Job)> {
        self.up(&job.object)?;
        self.inner.lease(job, owner, now, until).await
    }

    async fn reject(&self, rejection: &Rejection) -> Answer<()> {
        self.up("reject")?;
        self.inner.reject(rejection).await
    }

    async fn jobs(&self, account: &AccountName) -> Answer<Vec<(JobId, Job)>> {
        self.up("jobs")?;
        self.inner.jobs(account).await
    }

    async fn settings(&self, account: &AccountName) -> Answer<StoredSettings> {
        self.inner.settings(account).await
    }

    async fn put_settings(&self, account: &AccountName, body: &Value, expected: u64) -> Answer<()> {
        self.inner.put_settings(account, body, expected).await
    }

    async fn save(&self, lease: &Lease, job: &Job, until: Timestamp) -> Answer<()> {
        self.inner.save(lease, job, until).await
    }

    async fn job(&self, job: &JobId) -> Answer<Option<Job>> {
        self.inner.job(job).await
    }

    async fn park(&self, lease: &Lease, records: &[Placed]) -> Answer<()> {
        self.inner.park(lease, records).await
    }

    async fn parked(&self, job: &JobId, after: Option<Position>, limit: usize) -> Answer<Vec<Placed>> {
        self.inner.parked(job, after, limit).await
    }

    async fn unpark(&self, lease: &Lease, through: Position) -> Answer<()> {
        self.inner.unpark(lease, through).await
    }

    async fn count_parked(&self, job: &JobId) -> Answer<u64> {
        self.inner.count_parked(job).await
    }

    async fn open_errors_of(&self, job: &JobId, ids: &[&ExternalId]) -> Answer<Vec<ExportError>> {
        self.inner.open_errors_of(job, ids).await
    }

    async fn open_errors(
        &self,
        job: &JobId,
        after: Option<Position>,
        limit: usize,
    ) -> Answer<Vec<ExportError>> {
        self.inner.open_errors(job, after, limit).await
    }

    async fn count_open_errors(&self, job: &JobId) -> Answer<u64> {
        self.inner.count_open_errors(job).await
    }

    async fn put_open_error(&self, lease: &Lease, error: &ExportError) -> Answer<()> {
        self.inner.put_open_error(lease, error).await
    }

    async fn close_error(&self, lease: &Lease, error: &ExportError) -> Answer<()> {
        self.inner.close_error(lease, error).await
    }

    async fn errors(
        &self,
        account: &AccountName,
        filter: &ErrorFilter,
        after: Option<&str>,
        limit: usize,
    ) -> Answer<Vec<ExportError>> {
        self.inner.errors(account, filter, after, limit).await
    }

    async fn error(&self, account: &AccountName, id: &str) -> Answer<Option<ExportError>> {
        self.inner.error(account, id).await
    }

    async fn rejections(&self, account: Option<&AccountName>, limit: usize) -> Answer<Vec<Rejection>> {
        self.inner.rejections(account, limit).await
    }

    async fn count(&self, account: &AccountName, day: &str, figures: &Figures) -> Answer<Figures> {
        self.inner.count(account, day, figures).await
    }

    async fn figures(&self, account: &AccountName, from_day: &str) -> Answer<Vec<(String, Figures)>> {
        self.inner.figures(account, from_day).await
    }
}
