//! What the ledger can do wrong.

use domain::{JobId, Timestamp};
use thiserror::Error;

/// A ledger call that failed. Nothing of it was written, or (for `Unavailable`) it may have been: repeat it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{kind}")]
pub struct LedgerError {
    kind: LedgerErrorKind,
}

/// How it failed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum LedgerErrorKind {
    /// The store did not answer, or is full.
    #[error("reach the ledger: {0}")]
    Unavailable(String),
    /// Another run has the job.
    #[error("lease {job}: another run has it until {until}; try again then")]
    LeaseHeld {
        /// Which job.
        job: JobId,
        /// When its lease runs out.
        until: Timestamp,
    },
    /// A newer run has the job: this one must stop.
    #[error("write to {job}: a newer run has taken it over; this run stops")]
    LeaseLost {
        /// Which job.
        job: JobId,
    },
    /// The settings were changed in between.
    #[error("change the settings: someone else changed them in between; read them again and repeat")]
    Conflict,
    /// An item cannot be read.
    #[error("read {item}: it is damaged ({reason}); mend or remove it")]
    Corrupt {
        /// Which item.
        item: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The file belongs to something else. It was left as it is.
    #[error("open {path}: {found}, and was left as it is; name another file")]
    NotALedger {
        /// Which file.
        path: String,
        /// What it is instead.
        found: &'static str,
    },
    /// The store was made by another version of the program.
    #[error(
        "open {path}: it is a ledger of version {found}, this program reads version {expected}; {advice}"
    )]
    OtherVersion {
        /// Which file or table.
        path: String,
        /// Its version.
        found: String,
        /// Ours.
        expected: u32,
        /// What to do.
        advice: String,
    },
}

impl LedgerError {
    /// How it failed.
    pub fn kind(&self) -> &LedgerErrorKind {
        &self.kind
    }
}

impl From<LedgerErrorKind> for LedgerError {
    fn from(kind: LedgerErrorKind) -> Self {
        Self { kind }
    }
}

/// What is wrong with stored JSON, without what stands in it: reasons are logged, and an item may hold a record's values.
pub(super) fn misfit(error: &serde_json::Error) -> String {
    let told = error.to_string();
    let quotes =
        ["invalid type: ", "invalid value: ", "unknown variant "].iter().any(|start| told.starts_with(start));
    match told.rsplit_once(", expected ") {
        Some((_, expected)) if quotes => format!("something else stands there than {expected}"),
        _ => told,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_told_without_its_value() {
        let told =
            |text: &str| misfit(&serde_json::from_str::<(String, u8)>(text).expect_err("no such pair"));
        assert_eq!(
            told(r#"["a", "Okafor, expected x"]"#),
            "something else stands there than u8 at line 1 column 26"
        );
        assert_eq!(told(r#"["a", 300]"#), "something else stands there than u8 at line 1 column 9");
        assert_eq!(told("[1"), "something else stands there than a string at line 1 column 2");
        assert_eq!(told("[\"a"), "EOF while parsing a string at line 1 column 3");
    }
}
