//! The functions that do not need all their arguments: which one they need next, and what they give.

use crate::functions::Lazy;
use crate::operators::equal;
use crate::outcome::{ErrorKind, EvaluationError, Outcome, Reasons};
use crate::span::Span;
use crate::types::Type;
use crate::value::Value;

/// What to do next.
pub(crate) enum Decision {
    /// Evaluate this argument.
    Need(usize),
    /// This is the result.
    Done(Outcome),
}

/// The arguments of a call, as far as they are evaluated.
pub(crate) trait Arguments {
    /// How many there are.
    fn count(&self) -> usize;

    /// What an argument gave; none when it is not evaluated.
    fn outcome(&self, at: usize) -> Option<&Outcome>;

    /// The type that the checker found.
    fn given(&self, at: usize) -> Type;
}

fn result(arguments: &dyn Arguments, at: usize) -> Outcome {
    arguments.outcome(at).cloned().unwrap_or(Outcome::Value(Value::Null))
}

/// Decides after `done` steps; the argument `done - 1` was the last that was evaluated.
pub(crate) fn decide(lazy: Lazy, done: usize, arguments: &dyn Arguments) -> Decision {
    match lazy {
        Lazy::And => junction(done, arguments, false),
        Lazy::Or => junction(done, arguments, true),
        Lazy::If => choice(done, arguments),
        Lazy::IfError => match (done, arguments.outcome(0)) {
            (0, _) => Decision::Need(0),
            (1, Some(Outcome::Error(_))) => Decision::Need(1),
            (1, _) => Decision::Done(result(arguments, 0)),
            _ => Decision::Done(result(arguments, 1)),
        },
        // The engine evaluates all arguments of these first, so an error in any of them is one of the whole.
        Lazy::Case | Lazy::NullValue | Lazy::BlankValue if done < arguments.count() => Decision::Need(done),
        Lazy::Case => eager(arguments, case),
        Lazy::NullValue => eager(arguments, |arguments| {
            let textual = [0, 1].iter().any(|at| matches!(arguments.given(*at), Type::Text | Type::Id));
            substitute(arguments, |value| !textual && value.is_null())
        }),
        Lazy::BlankValue => eager(arguments, |arguments| substitute(arguments, Value::is_blank)),
    }
}

/// A condition's value; null counts as false.
pub(crate) enum Condition {
    /// It is known.
    Known(bool),
    /// It is unknown or an error.
    Open(Outcome),
}

/// What an outcome is as a condition.
pub(crate) fn condition(outcome: Option<&Outcome>) -> Condition {
    match outcome {
        Some(Outcome::Value(Value::Boolean(value))) => Condition::Known(*value),
        None | Some(Outcome::Value(Value::Null)) => Condition::Known(false),
        Some(Outcome::Value(other)) => {
            let message = format!("a condition is expected, {} was found", other.kind());
            Condition::Open(Outcome::Error(EvaluationError {
                kind: ErrorKind::Type,
                message,
                span: Span::default(),
            }))
        }
        Some(open) => Condition::Open(open.clone()),
    }
}

/// AND (`deciding` false) and OR (`deciding` true). The deciding value beats what is unknown before it; an error after
/// something unknown is unknown too, because the unknown part might have decided before.
fn junction(done: usize, arguments: &dyn Arguments, deciding: bool) -> Decision {
    if done > 0 {
        match condition(arguments.outcome(done - 1)) {
            Condition::Known(value) if value == deciding => {
                return Decision::Done(Outcome::Value(Value::Boolean(deciding)));
            }
            Condition::Known(_) | Condition::Open(Outcome::Unknown(_)) => {}
            Condition::Open(error) => {
                return Decision::Done(ended(error, unknown(done - 1, arguments)));
            }
        }
    }
    if done < arguments.count() {
        return Decision::Need(done);
    }
    Decision::Done(ended(Outcome::Value(Value::Boolean(!deciding)), unknown(done, arguments)))
}

/// What ends AND or OR, unless something before was unknown.
pub(crate) fn ended(end: Outcome, before: Reasons) -> Outcome {
    if before.is_empty() { end } else { Outcome::Unknown(before) }
}

/// What is unknown among the first arguments.
fn unknown(count: usize, arguments: &dyn Arguments) -> Reasons {
    let mut reasons = Reasons::default();
    for at in 0..count {
        if let Some(Outcome::Unknown(found)) = arguments.outcome(at) {
            reasons.extend(found);
        }
    }
    reasons
}

/// IF and IFS: conditions stand at even places, but the last argument is what is left.
fn choice(done: usize, arguments: &dyn Arguments) -> Decision {
    let Some(last) = done.checked_sub(1) else { return Decision::Need(0) };
    if last % 2 == 1 || last + 1 == arguments.count() {
        return Decision::Done(result(arguments, last));
    }
    match condition(arguments.outcome(last)) {
        Condition::Known(true) => Decision::Need(last + 1),
        Condition::Known(false) => Decision::Need(last + 2),
        Condition::Open(open) => Decision::Done(open),
    }
}

fn eager(arguments: &dyn Arguments, decide: fn(&dyn Arguments) -> Outcome) -> Decision {
    let outcomes = (0..arguments.count()).filter_map(|at| arguments.outcome(at));
    let error = outcomes.into_iter().find(|outcome| matches!(outcome, Outcome::Error(_)));
    Decision::Done(error.cloned().unwrap_or_else(|| decide(arguments)))
}

fn case(arguments: &dyn Arguments) -> Outcome {
    let Some(Outcome::Value(subject)) = arguments.outcome(0) else { return result(arguments, 0) };
    let textual = arguments.given(0).is_textual();
    for pair in (1..arguments.count() - 1).step_by(2) {
        match arguments.outcome(pair) {
            Some(Outcome::Value(value)) if equal(subject, value, textual) == Some(true) => {
                return result(arguments, pair + 1);
            }
            Some(Outcome::Value(_)) | None => {}
            Some(unknown) => return unknown.clone(),
        }
    }
    result(arguments, arguments.count() - 1)
}

fn substitute(arguments: &dyn Arguments, replaced: impl Fn(&Value) -> bool) -> Outcome {
    match arguments.outcome(0) {
        Some(Outcome::Value(value)) if replaced(value) => result(arguments, 1),
        _ => result(arguments, 0),
    }
}
