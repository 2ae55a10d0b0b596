//! What flows ask of the engine: formulas by number, functions by export, fields with formula fields computed.

use formula::{Environment, Lookup, Outcome, Record};

use super::view::View;
use crate::flow::Runner;
use crate::formulas::{Formulas, Session};
use crate::world::World;

/// Runs flows with the org's module.
pub(crate) struct FlowRunner<'a>(pub &'a Formulas);

impl Runner for FlowRunner<'_> {
    fn evaluate(&self, formula: usize, record: &dyn Record, environment: &Environment<'_>) -> Outcome {
        Session::new(self.0).evaluate(formula, record, environment)
    }

    fn step(&self, export: &str, operation: i32, answer: i32) -> Result<i32, String> {
        self.0.call(export, &[operation, answer])
    }

    fn field(&self, world: &dyn World, object: &str, path: &str, prior: bool) -> Lookup {
        let environment = world.environment();
        let view = View::new(self.0, object, world.record(), &environment);
        if prior { view.prior_value(path) } else { view.value(path) }
    }
}
