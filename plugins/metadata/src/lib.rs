//! Reads an org folder: Salesforce metadata in source format or the older `.object` form, and who the export user is.
//!
//! ```text
//! folder --read--> Org { objects, user, rules: RuleSet, warnings }
//!                   OrgSchema: its fields for formulas     global: values of $User, $Permission, $CustomMetadata, ...
//! ```
//!
//! What comes out is an [`Org`]: objects with their fields, what the export user may do with them, and the rules that
//! may refuse or change a record. It does not judge records; the engine and the sandbox do.

mod compound;
mod default;
mod error;
mod field;
mod fits;
pub mod flow;
mod folder;
mod globals;
mod ids;
mod object;
pub mod org;
mod path;
mod picklist;
mod prefix;
mod read;
mod rights;
mod rule_files;
pub mod rules;
mod schema;
mod standard;
mod stored;
mod system;
mod user;
mod xml;

pub use error::{OrgError, OrgErrorKind};
pub use fits::{Misfit, misfit, not_writable};
pub use globals::global;
pub use org::Org;
pub use path::Resolved;
pub use rules::RuleSet;
pub use schema::{OrgSchema, field_type};
pub use stored::{stored_value, to_json, value_of};
