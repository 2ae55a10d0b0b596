//! Opens the database: file or memory, its schema, and what can go wrong with it.
//!
//! There is one schema version. A file of another version is refused, not migrated: it is a developer's test data.

use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode};
use thiserror::Error;

use crate::config::Database;

/// Changes with every change of [`SCHEMA`].
const VERSION: i64 = 1;

const SCHEMA: &str = "
    CREATE TABLE record (id TEXT PRIMARY KEY, object TEXT NOT NULL, deleted INTEGER NOT NULL, body TEXT NOT NULL);
    CREATE INDEX record_by_object ON record (object, id);
    CREATE TABLE entry (object TEXT NOT NULL, field TEXT NOT NULL, value TEXT NOT NULL, id TEXT NOT NULL,
                        PRIMARY KEY (object, field, value, id)) WITHOUT ROWID;
    CREATE TABLE counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE document (kind TEXT NOT NULL, key TEXT NOT NULL, body BLOB NOT NULL,
                           PRIMARY KEY (kind, key)) WITHOUT ROWID;
";

/// The database cannot be opened, read or written.
#[derive(Debug, Error)]
pub enum StoreError {
    /// SQLite refused.
    #[error("use the sandbox's database: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// The file was made by another version of this program.
    #[error(
        "open {file}: its schema is version {found} and this program knows version {VERSION}; \
         delete the file or use the program that made it"
    )]
    Version {
        /// The database file.
        file: String,
        /// Its version.
        found: i64,
    },
    /// The file is no database.
    #[error("open {file}: it is not a SQLite database; name another file")]
    NotADatabase {
        /// The file.
        file: String,
    },
    /// A stored record or document cannot be read.
    #[error("read {what} from the sandbox's database: {error}; delete the database file to begin anew")]
    Damaged {
        /// Which.
        what: String,
        /// Why.
        error: serde_json::Error,
    },
}

impl StoreError {
    /// Whether another process holds the database, so that a later attempt may succeed.
    pub fn is_busy(&self) -> bool {
        let code = match self {
            StoreError::Sqlite(error) => error.sqlite_error_code(),
            _ => None,
        };
        matches!(code, Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
    }
}

/// Opens (and creates, when new) the database.
pub fn open(database: &Database) -> Result<Connection, StoreError> {
    let (mut connection, file) = match database {
        Database::Memory => (Connection::open_in_memory()?, "the database in memory".to_owned()),
        Database::File(path) => (Connection::open(path)?, path.display().to_string()),
    };
    prepare(&mut connection, database, &file).map_err(|error| match error {
        StoreError::Sqlite(cause) if cause.sqlite_error_code() == Some(ErrorCode::NotADatabase) => {
            StoreError::NotADatabase { file: file.clone() }
        }
        error => error,
    })?;
    Ok(connection)
}

fn prepare(connection: &mut Connection, database: &Database, file: &str) -> Result<(), StoreError> {
    connection.busy_timeout(Duration::from_secs(10))?;
    connection.set_prepared_statement_cache_capacity(64);
    match database {
        // A crash may lose the last requests but never breaks the file: enough for test data.
        Database::File(_) => {
            connection.pragma_update(None, "journal_mode", "WAL")?;
            connection.pragma_update(None, "synchronous", "NORMAL")?;
        }
        Database::Memory => connection.pragma_update(None, "synchronous", "OFF")?,
    }
    connection.pragma_update(None, "cache_size", -32_000)?;
    // Otherwise SQLite prepares a statement anew for each value of a bound LIMIT, which costs more than the statement.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    // Two processes may open a new file at once: the one that comes second finds the schema in place.
    let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let version: i64 = transaction.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let tables: i64 = transaction.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if version == 0 && tables == 0 {
        transaction.execute_batch(SCHEMA)?;
        transaction.pragma_update(None, "user_version", VERSION)?;
    } else if version != VERSION {
        return Err(StoreError::Version { file: file.to_owned(), found: version });
    }
    transaction.commit()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_another_version_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("crm.db");
        drop(open(&Database::File(path.clone())).unwrap());
        drop(open(&Database::File(path.clone())).unwrap());
        Connection::open(&path).unwrap().pragma_update(None, "user_version", 9).unwrap();
        let error = open(&Database::File(path.clone())).unwrap_err().to_string();
        assert_eq!(
            error,
            format!(
                "open {}: its schema is version 9 and this program knows version 1; \
                 delete the file or use the program that made it",
                path.display()
            )
        );
    }

    #[test]
    fn a_file_that_is_no_database_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notes.txt");
        std::fs::write(&path, "Not a database, but long enough to have a header.".repeat(40)).unwrap();
        let error = open(&Database::File(path.clone())).unwrap_err().to_string();
        assert_eq!(error, format!("open {}: it is not a SQLite database; name another file", path.display()));
    }
}
