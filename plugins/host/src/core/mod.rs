//! Core modules with a hand-written interface: the code that our own compiler emits.
//!
//! Everything that crosses the border is an `i32`, or bytes in the module's memory. Authors do not meet this: their
//! rules are components, typed by `plugins/wit`.

mod instance;
mod link;
mod module;

pub use instance::{CoreFunction, CoreInstance};
pub use link::PreparedModule;
pub use module::CoreModule;

/// The module name under which all imports are found.
pub const IMPORT_MODULE: &str = "crm";

/// Imports and functions have at most so many arguments.
pub const ARGUMENTS_MAX: usize = 6;

/// What a core module may ask of the host.
pub trait Imports {
    /// Answers import number `import`, counted as in the list given to [`crate::Host::compile_core`], with `memory` the
    /// module's whole memory (empty before it is made, or when the module exports none).
    ///
    /// An error stops the module: its text becomes a [`crate::FailureKind::Host`].
    fn call(&mut self, import: usize, arguments: &[i32], memory: &mut [u8]) -> Result<i32, String>;
}
