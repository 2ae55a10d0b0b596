//! Salesforce's REST API: what a request is, who answers it, and in which shape.
//!
//! Calls on data go through one function, `dispatch`, whether they come over the network or inside a composite
//! request; each runs in the transaction of its request. Signing in stands beside it, in `auth` and `soap`.

mod answer;
mod auth;
mod batch;
mod by_key;
mod collections;
mod composite;
mod data;
mod describe;
mod discovery;
mod dispatch;
mod faults;
mod grants;
mod graph;
mod identity;
mod query;
mod records;
mod references;
mod request;
mod retrieve;
mod router;
mod rows;
mod soap;
mod tree;

pub use faults::is_dropped;
pub use router::router;
