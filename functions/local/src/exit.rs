//! How the program ends: the exit status, and the failures that lead to one.

use std::process::ExitCode;

use domain::name::NameError;
use engine::ArtifactError;
use host::HostError;
use jobs::ledger::{LedgerError, LedgerErrorKind};
use jobs::{ChangeError, SkipError};
use sandbox::StoreError;
use thiserror::Error;

use crate::connect::ConnectError;
use crate::deployed::DeployedError;
use crate::input::{BadInput, FileError, ReaderError};
use crate::lock::LockError;
use crate::queue::{ImportError, QueueError};
#[cfg(feature = "aws")]
use crate::send::PostError;

/// The exit status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Everything is exported.
    Done,
    /// Any other failure.
    Failed,
    /// Wrong usage or input; nothing was exported.
    Usage,
    /// A job is held or records wait.
    Held,
    /// Done, with export errors logged.
    ErrorsLogged,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Done => 0,
            Exit::Failed => 1,
            Exit::Usage => 2,
            Exit::Held => 10,
            Exit::ErrorsLogged => 11,
        })
    }
}

/// Why a command did not do what it was asked.
#[derive(Debug, Error)]
pub(crate) enum Failure {
    /// The command line asks for what cannot be.
    #[error("{0}")]
    Usage(String),
    #[error(transparent)]
    Name(#[from] NameError),
    #[error(transparent)]
    File(#[from] FileError),
    #[error(transparent)]
    BadInput(#[from] BadInput),
    #[error(transparent)]
    Connect(#[from] ConnectError),
    #[error(transparent)]
    Deployed(#[from] DeployedError),
    #[cfg(feature = "aws")]
    #[error(transparent)]
    Post(#[from] PostError),
    #[error(transparent)]
    Lock(#[from] LockError),
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    #[error(transparent)]
    Queue(#[from] QueueError),
    #[error(transparent)]
    Import(#[from] ImportError),
    #[error(transparent)]
    Reader(#[from] ReaderError),
    #[error(transparent)]
    Change(#[from] ChangeError),
    #[error(transparent)]
    Skip(#[from] SkipError),
    #[error(transparent)]
    Artifact(#[from] ArtifactError),
    #[error("compile the rules to machine code: {0}")]
    Host(#[from] HostError),
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A CSV file cannot be read without knowing what the object's fields take.
    #[error(
        "learn what the fields of {object} take, which a CSV file needs: {reason}; run the command again when the CRM answers, or \
         export NDJSON, which waits by itself"
    )]
    Fields {
        /// Which object.
        object: String,
        /// Why not.
        reason: String,
    },
    /// Something of the machine.
    #[error("{what}: {error}")]
    Io {
        /// What was tried, `read stdin`.
        what: String,
        /// Why it failed.
        error: std::io::Error,
    },
    /// A person or the system asked the program to end.
    #[error("interrupted; nothing is lost: run the same command again to go on")]
    Interrupted,
}

impl Failure {
    /// The status it ends with.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::Usage(_) | Self::Name(_) | Self::File(_) | Self::BadInput(_) => Exit::Usage,
            Self::Connect(error) if error.is_usage() => Exit::Usage,
            Self::Deployed(error) if error.is_usage() => Exit::Usage,
            #[cfg(feature = "aws")]
            Self::Post(error) if error.is_usage() => Exit::Usage,
            Self::Lock(error) if error.is_usage() => Exit::Usage,
            Self::Change(ChangeError::Refused(_)) | Self::Skip(SkipError::NotPaused(_)) => Exit::Usage,
            // A file that is no ledger of ours was named, or one that a person broke: repeating does not help.
            Self::Ledger(error)
                if matches!(
                    error.kind(),
                    LedgerErrorKind::OtherVersion { .. }
                        | LedgerErrorKind::NotALedger { .. }
                        | LedgerErrorKind::Corrupt { .. }
                ) =>
            {
                Exit::Usage
            }
            _ => Exit::Failed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_file_is_usage_and_a_full_disk_is_not() {
        let ledger = |kind: LedgerErrorKind| Failure::from(LedgerError::from(kind)).exit();
        let other = LedgerErrorKind::OtherVersion {
            path: "x".into(),
            found: "9".into(),
            expected: 1,
            advice: "name another".into(),
        };
        assert_eq!(ledger(other), Exit::Usage);
        assert_eq!(ledger(LedgerErrorKind::Unavailable("full".into())), Exit::Failed);
        assert_eq!(Failure::Usage("x".into()).exit(), Exit::Usage);
        assert_eq!(Failure::Interrupted.exit(), Exit::Failed);
    }
}
