//! One program at a time runs jobs on a ledger: a lock on the file `<db>.lock`.
//!
//! The operating system gives it back when the program ends, however it ends. Commands that only read take none.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::paths::beside;

/// The lock cannot be taken.
#[derive(Debug, Error)]
#[error(
    "lock {path}: {error}; check that the folder exists and can be written, or give another file with --db"
)]
pub(crate) struct LockError {
    path: PathBuf,
    error: std::io::Error,
}

impl LockError {
    /// Whether the path that was given cannot be right.
    pub(crate) fn is_usage(&self) -> bool {
        matches!(self.error.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory)
    }
}

/// Held until it is dropped.
#[derive(Debug)]
pub(crate) struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock of the ledger `db`. When another program has it, calls `waiting` and waits.
    pub(crate) fn take(db: &Path, waiting: impl FnOnce()) -> Result<Self, LockError> {
        let path = beside(db, ".lock");
        let fail = |error| LockError { path: path.clone(), error };
        let file = File::options().create(true).truncate(false).write(true).open(&path).map_err(fail)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                waiting();
                file.lock().map_err(fail)?;
            }
            Err(TryLockError::Error(error)) => return Err(fail(error)),
        }
        Ok(Self { _file: file })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn the_second_waits_for_the_first() {
        let folder = tempfile::tempdir().expect("a folder");
        let db = folder.path().join("a.db");
        let first = Lock::take(&db, || panic!("nobody else is there")).expect("free");
        let (tell, told) = mpsc::channel();
        let second = std::thread::spawn({
            let db = db.clone();
            move || Lock::take(&db, || tell.send(()).expect("heard")).is_ok()
        });
        told.recv().expect("the second says that it waits");
        drop(first);
        assert!(second.join().expect("ends"));
    }

    #[test]
    fn a_folder_that_is_not_there_is_named() {
        let error = Lock::take(Path::new("/nowhere/a.db"), || ()).expect_err("no folder").to_string();
        assert!(error.starts_with("lock /nowhere/a.db.lock: ") && error.contains("--db"), "{error}");
    }
}
