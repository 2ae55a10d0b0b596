//! Runs a formula of an instance for a record, again for each thing that it turns out to need.

use super::host::Library;
use crate::emit::FormulaId;
use crate::environment::Environment;
use crate::outcome::Outcome;
use crate::record::Record;

/// An instance of a module, whatever runs it.
pub trait Instance {
    /// Why a call fails.
    type Failure;

    /// The library that its imports call.
    fn library(&mut self) -> &mut Library;

    /// Calls an exported function of one argument.
    fn call(&mut self, export: &str, argument: i32) -> Result<i32, Self::Failure>;
}

/// Evaluates a formula. [`Library::begin`] must have been called since the record was another one.
///
/// An error is a failure of the instance, such as a limit that was broken.
pub fn evaluate<I: Instance>(
    instance: &mut I,
    formula: FormulaId,
    record: &dyn Record,
    environment: &Environment<'_>,
) -> Result<Outcome, I::Failure> {
    let export = formula.export();
    instance.library().prepare(formula, record);
    let handle = loop {
        match instance.call(&export, 0) {
            Ok(handle) => break handle,
            Err(_) if instance.library().answer(record, environment) => {}
            Err(failure) => return Err(failure),
        }
    };
    let outcome = instance.library().outcome(handle);
    Ok(outcome.cloned().expect("a formula returns a handle that the library gave it"))
}
