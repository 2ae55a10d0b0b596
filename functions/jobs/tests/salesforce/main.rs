//! The Salesforce client over HTTP: the exact requests that go out, and what it makes of servers that answer well, badly,
//! late or not at all. What each status and body means is tested beside the code that reads it.

#![cfg(feature = "salesforce")]

mod calls;
mod deletes;
mod failures;
mod queries;
mod server;
mod sessions;
mod support;
