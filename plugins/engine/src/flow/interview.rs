//! One run of one flow: the WASM function picks the operation, the host does it and answers.

use std::collections::BTreeMap;

use metadata::flow::{Condition, ElementKind, Phase, ResourceKind};

use super::compiled::{CompiledFlow, FlowSet};
use super::fault;
use super::held::{Held, Miss};
use super::plan::{Answer, ENDED, FAULT, NOT_STARTED, Operation};
use super::read::View;
use super::run::{Moment, Runner};
use super::state::{Entry, Origin, State};
use super::trace::FlowStep;
use super::values::fit;
use crate::verdict::Refusal;
use crate::world::{Event, World};

/// Elements that a flow may execute up to API version 56 (Salesforce Help, "General Flow Limits"; later versions have no
/// such limit).
const ELEMENTS_MAX: usize = 2_000;
/// The last version with that limit.
const ELEMENTS_LIMITED_UNTIL: u32 = 56;
/// More elements than this are not run. Salesforce ends such a flow by its limit of CPU time, which is not simulated.
const ELEMENTS_RUN_MAX: usize = 50_000;
/// How a flow ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum End {
    /// It came to its end, or the record does not meet its criteria.
    Done,
    /// It could not go on, and why.
    Unknown(String),
    /// It failed at an element without a fault path.
    Fault {
        /// API name of the element.
        element: String,
        /// `$Flow.FaultMessage`.
        message: String,
    },
}

/// A flow that is running.
pub(super) struct Interview<'a> {
    pub set: &'a FlowSet,
    pub compiled: &'a CompiledFlow,
    pub runner: &'a dyn Runner,
    pub world: &'a mut dyn World,
    pub phase: Phase,
    pub event: Event,
    pub state: State,
    /// Custom errors.
    pub refusals: Vec<Refusal>,
    /// What it did, when that is wanted.
    pub steps: Option<Vec<FlowStep>>,
    /// Elements executed so far.
    pub executed: usize,
    /// How many flows have called each other.
    pub depth: usize,
    /// What a calling flow gives its variables, by lower-cased name.
    pub given: Vec<(String, Held)>,
    /// Why the last operation has no answer.
    stopped: Option<String>,
    /// The element that failed last, with its fault message.
    failed: (String, String),
    /// How deep formulas and texts use each other at the moment.
    pub formula_depth: usize,
}

impl<'a> Interview<'a> {
    /// A run that a record starts.
    pub(super) fn new(
        set: &'a FlowSet,
        compiled: &'a CompiledFlow,
        runner: &'a dyn Runner,
        moment: &Moment<'_>,
        world: &'a mut dyn World,
        traced: bool,
    ) -> Self {
        let records = vec![Entry::new(moment.object, Origin::Triggering)];
        let state = State::new(&compiled.flow, records);
        let steps = traced.then(Vec::new);
        let (phase, event) = (moment.phase, moment.event);
        Self {
            set,
            compiled,
            runner,
            world,
            phase,
            event,
            state,
            refusals: Vec::new(),
            steps,
            executed: 0,
            depth: 0,
            given: Vec::new(),
            stopped: None,
            failed: Default::default(),
            formula_depth: 0,
        }
    }

    /// A run that this flow starts. It has this flow's records, its own variables.
    pub(super) fn call<'b>(&'b mut self, compiled: &'b CompiledFlow) -> Interview<'b> {
        let records = std::mem::take(&mut self.state.records);
        Interview {
            set: self.set,
            compiled,
            runner: self.runner,
            world: self.world,
            phase: self.phase,
            event: self.event,
            state: State::new(&compiled.flow, records),
            refusals: std::mem::take(&mut self.refusals),
            steps: self.steps.take(),
            executed: self.executed,
            depth: self.depth + 1,
            given: Vec::new(),
            stopped: None,
            failed: Default::default(),
            formula_depth: 0,
        }
    }

    /// Runs it to its end.
    pub(super) fn run(&mut self) -> End {
        let compiled = self.compiled;
        let plan = match &compiled.plan {
            Ok(plan) => plan,
            Err(why) => return End::Unknown(why.clone()),
        };
        self.begin();
        let (mut at, mut answer) = (0, Answer::Done);
        loop {
            at = match self.runner.step(&compiled.export, at, answer as i32) {
                Ok(next) => next,
                Err(why) => return End::Unknown(format!("the flow was stopped: {why}")),
            };
            let operation = usize::try_from(at).ok().and_then(|at| plan.operations.get(at));
            let Some(operation) = operation else { return self.end(at) };
            answer = match self.perform(operation) {
                Ok(answer) => answer,
                Err(miss) => self.missed(operation, miss),
            };
        }
    }

    /// Gives variables their first values. Those that are not known are so only when they are read.
    fn begin(&mut self) {
        let compiled = self.compiled;
        for resource in &compiled.flow.resources {
            let (ResourceKind::Variable { value: Some(value), .. } | ResourceKind::Constant(Some(value))) =
                &resource.kind
            else {
                continue;
            };
            let name = resource.name.to_ascii_lowercase();
            let held = match self.literal(value) {
                Ok(held) => fit(held, &resource.data_type),
                Err(miss) => Held::Unknown(miss.why()),
            };
            self.state.variables.insert(name, held);
        }
        for (name, held) in std::mem::take(&mut self.given) {
            self.state.variables.insert(name, held);
        }
    }

