//! A fault that the sandbox injects: `CODE:when`, for what no metadata decides (locks, limits, outages, storage).
//!
//! `when` is one or more of these, joined by commas, and all must hold: `always`, `once`, `3` (the third write),
//! `every=3`, `first=3`, `Contact` (writes of that object), `Contact.Ext__c=C-0805` (writes of that record). Numbers
//! count the writes that the objects and records select: single rows for a record's error, whole requests for the rest.

use std::str::FromStr;
use std::time::Duration;

use thiserror::Error;

use super::messages;

/// A fault and when it happens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Salesforce's code; `DISCONNECT`, `LOST_ANSWER` and `SLOW` are the sandbox's own.
    pub code: String,
    pub(super) effect: Effect,
    pub(super) only: Vec<Selector>,
    pub(super) counts: Vec<Count>,
}

/// What a fault does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// A row is refused.
    Row,
    /// A request is refused with this HTTP status.
    Request(u16),
    /// A sign-in is refused.
    SignIn,
    /// The connection drops before the request is looked at.
    Disconnect,
    /// The request is carried out, then the connection drops.
    LoseAnswer,
    /// The answer comes later.
    Slow(Duration),
}

/// Which writes are meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selector {
    /// Those of an object.
    Object(String),
    /// Those of records with this value.
    Value { object: String, field: String, value: String },
}

/// Which of the writes that are meant, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Count {
    Nth(u64),
    Every(u64),
    First(u64),
}

impl Count {
    fn holds(self, write: u64) -> bool {
        match self {
            Count::Nth(number) => write == number,
            Count::Every(number) => write.is_multiple_of(number),
            Count::First(number) => write <= number,
        }
    }
}

impl Fault {
    /// Whether it happens at the write of this number.
    pub(super) fn happens_at(&self, write: u64) -> bool {
        self.counts.iter().all(|count| count.holds(write))
    }
}

/// A text is no fault.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("read fault \"{text}\": {kind}")]
pub struct ParseFaultError {
    /// The whole text.
    pub text: String,
    /// What is wrong with it.
    pub kind: ParseFaultErrorKind,
}

/// What is wrong with a fault's text.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ParseFaultErrorKind {
    /// There is no colon.
    #[error("it must be CODE:when, for example UNABLE_TO_LOCK_ROW:once")]
    NoWhen,
    /// A code that the sandbox cannot make.
    #[error("{code} is none of the codes that can be injected: {}", messages::codes().join(", "))]
    Code {
        /// As it was given.
        code: String,
    },
    /// `SLOW` without milliseconds, or another code with them.
    #[error("a slow answer is SLOW=milliseconds, at most 600000, for example SLOW=250:always")]
    Slow,
    /// A condition that is none.
    #[error(
        "\"{when}\" is none of always, once, a number from 1, every=N, first=N, an object (Contact) or a record \
         (Contact.Ext__c=C-0805)"
    )]
    When {
        /// As it was given.
        when: String,
    },
}

/// Longest delay of an answer.
const SLOWEST_MS: u64 = 600_000;

impl FromStr for Fault {
    type Err = ParseFaultError;

    fn from_str(text: &str) -> Result<Fault, ParseFaultError> {
        parse(text).map_err(|kind| ParseFaultError { text: text.to_owned(), kind })
    }
}

fn parse(text: &str) -> Result<Fault, ParseFaultErrorKind> {
    let (code, when) = text.split_once(':').ok_or(ParseFaultErrorKind::NoWhen)?;
    let (code, effect) = effect(code.trim())?;
    let mut fault = Fault { code, effect, only: Vec::new(), counts: Vec::new() };
    for condition in when.split(',').map(str::trim) {
        add(&mut fault, condition).ok_or_else(|| ParseFaultErrorKind::When { when: condition.to_owned() })?;
    }
    Ok(fault)
}

fn effect(code: &str) -> Result<(String, Effect), ParseFaultErrorKind> {
    let upper = code.to_ascii_uppercase();
    if let Some(rest) = upper.strip_prefix("SLOW") {
        let delay = rest.strip_prefix('=').and_then(|ms| ms.trim().parse().ok());
        let delay = delay.filter(|ms| *ms <= SLOWEST_MS).ok_or(ParseFaultErrorKind::Slow)?;
        return Ok(("SLOW".to_owned(), Effect::Slow(Duration::from_millis(delay))));
    }
    match messages::effect(&upper) {
        Some(effect) => Ok((upper, effect)),
        None => Err(ParseFaultErrorKind::Code { code: code.to_owned() }),
    }
}

