//! Bulk API 2.0: ingest jobs (reference §2.8) and query jobs.
//!
//! | what | file |
//! |---|---|
//! | paths and HTTP | `routes` |
//! | a job, its states, where it is kept | `job`, `states` |
//! | what a client asks for | `request` |
//! | ingest: what clients do, the header row, chunks of 200, results | `ingest`, `header`, `chunk`, `results` |
//! | query | `query` |
//! | CSV in six dialects | `csv` |
//!
//! An ingest job is worked off in the background, one chunk in one transaction, so that its states can be seen and
//! other requests come in between. Left out: multipart creation, `assignmentRuleId`, serial mode, daily limits.

mod chunk;
mod csv;
mod header;
mod ingest;
mod job;
mod query;
mod request;
mod results;
mod routes;
mod states;

pub use routes::routes;
