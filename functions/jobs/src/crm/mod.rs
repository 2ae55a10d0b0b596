//! The port to a CRM: one call that writes a chunk, answered record by record in the order that was sent.

mod memory;
#[cfg(feature = "salesforce")]
pub mod salesforce;
mod with_rules;

use std::time::Duration;

use async_trait::async_trait;
use domain::decide::RowAnswer;
use domain::{CrmError, Operation, Record};

pub use memory::MemoryCrm;
pub use with_rules::CrmWithRules;

use crate::rules::{NoRules, RuleBook};

/// What one call writes: records of one object, operation and external id field, no external id twice.
#[derive(Debug, Clone, Copy)]
pub struct Chunk<'a> {
    /// API name of the object.
    pub object: &'a str,
    /// API name of the external id field.
    pub external_id_field: &'a str,
    /// Upsert or delete.
    pub operation: Operation,
    /// At most 200, in the job's order.
    pub records: &'a [&'a Record],
    /// All are written or none.
    pub all_or_none: bool,
}

/// The answer to a chunk, and what it cost.
#[derive(Debug, Clone)]
pub struct Reply {
    /// One answer per record in the order sent, or why there is none.
    pub outcome: Result<Vec<RowAnswer>, CrmFailure>,
    /// API calls that were made for it, sign-in not counted (Salesforce does not count it).
    pub calls: u32,
    /// What the CRM says of the day's calls, when it says so (`Sforce-Limit-Info`).
    pub usage: Option<ApiUsage>,
}

/// Calls of the last 24 hours as the CRM counts them, all its clients together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ApiUsage {
    /// Used.
    pub used: u64,
    /// Allowed.
    pub max: u64,
}

/// Why a call has no answer per record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CrmFailure {
    /// The CRM read the request and refused it whole (400 or 404 with error codes): an unknown object, field or
    /// external id field, a value of the wrong JSON type. One of its records may be the cause.
    Refused(Vec<CrmError>),
    /// CRM unavailable: sign-in, limit, outage, network, an answer that is none of the CRM's. Says nothing about a record.
    /// Whether it was written is not known; upserts make the repeat harmless.
    Unavailable {
        /// Code and text: the CRM's own where it gave one, else one of ours.
        error: CrmError,
        /// The CRM's own word on when to come again.
        retry_after: Option<Duration>,
    },
}

/// Our own codes for a CRM that did not answer as one.
pub mod own_code {
    /// The connection failed or timed out.
    pub const CONNECTION_FAILED: &str = "CONNECTION_FAILED";
    /// An answer that is not Salesforce's, such as a proxy's HTML page.
    pub const UNEXPECTED_ANSWER: &str = "UNEXPECTED_ANSWER";
    /// Sign-in was refused.
    pub const SIGN_IN_FAILED: &str = "SIGN_IN_FAILED";
    /// The account's own daily limit (`dailyCrmApiLimit`) is used up.
    pub const DAILY_LIMIT_REACHED: &str = "API_LIMIT_EXCEEDED";
}

/// Writes to a CRM.
#[async_trait]
pub trait Crm: Send + Sync {
    /// Sends one chunk. Never retries by itself, but for one new sign-in when the session expired.
    async fn send(&self, chunk: Chunk<'_>) -> Reply;

    /// What is known of its rules: they are this CRM's and no other's, so they come with it ([`CrmWithRules`]). A CRM that
    /// wraps another hands on the other's.
    fn rules(&self) -> &dyn RuleBook {
        &NoRules
    }
}
