//! A small set of small numbers: places of records, external ids, messages, or indexes into a chunk.
//!
//! One byte, so that a state of the model stays small and hashes fast. Numbers go from 0 to 7.

use std::fmt;

/// Numbers from 0 to 7.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Set(u8);

impl Set {
    pub fn has(self, number: u8) -> bool {
        self.0 & (1 << number) != 0
    }

    pub fn with(self, number: u8) -> Self {
        Self(self.0 | (1 << number))
    }

    pub fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub fn minus(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    pub fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub fn len(self) -> usize {
        self.0.count_ones() as usize
    }

    pub fn first(self) -> Option<u8> {
        self.iter().next()
    }

    /// In order.
    pub fn iter(self) -> impl Iterator<Item = u8> {
        (0..8).filter(move |number| self.has(*number))
    }

    /// Every part of it but the empty one.
    pub fn parts(self) -> impl Iterator<Item = Self> {
        (1..=self.0).filter(move |part| part & !self.0 == 0).map(Self)
    }
}

impl FromIterator<u8> for Set {
    fn from_iter<I: IntoIterator<Item = u8>>(numbers: I) -> Self {
        numbers.into_iter().fold(Self::default(), Self::with)
    }
}

impl fmt::Debug for Set {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

/// A number that fits into a [`Set`].
pub fn small(number: usize) -> u8 {
    u8::try_from(number).expect("the model's numbers are small")
}
