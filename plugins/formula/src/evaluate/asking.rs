//! What formulas ask of the record: fields, and what happens to it.

use crate::functions::Event;
use crate::outcome::{EvaluationError, Outcome, ReasonKind};
use crate::record::{Lookup, Record};
use crate::span::Span;
use crate::typed::FieldUse;
use crate::types::Type;
use crate::value::Value;

/// A field's value, or its value before the change when that is meant.
pub(crate) fn field(record: &dyn Record, used: &FieldUse, blank_as_zero: bool, span: Span) -> Outcome {
    let found = match (used.prior, record.is_new()) {
        (false, _) => record.value(&used.path),
        (true, Some(true)) => Lookup::Known(Value::Null),
        (true, Some(false)) => record.prior_value(&used.path),
        (true, None) => return Outcome::unknown(ReasonKind::NoEvent, used.path.clone(), span),
    };
    let kind = if used.prior { ReasonKind::NoPriorValue } else { ReasonKind::NoValue };
    read(found, used, blank_as_zero, kind, span)
}

/// A function that asks what happens to the record; `argument` is the field that it names, and whether a null one is
/// read as zero.
pub(crate) fn event(
    record: &dyn Record,
    event: Event,
    argument: Option<(&FieldUse, bool)>,
    span: Span,
) -> Outcome {
    let known = |value: Option<bool>| match value {
        Some(value) => Outcome::Value(Value::Boolean(value)),
        None => Outcome::unknown(ReasonKind::NoEvent, "the record", span),
    };
    match (event, argument) {
        (Event::IsNew, _) => known(record.is_new()),
        (Event::IsClone, _) => known(record.is_clone()),
        (Event::IsChanged, Some((used, _))) => match record.changed(&used.path) {
            Ok(changed) => Outcome::Value(Value::Boolean(changed)),
            Err(why) => Outcome::unknown(ReasonKind::NoPriorValue(why), used.path.clone(), span),
        },
        (Event::PriorValue, Some((used, blank_as_zero))) => prior(record, used, blank_as_zero, span),
        (Event::IsChanged | Event::PriorValue, None) => known(None),
    }
}

/// For a new record the current value (reference §5.4).
fn prior(record: &dyn Record, used: &FieldUse, blank_as_zero: bool, span: Span) -> Outcome {
    let found = match record.is_new() {
        Some(true) => record.value(&used.path),
        Some(false) => record.prior_value(&used.path),
        None => return Outcome::unknown(ReasonKind::NoEvent, used.path.clone(), span),
    };
    read(found, used, blank_as_zero, ReasonKind::NoPriorValue, span)
}

fn read(
    found: Lookup,
    used: &FieldUse,
    blank_as_zero: bool,
    unknown: fn(String) -> ReasonKind,
    span: Span,
) -> Outcome {
    match found {
        Lookup::Known(value) => Outcome::Value(as_read(value, used.given, blank_as_zero)),
        Lookup::Error(error) => Outcome::Error(EvaluationError { span, ..error }),
        Lookup::Unknown(why) => Outcome::unknown(unknown(why), used.path.clone(), span),
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
