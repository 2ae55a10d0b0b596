//! What the operators between values do. Nulls follow SQL: a comparison or sum with one is null; texts are the
//! exception.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use crate::calendar::{DAY_MS, Date, DateTime, Time};
use crate::decimal::{Decimal, Rounding};
use crate::functions::{Computed, Failure};
use crate::outcome::ErrorKind;
use crate::value::Value;

/// Operators with values on both sides; && and || are the functions AND and OR.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Operator {
    /// `=`
    Equal,
    /// `<>`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `&`
    Concatenate,
    /// `^`
    Power,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `-` before a number
    Negate,
}

const SECONDS_OF_DAY: i64 = 86_400;

impl Operator {
    /// Applies the operator. `textual` says that blank and "" are one for `=` and `<>`.
    pub fn apply(self, left: &Value, right: &Value, textual: bool) -> Computed {
        match self {
            Self::Equal => Ok(equal(left, right, textual).map_or(Value::Null, Value::Boolean)),
            Self::NotEqual => {
                Ok(equal(left, right, textual).map_or(Value::Null, |equal| Value::Boolean(!equal)))
            }
            Self::Less => ordered(left, right, Ordering::is_lt),
            Self::LessOrEqual => ordered(left, right, Ordering::is_le),
            Self::Greater => ordered(left, right, Ordering::is_gt),
            Self::GreaterOrEqual => ordered(left, right, Ordering::is_ge),
            Self::Add => add(left, right),
            Self::Subtract => subtract(left, right),
            Self::Concatenate => concatenate(left, right),
            Self::Multiply => numbers(left, right, |left, right| Ok(left.multiply(right))),
            Self::Divide => numbers(left, right, |left, right| Ok(left.divide(right)?)),
            Self::Power => numbers(left, right, |left, right| Ok(left.power(right)?)),
            Self::Negate => match left {
                Value::Null => Ok(Value::Null),
                Value::Number(number) => Ok(Value::Number(number.negate())),
                other => mismatch("-", other, other),
            },
        }
    }

    /// Whether a null on either side makes the result null.
    pub fn propagates_null(self, textual: bool) -> bool {
        match self {
            Self::Equal | Self::NotEqual | Self::Add => !textual,
            Self::Concatenate => false,
            _ => true,
        }
    }
}

fn mismatch<T>(operator: &str, left: &Value, right: &Value) -> Result<T, Failure> {
    let message = format!("{operator} does not take {} and {}", left.kind(), right.kind());
    Err(Failure::error(ErrorKind::Type, message))
}

/// Whether two values are equal; none when one is null. As texts, null and "" are one.
pub(crate) fn equal(left: &Value, right: &Value, textual: bool) -> Option<bool> {
    if textual || matches!((left, right), (Value::Text(_), _) | (_, Value::Text(_))) {
        let blank = Value::Text(String::new());
        let left = if left.is_null() { &blank } else { left };
        let right = if right.is_null() { &blank } else { right };
        return Some(left == right);
    }
    if left.is_null() || right.is_null() { None } else { Some(left == right) }
}

fn ordered(left: &Value, right: &Value, wanted: fn(Ordering) -> bool) -> Computed {
    let order = match (left, right) {
        (Value::Null, _) | (_, Value::Null) => return Ok(Value::Null),
        (Value::Number(left), Value::Number(right)) => left.cmp(right),
        (Value::Text(left), Value::Text(right)) => left.encode_utf16().cmp(right.encode_utf16()),
        (Value::Date(left), Value::Date(right)) => left.cmp(right),
        (Value::DateTime(left), Value::DateTime(right)) => left.cmp(right),
        (Value::Time(left), Value::Time(right)) => left.cmp(right),
        _ => return mismatch("the comparison", left, right),
    };
    Ok(Value::Boolean(wanted(order)))
}

fn numbers(
    left: &Value,
    right: &Value,
    calculate: fn(&Decimal, &Decimal) -> Result<Decimal, Failure>,
) -> Computed {
    match (left, right) {
        (Value::Null, _) | (_, Value::Null) => Ok(Value::Null),
        (Value::Number(left), Value::Number(right)) => Ok(Value::Number(calculate(left, right)?.in_range()?)),
        _ => mismatch("the calculation", left, right),
    }
}

fn add(left: &Value, right: &Value) -> Computed {
    match (left, right) {
        (Value::Text(_), Value::Text(_) | Value::Null) | (Value::Null, Value::Text(_)) => {
            concatenate(left, right)
        }
        (Value::Null, _) | (_, Value::Null) => Ok(Value::Null),
        (Value::Number(left), Value::Number(right)) => Ok(Value::Number(left.add(right).in_range()?)),
        (Value::Date(date), Value::Number(days)) | (Value::Number(days), Value::Date(date)) => {
            move_date(*date, days)
        }
        (Value::DateTime(moment), Value::Number(days)) | (Value::Number(days), Value::DateTime(moment)) => {
            move_moment(*moment, days)
        }
        (Value::Time(time), Value::Number(ms)) => move_time(*time, ms),
        _ => mismatch("+", left, right),
    }
}

