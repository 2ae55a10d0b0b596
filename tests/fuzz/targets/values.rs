//! Small texts: names, positions and times of the domain; numbers, dates and times of formulas.

use domain::{AccountName, JobId, Position, Timestamp};
use formula::{Date, DateTime, Decimal, NumberStyle, Rounding, Time, Type, Value};

use crate::choices::as_text;
use crate::run::Target;

#[test]
fn values() {
    let target = Target {
        name: "values",
        inputs: 40_000,
        check,
        words: &[
            "0",
            "9",
            "-",
            "+",
            ".",
            "e",
            "E",
            "T",
            "Z",
            ":",
            "/",
            " ",
            "2026-11-23",
            "23:59:60",
            "+14:00",
            "9999-12-31",
            "0000-01-01",
            "1e99",
            "true",
        ],
        also: &[],
    };
    target.run();
}

/// Two texts, apart by a line end: both are read, and together they are the sides of an operation.
fn check(bytes: &[u8]) {
    let Some(text) = as_text(bytes) else { return };
    let (one, other) = text.split_once('\n').unwrap_or((text, text));
    names(one);
    places(one);
    stored(one);
    calendar(one);
    if let (Ok(one), Ok(other)) = (one.parse::<Decimal>(), other.parse::<Decimal>()) {
        arithmetic(&one, &other);
    }
}

fn names(text: &str) {
    let Ok(account) = AccountName::new(text) else { return };
    assert_eq!(account.as_str(), text);
    if let Ok(job) = JobId::new(account, text) {
        assert_eq!(job.to_string(), format!("{text}/{text}"));
    }
}

fn places(text: &str) {
    if let Some(position) = Position::parse(text) {
        assert_eq!(Position::parse(&position.to_string()), Some(position));
        assert_eq!(Position::parse(&position.sort_key()), Some(position));
        let next = Position::new(position.sequence, position.index.saturating_add(1));
        assert_eq!(position.cmp(&next), position.sort_key().cmp(&next.sort_key()));
    }
    if let Some(at) = Timestamp::parse(text) {
        assert_eq!(Timestamp::parse(&at.to_string()), Some(at), "{at} is kept as text and read again");
        assert!(at.next_day() > at);
        assert_eq!(at.day().len(), 10, "{}", at.day());
    }
}

/// What the CRM or a file says of a field reads as a value that is written and read again as the same.
fn stored(text: &str) {
    let types = [
        Type::Text,
        Type::NUMBER,
        Type::Number(NumberStyle::Percent),
        Type::Number(NumberStyle::Currency),
        Type::Boolean,
        Type::Date,
        Type::DateTime,
        Type::Time,
        Type::Picklist,
        Type::Id,
        Type::Any,
    ];
    for given in types {
        let Ok(value) = Value::read(given, text) else { continue };
        let written = value.to_stored(given).to_string();
        let again = Value::read(given, &written).expect("what is written can be read");
        // Written without fractions of a second, as TEXT() writes it.
        if given != Type::DateTime {
            assert_eq!(again, value, "{given}: {text:?} is written as {written:?}");
        }
    }
}

fn calendar(text: &str) {
    if let Some(date) = Date::read(text) {
        let (year, month, day) = date.parts();
        assert_eq!(Date::from_parts(year, month, day), Some(date));
        assert!((1..=7).contains(&date.weekday()) && (1..=366).contains(&date.day_of_year()));
        let (_, week) = date.iso_week();
        assert!((1..=53).contains(&week));
        for months in [-12_000_000, -1, 1, 13, i64::MAX] {
            let _ = date.add_months(months);
        }
    }
    for moment in [DateTime::read(text), DateTime::read_api(text)].into_iter().flatten() {
        assert_eq!(DateTime::from_ms(moment.ms()), Some(moment));
        for offset in [-1_440, 0, 1_440] {
            let _ = moment.date(offset);
        }
    }
    for time in [Time::read(text), Time::read_api(text)].into_iter().flatten() {
        assert_eq!(Time::read_api(&time.to_string()), Some(time));
    }
}

/// Every operation ends, and keeps to arithmetic's laws where it is exact.
fn arithmetic(one: &Decimal, other: &Decimal) {
    let read = |number: &Decimal| number.to_string().parse::<Decimal>();
    assert_eq!(read(one).as_ref(), Ok(one), "{one} is written and read as the same");
    assert_eq!(one.add(other), other.add(one));
    assert_eq!(one.subtract(other), other.subtract(one).negate());
    assert_eq!(one.multiply(other), other.multiply(one));
    for rounding in [Rounding::HalfEven, Rounding::HalfUp] {
        let rounded = one.round_scale(2, rounding);
        assert_eq!(rounded.round_scale(2, rounding), rounded, "rounding once is enough");
        let _ = one.round_formula(other.to_i32(), rounding);
        let _ = one.round_digits(other.to_i64().clamp(-40, 40), rounding);
    }
    if let Ok(quotient) = one.divide(other) {
        assert!(!other.is_zero() && quotient.is_zero() == one.is_zero());
    }
    let _ = one.remainder(other).map(|rest| assert!(rest.abs() < other.abs()));
    let _ = one.power(other);
    let _ = (one.to_i64(), one.to_count(), one.to_f64(), one.to_grouped(2));
}
