//! Chance from a seed: SplitMix64 with one stream per concern, so that a new draw in one place does not change another.

/// A stream of numbers that a seed and a name decide.
#[derive(Debug, Clone)]
pub struct Rng {
    state: u64,
}

impl Rng {
    /// The stream of this name.
    pub fn new(seed: u64, stream: &str) -> Self {
        let mut rng = Self { state: seed };
        for byte in stream.bytes() {
            rng.state = rng.draw() ^ u64::from(byte);
        }
        rng
    }

    /// The next 64 bits.
    pub fn draw(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`, which must not be zero.
    pub fn below(&mut self, end: u64) -> u64 {
        let wide = u128::from(self.draw()) * u128::from(end);
        u64::try_from(wide >> 64).expect("the upper half fits")
    }

    /// A number from `from` up to, not including, `end`.
    pub fn between(&mut self, from: i64, end: i64) -> i64 {
        let span = u64::try_from(end - from).expect("a range goes up");
        from + i64::try_from(self.below(span.max(1))).expect("within the range")
    }

    /// True so many times in a thousand.
    pub fn chance(&mut self, per_mille: u32) -> bool {
        per_mille > 0 && self.below(1000) < u64::from(per_mille)
    }

    /// One of these.
    pub fn pick<'t, T>(&mut self, of: &'t [T]) -> &'t T {
        let at = self.below(of.len() as u64);
        &of[usize::try_from(at).expect("an index")]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_is_its_seed_and_name() {
        let draws = |seed, name| {
            let mut rng = Rng::new(seed, name);
            (0..4).map(|_| rng.below(1000)).collect::<Vec<_>>()
        };
        assert_eq!(draws(7, "crm"), draws(7, "crm"));
        assert_ne!(draws(7, "crm"), draws(7, "queue"));
        assert_ne!(draws(7, "crm"), draws(8, "crm"));
    }
}
