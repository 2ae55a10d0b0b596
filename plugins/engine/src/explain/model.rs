//! An explanation: what refuses a record, and what is not known about it.

use serde::Serialize;

use super::part::Part;
use crate::flow::FlowTrace;
use crate::plan::{Decision, ObjectPlan};
use crate::rules::Rules;
use crate::run::Judge;
use crate::verdict::{Refusal, RuleKind, RuleName, Unknown, Verdict};
use crate::world::{Event, World};

/// What an org's rules say about one record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// API name of the object.
    pub object: String,
    /// Every rule that refuses the record.
    pub refused: Vec<Explained>,
    /// Every rule whose answer is not known.
    pub unknown: Vec<Unknown>,
    /// What the before-save flows did.
    pub flows: Vec<FlowTrace>,
}

/// A refusal with its reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Explained {
    /// What refuses, in Salesforce's words.
    #[serde(flatten)]
    pub refusal: Refusal,
    /// Line of the formula in the rule's file, from 1; 0 when it is not known.
    pub line: u32,
    /// The formula that decides; for filters the text that they were translated to.
    pub formula: Option<String>,
    /// The formula with the value of each part.
    pub tree: Option<Part>,
}

impl Rules {
    /// Explains what refuses a record before it is stored: before-save flows and plugins, lookup filters, validation
    /// rules. The flows' assignments are made, as in a save.
    pub fn explain(&self, object: &str, event: Event, world: &mut dyn World) -> Explanation {
        let mut flows = Vec::new();
        let mut verdict = self.before_save_traced(object, event, world, Some(&mut flows));
        verdict.extend(self.lookup_filters(object, world));
        verdict.extend(self.validate(object, world));
        Explanation { flows, ..self.explain_verdict(object, verdict, world) }
    }

    /// Explains what the rules said about the record of a world.
    pub fn explain_verdict(&self, object: &str, verdict: Verdict, world: &dyn World) -> Explanation {
        let refused =
            verdict.refusals.into_iter().map(|refusal| self.explain_refusal(object, refusal, world));
        let unknown = verdict.unknown.into_iter().chain(self.plan().unknown_of(object).cloned());
        Explanation {
            object: object.to_owned(),
            refused: refused.collect(),
            unknown: unknown.collect(),
            flows: Vec::new(),
        }
    }

    /// Explains one refusal: what the rule's formula came to for the record of a world.
    pub fn explain_refusal(&self, object: &str, refusal: Refusal, world: &dyn World) -> Explained {
        let found = self.plan().object(object).and_then(|plan| decision(plan, &refusal.rule));
        let line = found.map_or(0, |(line, _)| line);
        let Some((_, Decision::Formula(number))) = found else {
            return Explained { refusal, line, formula: None, tree: None };
        };
        let judge = Judge::new(self.formulas(), object, world);
        let trace = self.formulas().trace(*number, &judge.view(), &judge.environment).ok();
        let formula = self.plan().formulas.get(*number).map(|plan| plan.source.clone());
        Explained { refusal, line, formula, tree: trace.as_ref().and_then(Part::of) }
    }
}

fn decision<'p>(plan: &'p ObjectPlan, rule: &RuleName) -> Option<(u32, &'p Decision)> {
    match rule.kind {
        RuleKind::Validation => {
            let found = plan.validation.iter().find(|plan| plan.rule == *rule)?;
            Some((found.line, &found.condition))
        }
        RuleKind::LookupFilter => {
            let found = plan.lookup_filters.iter().find(|plan| plan.rule == *rule)?;
            Some((found.line, &found.filter))
        }
        RuleKind::Workflow => {
            plan.workflow.iter().find(|plan| plan.rule == *rule).map(|plan| (0, &plan.condition))
        }
        _ => None,
    }
}