    fn end(&mut self, at: i32) -> End {
        match at {
            ENDED => {
                let paths =
                    self.compiled.flow.trigger.as_ref().map_or(&[][..], |trigger| &trigger.scheduled_paths);
                for path in paths {
                    self.step(&path.name, "scheduled", || {
                        "runs after the save is committed: not run".to_owned()
                    });
                }
                self.step("end", "end", || "the flow ends".to_owned());
                End::Done
            }
            NOT_STARTED => {
                self.step("start", "end", || "the record does not meet the criteria".to_owned());
                End::Done
            }
            FAULT => {
                let (element, message) = std::mem::take(&mut self.failed);
                End::Fault { element, message }
            }
            _ => End::Unknown(self.stopped.take().unwrap_or_else(|| "the flow went astray".to_owned())),
        }
    }

    fn missed(&mut self, operation: &Operation, miss: Miss) -> Answer {
        let element = match operation {
            Operation::Element(at)
            | Operation::Condition { element: at, .. }
            | Operation::Take { element: at, .. } => self.compiled.flow.elements.get(*at),
            _ => None,
        };
        let name = element.map_or("the start", |element| element.name.as_str());
        if let Miss::Unknown(why) = &miss {
            self.step(name, "end", || format!("not known: {why}"));
            // A later condition may still decide; the first reason is the one that counts.
            let reason = format!("{name}: {why}");
            self.stopped.get_or_insert(reason);
            return Answer::Unknown;
        }
        let other = ElementKind::Other(String::new());
        let message = fault::message(element.map_or(&other, |element| &element.kind), &miss);
        self.step(name, "end", || format!("fault: {message}"));
        self.state.fault = Some(message.clone());
        self.failed = (name.to_owned(), message);
        Answer::Fault
    }

    fn perform(&mut self, operation: &Operation) -> Result<Answer, Miss> {
        let flow = &self.compiled.flow;
        match operation {
            Operation::Begin => Ok(Answer::Done),
            Operation::Created => Ok(answer(self.event == Event::Create)),
            Operation::Stop(why) => Err(Miss::Unknown(why.clone())),
            Operation::CriteriaFormula { prior } => self.criteria_formula(*prior),
            Operation::Criterion { item, prior } => {
                let conditions = flow.trigger.as_ref().map(|trigger| &trigger.criteria);
                let Some(metadata::flow::Criteria::Conditions(conditions)) = conditions else {
                    return Ok(Answer::True);
                };
                self.asked("start", conditions.items.get(*item), *prior)
            }
            Operation::Condition { element, outcome, item, prior } => {
                let element = &flow.elements[*element];
                let ElementKind::Decision(outcomes) = &element.kind else { return Ok(Answer::Done) };
                self.asked(&element.name, outcomes[*outcome].conditions.items.get(*item), *prior)
            }
            Operation::Take { element, outcome } => {
                let element = &flow.elements[*element];
                self.stopped = None;
                if let (ElementKind::Decision(outcomes), Some(at)) = (&element.kind, outcome) {
                    let name = &outcomes[*at].name;
                    self.state.taken.insert(name.to_ascii_lowercase());
                    self.step(&element.name, "outcome", || name.clone());
                } else {
                    self.step(&element.name, "outcome", || "the default outcome".to_owned());
                }
                Ok(Answer::Done)
            }
            Operation::Element(at) => {
                self.stopped = None;
                self.count()?;
                let element = &flow.elements[*at];
                self.state.visited.insert(element.name.to_ascii_lowercase());
                self.step(&element.name, "element", || super::act::shown(&element.kind));
                self.act(*at, element)
            }
        }
    }

    /// Elements are counted over the flows that call each other.
    fn count(&mut self) -> Result<(), Miss> {
        self.executed += 1;
        let version = self.compiled.flow.api_version;
        if version <= ELEMENTS_LIMITED_UNTIL && self.executed > ELEMENTS_MAX {
            return Err(Miss::Fault(format!(
                "Number of iterations exceeded ({ELEMENTS_MAX} executed elements)."
            )));
        }
        if self.executed > ELEMENTS_RUN_MAX {
            return Err(Miss::Unknown(format!("more than {ELEMENTS_RUN_MAX} elements ran")));
        }
        Ok(())
    }

    fn asked(&mut self, element: &str, condition: Option<&Condition>, prior: bool) -> Result<Answer, Miss> {
        let Some(condition) = condition else { return Ok(Answer::True) };
        self.condition(element, condition, prior).map(answer)
    }

    fn criteria_formula(&mut self, prior: bool) -> Result<Answer, Miss> {
        let compiled = self.compiled;
        let held = match &compiled.filter {
            Some(Ok(used)) => self.formula(used, "the start's formula", prior)?,
            Some(Err(why)) => return Err(Miss::Unknown(why.clone())),
            None => Held::boolean(true),
        };
        let kind = if prior { "the formula before the change" } else { "the formula" };
        self.step("start", "criterion", || format!("{kind}: {}", held.shown()));
        Ok(answer(held == Held::boolean(true)))
    }

    /// Adds a step to the trace.
    pub(super) fn step(&mut self, element: &str, kind: &'static str, detail: impl FnOnce() -> String) {
        if let Some(steps) = &mut self.steps {
            let element = match self.depth {
                0 => element.to_owned(),
                _ => format!("{}.{element}", self.compiled.flow.name),
            };
            steps.push(FlowStep { element, kind, detail: detail() });
        }
    }

    /// All that may be read now.
    pub(super) fn view(&self, prior: bool) -> View<'_> {
        View {
            compiled: self.compiled,
            runner: self.runner,
            world: &*self.world,
            state: &self.state,
            computed: BTreeMap::new(),
            prior,
            formula: false,
        }
    }
}

fn answer(holds: bool) -> Answer {
    if holds { Answer::True } else { Answer::Done }
}
