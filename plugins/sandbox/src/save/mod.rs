//! Saving records in Salesforce's order of execution (reference §4), one file per step.
//!
//! | step | file |
//! |---|---|
//! | 1 the stored record or a new one; the user's right to the object | `target` |
//! | 2 the sent values over it, defaults; formats and lookups | `overlay`, `parents`, `defaults`, `validate`, `references`, `record_types` |
//! | 3, 4 before-save flows and triggers | the rules |
//! | 5 system validation again, lookup filters, validation rules | `validate`, the rules |
//! | 6 duplicate rules | `duplicates` |
//! | 7 stored | `unique`, `write` |
//! | 8 after triggers, 11 workflow and what it runs again, 14 after-save flows | the rules |
//! | 16 the parents' summaries | `summary` |
//!
//! `pipeline` holds the order; `removal` and `delete` are the other way out; `batch` runs many rows, with or without
//! `allOrNone`. `world` is what rules see, `nested` what they save; `given` and
//! `stand_ins` are for checks without a CRM.

mod autonumber;
mod batch;
mod defaults;
mod delete;
mod draft;
mod duplicates;
mod given;
mod logic;
mod nested;
mod overlay;
mod parents;
mod pipeline;
mod record_types;
mod references;
mod removal;
mod row;
mod stand_ins;
mod summary;
mod target;
mod types;
mod unique;
mod validate;
mod world;
mod write;

pub use batch::{give, save_one, save_rows};
pub use row::{Operation, Row, RowResult, SaveOptions};
pub use stand_ins::provide;
pub use target::{finds, upsert_key};
pub use types::check_types;
pub use world::{Ground, Known};
