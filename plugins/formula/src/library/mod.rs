//! The host's side of emitted formulas, without a WASM engine: what the imports do.
//!
//! Emitted code knows values as handles: 0 is FALSE, 1 TRUE, 2 null, the rest are places in an arena of outcomes whose
//! head are the module's literals. It decides about control flow alone; operators, functions and fields are calls into
//! [`Library`], which takes the same steps as the reference evaluator, so the outcomes are equal, reasons and spans
//! included.
//!
//! **How the record gets in.** A WASM store owns its data for good (`Store<T: 'static>`), so a borrowed
//! [`Record`](crate::Record) cannot go into it. The library owns *answers* instead: before a run it fetches what the
//! formula may ask and the record has at hand ([`Record::at_hand`](crate::Record::at_hand)). When the code asks for more
//! (a path across objects, VLOOKUP), the import returns an error, the run stops, [`Library::answer`] fetches that one
//! thing, and the run is made again. Formulas change nothing, so that is safe; each run answers one question more, so
//! there are at most as many runs as the formula has fields and look-ups. What short-circuit spares is never fetched.
//! [`evaluate`] is this loop. Whoever emits functions of his own around formulas must keep them free of effects up to
//! the last formula that they call, or call formulas one by one from outside.

mod answers;
mod host;
mod imports;
mod run;
mod tables;

pub use host::Library;
pub(crate) use imports::{
    CALL, CALL_ARGUMENTS_MAX, CALL_MANY, CONDITION, EVENT, FIELD, IS_ERROR, JOIN, PUSH, START,
};
pub use imports::{FALSE, FIRST, IMPORTS, Import, NULL, TRUE};
pub use run::{Instance, evaluate};
pub(crate) use tables::Step;
pub use tables::Tables;
