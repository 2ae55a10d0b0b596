//! Formula cases run by WASM: `rules test --engine wasm`. All formulas of all cases are one module.

use std::collections::HashMap;

use formula::cases::{Case, CaseReport, Mode, run_cases_with};
use formula::{DateTime, Fields, Formula, Outcome, ReasonKind, Span};
use host::Host;

use crate::compile::{emit, load, shared_host};
use crate::machine::{Machine, stopped};
use crate::plan::Plan;

/// Runs cases in both modes by WASM; the time is `now`, the zone GMT. Without a host every outcome is unknown, and says
/// why.
pub fn run_cases(cases: &[Case], now: DateTime) -> CaseReport {
    let engine = shared_host().and_then(|host| CaseEngine::new(cases, &host));
    run_cases_with(cases, now, &|formula, record, environment| match &engine {
        Ok(engine) => engine.evaluate(formula, record, environment),
        Err(why) => unknown(why.clone()),
    })
}

fn unknown(why: String) -> Outcome {
    Outcome::unknown(ReasonKind::NotLocal(why), "the formula", Span::default())
}

/// The formulas of cases in a host.
struct CaseEngine {
    machine: Machine,
    numbers: HashMap<String, usize>,
}

impl CaseEngine {
    fn new(cases: &[Case], host: &Host) -> Result<Self, String> {
        let (mut formulas, mut numbers) = (Vec::new(), HashMap::new());
        for (case, mode) in cases.iter().flat_map(|case| Mode::ALL.map(|mode| (case, mode))) {
            let mut schema = Fields::new();
            for field in &case.fields {
                schema.add(&field.name, field.given);
            }
            // A formula that does not compile is never evaluated.
            if let Ok(formula) = formula::compile(&case.formula, &schema, &mode.options()) {
                numbers.entry(key(&formula)).or_insert_with(|| {
                    formulas.push(formula);
                    formulas.len() - 1
                });
            }
        }
        let machine = load(&emit(&formulas, &[], &mut Plan::default()), host)?;
        Ok(Self { machine, numbers })
    }

    fn evaluate(
        &self,
        formula: &Formula,
        record: &dyn formula::Record,
        environment: &formula::Environment<'_>,
    ) -> Outcome {
        let Some(number) = self.numbers.get(&key(formula)) else {
            return unknown("the formula is not in the module".to_owned());
        };
        let evaluated = self.machine.begin(environment).and_then(|mut running| {
            let outcome = running.evaluate(*number, record, environment)?;
            self.machine.end(running);
            Ok(outcome)
        });
        evaluated.unwrap_or_else(stopped)
    }
}

/// Formulas of one source differ by their modes and by the types of their fields.
fn key(formula: &Formula) -> String {
    format!("{:?} {:?} {}", formula.options().blanks, formula.fields(), formula.source())
}
