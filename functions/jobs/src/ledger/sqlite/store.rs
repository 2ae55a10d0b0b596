//! The ledger's face: each call of the port as one transaction around a function of its neighbours.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use domain::{AccountName, ExportError, ExternalId, Figures, Job, JobId, Placed, Position, Timestamp};
use rusqlite::{Connection, TransactionBehavior};
use serde_json::Value;

use super::failure::Trouble;
use super::{errors, intake, jobs, open, parked, settings};
use crate::ledger::{ErrorFilter, Lease, Ledger, LedgerError, Rejection, StoredSettings};

/// The ledger in one SQLite file.
#[derive(Debug)]
pub struct SqliteLedger {
    path: PathBuf,
    connection: Mutex<Connection>,
}

/// Whether a write must survive a power cut, besides the end of the program, which every write survives.
///
/// A power cut takes back the last transactions that were not synced, never one from between; a synced transaction
/// carries all before it. Syncing costs from one to some ten milliseconds, so few writes do it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Durability {
    /// WAL with `synchronous=FULL`. For a write behind which someone forgets the only other copy: a message is deleted
    /// from its queue after `save`, `park` or `reject`, and a person who changed settings turns to other things.
    Synced,
    /// WAL with `synchronous=NORMAL`. For a write that is repeated when it is gone: a lease (its run is gone too),
    /// `put_open_error` (the cursor passes the record, and the message is deleted, only after a `save`, which carries
    /// it), `unpark` (the cursor tells that they are settled) and `close_error` (the record is sent once more). The
    /// day's calls may then be counted too low, by what was called since the last sync.
    Repeatable,
}

impl SqliteLedger {
    /// Opens the ledger, and begins it when there is no file or an empty one. Its folder must exist.
    ///
    /// # Errors
    /// `OtherVersion` for the file of another version, `NotALedger` for another program's or one that is not SQLite's;
    /// none is changed. `Unavailable` when it cannot be read or written.
    pub fn open(path: &Path) -> Result<Self, LedgerError> {
        Ok(Self { path: path.to_owned(), connection: Mutex::new(open::open(path)?) })
    }

    /// Opens the ledger to look at it, while another program may write. Every write fails as `Unavailable`.
    ///
    /// SQLite keeps an index beside a WAL file and may have to make it: the folder must be writable unless another
    /// program has the ledger open.
    ///
    /// # Errors
    /// As [`open`](Self::open); `Unavailable` when there is no ledger.
    pub fn open_read_only(path: &Path) -> Result<Self, LedgerError> {
        Ok(Self { path: path.to_owned(), connection: Mutex::new(open::open_read_only(path)?) })
    }

    /// A panic in a call rolls its transaction back, so what the mutex guards is whole even then.
    fn connection(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read<T>(&self, work: impl FnOnce(&Connection) -> Result<T, Trouble>) -> Result<T, LedgerError> {
        let mut connection = self.connection();
        // One snapshot for calls with several queries; there is nothing to commit.
        let answer = connection.transaction().map_err(Trouble::from).and_then(|snapshot| work(&snapshot));
        answer.map_err(|trouble| trouble.told(&self.path))
    }

    fn write<T>(
        &self,
        durability: Durability,
        work: impl FnOnce(&Connection) -> Result<T, Trouble>,
    ) -> Result<T, LedgerError> {
        let mut connection = self.connection();
        transact(&mut connection, durability, work).map_err(|trouble| trouble.told(&self.path))
    }
}

fn transact<T>(
    connection: &mut Connection,
    durability: Durability,
    work: impl FnOnce(&Connection) -> Result<T, Trouble>,
) -> Result<T, Trouble> {
    let synchronous = if durability == Durability::Synced { "FULL" } else { "NORMAL" };
    connection.pragma_update(None, "synchronous", synchronous)?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let answer = work(&transaction)?;
    transaction.commit()?;
    Ok(answer)
}

#[async_trait]
impl Ledger for SqliteLedger {
    async fn settings(&self, account: &AccountName) -> Result<StoredSettings, LedgerError> {
        self.read(|connection| settings::read(connection, account))
    }

    async fn put_settings(
        &self,
        account: &AccountName,
        body: &Value,
        expected: u64,
    ) -> Result<(), LedgerError> {
        self.write(Durability::Synced, |connection| settings::write(connection, account, body, expected))
    }

