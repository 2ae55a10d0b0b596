//! Flat records: what a set of conditions reads of a record, as bytes in a WASM instance's memory, so that a batch of
//! records is decided by one call.
//!
//! [`Emitter::add_batch`](crate::emit::Emitter::add_batch) makes the code and the [`Layout`]. Per batch: [`Layout::write`]
//! or [`JsonWriter::write`] each record while it [fits](Layout::fits), copy the bytes to [`RECORDS_AT`], call the export
//! with `(RECORDS_AT, count, STATES_AT)`, and read the [states](Layout::states). The code calls no import; what it cannot
//! tell is evaluated one by one.

mod json;
mod layout;
mod states;
mod write;

pub use json::JsonWriter;
pub use layout::{Ask, Layout, Slot};
pub(crate) use layout::{DECIMALS, ONE, PLACE_AT, Slots, Tag, UNITS_AT, VALUE_AT};
pub use states::{MEMORY_BYTES, RECORDS_AT, STATES_AT, State};
pub(crate) use states::{STATES_IN_WORD, WORD_BYTES};
