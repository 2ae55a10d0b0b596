//! Record-triggered flows: their formulas are numbered among the others, their functions go into the same module.

use formula::Formula;
use formula::Schema;
use metadata::OrgSchema;
use wasm_encoder::Instruction;

use super::compiler::Compiler;
use super::report::{CompileError, UnknownEntry};
use crate::flow::{Builder, FlowSet};
use crate::plan::{FormulaPlan, Usage};
use crate::verdict::RuleName;

/// All flows.
pub(super) fn flows(compiler: &mut Compiler<'_>) {
    let found = FlowSet::compile(compiler.org, compiler);
    compiler.plan.flows = found.set;
    compiler.report.compiled.extend(found.compiled);
    compiler.report.unknown.extend(found.unknown.into_iter().map(|(_, unknown)| UnknownEntry {
        kind: unknown.rule.kind.to_string(),
        name: unknown.rule.name,
        reason: unknown.reason,
        file: unknown.rule.file,
    }));
    let errors = found.problems.iter().map(|problem| {
        CompileError::new(&problem.rule, &problem.place, &problem.source, &problem.diagnostic)
    });
    compiler.report.errors.extend(errors);
}

impl Builder for Compiler<'_> {
    fn formula(&mut self, flow: &RuleName, formula: Formula) -> usize {
        let found = self.org.rules.flows.iter().find(|found| found.name == flow.name);
        if let Some(object) = found.and_then(|found| found.object()) {
            for used in formula.fields() {
                self.remember_path(object, &used.path, used.given);
            }
        }
        // A flow's own names are of this flow alone, so its formulas have a schema to themselves.
        let object = format!("flow {}", flow.name);
        for used in formula.fields() {
            self.remember_path(&object, &used.path, used.given);
        }
        let source = formula.source().to_owned();
        self.add(formula, FormulaPlan { source, object, usage: Usage::Flow, result: None })
    }

    fn function(&mut self, export: &str, parameters: u32, body: Vec<Instruction<'static>>) {
        self.functions.push((export.to_owned(), parameters, body));
    }

    fn reads(&mut self, object: &str, path: &str) {
        if let Some(given) = OrgSchema::new(self.org, object).field(path) {
            self.remember_path(object, path, given);
        }
    }
}
