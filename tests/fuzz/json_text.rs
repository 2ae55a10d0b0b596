//! JSON grown from decisions, with the names and values that our readers look for.

use serde_json::{Map, Value};

use crate::choices::Choices;

/// Texts that mean something somewhere: ids, dates, numbers as text, escapes, blanks.
const TEXTS: [&str; 24] = [
    "",
    "A-1",
    "Doe",
    " ",
    "#N/A",
    "true",
    "42",
    "1e5",
    "-0.5",
    "2026-02-30",
    "2026-11-23",
    "2026-11-23T10:00:00.000+0000",
    "001000000000001AAA",
    "001000000000001",
    "Gold;Silver",
    "Gold",
    "ann@example.com",
    "O'Neil \\ \"x\"",
    "\u{0}\n\t\u{1f}",
    "Österreich 😀",
    "ǅ\u{130}ß",
    "upsert",
    "delete",
    "$serde_json::private::Number",
];
/// Numbers, as JSON writes them.
const NUMBERS: [&str; 12] = [
    "0",
    "1",
    "-1",
    "200",
    "0.1",
    "1.50",
    "1e5",
    "-1E-7",
    "1e999",
    "9223372036854775808",
    "12345678901234567.89",
    "123456789012345678901234567890123456789012345",
];
const DEPTH_MAX: usize = 6;

/// A value; members of objects are mostly of these names.
pub fn value(choices: &mut Choices<'_>, names: &[&str]) -> Value {
    grown(choices, names, 0)
}

/// An object with members of these names.
pub fn object(choices: &mut Choices<'_>, names: &[&str]) -> Value {
    members(choices, names, 0)
}

fn grown(choices: &mut Choices<'_>, names: &[&str], depth: usize) -> Value {
    match choices.below(if depth < DEPTH_MAX { 10 } else { 6 }) {
        0 | 1 => text(choices),
        2 => number(choices),
        3 => Value::Bool(choices.once_in(2)),
        4 => Value::Null,
        5 => Value::String(choices.text(40)),
        6 | 7 => members(choices, names, depth),
        _ => (0..choices.below(4)).map(|_| grown(choices, names, depth + 1)).collect(),
    }
}

fn members(choices: &mut Choices<'_>, names: &[&str], depth: usize) -> Value {
    let mut members = Map::new();
    for _ in 0..choices.below(6) {
        let name = if choices.once_in(12) { choices.text(20) } else { choices.of(names).to_owned() };
        members.insert(name, grown(choices, names, depth + 1));
    }
    Value::Object(members)
}

/// A text of those that mean something.
pub fn text(choices: &mut Choices<'_>) -> Value {
    Value::from(choices.of(&TEXTS))
}

/// A number with the digits it has.
pub fn number(choices: &mut Choices<'_>) -> Value {
    serde_json::from_str(choices.of(&NUMBERS)).expect("the list holds JSON numbers")
}
