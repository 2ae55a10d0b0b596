//! The formulas of an org, by number, and what evaluates them.
//!
//! After loading an artifact the typed trees are made when something wants to be explained, not before.

use std::cell::RefCell;
use std::fmt;
use std::sync::{Arc, OnceLock};

use formula::{Environment, Formula, Outcome, ReasonKind, Record, Span, Trace};
use host::PluginFailure;

use crate::evaluator::Evaluator;
use crate::machine::{self, Machine, Running};
use crate::plan::{BatchPlan, ObjectPlan, Plan};

/// The formulas of a plan.
pub(crate) struct Formulas {
    plan: Arc<Plan>,
    typed: Vec<OnceLock<Result<Formula, String>>>,
    /// Without it the reference evaluates, and flows do not run.
    machine: Option<Machine>,
    evaluator: Evaluator,
}

impl Formulas {
    /// Formulas that have just been compiled; `formulas` are those of the plan.
    #[cfg(feature = "compile")]
    pub fn compiled(
        plan: Arc<Plan>,
        formulas: Vec<Formula>,
        machine: Option<Machine>,
        evaluator: Evaluator,
    ) -> Self {
        let typed = formulas.into_iter().map(|formula| OnceLock::from(Ok(formula))).collect();
        Self { plan, typed, machine, evaluator }
    }

    /// Formulas of an artifact.
    pub fn loaded(plan: Arc<Plan>, machine: Machine) -> Self {
        let typed = plan.formulas.iter().map(|_| OnceLock::new()).collect();
        Self { plan, typed, machine: Some(machine), evaluator: Evaluator::Wasm }
    }

    /// The plan.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// What evaluates.
    pub fn evaluator(&self) -> Evaluator {
        if self.machine.is_some() { self.evaluator } else { Evaluator::Reference }
    }

    /// Calls a function of the module that uses no import; `Err` says why it was stopped.
    pub fn call(&self, export: &str, arguments: &[i32]) -> Result<i32, String> {
        match &self.machine {
            Some(machine) => machine.call(export, arguments).map_err(|failure| failure.kind.to_string()),
            None => Err("there is no WASM here".to_owned()),
        }
    }

    /// Decides the validation rules of an object for a batch of flat records; none when the reference evaluates. The
    /// answer is the states, see [`formula::flat`]; `Err` says why the module was stopped.
    pub fn decide(
        &self,
        batch: &BatchPlan,
        count: usize,
        records: &[u8],
    ) -> Option<Result<Vec<u8>, PluginFailure>> {
        let machine = self.machine.as_ref().filter(|_| self.evaluator == Evaluator::Wasm)?;
        let states_bytes = batch.layout.states_bytes(count);
        Some(machine.decide(&batch.export, count, records, states_bytes))
    }

    /// A formula's typed tree; `Err` says why it cannot be had.
    fn typed(&self, number: usize) -> Result<&Formula, String> {
        let slot = self.typed.get(number).ok_or("the rules have no such formula")?;
        slot.get_or_init(|| self.read(number)).as_ref().map_err(Clone::clone)
    }

    fn read(&self, number: usize) -> Result<Formula, String> {
        let plan = &self.plan.formulas[number];
        let nothing = ObjectPlan::default();
        let schema = self.plan.object(&plan.object).unwrap_or(&nothing);
        formula::compile(&plan.source, schema, &plan.options()).map_err(|found| {
            let first = found.first().map(ToString::to_string).unwrap_or_default();
            format!("the artifact's formula does not compile: {first}")
        })
    }

    fn evaluate_reference(
        &self,
        number: usize,
        record: &dyn Record,
        environment: &Environment<'_>,
    ) -> Outcome {
        match self.typed(number) {
            Ok(formula) => formula.evaluate(record, environment),
            Err(why) => Outcome::unknown(ReasonKind::NotLocal(why), "the formula", Span::default()),
        }
    }

    /// What a formula gives, with the value of every part, always by the reference.
    pub fn trace(
        &self,
        number: usize,
        record: &dyn Record,
        environment: &Environment<'_>,
    ) -> Result<Trace, String> {
        Ok(self.typed(number)?.trace(record, environment))
    }
}

/// Evaluations for one state of one record: what was once asked of it is not asked again.
pub(crate) struct Session<'a> {
    formulas: &'a Formulas,
    running: RefCell<Option<Running>>,
}

impl<'a> Session<'a> {
    /// A session that has not asked anything yet.
    pub fn new(formulas: &'a Formulas) -> Self {
        Self { formulas, running: RefCell::new(None) }
    }

    /// What a formula gives. The record must be the same each time.
    pub fn evaluate(&self, number: usize, record: &dyn Record, environment: &Environment<'_>) -> Outcome {
        let machine = match &self.formulas.machine {
            Some(machine) if self.formulas.evaluator == Evaluator::Wasm => machine,
            _ => return self.formulas.evaluate_reference(number, record, environment),
        };
        // Taken out, because a formula field of the record is another evaluation, in a session of its own.
        let taken = self.running.borrow_mut().take();
        let outcome = match taken.map_or_else(|| machine.begin(environment), Ok) {
            Ok(mut running) => {
                let outcome = running.evaluate(number, record, environment);
                // After a failure the instance is dropped.
                if outcome.is_ok() {
                    self.running.replace(Some(running));
                }
                outcome
            }
            Err(failure) => Err(failure),
        };
        outcome.unwrap_or_else(machine::stopped)
    }
}

impl Drop for Session<'_> {
    fn drop(&mut self) {
        if let (Some(machine), Some(running)) = (&self.formulas.machine, self.running.take()) {
            machine.end(running);
        }
    }
}

impl fmt::Debug for Formulas {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (count, evaluator) = (self.typed.len(), self.evaluator());
        formatter.debug_struct("Formulas").field("count", &count).field("evaluator", &evaluator).finish()
    }
}
