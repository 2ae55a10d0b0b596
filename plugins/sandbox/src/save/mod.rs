//! Saving records in Salesforce's order of execution (reference §4), one file per step.
//!
//! 1. `target` loads the stored record or begins a new one; the user's right to the object is asked here.
//! 2. `overlay` puts the sent values over it: unknown and read-only fields, types, parents by external id;
//!    `defaults` fills what a new record was not given.
//! 3. `validate` and `references`: system validation. `unique`: no value twice.
//! 4. `write` stamps and stores. `delete` is the other way out.
//!
//! `batch` runs many rows in order, with or without `allOrNone`. Rules that the org defines would stand between these
//! steps; there are none yet.

mod autonumber;
mod batch;
mod defaults;
mod delete;
mod draft;
mod overlay;
mod parents;
mod pipeline;
mod references;
mod row;
mod target;
mod types;
mod unique;
mod validate;
mod write;

pub use batch::save_rows;
pub use row::{Operation, Row, RowResult, SaveOptions};
pub use target::upsert_key;
pub use types::check_types;
