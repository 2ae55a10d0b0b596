//! Bulk API 2.0 over HTTP.

mod ingest;
mod query;
mod world;
