//! The machine: tasks on a stack, an outcome for each node. A task is a node and how many of its steps are done.

use super::apply::Work;
use super::asking;
use super::lazy::{self, Arguments, Decision};
use crate::ast::NodeId;
use crate::environment::Environment;
use crate::functions::{Body, Call, Computed, Function};
use crate::outcome::{Outcome, ReasonKind};
use crate::record::Record;
use crate::span::Span;
use crate::typed::{FieldUse, Typed, TypedKind};
use crate::types::Type;
use crate::value::Value;

/// Longer texts are cut in a trace.
const TRACED_CHARS_MAX: usize = 1000;

/// Evaluates a checked formula for a record.
pub fn evaluate(typed: &Typed, record: &dyn Record, environment: &Environment<'_>) -> Outcome {
    let mut machine = Machine::new(typed, record, environment, false);
    machine.run();
    machine.take(typed.root)
}

/// The same, with the outcome of every node that was needed.
pub fn evaluate_traced(
    typed: &Typed,
    record: &dyn Record,
    environment: &Environment<'_>,
) -> Vec<Option<Outcome>> {
    let mut machine = Machine::new(typed, record, environment, true);
    machine.run();
    machine.outcomes
}

struct Machine<'a> {
    typed: &'a Typed,
    record: &'a dyn Record,
    environment: &'a Environment<'a>,
    outcomes: Vec<Option<Outcome>>,
    tasks: Vec<(NodeId, usize)>,
    tracing: bool,
    work: Work,
}

impl<'a> Machine<'a> {
    fn new(
        typed: &'a Typed,
        record: &'a dyn Record,
        environment: &'a Environment<'a>,
        tracing: bool,
    ) -> Self {
        let outcomes = vec![None; typed.nodes.len()];
        Self {
            typed,
            record,
            environment,
            outcomes,
            tasks: vec![(typed.root, 0)],
            tracing,
            work: Work::default(),
        }
    }

    fn run(&mut self) {
        while let Some((id, done)) = self.tasks.pop() {
            self.step(id, done);
        }
    }

    fn take(&mut self, id: NodeId) -> Outcome {
        let outcome = self.outcomes.get_mut(id.0).and_then(Option::take);
        outcome.unwrap_or(Outcome::Value(Value::Null))
    }

    fn set(&mut self, id: NodeId, outcome: Outcome) {
        for child in self.typed.children(id) {
            self.retire(*child);
        }
        self.outcomes[id.0] = Some(outcome);
    }

    /// A child's outcome is not needed any more; a trace keeps it in short.
    fn retire(&mut self, child: NodeId) {
        let slot = &mut self.outcomes[child.0];
        if !self.tracing {
            *slot = None;
        } else if let Some(Outcome::Value(Value::Text(text))) = slot
            && text.len() > TRACED_CHARS_MAX
        {
            *text = text.chars().take(TRACED_CHARS_MAX).chain("...".chars()).collect();
        }
    }

    fn step(&mut self, id: NodeId, done: usize) {
        let typed = self.typed;
        let span = typed.node(id).span;
        match &typed.node(id).kind {
            TypedKind::Literal(value) => self.outcomes[id.0] = Some(Outcome::Value(value.clone())),
            TypedKind::Field { field, blank_as_zero } => {
                let outcome = asking::field(self.record, &typed.fields[field.0], *blank_as_zero, span);
                self.outcomes[id.0] = Some(outcome);
            }
            TypedKind::Same(operand) => match done {
                0 => self.need(id, 1, &[*operand]),
                _ => {
                    let outcome = self.outcomes[operand.0].clone().unwrap_or(Outcome::Value(Value::Null));
                    self.set(id, outcome);
                }
            },
            TypedKind::Operator { operator, operands, textual } => match done {
                0 => self.need(id, 1, operands),
                _ => {
                    let values = evaluated(&self.outcomes, operands);
                    let outcome = self.work.operator(*operator, &values, *textual, span);
                    self.set(id, outcome);
                }
            },
            TypedKind::Call { function, arguments } => self.call(id, done, function, arguments, span),
        }
    }

    /// Comes back to a node when these are evaluated, the first of them first.
    fn need(&mut self, id: NodeId, done: usize, children: &[NodeId]) {
        self.tasks.push((id, done));
        self.tasks.extend(children.iter().rev().map(|child| (*child, 0)));
    }

    fn call(
        &mut self,
        id: NodeId,
        done: usize,
        function: &'static Function,
        arguments: &[NodeId],
        span: Span,
    ) {
        match function.body {
            Body::Strict(body) => match done {
                0 => self.need(id, 1, arguments),
                _ => {
                    let outcome = self.strict(function, body, arguments, span);
                    self.set(id, outcome);
                }
            },
            Body::Lazy(lazy) => {
                let given = NodeArguments { typed: self.typed, outcomes: &self.outcomes, arguments };
                match lazy::decide(lazy, done, &given) {
                    Decision::Need(at) => self.need(id, at + 1, &arguments[at..=at]),
                    Decision::Done(outcome) => self.set(id, outcome),
                }
            }
            Body::Event(event) => {
                let field = arguments.first().and_then(|id| self.field_use(*id));
                let outcome = asking::event(self.record, event, field, span);
                self.set(id, outcome);
            }
            Body::NotLocal(why) => {
                self.set(id, Outcome::unknown(ReasonKind::NotLocal(why.to_owned()), function.name, span));
            }
        }
    }

    /// What a field node reads; none for other nodes.
    fn field_use(&self, id: NodeId) -> Option<(&'a FieldUse, bool)> {
        let typed = self.typed;
        match &typed.node(id).kind {
            TypedKind::Field { field, blank_as_zero } => Some((&typed.fields[field.0], *blank_as_zero)),
            _ => None,
        }
    }

    fn strict(
        &mut self,
        function: &Function,
        body: fn(&Call<'_>) -> Computed,
        arguments: &[NodeId],
        span: Span,
    ) -> Outcome {
        let types: Vec<Type> = arguments.iter().map(|id| self.typed.node(*id).given).collect();
        let outcomes = evaluated(&self.outcomes, arguments);
        self.work.strict(function, body, (&outcomes, &types), self.environment, span)
    }
}

fn evaluated<'o>(outcomes: &'o [Option<Outcome>], ids: &[NodeId]) -> Vec<&'o Outcome> {
    ids.iter().map(|id| outcomes[id.0].as_ref().unwrap_or(&Outcome::Value(Value::Null))).collect()
}

/// The arguments of a lazy function.
struct NodeArguments<'a> {
    typed: &'a Typed,
    outcomes: &'a [Option<Outcome>],
    arguments: &'a [NodeId],
}

impl Arguments for NodeArguments<'_> {
    fn count(&self) -> usize {
        self.arguments.len()
    }

    fn outcome(&self, at: usize) -> Option<&Outcome> {
        self.arguments.get(at).and_then(|id| self.outcomes[id.0].as_ref())
    }

    fn given(&self, at: usize) -> Type {
        self.arguments.get(at).map_or(Type::Any, |id| self.typed.node(*id).given)
    }
}
