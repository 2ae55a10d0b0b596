//! Text as a whole: searching, cases, conversion.

use super::row::{Call, Computed, Failure, Function, Parameter, number, of, strict, text};
use crate::decimal::Decimal;
use crate::outcome::ErrorKind;
use crate::regex::{MatchError, whole_match};
use crate::types::{Kinds, Type};
use crate::value::Value;

/// The most text that a formula may build, in bytes; a long text area holds 131,072 characters.
pub(crate) const TEXT_BYTES_MAX: usize = 1_000_000;

const ONE: &[Parameter] = &[text("text")];
const TEXT_AND_SEARCHED: &[Parameter] = &[text("text"), text("compare_text")];
const WITH_LOCALE: &[Parameter] = &[text("text"), text("locale")];
const TEXTABLE: Kinds = Kinds::NUMBER.or(Kinds::DATE).or(Kinds::DATETIME).or(Kinds::TIME).or(Kinds::PICKLIST);

/// The rows of this family.
pub const FUNCTIONS: &[Function] = &[
    strict("TEXT", &[of("value", TEXTABLE)], Type::Text, to_text).doc(
        "The value as text: digits, 2020-01-31, 2020-01-31 10:00:00Z (GMT), 10:00:00.000, a picklist's value.",
        "TEXT(1234.50)",
        "1234.5",
    ),
    strict("VALUE", ONE, Type::NUMBER, to_number).doc(
        "The number that a text spells; an error when it spells none, a space included.",
        "VALUE(\"-12.5\")",
        "-12.5",
    ),
    strict("LEN", ONE, Type::NUMBER, length).own_nulls().doc("The count of characters; 0 for a blank.", "LEN(\"abc\")", "3"),
    strict("BEGINS", TEXT_AND_SEARCHED, Type::Boolean, begins).own_nulls().doc(
        "Whether the text begins with another, which an empty one always does; null for a blank text.",
        "BEGINS(\"formula\", \"form\")",
        "true",
    ),
    strict("ENDS", TEXT_AND_SEARCHED, Type::Boolean, ends).own_nulls().doc(
        "Whether the text ends with another, which an empty one always does; null for a blank text.",
        "ENDS(\"formula\", \"la\")",
        "true",
    ),
    strict("CONTAINS", TEXT_AND_SEARCHED, Type::Boolean, contains).own_nulls().doc(
        "Whether the text contains another, which an empty one always does; null for a blank text.",
        "CONTAINS(\"formula\", \"mul\")",
        "true",
    ),
    strict("LIKE", &[text("text"), text("pattern")], Type::Boolean, like).own_nulls().doc(
        "Whether the whole text matches a pattern of SQL: % for any text, _ for one character.",
        "LIKE(\"formula\", \"f%l_\")",
        "true",
    ),
    strict("FIND", &[text("search_text"), text("text"), number("start")], Type::NUMBER, find)
        .optional(1)
        .own_nulls()
        .doc("The place of a text in another, from 1; 0 when it is not there.", "FIND(\"l\", \"hello\", 4)", "4"),
    strict("SUBSTITUTE", &[text("text"), text("old_text"), text("new_text")], Type::Text, substitute).own_nulls().doc(
        "The text with every occurrence of another replaced.",
        "SUBSTITUTE(\"a-b-c\", \"-\", \"+\")",
        "a+b+c",
    ),
    strict("TRIM", ONE, Type::Text, trim).doc("The text without spaces at its ends.", "TRIM(\"  a b \")", "a b"),
    strict("UPPER", WITH_LOCALE, Type::Text, upper).optional(1).own_nulls().doc(
        "The text in capitals, by the rules of a locale if one is given.",
        "UPPER(\"große\")",
        "GROSSE",
    ),
    strict("LOWER", WITH_LOCALE, Type::Text, lower).optional(1).own_nulls().doc(
        "The text in small letters, by the rules of a locale if one is given.",
        "LOWER(\"ABC\", \"tr\")",
        "abc",
    ),
    strict("INITCAP", ONE, Type::Text, initial_capitals).doc(
        "The text with each word's first letter as a capital and the others small.",
        "INITCAP(\"heLLO woRLD\")",
        "Hello World",
    ),
    strict("REVERSE", ONE, Type::Text, reverse).doc("The text from its end to its beginning.", "REVERSE(\"abc\")", "cba"),
    strict("ASCII", ONE, Type::NUMBER, ascii).doc("The code point of the first character.", "ASCII(\"A\")", "65"),
    strict("CHR", &[number("number")], Type::Text, chr).doc("The character of a code point.", "CHR(65)", "A"),
    strict("BR", &[], Type::Text, line_break).doc("A line break.", "LEN(BR())", "4"),
    strict("CASESAFEID", &[text("id")], Type::Text, case_safe_id).doc(
        "An id of 15 characters made 18, so that it can be compared without regard to case.",
        "CASESAFEID(\"001D000000IRFma\")",
        "001D000000IRFmaIAH",
    ),
];

