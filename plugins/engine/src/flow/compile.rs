//! Compiles an org's flows: formulas get numbers, every flow its automaton and WASM function, and a report of all.

use std::collections::{BTreeMap, BTreeSet};

use formula::{Blanks, Context, Diagnostic, Formula, Options, Type, codes};
use metadata::Org;
use metadata::flow::{Criteria, ElementKind, Flow, ResourceKind};
use metadata::rules::Place;
use wasm_encoder::Instruction;

use super::compiled::{CompiledFlow, FlowSet, FormulaUse};
use super::plan::Plan;
use super::read::OWN;
use super::scope::Scope;
use super::source::to_formula;
use super::{act, emit, fault};
use crate::verdict::{RuleName, Unknown};

/// Takes what the flows are compiled to.
pub trait Builder {
    /// Takes a formula of a flow; the answer is the number by which [`super::Runner::evaluate`] is asked for it. Its paths
    /// are those of the flow: the record's own, globals, and behind `$$.` the flow's own names.
    fn formula(&mut self, flow: &RuleName, formula: Formula) -> usize;

    /// Takes a function `(i32, i32) -> i32` without its last `end`, to be exported by this name. It uses no import.
    fn function(&mut self, export: &str, parameters: u32, body: Vec<Instruction<'static>>);

    /// A flow on this object reads this path of its record (`Account.Score__c`), outside of formulas.
    fn reads(&mut self, object: &str, path: &str) {
        let _ = (object, path);
    }
}

/// A formula of a flow that does not compile.
#[derive(Debug, Clone)]
pub struct Problem {
    /// The flow.
    pub rule: RuleName,
    /// File, and line of the formula.
    pub place: Place,
    /// The formula as the flow writes it.
    pub source: String,
    /// What is wrong, with its span in `source`.
    pub diagnostic: Diagnostic,
}

/// What came of a compilation.
#[derive(Debug, Clone, Default)]
pub struct Compilation {
    /// The flows.
    pub set: FlowSet,
    /// Record-triggered flows that are understood as a whole.
    pub compiled: Vec<RuleName>,
    /// Record-triggered flows of which a part is not understood: they are unknown only when they run into it. With the
    /// object whose records start them.
    pub unknown: Vec<(String, Unknown)>,
    /// Errors in formulas.
    pub problems: Vec<Problem>,
}

impl FlowSet {
    /// Compiles the flows of an org. The same org always gets the same numbers and exports.
    pub fn compile(org: &Org, builder: &mut dyn Builder) -> Compilation {
        let mut flows: Vec<&Flow> = org.rules.flows.iter().collect();
        flows.sort_by_cached_key(|flow| FlowSet::order(flow));
        let mut compilation = Compilation::default();
        for (at, flow) in flows.iter().enumerate() {
            let mut compiler = Compiler {
                scope: Scope { org, flow },
                builder,
                problems: &mut compilation.problems,
                unknown: Vec::new(),
            };
            let compiled = compiler.flow(format!("flow{at}"));
            let mut reasons = compiler.unknown;
            reasons.extend(unknown_parts(flow, &flows));
            compilation.set.flows.push(compiled);
            let Some(object) = flow.object() else { continue };
            let rule = fault::rule(flow);
            if reasons.is_empty() {
                compilation.compiled.push(rule);
                continue;
            }
            let unknown = |reason| (object.to_owned(), Unknown { rule: rule.clone(), reason });
            compilation.unknown.extend(reasons.into_iter().map(unknown));
        }
        compilation
    }
}

struct Compiler<'a> {
    scope: Scope<'a>,
    builder: &'a mut dyn Builder,
    problems: &'a mut Vec<Problem>,
    unknown: Vec<String>,
}

impl Compiler<'_> {
    fn flow(&mut self, export: String) -> CompiledFlow {
        let flow = self.scope.flow;
        let plan = Plan::of(flow);
        match &plan {
            Ok(plan) => self.builder.function(&export, emit::PARAMETERS, emit::function(plan)),
            Err(why) => self.unknown.push(why.clone()),
        }
        for reference in super::scope::references(flow) {
            if let (Some(object), Some(path)) = (flow.object(), own_path(&reference)) {
                self.builder.reads(object, path);
            }
        }
        let formulas = self.formulas();
        let filter = match flow.trigger.as_ref().map(|trigger| &trigger.criteria) {
            Some(Criteria::Formula(text, line)) => {
                Some(self.formula("the start", text, *line, Some(Type::Boolean)))
            }
            _ => None,
        };
        let (types, parents) = (self.scope.types(), self.scope.parents());
        CompiledFlow { flow: flow.clone(), plan, export, formulas, filter, types, parents }
    }

    fn formulas(&mut self) -> BTreeMap<String, Result<FormulaUse, String>> {
        let mut found = BTreeMap::new();
        for resource in &self.scope.flow.resources {
            if let ResourceKind::Formula(text) = &resource.kind {
                let compiled = self.formula(&format!("formula {}", resource.name), text, resource.line, None);
                found.insert(resource.name.to_ascii_lowercase(), compiled);
            }
        }
        found
    }

    fn formula(
        &mut self,
        name: &str,
        source: &str,
        line: u32,
        result: Option<Type>,
    ) -> Result<FormulaUse, String> {
        let mut options = Options::new(Context::Flow, Blanks::AsBlank);
        options.result = result;
        let compiled = formula::compile(&to_formula(source), &self.scope, &options);
        let rule = fault::rule(self.scope.flow);
        match compiled {
            Ok(compiled) => {
                let needs = needs(self.scope.flow, &compiled);
                Ok(FormulaUse { number: self.builder.formula(&rule, compiled), needs })
            }
            Err(mut found) => {
                for diagnostic in &mut found {
                    diagnostic.message = diagnostic.message.replace(OWN, "");
                }
                let first = found.first().map(|found| format!("{}: {}", found.code, found.message));
                let why = format!("{name} does not compile ({})", first.unwrap_or_default());
                self.unknown.push(why.clone());
                // A field that is not in the folder may well be in the org: unknown, but no error.
                if found.iter().any(|found| found.code != codes::UNKNOWN_FIELD) {
                    let place = Place { file: rule.file.clone(), line };
                    self.problems.extend(found.into_iter().map(|diagnostic| Problem {
                        rule: rule.clone(),
                        place: place.clone(),
                        source: source.to_owned(),
                        diagnostic,
                    }));
                }
                Err(why)
            }
        }
    }
}

