//! The queue's tables: messages, and imports that are not finished. It reads no file of records.

use std::path::{Path, PathBuf};
use std::time::Duration;

use domain::message::Message;
use domain::{AccountName, JobId, Placed, Position, Record};
use rusqlite::{Connection, OpenFlags, OptionalExtension, params};

use super::error::QueueError;
use crate::input::Mark;

const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS LocalMessages (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT,
        account TEXT NOT NULL, object TEXT NOT NULL, records INTEGER NOT NULL, body TEXT NOT NULL) STRICT;
    CREATE INDEX IF NOT EXISTS LocalMessagesByJob ON LocalMessages (account, object, sequence);
    CREATE TABLE IF NOT EXISTS LocalImports (
        account TEXT NOT NULL, file TEXT NOT NULL, occurrence INTEGER NOT NULL, name TEXT NOT NULL,
        bytes INTEGER NOT NULL, lines INTEGER NOT NULL, digest BLOB NOT NULL,
        PRIMARY KEY (account, file, occurrence)) STRICT, WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS LocalTargets (
        account TEXT PRIMARY KEY, kind TEXT NOT NULL, place TEXT NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS LocalFieldTypes (
        place TEXT NOT NULL, object TEXT NOT NULL, types TEXT NOT NULL,
        PRIMARY KEY (place, object)) STRICT, WITHOUT ROWID;";

/// Writers of the ledger hold it for milliseconds; a backup may hold it longer.
const BUSY_TIMEOUT: Duration = Duration::from_secs(30);

/// The queue in a ledger's file.
#[derive(Debug)]
pub(crate) struct Queue {
    pub(super) db: Connection,
    path: PathBuf,
    /// A ledger that no export has touched has no queue yet; a reader makes none.
    pub(super) there: bool,
}

/// A message that is ready to be written.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Draft {
    /// Object of its records.
    pub(crate) object: String,
    /// How many.
    pub(crate) records: u32,
    /// JSON list of them.
    pub(crate) body: String,
}

/// Which import: one file, as often as it stands in one command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ImportKey {
    /// Whose.
    pub(crate) account: AccountName,
    /// The file's identity.
    pub(crate) file: String,
    /// How often the same file stands before it.
    pub(crate) occurrence: u32,
}

/// How far a file is in the queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Imported {
    /// Behind the last line that is in.
    pub(crate) mark: Mark,
    /// SHA-256 of the bytes before it: tells whether the file is still the same.
    pub(crate) digest: Vec<u8>,
}

/// Messages as they are stored: sequence and body.
type Bodies = Vec<(i64, String)>;

/// An import that was not finished, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unfinished {
    /// Which it is.
    pub(crate) key: ImportKey,
    /// The file's name.
    pub(crate) name: String,
    /// Lines of it that are in.
    pub(crate) lines: u64,
}

impl Queue {
    /// Opens the queue in the ledger's file, which must exist, and makes its tables when they are missing.
    pub(crate) fn open(path: &Path) -> Result<Self, QueueError> {
        let open = || -> rusqlite::Result<Connection> {
            let db = Connection::open(path)?;
            db.busy_timeout(BUSY_TIMEOUT)?;
            db.pragma_update(None, "journal_mode", "WAL")?;
            db.pragma_update(None, "synchronous", "NORMAL")?;
            db.execute_batch(SCHEMA)?;
            Ok(db)
        };
        let db = open().map_err(|error| QueueError::Sqlite { path: path.to_owned(), error })?;
        Ok(Self { db, path: path.to_owned(), there: true })
    }

    /// Opens it for looking only.
    pub(crate) fn open_read_only(path: &Path) -> Result<Self, QueueError> {
        let open = || -> rusqlite::Result<(Connection, bool)> {
            let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
            let db = Connection::open_with_flags(path, flags)?;
            db.busy_timeout(BUSY_TIMEOUT)?;
            let there = "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'LocalFieldTypes')";
            let there = db.query_row(there, [], |row| row.get(0))?;
            Ok((db, there))
        };
        let (db, there) = open().map_err(|error| QueueError::Sqlite { path: path.to_owned(), error })?;
        Ok(Self { db, path: path.to_owned(), there })
    }

    pub(super) fn sqlite<T>(&self, result: rusqlite::Result<T>) -> Result<T, QueueError> {
        result.map_err(|error| QueueError::Sqlite { path: self.path.clone(), error })
    }

    pub(super) fn corrupt(&self, item: String, reason: impl ToString) -> QueueError {
        QueueError::Corrupt { path: self.path.clone(), item, reason: reason.to_string() }
    }

    /// Puts messages in, and that the import is as far as this: all of it or nothing.
    pub(crate) fn put(
        &mut self,
        key: &ImportKey,
        name: &str,
        drafts: &[Draft],
        imported: &Imported,
    ) -> Result<(), QueueError> {
        let result = put(&mut self.db, key, name, drafts, imported);
        self.sqlite(result)
    }

