//! Items as they are written and read: attributes by name, nothing in them trusted. It makes no calls.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{Position, Timestamp};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::ledger::error::misfit;
use crate::ledger::{LedgerError, LedgerErrorKind};

/// Attributes by name.
pub(super) type Item = HashMap<String, AttributeValue>;

/// An item's key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Key {
    pub(super) pk: String,
    pub(super) sk: String,
}

impl Key {
    pub(super) fn new(pk: String, sk: impl Into<String>) -> Self {
        Self { pk, sk: sk.into() }
    }

    /// As attributes: how a call names an item, and how an item begins.
    pub(super) fn item(&self) -> Item {
        Item::from([("pk".to_owned(), text(&self.pk)), ("sk".to_owned(), text(&self.sk))])
    }
}

/// A text attribute.
pub(super) fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

/// A number attribute.
pub(super) fn number(value: impl ToString) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

/// JSON of one of our own types.
pub(super) fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("our types have text keys and no failing members")
}

/// The word that a unit variant is written as, `upsert`.
pub(super) fn word(value: &impl Serialize) -> String {
    json(value).trim_matches('"').to_owned()
}

/// An item that was read. People may have edited it: whatever does not fit is `Corrupt`, with the item's key.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Row(pub(super) Item);

impl Row {
    /// Its key; the table answers none without.
    pub(super) fn key(&self) -> Key {
        let read = |name: &str| self.0.get(name).and_then(|value| value.as_s().ok()).cloned();
        Key { pk: read("pk").unwrap_or_default(), sk: read("sk").unwrap_or_default() }
    }

    /// What is told of a damaged item.
    pub(super) fn corrupt(&self, reason: impl Into<String>) -> LedgerError {
        let Key { pk, sk } = self.key();
        LedgerErrorKind::Corrupt { item: format!("item {pk} / {sk}"), reason: reason.into() }.into()
    }

    /// An attribute; one that is null is none.
    pub(super) fn get(&self, name: &str) -> Option<&AttributeValue> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    /// A text, if there is one.
    pub(super) fn optional_text(&self, name: &str) -> Result<Option<&str>, LedgerError> {
        match self.get(name) {
            None => Ok(None),
            Some(AttributeValue::S(text)) => Ok(Some(text)),
            Some(_) => Err(self.corrupt(format!("its {name} is no text"))),
        }
    }

    /// A text.
    pub(super) fn text(&self, name: &str) -> Result<&str, LedgerError> {
        self.optional_text(name)?.ok_or_else(|| self.corrupt(format!("it has no {name}")))
    }

    /// A number that grows, 0 when it is not there.
    pub(super) fn count(&self, name: &str) -> Result<u64, LedgerError> {
        let Some(value) = self.get(name) else { return Ok(0) };
        let read = value.as_n().ok().and_then(|digits| digits.parse().ok());
        // One below the end, so that the next number always fits.
        read.filter(|number| *number < u64::MAX)
            .ok_or_else(|| self.corrupt(format!("its {name} is {}", shown(value))))
    }

    /// An instant, if there is one.
    pub(super) fn optional_instant(&self, name: &str) -> Result<Option<Timestamp>, LedgerError> {
        let Some(text) = self.optional_text(name)? else { return Ok(None) };
        let instant = instant(text);
        instant.map(Some).ok_or_else(|| self.corrupt(format!("its {name} `{text}` is no RFC 3339 time")))
    }

    /// An instant.
    pub(super) fn instant(&self, name: &str) -> Result<Timestamp, LedgerError> {
        self.optional_instant(name)?.ok_or_else(|| self.corrupt(format!("it has no {name}")))
    }

    /// A position.
    pub(super) fn position(&self, name: &str) -> Result<Position, LedgerError> {
        let text = self.text(name)?;
        Position::parse(text).ok_or_else(|| self.corrupt(format!("its {name} `{text}` is no position")))
    }

    /// A value out of JSON text.
    pub(super) fn json<T: DeserializeOwned>(&self, name: &str, text: &str) -> Result<T, LedgerError> {
        serde_json::from_str(text).map_err(|error| self.corrupt(format!("its {name}: {}", misfit(&error))))
    }
}

/// Reads what [`Timestamp`] writes, also the form for instants that no calendar has (`-5ms`).
fn instant(text: &str) -> Option<Timestamp> {
    let millis = || text.strip_suffix("ms")?.parse().ok().map(Timestamp::from_millis);
    Timestamp::parse(text).or_else(millis)
}

/// A value as a reason names it.
fn shown(value: &AttributeValue) -> String {
    match value {
        AttributeValue::S(text) => format!("the text `{text}`"),
        AttributeValue::N(digits) => digits.clone(),
        _ => "no number".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_named() {
        let mut item = Key::new("ACCOUNT#acme".to_owned(), "SETTINGS").item();
        item.extend([
            ("epoch".to_owned(), text("seven")),
            ("saves".to_owned(), number(-1)),
            ("until".to_owned(), text("noon")),
            ("place".to_owned(), text("first")),
            ("null".to_owned(), AttributeValue::Null(true)),
            ("flag".to_owned(), AttributeValue::Bool(true)),
        ]);
        let row = Row(item);
        let told = |answer: LedgerError| answer.to_string();
        let cases = [
            (told(row.count("epoch").expect_err("text")), "its epoch is the text `seven`"),
            (told(row.count("saves").expect_err("below 0")), "its saves is -1"),
            (told(row.count("flag").expect_err("no number")), "its flag is no number"),
            (told(row.instant("until").expect_err("no time")), "its until `noon` is no RFC 3339 time"),
            (told(row.position("place").expect_err("no place")), "its place `first` is no position"),
            (told(row.text("flag").expect_err("no text")), "its flag is no text"),
            (told(row.text("null").expect_err("null")), "it has no null"),
        ];
        for (told, reason) in cases {
            let expected =
                format!("read item ACCOUNT#acme / SETTINGS: it is damaged ({reason}); mend or remove it");
            assert_eq!(told, expected);
        }
        assert_eq!((row.count("none"), row.optional_text("null")), (Ok(0), Ok(None)));
    }

    #[test]
    fn instants_outside_the_calendar_are_read() {
        for instant_ms in [0, -60_000, i64::MIN, i64::MAX, 1_795_449_600_123] {
            let at = Timestamp::from_millis(instant_ms);
            assert_eq!(instant(&at.to_string()), Some(at));
        }
    }
}
