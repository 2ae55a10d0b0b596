//! Runs WASM plugins in wasmtime, within limits: time, memory, stack, output, imports.
//!
//! ```text
//! Host --compile_core--> CoreModule --instantiate(Imports)--> CoreInstance     our own compiler's modules
//! Host --plugin--------> Plugin --evaluate(records)---------> answers          authors' components, plugins/wit/v1
//! ```
//!
//! A plugin that breaks a limit is a [`PluginFailure`] that names both; the host and its other plugins go on.
//! Nothing here knows formulas, orgs or the CRM: this crate uses no other crate of ours.

pub mod artifact;
pub mod component;
pub mod core;
mod engine;
mod failure;
mod limits;
mod patience;
mod ticker;
mod wasm;

pub use engine::{Host, HostConfig};
pub use failure::{FailureKind, HostError, PluginFailure};
pub use limits::Limits;
