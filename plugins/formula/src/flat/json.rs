//! Flat records straight from JSON text, without a tree in between: members that no condition reads are skipped.

use std::collections::HashMap;
use std::fmt;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::layout::{Ask, DECIMALS, Layout, Tag};
use super::write::Writer;
use crate::environment::Environment;
use crate::types::{NumberStyle, Type};
use crate::value::Value;

/// Writes flat records from JSON objects, as [`Value::read_json`] reads them. Records of one source have their members
/// in one order, so a key is first compared with the one that stood at its place last time.
#[derive(Debug)]
pub struct JsonWriter {
    layout: Layout,
    /// The slot of a field by its name in small letters.
    slots: HashMap<String, usize>,
    /// The keys of the last record in their order, with their slots.
    order: Vec<(String, Option<usize>)>,
}

impl JsonWriter {
    /// A writer for a layout.
    pub fn new(layout: Layout) -> Self {
        let of_slot = |(at, slot): (usize, &super::layout::Slot)| match &slot.ask {
            Ask::Value(path) => Some((path.to_ascii_lowercase(), at)),
            _ => None,
        };
        let slots = layout.slots.iter().enumerate().filter_map(of_slot).collect();
        Self { layout, slots, order: Vec::new() }
    }

    /// The layout.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// Appends a record: a JSON object of field values, as Salesforce's REST API takes it. Fields that are not there,
    /// and nested objects, are left to be asked for. `is_new` says whether the record is being created, if that is known;
    /// values before a change are not.
    pub fn write(
        &mut self,
        json: &str,
        is_new: Option<bool>,
        environment: &Environment<'_>,
        bytes: &mut Vec<u8>,
    ) -> Result<(), serde_json::Error> {
        let length = bytes.len();
        let mut writer = Writer::begin(bytes, self.layout.slots.len());
        let members = Members { source: self, writer: &mut writer };
        let mut deserializer = serde_json::Deserializer::from_str(json);
        match members.deserialize(&mut deserializer).and_then(|()| deserializer.end()) {
            Ok(()) => {
                self.write_event(is_new, environment, &mut writer);
                writer.finish();
                Ok(())
            }
            Err(error) => {
                bytes.truncate(length);
                Err(error)
            }
        }
    }

    /// What does not stand in the object.
    fn write_event(&self, is_new: Option<bool>, environment: &Environment<'_>, writer: &mut Writer<'_>) {
        let created = is_new == Some(true);
        for (at, slot) in self.layout.slots.iter().enumerate() {
            match &slot.ask {
                Ask::Today => writer.value(at, slot.given, &Value::Date(environment.today())),
                Ask::Now => writer.value(at, slot.given, &Value::DateTime(environment.now)),
                Ask::IsNew => {
                    if let Some(is_new) = is_new {
                        writer.value(at, slot.given, &Value::Boolean(is_new));
                    }
                }
                Ask::Changed(_) if created => writer.value(at, slot.given, &Value::Boolean(false)),
                Ask::Prior(_) if created => writer.null(at, slot.given),
                Ask::Before(path) if created => {
                    if let Some(now) = self.slots.get(&path.to_ascii_lowercase()) {
                        writer.copy(*now, at);
                    }
                }
                Ask::Value(_) | Ask::Prior(_) | Ask::Before(_) | Ask::Changed(_) | Ask::IsClone => {}
            }
        }
    }

    /// The slot of the key at a place.
    fn slot(&mut self, place: usize, key: &str) -> Option<usize> {
        match self.order.get(place) {
            Some((known, slot)) if known == key => *slot,
            _ => {
                let slot = self.slots.get(&key.to_ascii_lowercase()).copied();
                self.order.truncate(place);
                self.order.push((key.to_owned(), slot));
                slot
            }
        }
    }
}

/// The members of an object.
struct Members<'w, 'b> {
    source: &'w mut JsonWriter,
    writer: &'w mut Writer<'b>,
}

