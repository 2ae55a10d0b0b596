//! Records from files: which files, how they are read, and the check that every line passes before anything is queued.

mod cells;
mod check;
mod csv;
mod file;
mod lines;
mod ndjson;
mod problem;
mod reader;
mod spool;
mod types;

pub(crate) use check::check;
#[cfg(feature = "aws")]
pub(crate) use check::check_with;
pub(crate) use file::{FileError, InputFile};
pub(crate) use lines::Mark;
pub(crate) use problem::BadInput;
#[cfg(feature = "aws")]
pub(crate) use problem::LineProblem;
pub(crate) use reader::{Reader, ReaderError};
pub(crate) use spool::Spool;
pub(crate) use types::FieldTypes;
