//! The port to the ledger: settings, jobs with their lease and cursor, parked records, export errors, rejections, calls.
//!
//! Made for one DynamoDB table as much as for SQLite: every call touches one job or one account, no call needs two items
//! to change together, and every write of a run takes its [`Lease`] and fails with [`LedgerErrorKind::LeaseLost`] once
//! a newer run holds the job. (On DynamoDB a write outside the job's own item carries a condition check on that item.)
//! An item stays below 400 KB: the adapter cuts lists, and no record is larger than `domain::record::RECORD_BYTES_MAX`.

#[cfg(feature = "dynamo")]
pub mod dynamo;
mod error;
mod filter;
mod memory;
#[cfg(feature = "sqlite")]
pub mod sqlite;

use async_trait::async_trait;
use domain::{AccountName, ExportError, ExternalId, Figures, Job, JobId, Placed, Position, Timestamp};
use serde_json::Value;

pub use error::{LedgerError, LedgerErrorKind};
pub use filter::ErrorFilter;
pub use memory::MemoryLedger;

/// The right to write to a job until a newer run has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// Which job.
    pub job: JobId,
    /// Who holds it; the same owner may take it again at once.
    pub owner: String,
    /// Grows with every lease of the job; a write with an older one fails.
    pub epoch: u64,
}

/// An account's stored settings.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct StoredSettings {
    /// As stored, perhaps edited by hand; `None` when nothing is.
    pub body: Option<Value>,
    /// Grows with each write; 0 when nothing is stored.
    pub version: u64,
}

/// A message that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// Whose, or `None` when the message does not even say that.
    pub account: Option<AccountName>,
    /// The queue's id of the message.
    pub message_id: String,
    /// Why.
    pub reason: String,
    /// The whole body.
    pub body: String,
    /// When.
    pub at: Timestamp,
}

/// Keeps what must not be lost.
#[async_trait]
pub trait Ledger: Send + Sync {
    /// An account's settings, read strongly consistent.
    async fn settings(&self, account: &AccountName) -> Result<StoredSettings, LedgerError>;

    /// Replaces them when the stored version is still `expected`; fails with `Conflict` otherwise.
    async fn put_settings(
        &self,
        account: &AccountName,
        body: &Value,
        expected: u64,
    ) -> Result<(), LedgerError>;

    /// Takes the job's lease until `until` and reads the job. Fails with `LeaseHeld` while another owner's lease has not
    /// run out at `now`. A job that nobody knows begins here.
    async fn lease(
        &self,
        job: &JobId,
        owner: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<(Lease, Job), LedgerError>;

    /// Writes the job and keeps the lease until `until`. An `until` in the past gives the lease back.
    async fn save(&self, lease: &Lease, job: &Job, until: Timestamp) -> Result<(), LedgerError>;

    /// The job, without a lease.
    async fn job(&self, job: &JobId) -> Result<Option<Job>, LedgerError>;

    /// Every job of an account, by object name. As with every list, one damaged item fails the call, naming it.
    async fn jobs(&self, account: &AccountName) -> Result<Vec<(JobId, Job)>, LedgerError>;

    /// Parks records, in order: when it fails half way, the first ones are parked and the others are not. Parking what is
    /// parked already changes nothing.
    async fn park(&self, lease: &Lease, records: &[Placed]) -> Result<(), LedgerError>;

    /// The first parked records behind `after`, in order, at most `limit`.
    async fn parked(
        &self,
        job: &JobId,
        after: Option<Position>,
        limit: usize,
    ) -> Result<Vec<Placed>, LedgerError>;

    /// Removes every parked record at or before `through`.
    async fn unpark(&self, lease: &Lease, through: Position) -> Result<(), LedgerError>;

    /// How many records are parked.
    async fn count_parked(&self, job: &JobId) -> Result<u64, LedgerError>;

    /// The open errors of these external ids, by position. Ids are compared as text, to the letter.
    async fn open_errors_of(&self, job: &JobId, ids: &[&ExternalId])
    -> Result<Vec<ExportError>, LedgerError>;

    /// The first open errors of a job behind `after`, by position, at most `limit`.
    async fn open_errors(
        &self,
        job: &JobId,
        after: Option<Position>,
        limit: usize,
    ) -> Result<Vec<ExportError>, LedgerError>;

    /// How many are open.
    async fn count_open_errors(&self, job: &JobId) -> Result<u64, LedgerError>;

    /// Writes the open error of its external id, in place of the one that is open already. A closed error with the same
    /// id is open again then.
    async fn put_open_error(&self, lease: &Lease, error: &ExportError) -> Result<(), LedgerError>;

    /// Closes an error: it is stored as it is given (resolved or superseded), and nothing is open for its external id.
    async fn close_error(&self, lease: &Lease, error: &ExportError) -> Result<(), LedgerError>;

    /// An account's errors, by object, position and id, at most `limit` behind `after` (an error's id). Behind an id
    /// that is not there is nothing.
    async fn errors(
        &self,
        account: &AccountName,
        filter: &ErrorFilter,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<ExportError>, LedgerError>;

    /// One error by id.
    async fn error(&self, account: &AccountName, id: &str) -> Result<Option<ExportError>, LedgerError>;

    /// Keeps a rejection. The same one again (account, message, instant) changes nothing.
    async fn reject(&self, rejection: &Rejection) -> Result<(), LedgerError>;

    /// The rejections of an account, or (`None`) those that name no account, which are the operators' to see; oldest first, at most `limit`.
    async fn rejections(
        &self,
        account: Option<&AccountName>,
        limit: usize,
    ) -> Result<Vec<Rejection>, LedgerError>;

    /// Adds figures to a UTC day (`2026-11-23`) and answers the day's sums. Empty ones only read.
    async fn count(
        &self,
        account: &AccountName,
        day: &str,
        figures: &Figures,
    ) -> Result<Figures, LedgerError>;

    /// The figures of the days from this one on for which anything was counted, in order.
    async fn figures(
        &self,
        account: &AccountName,
        from_day: &str,
    ) -> Result<Vec<(String, Figures)>, LedgerError>;
}