fn subtract(left: &Value, right: &Value) -> Computed {
    match (left, right) {
        (Value::Null, _) | (_, Value::Null) => Ok(Value::Null),
        (Value::Number(left), Value::Number(right)) => Ok(Value::Number(left.subtract(right).in_range()?)),
        (Value::Date(date), Value::Number(days)) => move_date(*date, &days.negate()),
        (Value::DateTime(moment), Value::Number(days)) => move_moment(*moment, &days.negate()),
        (Value::Time(time), Value::Number(ms)) => move_time(*time, &ms.negate()),
        (Value::Date(left), Value::Date(right)) => Ok(Value::whole(left.days() - right.days())),
        (Value::DateTime(left), Value::DateTime(right)) => {
            let ms = Decimal::from(left.ms() - right.ms());
            Ok(Value::Number(ms.divide(&Decimal::from(DAY_MS))?))
        }
        (Value::Time(left), Value::Time(right)) => {
            Ok(Value::whole((left.ms() - right.ms()).rem_euclid(DAY_MS)))
        }
        _ => mismatch("-", left, right),
    }
}

fn out_of_range() -> Failure {
    Failure::error(ErrorKind::Date, "the date or time is out of range")
}

/// A whole number that is small enough to count days or milliseconds.
fn small(number: &Decimal) -> Result<i64, Failure> {
    if number.magnitude() > 15 { Err(out_of_range()) } else { Ok(number.to_i64()) }
}

/// Parts of a day are cut off.
fn move_date(date: Date, days: &Decimal) -> Computed {
    Date::from_days(date.days() + small(days)?).map(Value::Date).ok_or_else(out_of_range)
}

/// Days are rounded to seconds.
fn move_moment(moment: DateTime, days: &Decimal) -> Computed {
    let seconds = days.multiply(&Decimal::from(SECONDS_OF_DAY)).round_scale(0, Rounding::HalfUp);
    DateTime::from_ms(moment.ms() + small(&seconds)? * 1000).map(Value::DateTime).ok_or_else(out_of_range)
}

/// A time does not go past midnight.
fn move_time(time: Time, ms: &Decimal) -> Computed {
    Time::from_ms(time.ms() + small(ms)?).map(Value::Time).ok_or_else(out_of_range)
}

fn concatenate(left: &Value, right: &Value) -> Computed {
    match (left, right) {
        (Value::Null, Value::Null) => Ok(Value::Null),
        (Value::Text(text), Value::Null) | (Value::Null, Value::Text(text)) => Ok(Value::Text(text.clone())),
        (Value::Text(left), Value::Text(right)) => crate::functions::limited(format!("{left}{right}")),
        _ => mismatch("&", left, right),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Value {
        Value::Number(text.parse().unwrap())
    }

    #[test]
    fn blanks_follow_sql_but_for_text() {
        let check = |operator: Operator, left: Value, right: Value, textual, expected: Value| {
            assert_eq!(operator.apply(&left, &right, textual), Ok(expected), "{operator:?}");
        };
        check(Operator::Equal, Value::Null, number("1"), false, Value::Null);
        check(Operator::NotEqual, Value::Null, Value::Null, false, Value::Null);
        check(Operator::Equal, Value::Null, Value::Text(String::new()), true, Value::Boolean(true));
        check(Operator::Greater, Value::Null, number("1"), false, Value::Null);
        check(Operator::Add, Value::Null, Value::Text("a".into()), true, Value::Text("a".into()));
        check(Operator::Equal, number("20"), number("20.00"), false, Value::Boolean(true));
    }

    #[test]
    fn dates_move_by_whole_days_and_moments_by_seconds() {
        let date = Value::read(crate::types::Type::Date, "2000-02-28").unwrap();
        assert_eq!(Operator::Add.apply(&date, &number("3.6"), false).unwrap().to_string(), "2000-03-02");
        assert_eq!(Operator::Subtract.apply(&date, &number("0.9"), false).unwrap().to_string(), "2000-02-28");
        let moment = Value::read(crate::types::Type::DateTime, "2004-12-31T11:32:00Z").unwrap();
        let moved = Operator::Add.apply(&moment, &number("3.6"), false).unwrap();
        assert_eq!(moved.to_string(), "2005-01-04T01:56:00Z");
        assert!(Operator::Add.apply(&date, &number("1e30"), false).is_err());
    }
}
