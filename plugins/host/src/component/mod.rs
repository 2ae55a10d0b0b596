//! Authors' rules: components that keep the contract of `plugins/wit/v1`.
//!
//! Each call gets a fresh store, so that nothing is carried from one batch to the next; limits hold for a call, output
//! is checked before anyone else sees it. What the answers do to a record is the engine's business.

mod answers;
mod description;
mod imports;
mod plugin;
mod types;

pub use imports::Offer;
pub use plugin::{Plugin, PluginConfig, ROWS_MAX};
pub use types::{Answer, Change, Context, Description, Event, Phase, Refusal, Row, Trigger, User, Value};
