//! A batch: flat records for the memory of an instance, and the states that come back.

use super::layout::Layout;

/// Where the records of a batch begin in memory; they end before [`STATES_AT`].
pub const RECORDS_AT: i32 = 0;
/// Where their states begin; they end before [`MEMORY_BYTES`].
pub const STATES_AT: i32 = 0x1_0000;
/// What an instance has of memory.
pub const MEMORY_BYTES: usize = 0x2_0000;

const RECORDS_BYTES_MAX: usize = 0x1_0000;
const STATES_BYTES_MAX: usize = 0x1_0000;
/// Conditions whose states share eight bytes.
pub(crate) const STATES_IN_WORD: usize = 32;
/// Bytes of states that are written at once.
pub(crate) const WORD_BYTES: usize = 8;

/// What a condition gives for a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// FALSE or null.
    No = 0,
    /// TRUE.
    Yes = 1,
    /// The code cannot tell from the flat record: [`evaluate`](crate::library::evaluate) the formula.
    Ask = 2,
}

impl Layout {
    /// Whether this many records of so many bytes together fit one batch. Even a single record may not.
    pub fn fits(&self, records: usize, bytes: usize) -> bool {
        bytes <= RECORDS_BYTES_MAX && self.states_bytes(records) <= STATES_BYTES_MAX
    }

    /// Bytes of the states of so many records, from [`STATES_AT`].
    pub fn states_bytes(&self, records: usize) -> usize {
        records * self.conditions.div_ceil(STATES_IN_WORD) * WORD_BYTES
    }

    /// The states that are not [`State::No`]: record and condition from 0, in order.
    pub fn states<'s>(&self, states: &'s [u8]) -> impl Iterator<Item = (usize, usize, State)> + 's {
        let words = self.conditions.div_ceil(STATES_IN_WORD);
        let chunks = states.chunks_exact(WORD_BYTES).enumerate();
        chunks.flat_map(move |(at, chunk)| {
            let mut rest = u64::from_le_bytes(chunk.try_into().unwrap_or_default());
            std::iter::from_fn(move || {
                if rest == 0 {
                    return None;
                }
                let place = rest.trailing_zeros() / 2;
                let state = if rest >> (place * 2) & 3 == 1 { State::Yes } else { State::Ask };
                rest &= !(3 << (place * 2));
                Some((at / words, at % words * STATES_IN_WORD + place as usize, state))
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_are_read_in_order() {
        let layout = Layout { slots: Vec::new(), conditions: 34 };
        let words = [1_u64 << 2, 2 << 2, 0, 1, 2 | 1 << 62, 0];
        let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        assert_eq!(layout.states_bytes(3), bytes.len());
        let found: Vec<_> = layout.states(&bytes).collect();
        assert_eq!(
            found,
            [
                (0, 1, State::Yes),
                (0, 33, State::Ask),
                (1, 32, State::Yes),
                (2, 0, State::Ask),
                (2, 31, State::Yes)
            ]
        );
        assert!(layout.fits(4096, 65_536) && !layout.fits(4097, 0) && !layout.fits(1, 65_537));
    }
}