/// Adds a condition; none when it cannot be read.
fn add(fault: &mut Fault, condition: &str) -> Option<()> {
    let number = |text: &str| text.trim().parse::<u64>().ok().filter(|number| *number > 0);
    match condition.to_ascii_lowercase().as_str() {
        "always" => return Some(()),
        "once" => {
            fault.counts.push(Count::Nth(1));
            return Some(());
        }
        digits if digits.starts_with(|letter: char| letter.is_ascii_digit()) => {
            fault.counts.push(Count::Nth(number(digits)?));
            return Some(());
        }
        _ => {}
    }
    match condition.split_once('=') {
        None => fault.only.push(Selector::Object(object(condition)?)),
        Some((name, value)) => match (name.trim().to_ascii_lowercase().as_str(), name.split_once('.')) {
            ("every", _) => fault.counts.push(Count::Every(number(value)?)),
            ("first", _) => fault.counts.push(Count::First(number(value)?)),
            (_, Some((before, field))) => fault.only.push(Selector::Value {
                object: object(before.trim())?,
                field: name_of(field.trim())?,
                value: value.trim().to_owned(),
            }),
            _ => return None,
        },
    }
    Some(())
}

/// An object's name. A lower-case word is more likely a mistyped condition.
fn object(text: &str) -> Option<String> {
    let likely = text.starts_with(|letter: char| letter.is_ascii_uppercase()) || text.contains("__");
    name_of(text).filter(|_| likely)
}

fn name_of(text: &str) -> Option<String> {
    let legal = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let named = text.starts_with(|letter: char| letter.is_ascii_alphabetic()) && text.chars().all(legal);
    named.then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions() {
        let check = |text: &str, only: &[Selector], counts: &[Count]| {
            let fault: Fault = text.parse().unwrap();
            assert_eq!((fault.only.as_slice(), fault.counts.as_slice()), (only, counts), "{text}");
        };
        let contact = || Selector::Object("Contact".into());
        check("UNABLE_TO_LOCK_ROW:always", &[], &[]);
        check("unable_to_lock_row:once", &[], &[Count::Nth(1)]);
        check("ENTITY_IS_LOCKED:3", &[], &[Count::Nth(3)]);
        check("ENTITY_IS_LOCKED:Contact,every=2", &[contact()], &[Count::Every(2)]);
        check("ENTITY_IS_LOCKED: first=4 , Contact", &[contact()], &[Count::First(4)]);
        let record =
            Selector::Value { object: "Contact".into(), field: "Ext__c".into(), value: "C=0:5".into() };
        check("ENTITY_IS_LOCKED:Contact.Ext__c=C=0:5", &[record], &[]);
        check("DISCONNECT:ns__Thing__c", &[Selector::Object("ns__Thing__c".into())], &[]);
    }

    #[test]
    fn effects() {
        let check = |text: &str, code: &str, expected: Effect| {
            let fault: Fault = text.parse().unwrap();
            assert_eq!((fault.code.as_str(), fault.effect), (code, expected), "{text}");
        };
        check("STORAGE_LIMIT_EXCEEDED:1", "STORAGE_LIMIT_EXCEEDED", Effect::Row);
        check("REQUEST_LIMIT_EXCEEDED:1", "REQUEST_LIMIT_EXCEEDED", Effect::Request(403));
        check("SERVER_UNAVAILABLE:1", "SERVER_UNAVAILABLE", Effect::Request(503));
        check("INVALID_LOGIN:1", "INVALID_LOGIN", Effect::SignIn);
        check("disconnect:1", "DISCONNECT", Effect::Disconnect);
        check("LOST_ANSWER:1", "LOST_ANSWER", Effect::LoseAnswer);
        check("slow=250:1", "SLOW", Effect::Slow(Duration::from_millis(250)));
    }

    #[test]
    fn a_wrong_text_says_what_would_be_right() {
        let check = |text: &str, expected: &str| {
            let message = text.parse::<Fault>().unwrap_err().to_string();
            assert!(message.starts_with(&format!("read fault \"{text}\": {expected}")), "{message}");
        };
        check("UNABLE_TO_LOCK_ROW", "it must be CODE:when, for example UNABLE_TO_LOCK_ROW:once");
        check("LOCKED:once", "LOCKED is none of the codes that can be injected: API_CURRENTLY_DISABLED, ");
        check("SLOW:once", "a slow answer is SLOW=milliseconds, at most 600000");
        check("SLOW=abc:once", "a slow answer is SLOW=milliseconds");
        for when in ["", "onec", "0", "every=0", "every=x", "Contact=3", "Contact.=3", "3rd", "Contact.A b=1"]
        {
            check(&format!("ENTITY_IS_LOCKED:{when}"), &format!("\"{when}\" is none of always, once, "));
        }
    }
}
