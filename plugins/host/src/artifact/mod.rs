//! Machine code compiled ahead of time: `*.cwasm` files, for programs without the compiler and for quick starts.
//!
//! An artifact is native code: whoever can write it can do anything that this program can. Load only what this program
//! wrote itself, into a folder that nobody else writes to. The check sum guards against damage, not against malice.

mod cache;
mod file;
mod load;

pub use cache::Cache;
pub use file::{ArtifactError, ArtifactErrorKind};
