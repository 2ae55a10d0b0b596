//! The machine: tasks on a stack, an outcome for each node. A task is a node and how many of its steps are done.

use super::lazy::{self, Arguments, Decision};
use crate::ast::NodeId;
use crate::environment::Environment;
use crate::functions::{Body, Call, Computed, Event, Failure, Function, NullRule};
use crate::operators::Operator;
use crate::outcome::{ErrorKind, EvaluationError, Outcome, ReasonKind, Reasons};
use crate::record::{Lookup, Record};
use crate::span::Span;
use crate::typed::{FieldId, Typed, TypedKind};
use crate::types::Type;
use crate::value::Value;

/// Bytes of text that an evaluation may go through, so that nested SUBSTITUTEs end.
const WORK_BYTES_MAX: usize = 50_000_000;
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
    work_bytes: usize,
}

impl<'a> Machine<'a> {
    fn new(
        typed: &'a Typed,
        record: &'a dyn Record,
        environment: &'a Environment<'a>,
        tracing: bool,
    ) -> Self {
        let outcomes = vec![None; typed.nodes.len()];
        Self { typed, record, environment, outcomes, tasks: vec![(typed.root, 0)], tracing, work_bytes: 0 }
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
                let outcome = self.field(*field, *blank_as_zero, span);
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
                    let outcome = self.operator(*operator, operands, *textual, span);
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
                match lazy::decide(
                    lazy,
                    done,
                    &Arguments { typed: self.typed, outcomes: &self.outcomes, arguments },
                ) {
                    Decision::Need(at) => self.need(id, at + 1, &arguments[at..=at]),
                    Decision::Done(outcome) => self.set(id, outcome),
                }
            }
            Body::Event(event) => {
                let outcome = self.event(event, arguments.first().copied(), span);
                self.set(id, outcome);
            }
            Body::NotLocal(why) => {
                self.set(id, Outcome::unknown(ReasonKind::NotLocal(why.to_owned()), function.name, span));
            }
        }
    }

    fn field(&self, field: FieldId, blank_as_zero: bool, span: Span) -> Outcome {
        let used = &self.typed.fields[field.0];
        let found = match (used.prior, self.record.is_new()) {
            (false, _) => self.record.value(&used.path),
            (true, Some(true)) => Lookup::Known(Value::Null),
            (true, Some(false)) => self.record.prior_value(&used.path),
            (true, None) => return Outcome::unknown(ReasonKind::NoEvent, used.path.clone(), span),
        };
        match found {
            Lookup::Known(value) => Outcome::Value(as_read(value, used.given, blank_as_zero)),
            Lookup::Error(error) => Outcome::Error(EvaluationError { span, ..error }),
            Lookup::Unknown(why) if used.prior => {
                Outcome::unknown(ReasonKind::NoPriorValue(why), used.path.clone(), span)
            }
            Lookup::Unknown(why) => Outcome::unknown(ReasonKind::NoValue(why), used.path.clone(), span),
        }
    }

    fn event(&self, event: Event, argument: Option<NodeId>, span: Span) -> Outcome {
        let known = |value: Option<bool>| match value {
            Some(value) => Outcome::Value(Value::Boolean(value)),
            None => Outcome::unknown(ReasonKind::NoEvent, "the record", span),
        };
        let field = argument.map(|id| &self.typed.node(id).kind);
        match (event, field) {
            (Event::IsNew, _) => known(self.record.is_new()),
            (Event::IsClone, _) => known(self.record.is_clone()),
            (Event::IsChanged, Some(TypedKind::Field { field, .. })) => {
                let path = &self.typed.fields[field.0].path;
                match self.record.changed(path) {
                    Ok(changed) => Outcome::Value(Value::Boolean(changed)),
                    Err(why) => Outcome::unknown(ReasonKind::NoPriorValue(why), path.clone(), span),
                }
            }
            (Event::PriorValue, Some(TypedKind::Field { field, blank_as_zero })) => {
                self.prior(*field, *blank_as_zero, span)
            }
            _ => Outcome::unknown(ReasonKind::NoEvent, "the record", span),
        }
    }

    /// For a new record the current value (reference §5.4).
    fn prior(&self, field: FieldId, blank_as_zero: bool, span: Span) -> Outcome {
        let used = &self.typed.fields[field.0];
        let found = match self.record.is_new() {
            Some(true) => self.record.value(&used.path),
            Some(false) => self.record.prior_value(&used.path),
            None => return Outcome::unknown(ReasonKind::NoEvent, used.path.clone(), span),
        };
        match found {
            Lookup::Known(value) => Outcome::Value(as_read(value, used.given, blank_as_zero)),
            Lookup::Error(error) => Outcome::Error(EvaluationError { span, ..error }),
            Lookup::Unknown(why) => Outcome::unknown(ReasonKind::NoPriorValue(why), used.path.clone(), span),
        }
    }

    /// The values of strict arguments, or the outcome that they force: an error first, then a null that decides, then
    /// what is unknown.
    fn values(&self, arguments: &[NodeId], null_decides: bool) -> Result<Vec<&Value>, Outcome> {
        let mut values = Vec::with_capacity(arguments.len());
        let mut reasons = Reasons::default();
        for id in arguments {
            match &self.outcomes[id.0] {
                Some(Outcome::Value(value)) => values.push(value),
                Some(Outcome::Unknown(found)) => reasons.extend(found),
                Some(error @ Outcome::Error(_)) => return Err(error.clone()),
                None => values.push(&Value::Null),
            }
        }
        if null_decides && values.iter().any(|value| value.is_null()) {
            return Err(Outcome::Value(Value::Null));
        }
        if reasons.is_empty() { Ok(values) } else { Err(Outcome::Unknown(reasons)) }
    }

    fn strict(
        &mut self,
        function: &Function,
        body: fn(&Call<'_>) -> Computed,
        arguments: &[NodeId],
        span: Span,
    ) -> Outcome {
        let types: Vec<Type> = arguments.iter().map(|id| self.typed.node(*id).given).collect();
        let values = match self.values(arguments, function.nulls == NullRule::Propagate) {
            Ok(values) => values,
            Err(outcome) => return outcome,
        };
        let read: usize = values.iter().map(|value| text_bytes(value)).sum();
        let call = Call { arguments: &values, types: &types, environment: self.environment };
        let computed = body(&call);
        self.outcome(computed, read, function.name, span)
    }

    fn operator(&mut self, operator: Operator, operands: &[NodeId], textual: bool, span: Span) -> Outcome {
        let values = match self.values(operands, operator.propagates_null(textual)) {
            Ok(values) => values,
            Err(outcome) => return outcome,
        };
        let left = values.first().copied().unwrap_or(&Value::Null);
        let right = values.get(1).copied().unwrap_or(&Value::Null);
        let read = text_bytes(left) + text_bytes(right);
        let computed = operator.apply(left, right, textual);
        self.outcome(computed, read, "an operator", span)
    }

    fn outcome(&mut self, computed: Computed, read_bytes: usize, subject: &str, span: Span) -> Outcome {
        self.work_bytes += read_bytes + computed.as_ref().map_or(0, text_bytes);
        let error = |kind, message| Outcome::Error(EvaluationError { kind, message, span });
        match computed {
            _ if self.work_bytes > WORK_BYTES_MAX => {
                error(ErrorKind::Limit, "the formula goes through too much text".to_owned())
            }
            Ok(value) => Outcome::Value(value),
            Err(Failure::Error(kind, message)) => error(kind, message),
            Err(Failure::Unknown(why)) => Outcome::unknown(ReasonKind::NotLocal(why), subject, span),
        }
    }
}

fn text_bytes(value: &Value) -> usize {
    match value {
        Value::Text(text) => text.len(),
        _ => 0,
    }
}

/// A record's value as a formula sees it: no empty texts, checkboxes never null, blank numbers perhaps zero.
fn as_read(value: Value, given: Type, blank_as_zero: bool) -> Value {
    match value {
        Value::Text(text) => Value::text(text),
        Value::Null if given == Type::Boolean => Value::Boolean(false),
        Value::Null if blank_as_zero => Value::whole(0),
        other => other,
    }
}
