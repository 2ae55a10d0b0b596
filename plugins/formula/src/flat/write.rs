//! Writes flat records, slot by slot.

use super::layout::{
    Ask, DECIMALS, HEADER_BYTES, Layout, PLACE_AT, SLOT_BYTES, Slot, Tag, UNITS_AT, VALUE_AT,
};
use crate::environment::Environment;
use crate::evaluate::FREE_TEXT_BYTES_MAX;
use crate::record::{Lookup, Record};
use crate::types::Type;
use crate::value::Value;

/// A flat record at the end of a buffer.
pub(super) struct Writer<'b> {
    bytes: &'b mut Vec<u8>,
    start: usize,
}

impl<'b> Writer<'b> {
    /// A record all of whose slots say "ask".
    pub(super) fn begin(bytes: &'b mut Vec<u8>, slots: usize) -> Self {
        let start = bytes.len();
        bytes.resize(start + HEADER_BYTES + slots * SLOT_BYTES, 0);
        Self { bytes, start }
    }

    /// Writes the record's length.
    pub(super) fn finish(self) {
        let length = self.bytes.len() - self.start;
        self.bytes[self.start..self.start + 4].copy_from_slice(&word(length));
    }

    fn part<const N: usize>(&mut self, slot: usize, at: usize, part: [u8; N]) {
        let at = self.start + HEADER_BYTES + slot * SLOT_BYTES + at;
        self.bytes[at..at + N].copy_from_slice(&part);
    }

    fn tag(&mut self, slot: usize, tag: Tag) {
        self.part(slot, 0, (tag as u32).to_le_bytes());
    }

    /// A slot without a value: null, but a checkbox is false.
    pub(super) fn null(&mut self, slot: usize, given: Type) {
        self.tag(slot, if given == Type::Boolean { Tag::Boolean } else { Tag::Null });
    }

    pub(super) fn long(&mut self, slot: usize, tag: Tag, value: i64) {
        self.tag(slot, tag);
        self.part(slot, VALUE_AT, value.to_le_bytes());
    }

    /// A text, unless it is so long that the library must count it.
    pub(super) fn text(&mut self, slot: usize, text: &str) {
        if text.len() > FREE_TEXT_BYTES_MAX {
            return;
        }
        let place = self.bytes.len() - self.start;
        self.bytes.extend_from_slice(text.as_bytes());
        self.bytes.resize(self.bytes.len().next_multiple_of(8), 0);
        let units = if text.is_ascii() { text.len() } else { text.encode_utf16().count() };
        self.tag(slot, Tag::Text);
        self.part(slot, UNITS_AT, word(units));
        self.part(slot, VALUE_AT, word(text.len()));
        self.part(slot, PLACE_AT, word(place));
    }

    /// Any value, as a formula reads it.
    pub(super) fn value(&mut self, slot: usize, given: Type, value: &Value) {
        match value {
            Value::Null => self.null(slot, given),
            Value::Text(text) if text.is_empty() => self.tag(slot, Tag::Null),
            Value::Text(text) => self.text(slot, text),
            Value::Boolean(value) => self.long(slot, Tag::Boolean, i64::from(*value)),
            Value::Number(number) => {
                if let Some(scaled) = number.to_scaled(DECIMALS) {
                    self.long(slot, Tag::Number, scaled);
                }
            }
            Value::Date(date) => self.long(slot, Tag::Date, date.days()),
            Value::DateTime(moment) => self.long(slot, Tag::DateTime, moment.ms()),
            Value::Time(time) => self.long(slot, Tag::Time, time.ms()),
            Value::Location(..) => {}
        }
    }

    /// What another slot holds.
    pub(super) fn copy(&mut self, from: usize, to: usize) {
        let at = |slot: usize| self.start + HEADER_BYTES + slot * SLOT_BYTES;
        let (from, to) = (at(from), at(to));
        self.bytes.copy_within(from..from + SLOT_BYTES, to);
    }
}

fn word(size: usize) -> [u8; 4] {
    u32::try_from(size).expect("a flat record is small").to_le_bytes()
}

impl Layout {
    /// Appends a record. What is not at hand is left to be asked for.
    pub fn write(&self, record: &dyn Record, environment: &Environment<'_>, bytes: &mut Vec<u8>) {
        let mut writer = Writer::begin(bytes, self.slots.len());
        for (at, slot) in self.slots.iter().enumerate() {
            if let Some(value) = known(slot, record, environment) {
                writer.value(at, slot.given, &value);
            }
        }
        writer.finish();
    }
}

fn known(slot: &Slot, record: &dyn Record, environment: &Environment<'_>) -> Option<Value> {
    let at_hand = |path: &str, ask: fn(&dyn Record, &str) -> Lookup| match record.at_hand(path) {
        true => value(ask(record, path)),
        false => None,
    };
    match &slot.ask {
        Ask::Value(path) => at_hand(path, |record, path| record.value(path)),
        Ask::Prior(path) => match record.is_new()? {
            true => Some(Value::Null),
            false => at_hand(path, |record, path| record.prior_value(path)),
        },
        Ask::Before(path) => match record.is_new()? {
            true => at_hand(path, |record, path| record.value(path)),
            false => at_hand(path, |record, path| record.prior_value(path)),
        },
        Ask::Changed(path) if !record.at_hand(path) => None,
        Ask::Changed(path) => record.changed(path).ok().map(Value::Boolean),
        Ask::IsNew => record.is_new().map(Value::Boolean),
        Ask::IsClone => record.is_clone().map(Value::Boolean),
        Ask::Today => Some(Value::Date(environment.today())),
        Ask::Now => Some(Value::DateTime(environment.now)),
    }
}

fn value(found: Lookup) -> Option<Value> {
    match found {
        Lookup::Known(value) => Some(value),
        Lookup::Error(_) | Lookup::Unknown(_) => None,
    }
}
