//! The local CRM: Salesforce's REST API over SQLite, enforcing an org's metadata.
//!
//! `http` speaks, `save` decides in Salesforce's order of execution, `store` remembers. Rules that an org defines
//! (validation rules, flows) are not run yet; formula fields are null.

mod bulk;
mod config;
mod error;
#[cfg(test)]
mod fixture;
mod http;
mod ids;
mod reload;
mod save;
mod server;
mod soql;
mod state;
mod store;
mod system;
mod tls;
mod values;
mod view;

pub use config::{Clock, Config, DAILY_API_CALLS, Database, SandboxError};
pub use server::{Running, start};
pub use store::StoreError;
