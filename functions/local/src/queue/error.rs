//! What the local queue can do wrong.

use std::path::PathBuf;

use thiserror::Error;

/// A queue call that failed. Nothing of it was written.
#[derive(Debug, Error)]
pub(crate) enum QueueError {
    /// SQLite said no.
    #[error("use the queue in {path}: {error}; check that the file can be written and the disk is not full")]
    Sqlite {
        /// The ledger's file.
        path: PathBuf,
        /// Why.
        error: rusqlite::Error,
    },
    /// A row cannot be read.
    #[error("read {item} in {path}: it is damaged ({reason}); remove that row, it cannot be exported")]
    Corrupt {
        /// The ledger's file.
        path: PathBuf,
        /// Which row.
        item: String,
        /// What is wrong with it.
        reason: String,
    },
}