/// Text, unless it has grown beyond what is allowed.
pub(crate) fn limited(text: String) -> Computed {
    if text.len() > TEXT_BYTES_MAX {
        return Err(Failure::error(
            ErrorKind::Limit,
            format!("the text is longer than {TEXT_BYTES_MAX} bytes"),
        ));
    }
    Ok(Value::Text(text))
}

fn to_text(call: &Call<'_>) -> Computed {
    match call.value(0) {
        Value::Number(number) => limited(number.to_string()),
        Value::Date(date) => Ok(Value::Text(date.to_string())),
        Value::DateTime(moment) => Ok(Value::Text(moment.to_string())),
        Value::Time(time) => Ok(Value::Text(time.to_string())),
        Value::Text(text) => Ok(Value::text(text.clone())),
        Value::Null => Ok(Value::Null),
        other => Err(Failure::error(ErrorKind::Type, format!("TEXT does not take a {}", other.kind()))),
    }
}

fn to_number(call: &Call<'_>) -> Computed {
    let text = call.text(0)?.unwrap_or_default();
    match text.parse::<Decimal>() {
        Ok(number) => Ok(Value::Number(number.kept())),
        Err(error) => Err(Failure::error(ErrorKind::NotANumber, error.to_string())),
    }
}

fn length(call: &Call<'_>) -> Computed {
    let text = call.text(0)?.unwrap_or_default();
    Ok(Value::Number(text.encode_utf16().count().into()))
}

fn searched(call: &Call<'_>, matches: fn(&str, &str) -> bool) -> Computed {
    let text = call.text(0)?.unwrap_or_default();
    match call.text(1)? {
        None | Some("") => Ok(Value::Boolean(true)),
        Some(_) if text.is_empty() => Ok(Value::Null),
        Some(wanted) => Ok(Value::Boolean(matches(text, wanted))),
    }
}

fn begins(call: &Call<'_>) -> Computed {
    searched(call, |text, wanted| text.starts_with(wanted))
}

fn ends(call: &Call<'_>) -> Computed {
    searched(call, |text, wanted| text.ends_with(wanted))
}

fn contains(call: &Call<'_>) -> Computed {
    searched(call, |text, wanted| text.contains(wanted))
}

/// The engine makes a regular expression of the pattern and escapes only these, so a dot stands for any character too.
const ESCAPED_IN_LIKE: &str = "*?+^$(){}[";

fn like(call: &Call<'_>) -> Computed {
    let text = call.text(0)?.unwrap_or_default();
    let mut pattern = String::new();
    let mut letters = call.text(1)?.unwrap_or_default().chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => match letters.next_if(|next| matches!(next, '%' | '_')) {
                Some(escaped) => pattern.push(escaped),
                None => pattern.push('\\'),
            },
            '%' => pattern.push_str(".*"),
            '_' => pattern.push('.'),
            other => {
                if ESCAPED_IN_LIKE.contains(other) {
                    pattern.push('\\');
                }
                pattern.push(other);
            }
        }
    }
    matched(&pattern, text)
}

/// Whether a whole text matches a pattern of Java's dialect.
pub(super) fn matched(pattern: &str, text: &str) -> Computed {
    match whole_match(pattern, text) {
        Ok(found) => Ok(Value::Boolean(found)),
        Err(error @ MatchError::TooComplicated) => {
            Err(Failure::error(ErrorKind::PatternTooComplicated, error.to_string()))
        }
        Err(error @ MatchError::Invalid(_)) => Err(Failure::error(ErrorKind::Pattern, error.to_string())),
    }
}

fn find(call: &Call<'_>) -> Computed {
    let (Some(wanted), Some(text)) = (call.text(0)?, call.text(1)?) else { return Ok(Value::whole(0)) };
    let start = match (call.has(2), call.number(2)?) {
        (false, _) => 0,
        (true, Some(start)) => start.to_count().saturating_sub(1),
        (true, None) => return Err(Failure::error(ErrorKind::Null, "the start of FIND is blank")),
    };
    let Some(from) = utf16_offset(text, start) else {
        let place = if wanted.is_empty() { text.encode_utf16().count() + 1 } else { 0 };
        return Ok(Value::Number(place.into()));
    };
    let place = text[from..].find(wanted).map_or(0, |at| text[..from + at].encode_utf16().count() + 1);
    Ok(Value::Number(place.into()))
}

