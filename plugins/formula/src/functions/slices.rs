//! Parts of text. Characters are counted as Java counts them, in UTF-16 units.

use super::row::{Call, Computed, Function, Parameter, number, strict, text};
use super::text::{TEXT_BYTES_MAX, limited};
use crate::decimal::Decimal;
use crate::types::Type;
use crate::value::Value;

const TEXT_AND_COUNT: &[Parameter] = &[text("text"), number("num_chars")];
const PAD: &[Parameter] = &[text("text"), number("padded_length"), text("pad_string")];
const PART: &[Parameter] = &[text("text"), number("start_num"), number("num_chars")];

/// The rows of this family.
pub const FUNCTIONS: &[Function] = &[
    strict("LEFT", TEXT_AND_COUNT, Type::Text, left).doc(
        "The first characters.",
        "LEFT(\"abcdef\", 2)",
        "ab",
    ),
    strict("RIGHT", TEXT_AND_COUNT, Type::Text, right).doc(
        "The last characters.",
        "RIGHT(\"abcdef\", 2)",
        "ef",
    ),
    strict("MID", PART, Type::Text, mid).doc(
        "Characters from a place; a place before the first counts as the first.",
        "MID(\"abcdef\", 2, 3)",
        "bcd",
    ),
    strict("SUBSTR", PART, Type::Text, substr).optional(1).doc(
        "Characters from a place, or from so many before the end when it is negative.",
        "SUBSTR(\"abcdef\", -2)",
        "ef",
    ),
    strict("LPAD", PAD, Type::Text, lpad).optional(1).own_nulls().doc(
        "The text filled on its left to a length, or cut to it.",
        "LPAD(\"7\", 3, \"0\")",
        "007",
    ),
    strict("RPAD", PAD, Type::Text, rpad).optional(1).own_nulls().doc(
        "The text filled on its right to a length, or cut to it.",
        "RPAD(\"ab\", 5, \"12\")",
        "ab121",
    ),
];

/// A text as UTF-16 units, cheap when it is ASCII.
enum Units<'a> {
    Ascii(&'a str),
    Wide(Vec<u16>),
}

impl<'a> Units<'a> {
    fn of(text: &'a str) -> Self {
        if text.is_ascii() { Self::Ascii(text) } else { Self::Wide(text.encode_utf16().collect()) }
    }

    fn len(&self) -> usize {
        match self {
            Self::Ascii(text) => text.len(),
            Self::Wide(units) => units.len(),
        }
    }

    /// The units from `start` to before `end`, both cut to the text; half a pair becomes U+FFFD.
    fn part(&self, start: usize, end: usize) -> String {
        let end = end.min(self.len());
        let start = start.min(end);
        match self {
            Self::Ascii(text) => text[start..end].to_owned(),
            Self::Wide(units) => String::from_utf16_lossy(&units[start..end]),
        }
    }
}

fn left(call: &Call<'_>) -> Computed {
    let units = Units::of(call.text(0)?.unwrap_or_default());
    Ok(Value::text(units.part(0, call.given_number(1)?.to_count())))
}

fn right(call: &Call<'_>) -> Computed {
    let units = Units::of(call.text(0)?.unwrap_or_default());
    let start = units.len().saturating_sub(call.given_number(1)?.to_count());
    Ok(Value::text(units.part(start, units.len())))
}

fn mid(call: &Call<'_>) -> Computed {
    let units = Units::of(call.text(0)?.unwrap_or_default());
    let start = call.given_number(1)?.to_count().max(1) - 1;
    Ok(Value::text(units.part(start, start.saturating_add(call.given_number(2)?.to_count()))))
}

fn substr(call: &Call<'_>) -> Computed {
    let units = Units::of(call.text(0)?.unwrap_or_default());
    let start = call.given_number(1)?;
    let length = Decimal::from(units.len());
    if start.abs() > length {
        return Ok(Value::Null);
    }
    let from =
        if start.is_negative() { units.len() - start.abs().to_count() } else { start.to_count().max(1) - 1 };
    let count = if call.has(2) { call.given_number(2)?.to_count() } else { units.len() };
    Ok(Value::text(units.part(from, from.saturating_add(count))))
}

/// What LPAD and RPAD share: the text cut to the length, or the padding that is missing.
enum Padded {
    Cut(Value),
    Padding(String),
}

fn padding(call: &Call<'_>) -> Result<Padded, super::row::Failure> {
    let (Some(text), Some(length)) = (call.text(0)?, call.number(1)?) else {
        return Ok(Padded::Cut(Value::Null));
    };
    let units = Units::of(text);
    let length = length.to_count();
    if length <= units.len() || text.is_empty() {
        return Ok(Padded::Cut(Value::text(units.part(0, if text.is_empty() { 0 } else { length }))));
    }
    let pad = if call.has(2) { call.text(2)?.unwrap_or_default() } else { " " };
    if pad.is_empty() {
        return Ok(Padded::Cut(Value::Null));
    }
    let missing = length - units.len();
    if missing > TEXT_BYTES_MAX {
        limited("x".repeat(TEXT_BYTES_MAX + 1))?;
    }
    let pad = Units::of(pad);
    let whole = pad.part(0, pad.len()).repeat(missing / pad.len());
    Ok(Padded::Padding(whole + &pad.part(0, missing % pad.len())))
}

fn lpad(call: &Call<'_>) -> Computed {
    match padding(call)? {
        Padded::Cut(value) => Ok(value),
        Padded::Padding(padding) => limited(padding + call.text(0)?.unwrap_or_default()),
    }
}

fn rpad(call: &Call<'_>) -> Computed {
    match padding(call)? {
        Padded::Cut(value) => Ok(value),
        Padded::Padding(padding) => limited(call.text(0)?.unwrap_or_default().to_owned() + &padding),
    }
}
