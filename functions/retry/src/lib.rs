//! The function `retry`, which is CRMExport_ExportError: exports open errors again, once a day or when a person asks.
//!
//! An event is [`Input`]; what it asks for is in `jobs`, which stops before the function's time runs out and goes on there
//! the next time.

mod function;
mod input;

pub use function::Retry;
pub use input::Input;
