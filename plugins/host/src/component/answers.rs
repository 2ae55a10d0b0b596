//! The answers of a rule, checked before anyone else sees them: how many, how long, and that each value has the form that
//! the contract gives it.
//!
//! How many bytes reach this point at all is held by wasmtime, with [`OUTPUT_BYTES`]. Whether a field exists, or takes the
//! value, is not known here.

use crate::component::description::{API_NAME_MAX, is_api_name};
use crate::component::types::{Answer, Change, Refusal, Value};
use crate::failure::FailureKind;

/// Bytes that one call may answer, all answers together.
pub(crate) const OUTPUT_BYTES: usize = 4 * 1024 * 1024;
/// Refusals of a record, fields of a refusal, changes of a record.
const LIST_MAX: usize = 100;
/// Bytes of a message or reason.
const MESSAGE_MAX: usize = 4_000;
/// Bytes of a text value: a long text area holds 131,072 characters.
const TEXT_MAX: usize = 4 * 131_072;
/// Digits of a number: formulas have 39.
const DIGITS_MAX: usize = 40;

/// Refuses answers that are too many, too long or out of form, with the number of the record (from 1).
pub(crate) fn check(answers: &[Answer], rows: usize) -> Result<(), FailureKind> {
    if answers.len() != rows {
        return Err(FailureKind::Output(format!("{} answers for {rows} records", answers.len())));
    }
    for (at, answer) in answers.iter().enumerate() {
        check_answer(answer)
            .map_err(|words| FailureKind::Output(format!("record {} of the call: {words}", at + 1)))?;
    }
    Ok(())
}

fn check_answer(answer: &Answer) -> Result<(), String> {
    match answer {
        Answer::Accept => Ok(()),
        Answer::Refuse(refusals) => {
            length("refusals", refusals.len(), 1)?;
            refusals.iter().try_for_each(check_refusal)
        }
        Answer::Change(changes) => {
            length("changes", changes.len(), 0)?;
            changes.iter().try_for_each(check_change)
        }
        Answer::Unknown(reason) => message("the reason", reason),
    }
}

fn check_refusal(refusal: &Refusal) -> Result<(), String> {
    let code = &refusal.code;
    let letters = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    if code.is_empty() || code.len() > API_NAME_MAX || !code.chars().all(letters) {
        return Err("a code must be of capitals, digits and `_`".to_owned());
    }
    message("a message", &refusal.message)?;
    length("fields", refusal.fields.len(), 0)?;
    refusal.fields.iter().try_for_each(|field| api_name(field))
}

fn check_change(change: &Change) -> Result<(), String> {
    api_name(&change.field)?;
    let field = &change.field;
    let (text, form, fits): (&str, &str, fn(&str) -> bool) = match &change.value {
        Value::Null | Value::Boolean(_) => return Ok(()),
        Value::Unknown => return Err(format!("{field} is changed to unknown")),
        Value::Text(text) if text.len() > TEXT_MAX => {
            return Err(format!("{field} gets {} bytes, at most {TEXT_MAX} are possible", text.len()));
        }
        Value::Text(_) => return Ok(()),
        Value::Decimal(text) => (text, "a number such as -1234.50", is_decimal),
        Value::Date(text) => (text, "a date such as 2026-11-23", is_date),
        Value::DateTime(text) => (text, "a time such as 2026-11-23T19:05:00.000Z", is_datetime),
        Value::Time(text) => (text, "a time such as 19:05:00.000", is_time),
    };
    if fits(text) { Ok(()) } else { Err(format!("{field} does not get {form}")) }
}

fn length(what: &str, found: usize, least: usize) -> Result<(), String> {
    if (least..=LIST_MAX).contains(&found) {
        return Ok(());
    }
    Err(format!("{found} {what}, {least} to {LIST_MAX} are possible"))
}

fn message(what: &str, text: &str) -> Result<(), String> {
    if text.is_empty() || text.len() > MESSAGE_MAX {
        return Err(format!("{what} of {} bytes, 1 to {MESSAGE_MAX} are possible", text.len()));
    }
    // It is printed on terminals.
    if text.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
        return Err(format!("{what} holds control characters"));
    }
    Ok(())
}

fn api_name(text: &str) -> Result<(), String> {
    if is_api_name(text) { Ok(()) } else { Err("a field is no API name".to_owned()) }
}

