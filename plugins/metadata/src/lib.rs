//! Reads an org folder: Salesforce metadata in source format or the older `.object` form, and who the export user is.
//!
//! What comes out is an [`Org`]: objects with their fields, and what the export user may do with them. It does not
//! judge records; the sandbox does.

mod compound;
mod default;
mod error;
mod field;
mod folder;
mod object;
pub mod org;
mod picklist;
mod prefix;
mod read;
mod rights;
mod standard;
mod system;
mod unchecked;
mod user;
mod xml;

pub use error::{OrgError, OrgErrorKind};
pub use org::Org;
