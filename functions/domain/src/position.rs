//! A record's place in its job's order.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// SQS sequence number, then index in the message. Written `42.7`.
///
/// An SQS FIFO sequence number has 20 digits and may pass 2^64, hence `u128` (reference aws §1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Position {
    /// The message's number in its group, strictly increasing.
    pub sequence: u128,
    /// The record's place in the message.
    pub index: u32,
}

impl Position {
    /// A place in the order.
    pub const fn new(sequence: u128, index: u32) -> Self {
        Self { sequence, index }
    }

    /// Reads the written form.
    pub fn parse(text: &str) -> Option<Self> {
        let (sequence, index) = text.split_once('.')?;
        Some(Self { sequence: sequence.parse().ok()?, index: index.parse().ok()? })
    }

    /// Fixed-width form whose text order is the position's order: a sort key.
    pub fn sort_key(self) -> String {
        format!("{:039}.{:010}", self.sequence, self.index)
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.sequence, self.index)
    }
}

impl Serialize for Position {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Position {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom(format!("`{text}` is not a position")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_and_text_agree() {
        let places =
            [Position::new(2, 9), Position::new(2, 10), Position::new(10, 0), Position::new(u128::MAX, 1)];
        for pair in places.windows(2) {
            assert!(pair[0] < pair[1] && pair[0].sort_key() < pair[1].sort_key());
        }
        for place in places {
            assert_eq!(Position::parse(&place.to_string()), Some(place));
            assert_eq!(Position::parse(&place.sort_key()), Some(place));
        }
        assert_eq!(Position::parse("1"), None);
    }
}
