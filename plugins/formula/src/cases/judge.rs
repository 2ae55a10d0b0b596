//! Whether an outcome is what a case expects: numbers to one part in 10^12, texts after trimming, null as the empty
//! text.

use super::format::Expected;
use crate::decimal::Decimal;
use crate::outcome::{Outcome, Reasons};
use crate::types::Type;
use crate::value::Value;

/// Numbers may differ by one part in so many.
const PRECISION: &str = "1000000000000";

/// Whether an outcome meets an expectation.
pub(super) fn meets(outcome: &Outcome, expected: &Expected, returns: Type) -> bool {
    match (outcome, expected) {
        (Outcome::Error(_), Expected::Error(_)) => true,
        (Outcome::Unknown(reasons), Expected::Error(name)) => mentions(reasons, name),
        (Outcome::Unknown(reasons), Expected::Unknown(name)) => mentions(reasons, name),
        (Outcome::Value(value), Expected::Value(text)) => {
            equal(&value.to_stored(returns), text.as_deref().unwrap_or_default(), returns)
        }
        _ => false,
    }
}

fn mentions(reasons: &Reasons, name: &str) -> bool {
    reasons.iter().any(|reason| reason.to_string().contains(name))
}

fn equal(value: &Value, expected: &str, returns: Type) -> bool {
    let blank = expected.trim().is_empty();
    match value {
        Value::Null => blank,
        Value::Text(text) => text.trim() == expected.trim(),
        _ if blank => *value == Value::Boolean(false) && returns == Type::Boolean,
        Value::Number(number) => near(number, expected.trim()),
        other => Value::read(returns, expected).is_ok_and(|expected| *other == expected),
    }
}

/// The files of the engine print at most 32 decimals, so an expectation that shows so many has been rounded to them.
const DECIMALS_PRINTED: usize = 32;

fn near(found: &Decimal, text: &str) -> bool {
    let (Ok(expected), Ok(precision)) = (text.parse::<Decimal>(), PRECISION.parse::<Decimal>()) else {
        return false;
    };
    let difference = found.subtract(&expected).abs();
    if difference.multiply(&precision) <= expected.abs() {
        return true;
    }
    let decimals = text.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    let unit = Decimal::ONE.move_point_right(-i64::try_from(decimals).unwrap_or(0));
    decimals >= DECIMALS_PRINTED && difference <= unit
}

/// An outcome in the words of an expectation.
pub(super) fn shown(outcome: &Outcome, returns: Type) -> String {
    match outcome {
        Outcome::Value(value) => match value.to_stored(returns) {
            Value::Null => "null".to_owned(),
            value => value.to_string(),
        },
        other => other.to_string(),
    }
}

/// An expectation in words.
pub(super) fn expected_shown(expected: &Expected) -> String {
    match expected {
        Expected::Value(None) => "null".to_owned(),
        Expected::Value(Some(text)) => text.clone(),
        Expected::Error(name) => format!("error {name}"),
        Expected::Unknown(name) => format!("unknown ({name})"),
    }
}
