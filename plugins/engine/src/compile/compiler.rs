//! What all kinds of rules need while they are compiled: formulas get their numbers, errors go to the report.

use formula::{Formula, Lookup, Type};
use metadata::org::FieldKind;
use metadata::rules::{Filter, Place};
use metadata::{Org, OrgSchema};
use wasm_encoder::Instruction;

use super::filter::{self, Names};
use super::paths;
use super::report::{CompileError, Report, UnknownEntry};
use crate::plan::{ComputedPlan, Decision, FormulaPlan, ObjectPlan, Plan, Usage};
use crate::stored::{StoredType, StoredValue};
use crate::verdict::{RuleKind, RuleName};

/// A compilation under way.
pub(super) struct Compiler<'a> {
    pub org: &'a Org,
    pub plan: Plan,
    pub formulas: Vec<Formula>,
    /// Functions of flows: export, parameters, body.
    pub functions: Vec<(String, u32, Vec<Instruction<'static>>)>,
    pub report: Report,
}

/// Whose formula it is.
#[derive(Clone, Copy)]
pub(super) struct Subject<'a> {
    /// The rule.
    pub rule: &'a RuleName,
    /// Where the formula stands.
    pub place: &'a Place,
    /// API name of the object whose records it reads.
    pub object: &'a str,
}

/// Why a formula with errors decides nothing.
fn broken(code: impl std::fmt::Display, message: &str) -> String {
    format!("its formula does not compile ({code}: {message})")
}

impl<'a> Compiler<'a> {
    pub fn new(org: &'a Org) -> Self {
        let (plan, report) = (Plan::default(), Report::default());
        Self { org, plan, formulas: Vec::new(), functions: Vec::new(), report }
    }

    /// The rules of an object, to be added to.
    pub fn object(&mut self, object: &str) -> &mut ObjectPlan {
        self.plan.objects.entry(object.to_ascii_lowercase()).or_default()
    }

    /// Compiles a formula and gives it a number. Its errors are in the report afterwards.
    pub fn formula(
        &mut self,
        subject: Subject<'_>,
        source: &str,
        usage: Usage,
        result: Type,
    ) -> Result<usize, String> {
        let (object, result) = (subject.object.to_owned(), Some(StoredType(result)));
        let plan = FormulaPlan { source: source.to_owned(), object, usage, result };
        let schema = OrgSchema::new(self.org, subject.object);
        match formula::compile(source, &schema, &plan.options()) {
            Ok(formula) => {
                for used in formula.fields() {
                    self.remember_path(subject.object, &used.path, used.given);
                }
                Ok(self.add(formula, plan))
            }
            Err(found) => {
                let errors =
                    found.iter().map(|found| CompileError::new(subject.rule, subject.place, source, found));
                self.report.errors.extend(errors);
                let first = found.first().map(|found| broken(found.code, &found.message));
                Err(first.unwrap_or_else(|| "its formula does not compile".to_owned()))
            }
        }
    }

    /// A condition in the words of a formula.
    pub fn condition(&mut self, subject: Subject<'_>, source: &str) -> Decision {
        decision(self.formula(subject, source, Usage::Rule, Type::Boolean))
    }

    /// A filter; one without conditions lets everything through. A filter that is not understood is unknown in the
    /// report, not an error.
    pub fn filter(&mut self, subject: Subject<'_>, filter: &Filter, names: Names<'_>) -> Decision {
        if filter.items.is_empty() {
            return Decision::Always;
        }
        let schema = OrgSchema::new(self.org, subject.object);
        let source = filter::formula(filter, names, &schema, (self.org, subject.object));
        let compiled = source.and_then(|source| {
            let (errors, result) = (self.report.errors.len(), Type::Boolean);
            let compiled = self.formula(subject, &source, Usage::Filter, result);
            self.report.errors.truncate(errors);
            compiled
        });
        if let Err(reason) = &compiled {
            self.unknown(subject.rule, reason);
        }
        decision(compiled)
    }

    /// Reports a rule as compiled, unless something about it is not known.
    pub fn done(&mut self, rule: &RuleName, decision: &Decision) {
        if !matches!(decision, Decision::Unknown(_)) {
            self.report.compiled.push(rule.clone());
        }
    }

    /// Reports a rule as not known.
    pub fn unknown(&mut self, rule: &RuleName, reason: &str) {
        self.report.unknown.push(UnknownEntry {
            kind: rule.kind.to_string(),
            name: rule.name.clone(),
            reason: reason.to_owned(),
            file: rule.file.clone(),
        });
    }

    /// Gives a formula its number.
    pub fn add(&mut self, formula: Formula, plan: FormulaPlan) -> usize {
        self.formulas.push(formula);
        self.plan.formulas.push(plan);
        self.formulas.len() - 1
    }

    /// A path that is read of an object's records: its type, whether it ends at a formula field, and the value of a
    /// global that the org folder decides.
    pub fn remember_path(&mut self, object: &str, path: &str, given: Type) {
        let org = self.org;
        let key = path.to_ascii_lowercase();
        if let Some(Lookup::Known(value)) = metadata::global(org, path) {
            self.plan.globals.insert(key.clone(), StoredValue::new(given, &value));
        }
        let plan = self.object(object);
        if plan.types.insert(key.clone(), StoredType(given)).is_some() {
            return;
        }
        if let Some(found) = paths::field(org, object, path)
            && matches!(found.field.kind, FieldKind::Formula { .. })
        {
            let (object, field) = (&found.object.api_name, &found.field.api_name);
            plan.computed.insert(
                key,
                ComputedPlan {
                    object: object.to_ascii_lowercase(),
                    field: field.to_ascii_lowercase(),
                    through: found.through,
                },
            );
        }
    }
}

/// What a compiled formula decides.
pub(super) fn decision(compiled: Result<usize, String>) -> Decision {
    match compiled {
        Ok(number) => Decision::Formula(number),
        Err(reason) => Decision::Unknown(reason),
    }
}

/// The name of a rule of an object.
pub(super) fn rule(kind: RuleKind, object: &str, name: &str, place: &Place) -> RuleName {
    RuleName { kind, name: format!("{object}.{name}"), file: place.file.clone() }
}
