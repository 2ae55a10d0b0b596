//! Where a flat record keeps what.
//!
//! ```text
//! u32 length of the record, u32 0, slots of 16 bytes, texts (each padded with zeros to 8 bytes)
//! slot: u32 tag, u32 UTF-16 units of a text, then i64 value, or u32 bytes of a text and u32 its place in the record
//! ```
//!
//! Numbers are millionths as i64: exact or not there. A slot of zeros says "ask": the value is unknown, an error, not at
//! hand, or does not fit.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::types::Type;

/// Bytes before the first slot.
pub(crate) const HEADER_BYTES: usize = 8;
/// Bytes of a slot.
pub(crate) const SLOT_BYTES: usize = 16;
/// Where a slot keeps the UTF-16 units of a text.
pub(crate) const UNITS_AT: usize = 4;
/// Where a slot keeps its value, or the bytes of its text.
pub(crate) const VALUE_AT: usize = 8;
/// Where a slot keeps the place of its text.
pub(crate) const PLACE_AT: usize = 12;
/// Numbers are kept with so many decimals.
pub(crate) const DECIMALS: i64 = 6;
/// One, as numbers are kept.
pub(crate) const ONE: i64 = 1_000_000;

/// What a slot holds; 0 says "ask".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tag {
    Null = 1,
    Boolean = 2,
    Number = 3,
    Text = 4,
    Date = 5,
    DateTime = 6,
    Time = 7,
}

/// What is asked of a record or its surroundings.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Ask {
    /// A field's value.
    Value(String),
    /// A field's value before the change; null for a new record (`$Record__Prior`).
    Prior(String),
    /// A field's value before the change; for a new record its current one (PRIORVALUE).
    Before(String),
    /// Whether a field changes.
    Changed(String),
    /// Whether the record is new.
    IsNew,
    /// Whether it is a copy of another.
    IsClone,
    /// The user's date.
    Today,
    /// The moment.
    Now,
}

impl Ask {
    /// The same for paths that differ in case only.
    fn key(&self) -> Self {
        match self {
            Self::Value(path) => Self::Value(path.to_ascii_lowercase()),
            Self::Prior(path) => Self::Prior(path.to_ascii_lowercase()),
            Self::Before(path) => Self::Before(path.to_ascii_lowercase()),
            Self::Changed(path) => Self::Changed(path.to_ascii_lowercase()),
            Self::IsNew | Self::IsClone | Self::Today | Self::Now => self.clone(),
        }
    }
}

/// A place in a flat record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slot {
    /// What it holds.
    pub ask: Ask,
    /// The field's type.
    pub given: Type,
}

/// The slots of flat records, and how many conditions are decided over them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layout {
    pub(crate) slots: Vec<Slot>,
    pub(crate) conditions: usize,
}

impl Layout {
    /// The slots, in order.
    pub fn slots(&self) -> &[Slot] {
        &self.slots
    }

    /// How many conditions the batch decides.
    pub fn conditions(&self) -> usize {
        self.conditions
    }
}

/// A layout in the making: a slot is added when code first reads it.
#[derive(Debug, Default)]
pub(crate) struct Slots {
    layout: Layout,
    known: HashMap<Ask, usize>,
}

impl Slots {
    /// Where a slot begins in the record, in bytes.
    pub(crate) fn place(&mut self, ask: Ask, given: Type) -> usize {
        let slots = &mut self.layout.slots;
        let at = *self.known.entry(ask.key()).or_insert_with(|| {
            slots.push(Slot { ask, given });
            slots.len() - 1
        });
        HEADER_BYTES + at * SLOT_BYTES
    }

    /// The layout for so many conditions.
    pub(crate) fn finish(self, conditions: usize) -> Layout {
        Layout { conditions, ..self.layout }
    }
}
