//! Why a Salesforce client cannot be built, and why a query has no answer.
//!
//! Failures of a chunk are not here: they are the port's [`CrmFailure`].

use domain::CrmError;
use thiserror::Error;

use crate::crm::CrmFailure;

/// A configuration that cannot work. Nothing was sent yet; a person must change it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{kind}")]
pub struct SalesforceError {
    kind: SalesforceErrorKind,
}

/// What is wrong with the configuration. Never shows a secret.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SalesforceErrorKind {
    /// The login URL is none.
    #[error(
        "read the Salesforce login URL `{given}`: {reason}; give one such as https://login.salesforce.com or \
         https://acme.my.salesforce.com"
    )]
    LoginUrl {
        /// As it was given, without a user name and password.
        given: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The API version is none, or too old for upserts of many records.
    #[error("use Salesforce API version `{given}`: give a version such as 66.0, at least 46.0")]
    ApiVersion {
        /// As it was given.
        given: String,
    },
    /// The private key cannot sign.
    #[error("read the Salesforce private key: {0}")]
    PrivateKey(String),
    /// The extra root certificates cannot be read.
    #[error("read the extra root certificates: {0}; give one or more PEM blocks `BEGIN CERTIFICATE`")]
    RootCertificates(String),
    /// HTTPS cannot be prepared on this machine.
    #[error("prepare HTTPS: {0}; install the system's CA certificates (package ca-certificates)")]
    Https(String),
}

impl SalesforceError {
    /// What is wrong.
    pub fn kind(&self) -> &SalesforceErrorKind {
        &self.kind
    }
}

impl From<SalesforceErrorKind> for SalesforceError {
    fn from(kind: SalesforceErrorKind) -> Self {
        Self { kind }
    }
}

/// A query without an answer.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("query Salesforce: {}", told(failure))]
pub struct QueryError {
    failure: CrmFailure,
}

impl QueryError {
    /// Refused (the query is wrong) or unavailable (try again later).
    pub fn failure(&self) -> &CrmFailure {
        &self.failure
    }
}

impl From<CrmFailure> for QueryError {
    fn from(failure: CrmFailure) -> Self {
        Self { failure }
    }
}

fn told(failure: &CrmFailure) -> String {
    let one = |error: &CrmError| format!("{}: {}", error.code, error.message);
    match failure {
        CrmFailure::Refused(errors) => {
            format!(
                "{}; correct the query, or what the user may read",
                errors.iter().map(one).collect::<Vec<_>>().join("; ")
            )
        }
        CrmFailure::Unavailable { error, .. } => format!("{}; try again later", one(error)),
    }
}

/// CRM unavailable, with one of our own codes and no word on when to come again.
pub(super) fn unavailable(code: &str, message: impl Into<String>) -> CrmFailure {
    CrmFailure::Unavailable { error: CrmError::new(code, message, &[]), retry_after: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(failure: CrmFailure, text: &str) {
        assert_eq!(QueryError::from(failure).to_string(), text);
    }

    #[test]
    fn a_query_error_tells_every_reason() {
        check(
            CrmFailure::Refused(vec![CrmError::new("A", "first", &[]), CrmError::new("B", "second", &[])]),
            "query Salesforce: A: first; B: second; correct the query, or what the user may read",
        );
        check(unavailable("C", "down"), "query Salesforce: C: down; try again later");
    }
}
