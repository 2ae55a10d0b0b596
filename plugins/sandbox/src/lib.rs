//! The local CRM: Salesforce's REST API over SQLite, enforcing an org's metadata.
//!
//! `http` speaks, `save` decides in Salesforce's order of execution and asks the org's rules at each step, `store`
//! remembers. What a rule would do is sometimes not known: such a rule refuses nothing and is noted.

mod bulk;
mod check;
mod config;
mod error;
#[cfg(test)]
mod fixture;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
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
mod watch;

pub use check::Check;
pub use config::{Clock, Config, DAILY_API_CALLS, Database, SandboxError};
pub use error::RowError;
pub use reload::{Plugin, read_plugins};
pub use save::{Operation, Row, RowResult};
pub use server::{Running, start};
pub use store::StoreError;
pub use watch::{Explanations, Fault, ParseFaultError, ParseFaultErrorKind};
