//! Bytes read as decisions, for targets whose inputs are grown from a grammar: a mutated byte is another decision.

/// Decisions. When the bytes are used up every decision is the first one, so the first must be the simplest: what is
/// grown always ends.
pub struct Choices<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Choices<'a> {
    /// Decisions from these bytes.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// The next byte.
    pub fn byte(&mut self) -> u8 {
        let byte = self.bytes.get(self.at).copied().unwrap_or(0);
        self.at += 1;
        byte
    }

    /// A number below `end`, which is at most 65,536.
    pub fn below(&mut self, end: usize) -> usize {
        let wide = if end > 256 { usize::from(self.byte()) << 8 } else { 0 };
        (wide | usize::from(self.byte())) % end.max(1)
    }

    /// One of several.
    pub fn of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }

    /// Yes, once in `times`; never when the bytes are used up.
    pub fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == times - 1
    }

    /// Whether there are no more decisions.
    pub fn used_up(&self) -> bool {
        self.at >= self.bytes.len()
    }

    /// Text of up to `most` bytes, as it stands in the input; what is not UTF-8 is replaced.
    pub fn text(&mut self, most: usize) -> String {
        let length = self.below(most + 1).min(self.bytes.len().saturating_sub(self.at));
        let taken = &self.bytes[self.at.min(self.bytes.len())..][..length];
        self.at += length;
        String::from_utf8_lossy(taken).into_owned()
    }
}

/// The input as text, for targets that read text: what is not UTF-8 is no input of theirs.
pub fn as_text(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok()
}
