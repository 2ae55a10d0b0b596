//! What a call to DynamoDB can fail with, and what that means for the caller.
//!
//! The SDK has repeated what it takes for passing (throttling, server errors, lost connections) before anything comes
//! here. Conflicts of transactions, and throttling within one, it does not repeat: those are `Busy`.

use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::types::CancellationReason;

use super::item::Row;
use crate::ledger::{LedgerError, LedgerErrorKind};

/// How a call failed.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Failure {
    /// A condition did not hold. What the condition was about, where there is such an item, in the order of the actions.
    Refused(Vec<Option<Row>>),
    /// Others are writing to the same items, or more than the table takes: the same call may succeed in a moment.
    Busy(String),
    /// An attribute has another type than the update needs: someone edited it.
    Mistyped(String),
    /// Told as it is.
    Told(LedgerError),
}

impl From<LedgerError> for Failure {
    fn from(error: LedgerError) -> Self {
        Self::Told(error)
    }
}

impl Failure {
    /// As the caller is told, when it has nothing better to say.
    pub(super) fn told(self, table: &str) -> LedgerError {
        match self {
            Self::Told(error) => error,
            Self::Refused(_) => unavailable(table, "an item changed in between", "try again"),
            Self::Busy(why) => unavailable(table, &why, "others write to the same items; try again"),
            Self::Mistyped(why) => unavailable(table, &why, "an item was edited; mend it and try again"),
        }
    }
}

/// Reads the SDK's error.
pub(super) fn judge(table: &str, error: aws_sdk_dynamodb::Error) -> Failure {
    use aws_sdk_dynamodb::Error;
    match error {
        Error::ConditionalCheckFailedException(failed) => Failure::Refused(vec![failed.item.map(Row)]),
        Error::TransactionCanceledException(cancelled) => {
            judge_reasons(table, cancelled.cancellation_reasons.unwrap_or_default())
        }
        Error::TransactionConflictException(_) | Error::TransactionInProgressException(_) => {
            Failure::Busy(code_of(&error))
        }
        other => {
            let text = described(&other);
            if other.code() == Some("ValidationException") && text.contains("incorrect data type") {
                return Failure::Mistyped(text);
            }
            Failure::Told(unavailable(table, &text, advice(&code_of(&other))))
        }
    }
}

/// Why a transaction was cancelled. A condition that did not hold decides, whatever else was wrong.
fn judge_reasons(table: &str, reasons: Vec<CancellationReason>) -> Failure {
    let has = |code: &str| reasons.iter().any(|reason| reason.code() == Some(code));
    if has("ConditionalCheckFailed") {
        return Failure::Refused(reasons.into_iter().map(|reason| reason.item.map(Row)).collect());
    }
    let busy = ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"];
    if let Some(code) = busy.into_iter().find(|code| has(code)) {
        return Failure::Busy(code.to_owned());
    }
    let named = reasons.iter().filter(|reason| reason.code().is_some_and(|code| code != "None"));
    let told: Vec<String> = named
        .map(|reason| {
            let (code, message) = (reason.code().unwrap_or_default(), reason.message().unwrap_or_default());
            format!("{code}: {message}")
        })
        .collect();
    let told = told.join("; ");
    if told.contains("incorrect data type") {
        return Failure::Mistyped(told);
    }
    Failure::Told(unavailable(table, &told, "see the limits of DynamoDB's transactions"))
}

fn code_of(error: &aws_sdk_dynamodb::Error) -> String {
    error.code().unwrap_or_default().to_owned()
}

/// Code and message of the service, or the chain of causes of what did not get that far.
fn described(error: &aws_sdk_dynamodb::Error) -> String {
    if let Some(code) = error.code() {
        return format!("{code}: {}", error.message().unwrap_or_default());
    }
    let mut text = String::new();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        let part = error.to_string();
        if !part.is_empty() && !text.ends_with(&part) {
            let gap = if text.is_empty() { "" } else { ": " };
            text = format!("{text}{gap}{part}");
        }
        cause = error.source();
    }
    if text.is_empty() { error.to_string() } else { text }
}

fn advice(code: &str) -> &'static str {
    match code {
        "ResourceNotFoundException" => "check the table's name, the region and the account",
        "AccessDeniedException" | "UnrecognizedClientException" | "InvalidSignatureException" => {
            "check the credentials and what their role may do"
        }
        "ExpiredTokenException" | "ExpiredToken" => "sign in again",
        "KMSAccessDeniedException" | "KMSDisabledException" | "KMSNotFoundException" => {
            "check the table's key and who may use it"
        }
        "ProvisionedThroughputExceededException" | "ThrottlingException" | "RequestLimitExceeded" => {
            "the table takes no more for now; try again"
        }
        _ => "try again",
    }
}

/// The ledger cannot be reached, and what to do.
pub(super) fn unavailable(table: &str, why: &str, advice: &str) -> LedgerError {
    LedgerErrorKind::Unavailable(format!("table {table}: {why}; {advice}")).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(code: &str) -> CancellationReason {
        CancellationReason::builder().code(code).message("m").build()
    }

    #[test]
    fn a_cancelled_transaction_says_why() {
        let unavailable = |text: &str| Failure::Told(LedgerErrorKind::Unavailable(text.to_owned()).into());
        let cases = [
            (vec!["ConditionalCheckFailed", "TransactionConflict"], Failure::Refused(vec![None, None])),
            (vec!["None", "TransactionConflict"], Failure::Busy("TransactionConflict".to_owned())),
            (vec!["ThrottlingError", "None"], Failure::Busy("ThrottlingError".to_owned())),
            (
                vec!["None", "ItemCollectionSizeLimitExceeded"],
                unavailable(
                    "table t: ItemCollectionSizeLimitExceeded: m; see the limits of DynamoDB's transactions",
                ),
            ),
        ];
        for (codes, expected) in cases {
            let reasons = codes.iter().map(|code| reason(code)).collect();
            assert_eq!(judge_reasons("t", reasons), expected, "{codes:?}");
        }
    }
}
