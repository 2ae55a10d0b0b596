//! The compilation as a whole, and what may be chosen about it.

use std::sync::Arc;

use formula::emit::Module;
use host::Host;
use metadata::Org;

use super::compiler::Compiler;
use super::module::{emit, load, shared_host};
use super::report::{Report, Sizes};
use super::{conditions, fields, flows, plugins, workflow};
use crate::artifact::Artifact;
use crate::evaluator::Evaluator;
use crate::formulas::Formulas;
use crate::machine::Machine;
use crate::rules::Rules;
use crate::verdict::{RuleKind, RuleName, Unknown};

/// What came of a compilation.
#[derive(Debug, Clone)]
pub struct Compiled {
    /// What compiled.
    pub rules: Rules,
    /// What compiled and what did not, for people.
    pub report: Report,
    /// The same rules to be stored, for loading without a compiler.
    pub artifact: Artifact,
}

/// How rules are compiled and run.
#[derive(Debug, Clone, Default)]
pub struct CompileOptions {
    /// What evaluates formulas.
    pub evaluator: Evaluator,
    /// What runs WASM; one for the whole process when none is given.
    pub host: Option<Host>,
    /// Authors' plugins: the names of the org folder's `plugins/*.wasm`, without the suffix, and their bytes.
    pub plugins: Vec<(String, Vec<u8>)>,
}

/// Compiles all rules of an org. A rule that does not compile is in the report and keeps no other from compiling.
pub fn compile(org: &Arc<Org>) -> Compiled {
    compile_with(org, &CompileOptions::default())
}

/// The same with options.
pub fn compile_with(org: &Arc<Org>, options: &CompileOptions) -> Compiled {
    let mut compiler = Compiler::new(org);
    let host = options.host.clone().map_or_else(shared_host, Ok);
    conditions::validation(&mut compiler);
    conditions::lookup_filters(&mut compiler);
    conditions::duplicates(&mut compiler);
    workflow::workflow(&mut compiler);
    fields::fields(&mut compiler);
    flows::flows(&mut compiler);
    let plugins = plugins::plugins(&mut compiler, &options.plugins, &host);
    unknown(&mut compiler);
    let Compiler { mut plan, formulas, functions, mut report, .. } = compiler;
    let module = emit(&formulas, &functions, &mut plan);
    report.sizes = Sizes { formulas: formulas.len(), wasm_bytes: module.wasm.len() };
    // Flows are WASM whatever evaluates their formulas.
    let machine = if options.evaluator == Evaluator::Wasm || !functions.is_empty() {
        machine(&module, host, &mut report)
    } else {
        None
    };
    let plan = Arc::new(plan);
    let artifact =
        Artifact { plan: plan.clone(), tables: module.tables, wasm: module.wasm, machine_code: None };
    let formulas = Formulas::compiled(plan, formulas, machine, options.evaluator);
    Compiled { rules: Rules::new(org.clone(), formulas, plugins), report, artifact }
}

/// The module in the host. When the host does not take it (it is too large), the reference evaluates, and the report says
/// so.
fn machine(module: &Module, host: Result<Host, String>, report: &mut Report) -> Option<Machine> {
    let machine = host.and_then(|host| load(module, &host));
    machine.map_err(|why| report.without_wasm = Some(why)).ok()
}

/// What metadata cannot tell: Apex triggers, processes.
fn unknown(compiler: &mut Compiler<'_>) {
    for found in &compiler.org.rules.unknown {
        compiler.report.unknown.push(super::report::UnknownEntry {
            kind: found.kind.clone(),
            name: found.name.clone(),
            reason: found.reason.clone(),
            file: found.file.clone(),
        });
        let rule =
            RuleName { kind: RuleKind::Automation, name: found.name.clone(), file: found.file.clone() };
        let reason = format!("{} {}: {}", found.kind, found.name, found.reason);
        compiler.plan.unknown.push((found.object.clone(), Unknown { rule, reason }));
    }
}
