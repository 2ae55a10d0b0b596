//! The program's own readers of record files, compiled from their files: the program is no library. What they name as
//! `crate::args`, `crate::paths` and `crate::report` stands in `main.rs`.

#[path = "../../functions/local/src/input/cells.rs"]
mod cells;
#[path = "../../functions/local/src/input/csv.rs"]
mod csv;
#[path = "../../functions/local/src/input/file.rs"]
mod file;
#[path = "../../functions/local/src/input/lines.rs"]
mod lines;
#[path = "../../functions/local/src/input/ndjson.rs"]
mod ndjson;
#[path = "../../functions/local/src/input/problem.rs"]
mod problem;
#[path = "../../functions/local/src/input/reader.rs"]
mod reader;
#[path = "../../functions/local/src/input/types.rs"]
mod types;

pub(crate) use file::InputFile;
pub(crate) use lines::Mark;
pub(crate) use reader::Reader;
pub(crate) use types::FieldTypes;
