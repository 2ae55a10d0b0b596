//! Salesforce over its REST API: a chunk is one sObject Collections call, answered record by record.
//!
//! A record comes in through [`Salesforce`] (the port's `send`), is put in words in `request`, goes out through `http`
//! under a token that `session` keeps, and what comes back is judged in `answer`, which does no IO. `delete` finds the
//! record ids first, by `query`. Nothing here waits, retries (but for one new sign-in when the session expired) or
//! judges whose fault a refusal is: that is the jobs' and the domain's business.

mod answer;
mod client;
mod config;
mod delete;
mod error;
mod http;
mod jwt;
mod query;
mod request;
mod session;
mod soql;

pub use answer::REQUEST_TOO_LARGE;
pub use client::Salesforce;
pub use config::{Credentials, SalesforceConfig};
pub use error::{QueryError, SalesforceError, SalesforceErrorKind};
pub use query::QueryResult;