fn is_decimal(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    digits.len() <= DIGITS_MAX + 1
        && [whole, fraction].iter().all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()))
}

fn is_date(text: &str) -> bool {
    matches(text, "0000-00-00") && within(&text[5..7], 1, 12) && within(&text[8..10], 1, 31)
}

fn is_time(text: &str) -> bool {
    matches(text, "00:00:00.000")
        && within(&text[0..2], 0, 23)
        && within(&text[3..5], 0, 59)
        && within(&text[6..8], 0, 59)
}

fn is_datetime(text: &str) -> bool {
    let halves = text.strip_suffix('Z').and_then(|text| text.split_once('T'));
    halves.is_some_and(|(date, time)| is_date(date) && is_time(time))
}

/// Whether a text is of a form in which `0` stands for any digit.
fn matches(text: &str, form: &str) -> bool {
    text.len() == form.len()
        && text.bytes().zip(form.bytes()).all(|(b, f)| if f == b'0' { b.is_ascii_digit() } else { b == f })
}

fn within(digits: &str, least: u8, most: u8) -> bool {
    digits.parse().is_ok_and(|number: u8| (least..=most).contains(&number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_values() {
        check_form(
            is_decimal,
            &["0", "-1234.50", "007"],
            &["", "-", ".5", "5.", "1e5", "+1", "1.2.3", "NaN", "٣"],
        );
        check_form(is_decimal, &[&"9".repeat(40)], &[&"9".repeat(42)]);
        check_form(
            is_date,
            &["2026-11-23"],
            &["2026-13-01", "2026-00-10", "26-11-23", "2026-11-2é", "2026/11/23"],
        );
        check_form(is_time, &["23:59:59.999"], &["24:00:00.000", "12:00", "12:60:00.000"]);
        check_form(is_datetime, &["2026-11-23T19:05:00.000Z"], &["2026-11-23T19:05:00.000", "2026-11-23"]);
    }

    fn check_form(form: fn(&str) -> bool, good: &[&str], bad: &[&str]) {
        let (refused, let_in) = (good.iter().find(|text| !form(text)), bad.iter().find(|text| form(text)));
        assert_eq!((refused, let_in), (None, None));
    }

    #[test]
    fn answers_out_of_form_are_refused_in_words() {
        let refusal = |code: &str, message: &str, fields: Vec<String>| {
            vec![Answer::Refuse(vec![Refusal { code: code.to_owned(), message: message.to_owned(), fields }])]
        };
        let change =
            |field: &str, value| vec![Answer::Change(vec![Change { field: field.to_owned(), value }])];
        check_words(&[], "0 answers for 1 records");
        check_words(&[Answer::Refuse(Vec::new())], "record 1 of the call: 0 refusals, 1 to 100 are possible");
        check_words(
            &refusal("bad code", "m", vec![]),
            "record 1 of the call: a code must be of capitals, digits and `_`",
        );
        check_words(
            &refusal("C", "", vec![]),
            "record 1 of the call: a message of 0 bytes, 1 to 4000 are possible",
        );
        check_words(
            &refusal("C", "\u{1b}[2J", vec![]),
            "record 1 of the call: a message holds control characters",
        );
        check_words(
            &refusal("C", "m", vec!["A.B".to_owned()]),
            "record 1 of the call: a field is no API name",
        );
        check_words(
            &refusal("C", "m", vec!["A".to_owned(); 101]),
            "record 1 of the call: 101 fields, 0 to 100 are possible",
        );
        check_words(&change("A", Value::Unknown), "record 1 of the call: A is changed to unknown");
        check_words(
            &change("A", Value::Decimal("1e5".to_owned())),
            "record 1 of the call: A does not get a number such as -1234.50",
        );
        check_words(
            &change("A", Value::Text("x".repeat(TEXT_MAX + 1))),
            "record 1 of the call: A gets 524289 bytes, at most 524288 are possible",
        );
        assert_eq!(check(&refusal("C", "m\n", vec!["A__c".to_owned()]), 1), Ok(()));
        assert_eq!(check(&change("A", Value::Text("x".repeat(TEXT_MAX))), 1), Ok(()));
    }

    fn check_words(answers: &[Answer], expected: &str) {
        assert_eq!(check(answers, 1), Err(FailureKind::Output(expected.to_owned())));
    }
}
