//! What the sandbox remembers: records, an index over the values by which they are found, counters and documents.
//!
//! One design holds any org: a record is a JSON object, so an edit of the org needs no migration. What may be found
//! quickly (external ids, unique fields, lookups) stands in an index that is rebuilt when the org asks for another.
//! The store judges nothing; the save path does.

mod documents;
mod index;
mod open;
mod record;

pub use index::{IndexMode, IndexPlan, is_id_lookup};
pub use open::{StoreError, open};
pub use record::{Record, Store};