/// The path of the triggering record's field that a reference names.
fn own_path(reference: &str) -> Option<&str> {
    let (root, rest) = reference.split_once('.')?;
    let own = root.eq_ignore_ascii_case("$Record") || root.eq_ignore_ascii_case("$Record__Prior");
    own.then_some(rest)
}

/// The formulas and text templates that a formula uses.
fn needs(flow: &Flow, formula: &Formula) -> BTreeSet<String> {
    let names = formula.fields().iter().filter_map(|used| used.path.strip_prefix(OWN));
    let computed = names.filter(|name| {
        let kind = flow.resource(name).map(|resource| &resource.kind);
        matches!(kind, Some(ResourceKind::Formula(_) | ResourceKind::Template(_)))
    });
    computed.map(str::to_ascii_lowercase).collect()
}

/// What a flow may run into and that is not understood, its subflows included.
fn unknown_parts(flow: &Flow, flows: &[&Flow]) -> Vec<String> {
    let (mut open, mut seen, mut found) = (vec![flow], BTreeSet::new(), Vec::new());
    while let Some(flow) = open.pop() {
        if !seen.insert(flow.name.to_ascii_lowercase()) {
            continue;
        }
        for name in reachable(flow) {
            let Some(element) = flow.element(&name) else {
                found.push(format!("the flow leads to {name}, which is no element that is understood"));
                continue;
            };
            match &element.kind {
                ElementKind::Subflow(call) => match subflow(flows, &call.flow) {
                    Some(called) => open.push(called),
                    None => found.push(act::no_subflow(&element.name, &call.flow)),
                },
                ElementKind::Action { kind, name } if !act::is_harmless(kind) => {
                    found.push(act::no_action(&element.name, kind, name));
                }
                ElementKind::Other(kind) => found.push(act::not_understood(&element.name, kind)),
                _ => {}
            }
        }
        found.extend(unknown_operators(flow));
    }
    found
}

fn subflow<'f>(flows: &[&'f Flow], name: &str) -> Option<&'f Flow> {
    flows.iter().copied().find(|flow| flow.name.eq_ignore_ascii_case(name))
}

/// The names of all elements that the flow may come to.
fn reachable(flow: &Flow) -> BTreeSet<String> {
    let mut open: Vec<&str> = flow.start.as_deref().into_iter().collect();
    let mut seen = BTreeSet::new();
    while let Some(name) = open.pop() {
        if !seen.insert(name.to_owned()) {
            continue;
        }
        let Some(element) = flow.element(name) else { continue };
        open.extend(element.next.as_deref());
        open.extend(element.fault.as_deref());
        match &element.kind {
            ElementKind::Decision(outcomes) => {
                open.extend(outcomes.iter().filter_map(|at| at.next.as_deref()))
            }
            ElementKind::Loop(each) => open.extend(each.body.as_deref()),
            _ => {}
        }
    }
    seen
}

/// Operators of conditions and assignments that are not understood.
fn unknown_operators(flow: &Flow) -> Vec<String> {
    let mut found = Vec::new();
    let mut check = |subject: &str, operator: &str, known: bool| {
        if !known {
            found.push(format!("{subject} uses the operator {operator}, which is not understood"));
        }
    };
    if let Some(Criteria::Conditions(conditions)) = flow.trigger.as_ref().map(|trigger| &trigger.criteria) {
        for item in &conditions.items {
            check("the start", &item.operator, super::condition::is_known(&item.operator));
        }
    }
    for element in &flow.elements {
        match &element.kind {
            ElementKind::Decision(outcomes) => {
                for item in outcomes.iter().flat_map(|outcome| &outcome.conditions.items) {
                    check(&element.name, &item.operator, super::condition::is_known(&item.operator));
                }
            }
            ElementKind::Assignment(items) => {
                for item in items {
                    check(&element.name, &item.operator, super::assign::is_known(&item.operator));
                }
            }
            _ => {}
        }
    }
    found
}
