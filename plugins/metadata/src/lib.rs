//! Reads an org folder: Salesforce metadata in source format or the older `.object` form, and who the export user is.
//!
//! What comes out is an [`Org`]: objects with their fields, and what the export user may do with them. It does not
//! judge records; the sandbox does.

pub mod org;

pub use org::Org;
