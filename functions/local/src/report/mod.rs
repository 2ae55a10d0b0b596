//! What the program tells: for people (text, tables, hints) and for scripts (one JSON object). It reads no ledger.

mod errors;
mod hints;
mod json;
mod outcome;
mod query;
mod reproduction;
mod style;
mod table;
mod text;
mod words;

pub(crate) use errors::{error_details, error_summary, error_table};
pub(crate) use hints::{Hints, MissingParent};
pub(crate) use json::{error_item, error_whole, failure, outcome as outcome_json};
pub(crate) use outcome::{JobOutcome, Outcome};
pub(crate) use query::query_table;
pub(crate) use reproduction::reproduction_text;
pub(crate) use style::{DIM, OK, STOP, STRONG, WARN};
pub(crate) use text::outcome as outcome_text;
pub(crate) use words::{counted, grouped, wrapped};