impl<'de> DeserializeSeed<'de> for Members<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Members<'_, '_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object of field values")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let mut place = 0;
        while let Some(slot) = members.next_key_seed(Key { source: self.source, place })? {
            place += 1;
            match slot {
                Some(slot) => {
                    let given = self.source.layout.slots[slot].given;
                    members.next_value_seed(Member { writer: self.writer, slot, given })?;
                }
                None => {
                    members.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

/// A key becomes the slot of its field.
struct Key<'w> {
    source: &'w mut JsonWriter,
    place: usize,
}

impl<'de> DeserializeSeed<'de> for Key<'_> {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<usize>, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Key<'_> {
    type Value = Option<usize>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a field's name")
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<Option<usize>, E> {
        Ok(self.source.slot(self.place, key))
    }
}

/// A value goes into its slot; one that is not of the field's type leaves it as it is.
struct Member<'w, 'b> {
    writer: &'w mut Writer<'b>,
    slot: usize,
    given: Type,
}

impl Member<'_, '_> {
    fn read(self, text: &str) {
        match self.given {
            _ if text.is_empty() => self.writer.null(self.slot, self.given),
            Type::Text | Type::Picklist | Type::MultiPicklist => self.writer.text(self.slot, text),
            Type::Number(style) if let Some(scaled) = scaled(text, style) => {
                self.writer.long(self.slot, Tag::Number, scaled);
            }
            _ => {
                if let Ok(value) = Value::read(self.given, text) {
                    self.writer.value(self.slot, self.given, &value);
                }
            }
        }
    }
}

impl<'de> DeserializeSeed<'de> for Member<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Member<'_, '_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a field's value")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.writer.null(self.slot, self.given);
        Ok(())
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<(), E> {
        match self.given {
            Type::Any => self.writer.value(self.slot, self.given, &Value::Boolean(value)),
            _ => self.read(if value { "true" } else { "false" }),
        }
        Ok(())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        self.read(text);
        Ok(())
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<(), E> {
        match self.given {
            Type::Any => self.writer.value(self.slot, self.given, &Value::whole(number)),
            _ => self.read(&number.to_string()),
        }
        Ok(())
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<(), E> {
        match (i64::try_from(number), self.given) {
            (Ok(number), _) => self.visit_i64(number),
            // Beyond what a flat record keeps of a number.
            (Err(_), Type::Any) => Ok(()),
            (Err(_), _) => {
                self.read(&number.to_string());
                Ok(())
            }
        }
    }

    /// Numbers with decimals come as maps, because they keep their digits; so do objects.
    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<(), A::Error> {
        match serde_json::Value::deserialize(MapAccessDeserializer::new(members))? {
            serde_json::Value::Number(number) if self.given != Type::Any => self.read(number.as_str()),
            json => {
                if let Ok(value) = Value::read_json(self.given, &json) {
                    self.writer.value(self.slot, self.given, &value);
                }
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        while members.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }
}

/// Plain digits as they are kept; none when they take more than that, for example an exponent.
fn scaled(text: &str, style: NumberStyle) -> Option<i64> {
    let decimals = if style == NumberStyle::Percent { DECIMALS - 2 } else { DECIMALS };
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let decimals = usize::try_from(decimals).ok()?;
    // Twelve digits and six decimals are below 2^62.
    if whole.is_empty() || whole.len() > 12 || fraction.len() > decimals {
        return None;
    }
    let padding = std::iter::repeat_n(b'0', decimals - fraction.len());
    let mut scaled = 0_i64;
    for digit in whole.bytes().chain(fraction.bytes()).chain(padding) {
        if !digit.is_ascii_digit() {
            return None;
        }
        scaled = scaled * 10 + i64::from(digit - b'0');
    }
    Some(if negative { -scaled } else { scaled })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_digits_are_read_as_decimals_are() {
        for text in ["0", "-0", "12", "-12.5", "1.000001", "999999999999.999999", "1.", "1.0000010"] {
            for style in [NumberStyle::Plain, NumberStyle::Percent] {
                let Some(found) = scaled(text, style) else { continue };
                let Ok(Value::Number(number)) = Value::read(Type::Number(style), text) else {
                    panic!("{text}")
                };
                assert_eq!(number.to_scaled(DECIMALS), Some(found), "{text}");
            }
        }
        assert_eq!(scaled("-12.5", NumberStyle::Plain), Some(-12_500_000));
        assert_eq!(scaled("50", NumberStyle::Percent), Some(500_000));
        for text in ["1e3", "", "-", ".5", "+1", "1.0000001", "1234567890123", "1,5", "0x1"] {
            assert_eq!(scaled(text, NumberStyle::Plain), None, "{text}");
        }
    }
}