    async fn lease(
        &self,
        job: &JobId,
        owner: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<(Lease, Job), LedgerError> {
        self.write(Durability::Repeatable, |connection| jobs::lease(connection, job, owner, now, until))
    }

    async fn save(&self, lease: &Lease, job: &Job, until: Timestamp) -> Result<(), LedgerError> {
        self.write(Durability::Synced, |connection| jobs::save(connection, lease, job, until))
    }

    async fn job(&self, job: &JobId) -> Result<Option<Job>, LedgerError> {
        self.read(|connection| jobs::job(connection, job))
    }

    async fn jobs(&self, account: &AccountName) -> Result<Vec<(JobId, Job)>, LedgerError> {
        self.read(|connection| jobs::jobs(connection, account))
    }

    async fn park(&self, lease: &Lease, records: &[Placed]) -> Result<(), LedgerError> {
        self.write(Durability::Synced, |connection| parked::park(connection, lease, records))
    }

    async fn parked(
        &self,
        job: &JobId,
        after: Option<Position>,
        limit: usize,
    ) -> Result<Vec<Placed>, LedgerError> {
        self.read(|connection| parked::parked(connection, job, after, limit))
    }

    async fn unpark(&self, lease: &Lease, through: Position) -> Result<(), LedgerError> {
        self.write(Durability::Repeatable, |connection| parked::unpark(connection, lease, through))
    }

    async fn count_parked(&self, job: &JobId) -> Result<u64, LedgerError> {
        self.read(|connection| parked::count(connection, job))
    }

    async fn open_errors_of(
        &self,
        job: &JobId,
        ids: &[&ExternalId],
    ) -> Result<Vec<ExportError>, LedgerError> {
        self.read(|connection| errors::open_of(connection, job, ids))
    }

    async fn open_errors(
        &self,
        job: &JobId,
        after: Option<Position>,
        limit: usize,
    ) -> Result<Vec<ExportError>, LedgerError> {
        self.read(|connection| errors::open(connection, job, after, limit))
    }

    async fn count_open_errors(&self, job: &JobId) -> Result<u64, LedgerError> {
        self.read(|connection| errors::count_open(connection, job))
    }

    async fn put_open_error(&self, lease: &Lease, error: &ExportError) -> Result<(), LedgerError> {
        self.write(Durability::Repeatable, |connection| errors::put(connection, lease, error))
    }

    async fn close_error(&self, lease: &Lease, error: &ExportError) -> Result<(), LedgerError> {
        self.write(Durability::Repeatable, |connection| errors::put(connection, lease, error))
    }

    async fn errors(
        &self,
        account: &AccountName,
        filter: &ErrorFilter,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<ExportError>, LedgerError> {
        self.read(|connection| errors::errors(connection, account, filter, after, limit))
    }

    async fn error(&self, account: &AccountName, id: &str) -> Result<Option<ExportError>, LedgerError> {
        self.read(|connection| errors::error(connection, account, id))
    }

    async fn reject(&self, rejection: &Rejection) -> Result<(), LedgerError> {
        self.write(Durability::Synced, |connection| intake::reject(connection, rejection))
    }

    async fn rejections(
        &self,
        account: Option<&AccountName>,
        limit: usize,
    ) -> Result<Vec<Rejection>, LedgerError> {
        self.read(|connection| intake::rejections(connection, account, limit))
    }

    async fn count(
        &self,
        account: &AccountName,
        day: &str,
        figures: &Figures,
    ) -> Result<Figures, LedgerError> {
        if figures.is_empty() {
            return self.read(|connection| intake::count(connection, account, day, figures));
        }
        self.write(Durability::Repeatable, |connection| intake::count(connection, account, day, figures))
    }

    async fn figures(
        &self,
        account: &AccountName,
        from_day: &str,
    ) -> Result<Vec<(String, Figures)>, LedgerError> {
        self.read(|connection| intake::figures(connection, account, from_day))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::LedgerErrorKind;

    #[tokio::test]
    async fn a_file_that_another_program_holds_is_unavailable_to_writes_only() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("ledger.db");
        let ledger = SqliteLedger::open(&path).expect("opens");
        ledger.connection().busy_timeout(std::time::Duration::ZERO).expect("set");
        let other = Connection::open(&path).expect("opens");
        other.execute_batch("BEGIN IMMEDIATE").expect("begun");
        let acme = AccountName::new("acme").expect("fits");
        let busy = ledger.count(&acme, "2026-11-23", &Figures::of_calls(1)).await.expect_err("held");
        let text = format!(
            "{}: database is locked; another program is writing to it: try again, and end a transaction that is open \
             in sqlite3",
            path.display()
        );
        assert_eq!(*busy.kind(), LedgerErrorKind::Unavailable(text));
        assert_eq!(ledger.settings(&acme).await, Ok(StoredSettings::default()));
        other.execute_batch("COMMIT").expect("ended");
        let counted = ledger.count(&acme, "2026-11-23", &Figures::of_calls(1)).await;
        assert_eq!(counted, Ok(Figures::of_calls(1)), "nothing was counted before");
    }
}
