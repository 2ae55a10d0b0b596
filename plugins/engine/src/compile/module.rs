//! Formulas and flows as one WASM module in the host.

use std::sync::OnceLock;

use formula::Formula;
use formula::emit::{Emitter, Module};
use host::{Host, HostConfig};
use wasm_encoder::Instruction;

use crate::machine::{self, Machine};
use crate::plan::{BatchPlan, Decision, Plan};

/// Functions of flows: export, parameters, body.
pub(crate) type Functions = [(String, u32, Vec<Instruction<'static>>)];

/// The module of formulas, number n being the n-th, of functions, and of a batch function for each object that has
/// validation rules; the plan is told of those.
pub(crate) fn emit(formulas: &[Formula], functions: &Functions, plan: &mut Plan) -> Module {
    let mut emitter = Emitter::new(&[]);
    for formula in formulas {
        emitter.add(formula);
    }
    for (export, parameters, body) in functions {
        emitter.add_function(export, *parameters, 0, body.clone());
    }
    for (at, object) in plan.objects.values_mut().enumerate() {
        let decided = object.validation.iter().enumerate().filter_map(|(at, rule)| match rule.condition {
            Decision::Formula(number) => Some((at, &formulas[number])),
            Decision::Always | Decision::Unknown(_) => None,
        });
        let (rules, conditions): (Vec<_>, Vec<_>) = decided.unzip();
        if !rules.is_empty() {
            let export = format!("batch{at}");
            let layout = emitter.add_batch(&export, &conditions);
            object.batch = Some(BatchPlan { export, layout, rules });
        }
    }
    emitter.finish()
}

/// A module ready to run.
pub(crate) fn load(module: &Module, host: &Host) -> Result<Machine, String> {
    let (imports, limits) = (machine::imports(), machine::limits());
    let compiled = host.compile_core_within(machine::NAME, &module.wasm, &imports, limits);
    let compiled = compiled.map_err(|error| error.to_string())?;
    Machine::new(&compiled, module.tables.clone()).map_err(|failure| failure.to_string())
}

/// The host of all rules that are given none.
pub(crate) fn shared_host() -> Result<Host, String> {
    static HOST: OnceLock<Result<Host, String>> = OnceLock::new();
    HOST.get_or_init(|| Host::new(HostConfig::default()).map_err(|error| error.to_string())).clone()
}
