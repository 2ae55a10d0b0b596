//! What can go wrong inside a call, and how SQLite's own errors are told to the caller.

use std::path::Path;

use rusqlite::ErrorCode;

use crate::ledger::{LedgerError, LedgerErrorKind};

/// What a call of ours fails with, before the file's name is known.
#[derive(Debug)]
pub(super) enum Trouble {
    /// SQLite refused.
    Sqlite(rusqlite::Error),
    /// The ledger's own answer.
    Ledger(LedgerErrorKind),
}

impl From<rusqlite::Error> for Trouble {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl From<LedgerErrorKind> for Trouble {
    fn from(kind: LedgerErrorKind) -> Self {
        Self::Ledger(kind)
    }
}

impl Trouble {
    /// A row that cannot be read.
    pub(super) fn corrupt(item: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Ledger(LedgerErrorKind::Corrupt { item: item.into(), reason: reason.into() })
    }

    /// As the caller is told, with the file and what to do.
    pub(super) fn told(self, path: &Path) -> LedgerError {
        match self {
            Self::Sqlite(error) => told(path, &error).into(),
            Self::Ledger(kind) => kind.into(),
        }
    }
}

fn told(path: &Path, error: &rusqlite::Error) -> LedgerErrorKind {
    let file = path.display();
    let unavailable = |advice: &str| LedgerErrorKind::Unavailable(format!("{file}: {error}; {advice}"));
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => unavailable(
            "another program is writing to it: try again, and end a transaction that is open in sqlite3",
        ),
        Some(ErrorCode::DiskFull) => unavailable("make room on its disk and try again"),
        Some(ErrorCode::CannotOpen) => unavailable("check that its folder exists and may be written"),
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => {
            unavailable("make the file and its folder writable for this program")
        }
        Some(
            ErrorCode::SystemIoFailure
            | ErrorCode::OutOfMemory
            | ErrorCode::OperationInterrupted
            | ErrorCode::FileLockingProtocolFailed,
        ) => unavailable("check its disk and try again"),
        // Broken pages, and tables or columns that someone changed: repeating does not help.
        _ => LedgerErrorKind::Corrupt { item: format!("the ledger file {file}"), reason: error.to_string() },
    }
}