    /// How far an import is that was not finished.
    pub(crate) fn imported(&self, key: &ImportKey) -> Result<Option<Imported>, QueueError> {
        let sql = "SELECT bytes, lines, digest FROM LocalImports WHERE account = ?1 AND file = ?2 AND occurrence = ?3";
        let read = self.db.query_row(sql, params![key.account.as_str(), key.file, key.occurrence], |row| {
            let mark = Mark { offset: number(row, 0)?, line: number(row, 1)? };
            Ok(Imported { mark, digest: row.get(2)? })
        });
        self.sqlite(read.optional())
    }

    /// Everything that the imports put in is settled or parked: the same files are a new export from now on. All or none.
    pub(crate) fn finish(&mut self, keys: &[ImportKey]) -> Result<(), QueueError> {
        let result = finish(&mut self.db, keys);
        self.sqlite(result)
    }

    /// Imports that were not finished.
    pub(crate) fn unfinished(&self, account: &AccountName) -> Result<Vec<Unfinished>, QueueError> {
        if !self.there {
            return Ok(Vec::new());
        }
        let read = || -> rusqlite::Result<Vec<Unfinished>> {
            let sql = "SELECT file, occurrence, name, lines FROM LocalImports WHERE account = ?1
                ORDER BY name, occurrence";
            let mut select = self.db.prepare(sql)?;
            let read = |row: &rusqlite::Row<'_>| {
                let key = ImportKey { account: account.clone(), file: row.get(0)?, occurrence: row.get(1)? };
                Ok(Unfinished { key, name: row.get(2)?, lines: number(row, 3)? })
            };
            select.query_map([account.as_str()], read)?.collect()
        };
        self.sqlite(read())
    }

    /// The first messages of the job whose message has waited longest, at most `limit`; none when nothing waits.
    pub(crate) fn next(&self, account: &AccountName, limit: u32) -> Result<Vec<Message>, QueueError> {
        let read = || -> rusqlite::Result<Option<(String, Bodies)>> {
            let oldest = "SELECT object FROM LocalMessages WHERE account = ?1 ORDER BY sequence LIMIT 1";
            let oldest = self.db.query_row(oldest, [account.as_str()], |row| row.get::<_, String>(0));
            let Some(object) = oldest.optional()? else { return Ok(None) };
            let sql = "SELECT sequence, body FROM LocalMessages WHERE account = ?1 AND object = ?2
                ORDER BY sequence LIMIT ?3";
            let mut select = self.db.prepare_cached(sql)?;
            let rows = select
                .query_map(params![account.as_str(), object, limit], |row| Ok((row.get(0)?, row.get(1)?)))?;
            let rows = rows.collect::<rusqlite::Result<_>>()?;
            Ok(Some((object, rows)))
        };
        let Some((object, rows)) = self.sqlite(read())? else { return Ok(Vec::new()) };
        let job = JobId { account: account.clone(), object };
        rows.into_iter().map(|(sequence, body)| self.message(&job, sequence, &body)).collect()
    }

    fn message(&self, job: &JobId, sequence: i64, body: &str) -> Result<Message, QueueError> {
        let records: Vec<Record> = serde_json::from_str(body)
            .map_err(|error| self.corrupt(format!("message {sequence} of {job}"), error))?;
        let place = |(index, record)| Placed {
            position: Position::new(sequence.unsigned_abs().into(), index),
            record,
        };
        let records = (0u32..).zip(records).map(place).collect();
        Ok(Message { id: sequence.to_string(), job: job.clone(), records })
    }

    /// Deletes messages whose records are all settled or parked.
    pub(crate) fn delete(&mut self, messages: &[Message]) -> Result<(), QueueError> {
        let result = delete(&mut self.db, messages);
        self.sqlite(result)
    }

    /// How many records wait in the queue, by object.
    pub(crate) fn waiting(&self, account: &AccountName) -> Result<Vec<(String, u64)>, QueueError> {
        if !self.there {
            return Ok(Vec::new());
        }
        let read = || -> rusqlite::Result<Vec<(String, u64)>> {
            let sql = "SELECT object, SUM(records) FROM LocalMessages WHERE account = ?1 GROUP BY object";
            let mut select = self.db.prepare(sql)?;
            select.query_map([account.as_str()], |row| Ok((row.get(0)?, number(row, 1)?)))?.collect()
        };
        self.sqlite(read())
    }
}

/// A count: SQLite's integers have a sign, ours are never negative.
fn number(row: &rusqlite::Row<'_>, column: usize) -> rusqlite::Result<u64> {
    row.get::<_, i64>(column).map(i64::unsigned_abs)
}

fn put(
    db: &mut Connection,
    key: &ImportKey,
    name: &str,
    drafts: &[Draft],
    imported: &Imported,
) -> rusqlite::Result<()> {
    let transaction = db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    for draft in drafts {
        transaction
            .prepare_cached(
                "INSERT INTO LocalMessages (account, object, records, body) VALUES (?1, ?2, ?3, ?4)",
            )?
            .execute(params![key.account.as_str(), draft.object, draft.records, draft.body])?;
    }
    transaction.execute(
        "INSERT OR REPLACE INTO LocalImports (account, file, occurrence, name, bytes, lines, digest)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![
            key.account.as_str(),
            key.file,
            key.occurrence,
            name,
            imported.mark.offset.cast_signed(),
            imported.mark.line.cast_signed(),
            imported.digest
        ],
    )?;
    transaction.commit()
}