/// The byte at which the `units`-th UTF-16 unit stands; inside a pair, the character after it.
fn utf16_offset(text: &str, units: usize) -> Option<usize> {
    let mut seen = 0;
    for (at, letter) in text.char_indices() {
        if seen >= units {
            return Some(at);
        }
        seen += letter.len_utf16();
    }
    (seen >= units).then_some(text.len())
}

fn substitute(call: &Call<'_>) -> Computed {
    let (Some(text), Some(old)) = (call.text(0)?, call.text(1)?) else { return Ok(Value::Null) };
    if text.is_empty() {
        return Ok(Value::Text(String::new()));
    }
    if old.is_empty() {
        return Err(Failure::error(ErrorKind::Argument, "the text to replace is empty"));
    }
    let new = call.text(2)?.unwrap_or_default();
    let grown = text.matches(old).count().saturating_mul(new.len());
    if grown > TEXT_BYTES_MAX {
        return Err(Failure::error(
            ErrorKind::Limit,
            format!("the text is longer than {TEXT_BYTES_MAX} bytes"),
        ));
    }
    limited(text.replace(old, new))
}

fn trim(call: &Call<'_>) -> Computed {
    Ok(Value::text(call.text(0)?.unwrap_or_default().trim_matches(' ')))
}

/// Turkish and Azerbaijani tell dotted and dotless i apart.
fn is_turkic(call: &Call<'_>) -> Result<bool, Failure> {
    let language = call.text(1)?.unwrap_or_default().split(['_', '-']).next().unwrap_or_default();
    Ok(language.eq_ignore_ascii_case("tr") || language.eq_ignore_ascii_case("az"))
}

fn upper(call: &Call<'_>) -> Computed {
    let text = call.text(0)?.unwrap_or_default();
    let turkic = is_turkic(call)?;
    let upper = if turkic { text.replace('i', "İ").to_uppercase() } else { text.to_uppercase() };
    limited_or_null(upper)
}

fn lower(call: &Call<'_>) -> Computed {
    let text = call.text(0)?.unwrap_or_default();
    let turkic = is_turkic(call)?;
    let lower =
        if turkic { text.replace('I', "ı").replace('İ', "i").to_lowercase() } else { text.to_lowercase() };
    limited_or_null(lower)
}

fn limited_or_null(text: String) -> Computed {
    if text.is_empty() { Ok(Value::Null) } else { limited(text) }
}

/// A word begins after anything that is neither a cased letter nor a digit. One letter stays one, as in Java: `ß` has
/// no capital, and the small letter of `İ` is `i`.
fn initial_capitals(call: &Call<'_>) -> Computed {
    let mut result = String::new();
    let mut at_start = true;
    for letter in call.text(0)?.unwrap_or_default().chars() {
        let cased = letter.is_lowercase() || letter.is_uppercase();
        result.push(match (cased, at_start) {
            (true, true) => {
                let mut upper = letter.to_uppercase();
                if upper.len() == 1 { upper.next().unwrap_or(letter) } else { letter }
            }
            (true, false) => letter.to_lowercase().next().unwrap_or(letter),
            (false, _) => letter,
        });
        at_start = !cased && !letter.is_numeric();
    }
    limited_or_null(result)
}

fn reverse(call: &Call<'_>) -> Computed {
    Ok(Value::Text(call.text(0)?.unwrap_or_default().chars().rev().collect()))
}

fn ascii(call: &Call<'_>) -> Computed {
    let first = call.text(0)?.unwrap_or_default().chars().next();
    Ok(first.map_or(Value::Null, |letter| Value::whole(i64::from(u32::from(letter)))))
}

fn chr(call: &Call<'_>) -> Computed {
    let code = call.given_number(0)?.to_i32();
    let letter = u32::try_from(code).ok().filter(|code| *code > 0).and_then(char::from_u32);
    Ok(letter.map_or(Value::Null, |letter| Value::Text(letter.to_string())))
}

/// A line break is HTML in a formula's result.
fn line_break(_: &Call<'_>) -> Computed {
    Ok(Value::Text("<br>".to_owned()))
}

fn case_safe_id(call: &Call<'_>) -> Computed {
    let id = call.text(0)?.unwrap_or_default();
    if id.len() != 15 || !id.is_ascii() {
        return Ok(Value::text(id));
    }
    let mut safe = id.to_owned();
    for chunk in id.as_bytes().chunks(5) {
        let capitals = chunk.iter().enumerate().filter(|(_, letter)| letter.is_ascii_uppercase());
        let sum: usize = capitals.map(|(at, _)| 1 << at).sum();
        safe.push(char::from(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"[sum]));
    }
    Ok(Value::Text(safe))
}
