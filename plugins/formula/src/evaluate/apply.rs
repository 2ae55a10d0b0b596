//! What functions and operators make of outcomes: an error first, then a null that decides, then what is unknown, then
//! the function itself. The machine and the library of emitted code both go through here.

use crate::environment::Environment;
use crate::functions::{Call, Computed, Failure, Function, NullRule};
use crate::operators::Operator;
use crate::outcome::{ErrorKind, EvaluationError, Outcome, ReasonKind, Reasons};
use crate::span::Span;
use crate::types::Type;
use crate::value::Value;

/// Bytes of text that an evaluation may go through, so that nested SUBSTITUTEs end.
const WORK_BYTES_MAX: usize = 50_000_000;
/// Texts up to this length are not counted: a formula has few enough nodes. Flat records hold no longer ones, so what
/// is compared inline needs no counting either.
pub(crate) const FREE_TEXT_BYTES_MAX: usize = 255;

/// How much text an evaluation has gone through.
#[derive(Debug, Default)]
pub(crate) struct Work {
    bytes: usize,
}

impl Work {
    /// A function of all its arguments' values.
    pub(crate) fn strict(
        &mut self,
        function: &Function,
        body: fn(&Call<'_>) -> Computed,
        (outcomes, types): (&[&Outcome], &[Type]),
        environment: &Environment<'_>,
        span: Span,
    ) -> Outcome {
        let values = match values(outcomes, function.nulls == NullRule::Propagate) {
            Ok(values) => values,
            Err(outcome) => return outcome,
        };
        let read = values.iter().map(|value| counted_bytes(value)).sum();
        let computed = body(&Call { arguments: &values, types, environment });
        self.outcome(computed, read, function.name, span)
    }

    /// An operator with one operand or two.
    pub(crate) fn operator(
        &mut self,
        operator: Operator,
        operands: &[&Outcome],
        textual: bool,
        span: Span,
    ) -> Outcome {
        let values = match values(operands, operator.propagates_null(textual)) {
            Ok(values) => values,
            Err(outcome) => return outcome,
        };
        let left = values.first().copied().unwrap_or(&Value::Null);
        let right = values.get(1).copied().unwrap_or(&Value::Null);
        let read = counted_bytes(left) + counted_bytes(right);
        let computed = operator.apply(left, right, textual);
        self.outcome(computed, read, "an operator", span)
    }

    fn outcome(&mut self, computed: Computed, read_bytes: usize, subject: &str, span: Span) -> Outcome {
        self.bytes += read_bytes + computed.as_ref().map_or(0, counted_bytes);
        let error = |kind, message| Outcome::Error(EvaluationError { kind, message, span });
        match computed {
            _ if self.bytes > WORK_BYTES_MAX => {
                error(ErrorKind::Limit, "the formula goes through too much text".to_owned())
            }
            Ok(value) => Outcome::Value(value),
            Err(Failure::Error(kind, message)) => error(kind, message),
            Err(Failure::Unknown(why)) => Outcome::unknown(ReasonKind::NotLocal(why), subject, span),
        }
    }
}

/// The values of strict arguments, or the outcome that they force.
fn values<'o>(outcomes: &[&'o Outcome], null_decides: bool) -> Result<Vec<&'o Value>, Outcome> {
    let mut values = Vec::with_capacity(outcomes.len());
    let mut reasons = Reasons::default();
    for outcome in outcomes {
        match outcome {
            Outcome::Value(value) => values.push(value),
            Outcome::Unknown(found) => reasons.extend(found),
            Outcome::Error(_) => return Err((*outcome).clone()),
        }
    }
    if null_decides && values.iter().any(|value| value.is_null()) {
        return Err(Outcome::Value(Value::Null));
    }
    if reasons.is_empty() { Ok(values) } else { Err(Outcome::Unknown(reasons)) }
}

fn counted_bytes(value: &Value) -> usize {
    match value {
        Value::Text(text) if text.len() > FREE_TEXT_BYTES_MAX => text.len(),
        _ => 0,
    }
}