fn finish(db: &mut Connection, keys: &[ImportKey]) -> rusqlite::Result<()> {
    let transaction = db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    for key in keys {
        transaction.execute(
            "DELETE FROM LocalImports WHERE account = ?1 AND file = ?2 AND occurrence = ?3",
            params![key.account.as_str(), key.file, key.occurrence],
        )?;
    }
    transaction.commit()
}

fn delete(db: &mut Connection, messages: &[Message]) -> rusqlite::Result<()> {
    let transaction = db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    for message in messages {
        transaction
            .prepare_cached("DELETE FROM LocalMessages WHERE sequence = ?1")?
            .execute([&message.id])?;
    }
    transaction.commit()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account() -> AccountName {
        AccountName::new("local").expect("fits")
    }

    fn key() -> ImportKey {
        ImportKey { account: account(), file: "/a".into(), occurrence: 0 }
    }

    fn draft(object: &str, ids: &[&str]) -> Draft {
        let record = |id: &&str| {
            format!(r#"{{"object":"{object}","externalId":{{"field":"E__c","value":"{id}"}},"fields":{{}}}}"#)
        };
        let body = format!("[{}]", ids.iter().map(record).collect::<Vec<_>>().join(","));
        Draft { object: object.into(), records: ids.len() as u32, body }
    }

    fn imported(offset: u64) -> Imported {
        Imported { mark: Mark { offset, line: 1 }, digest: vec![7] }
    }

    fn shown(messages: &[Message]) -> Vec<String> {
        let placed = |message: &Message| {
            let record = |placed: &Placed| format!("{}@{}", placed.record.external_id.value, placed.position);
            format!(
                "{}:{}",
                message.job.object,
                message.records.iter().map(record).collect::<Vec<_>>().join(" ")
            )
        };
        messages.iter().map(placed).collect()
    }

    #[test]
    fn messages_come_back_in_order_until_they_are_deleted() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.db");
        let mut queue = Queue::open(&path).expect("opens");
        let drafts = [draft("B", &["1", "2"]), draft("A", &["3"]), draft("B", &["4"])];
        queue.put(&key(), "a", &drafts, &imported(9)).expect("put");
        drop(queue);

        let mut queue = Queue::open(&path).expect("opens again");
        let first = queue.next(&account(), 10).expect("read");
        assert_eq!(shown(&first), ["B:1@1.0 2@1.1", "B:4@3.0"]);
        assert_eq!(queue.next(&account(), 10).expect("read"), first, "a repeat keeps its places");
        queue.delete(&first).expect("deleted");
        assert_eq!(shown(&queue.next(&account(), 10).expect("read")), ["A:3@2.0"]);
        let rest = queue.next(&account(), 10).expect("read");
        queue.delete(&rest).expect("deleted");
        assert_eq!(queue.next(&account(), 10).expect("read"), []);

        queue.put(&key(), "a", &[draft("B", &["5"])], &imported(12)).expect("put");
        assert_eq!(shown(&queue.next(&account(), 1).expect("read")), ["B:5@4.0"], "no number is used twice");
    }

    #[test]
    fn accounts_are_apart() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut queue = Queue::open(&folder.path().join("a.db")).expect("opens");
        queue.put(&key(), "a", &[draft("B", &["1"])], &imported(9)).expect("put");
        let other = AccountName::new("other").expect("fits");
        assert_eq!(queue.next(&other, 10).expect("read"), []);
        assert_eq!(queue.unfinished(&other).expect("read"), []);
        assert_eq!(queue.waiting(&account()).expect("read"), [("B".to_owned(), 1)]);
    }

    #[test]
    fn a_transaction_that_is_cut_short_leaves_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.db");
        let mut queue = Queue::open(&path).expect("opens");
        queue.put(&key(), "a", &[draft("B", &["1"])], &imported(9)).expect("put");
        {
            let transaction = queue.db.transaction().expect("begins");
            transaction.execute("DELETE FROM LocalMessages", []).expect("deleted");
            transaction.execute("UPDATE LocalImports SET bytes = 99", []).expect("updated");
            // The program is killed here.
        }
        drop(queue);
        let queue = Queue::open_read_only(&path).expect("opens again");
        assert_eq!(shown(&queue.next(&account(), 10).expect("read")), ["B:1@1.0"]);
        assert_eq!(queue.imported(&key()).expect("read"), Some(imported(9)));
        assert_eq!(
            queue.unfinished(&account()).expect("read"),
            [Unfinished { key: key(), name: "a".into(), lines: 1 }]
        );
    }

    #[test]
    fn a_damaged_message_is_named() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut queue = Queue::open(&folder.path().join("a.db")).expect("opens");
        let damaged = Draft { body: "[{".into(), ..draft("B", &["1"]) };
        queue.put(&key(), "a", &[damaged], &imported(9)).expect("put");
        let error = queue.next(&account(), 1).expect_err("damaged").to_string();
        assert!(error.starts_with("read message 1 of local/B in "), "{error}");
    }
}
