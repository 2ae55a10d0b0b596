//! Runs the flows of one step of a save.

use formula::{Environment, Lookup, Outcome, Record};
use metadata::flow::Phase;

use super::compiled::{CompiledFlow, FlowSet};
use super::fault;
use super::guard::{DEPTH_MAX, Entry, enter};
use super::interview::{End, Interview};
use super::trace::FlowTrace;
use crate::verdict::{Refusal, Unknown, Verdict};
use crate::world::{Event, World};

/// Runs what flows were compiled to. No method is called while another of the same runner is under way, except inside
/// of a save that a flow makes, which may ask the same rules again: let no lock be held over a call.
pub trait Runner {
    /// The value of the formula of this number.
    fn evaluate(&self, formula: usize, record: &dyn Record, environment: &Environment<'_>) -> Outcome;

    /// Calls a flow's function: which operation follows when this one has this answer. `Err` says why it was stopped.
    fn step(&self, export: &str, operation: i32, answer: i32) -> Result<i32, String>;

    /// A field of the record under judgment, now or before the change. An engine that computes formula fields does it
    /// here.
    fn field(&self, world: &dyn World, object: &str, path: &str, prior: bool) -> Lookup {
        let _ = object;
        if prior { world.record().prior_value(path) } else { world.record().value(path) }
    }
}

/// What is happening to which record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment<'a> {
    /// API name of the record's object.
    pub object: &'a str,
    /// The step of the save.
    pub phase: Phase,
    /// What happens to the record.
    pub event: Event,
}

impl FlowSet {
    /// Runs the flows that the record starts, in order, until one refuses it. What they did is added to `traces`.
    ///
    /// A flow that cannot go on is unknown in the verdict, and the next one runs; what it assigned before stays.
    pub fn run(
        &self,
        runner: &dyn Runner,
        moment: &Moment<'_>,
        world: &mut dyn World,
        mut traces: Option<&mut Vec<FlowTrace>>,
    ) -> Verdict {
        let mut verdict = Verdict::default();
        for compiled in self.of(moment.object, moment.phase) {
            if !starts(compiled, moment.event) {
                continue;
            }
            let (found, trace) = self.one(compiled, runner, moment, world, traces.is_some());
            verdict.extend(found);
            if let (Some(traces), Some(trace)) = (traces.as_deref_mut(), trace) {
                traces.push(trace);
            }
            // Whether Salesforce runs the flows behind it is UNCONFIRMED; the record is refused anyway.
            if !verdict.refusals.is_empty() {
                break;
            }
        }
        verdict
    }

    fn one(
        &self,
        compiled: &CompiledFlow,
        runner: &dyn Runner,
        moment: &Moment<'_>,
        world: &mut dyn World,
        traced: bool,
    ) -> (Verdict, Option<FlowTrace>) {
        let flow = &compiled.flow;
        let _running = match enter(&flow.name, world.id()) {
            Entry::Started(running) => running,
            Entry::Again => return (Verdict::default(), None),
            Entry::TooDeep => {
                let message = format!("Flows have started each other more than {DEPTH_MAX} deep.");
                return (refused(vec![fault::refusal(flow, "start", &message)]), None);
            }
        };
        let mut interview = Interview::new(self, compiled, runner, moment, world, traced);
        let end = interview.run();
        let mut refusals = std::mem::take(&mut interview.refusals);
        let trace = interview.steps.take().map(|steps| FlowTrace { flow: flow.name.clone(), steps });
        let mut verdict = Verdict::default();
        match end {
            End::Done => {}
            End::Unknown(reason) => verdict.unknown.push(Unknown { rule: fault::rule(flow), reason }),
            End::Fault { element, message } => refusals.push(fault::refusal(flow, &element, &message)),
        }
        verdict.refusals = refusals;
        (verdict, trace)
    }
}

fn refused(refusals: Vec<Refusal>) -> Verdict {
    Verdict { refusals, unknown: Vec::new() }
}

fn starts(compiled: &CompiledFlow, event: Event) -> bool {
    compiled.flow.trigger.as_ref().is_some_and(|trigger| match event {
        Event::Create => trigger.on_create,
        Event::Update => trigger.on_update,
        Event::Delete => trigger.phase == Phase::BeforeDelete,
    })
}
