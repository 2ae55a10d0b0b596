//! Why an invocation fails. Lambda keeps what it says, so that it never holds a field's value of a record.

use jobs::ledger::{LedgerError, LedgerErrorKind};
use thiserror::Error;

/// An invocation that failed. Its text fits after "failed to".
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum FunctionError {
    /// The event is nothing that the function knows.
    #[error("read the event: {found}; expected {expected}")]
    Event {
        /// What is wrong with it.
        found: String,
        /// What the function takes.
        expected: &'static str,
    },
    /// The ledger cannot be read or written, or another run has the job.
    #[error("{0}")]
    Ledger(String),
}

impl FunctionError {
    /// The kind, as Lambda counts errors by it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Event { .. } => "Event",
            Self::Ledger(_) => "Ledger",
        }
    }
}

impl From<&LedgerError> for FunctionError {
    /// Without what a damaged item holds: the reason may quote it.
    fn from(error: &LedgerError) -> Self {
        Self::Ledger(match error.kind() {
            LedgerErrorKind::Corrupt { item, .. } => format!("read {item}: it is damaged; mend or remove it"),
            _ => error.to_string(),
        })
    }
}

impl From<LedgerError> for FunctionError {
    fn from(error: LedgerError) -> Self {
        Self::from(&error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_damaged_item_is_named_and_not_quoted() {
        let kind = LedgerErrorKind::Corrupt { item: "SETTINGS".to_owned(), reason: "\"hush\"".to_owned() };
        let error = FunctionError::from(LedgerError::from(kind));
        assert_eq!(error.to_string(), "read SETTINGS: it is damaged; mend or remove it");
        let other = LedgerError::from(LedgerErrorKind::Unavailable("throttled".to_owned()));
        assert_eq!(FunctionError::from(&other).to_string(), other.to_string());
    }
}
