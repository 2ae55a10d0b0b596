//! What happened, as a number that two equal runs share and, when asked for, as lines that people read.

use std::fmt::{self, Write};

/// A hash of every line, and the lines themselves when they are kept.
#[derive(Debug, Clone)]
pub(super) struct Trace {
    hash: u64,
    lines: Option<Vec<String>>,
}

impl Trace {
    pub(super) fn new(keep_lines: bool) -> Self {
        Self { hash: 0xCBF2_9CE4_8422_2325, lines: keep_lines.then(Vec::new) }
    }

    /// Adds one line.
    pub(super) fn note(&mut self, now: i64, line: fmt::Arguments<'_>) {
        if let Some(lines) = &mut self.lines {
            let shown = format!("{} {line}", shown_time(now));
            lines.push(shown);
        }
        writeln!(Hasher(&mut self.hash), "{now} {line}").expect("a hash takes everything");
    }

    pub(super) fn hash(&self) -> u64 {
        self.hash
    }

    pub(super) fn into_lines(self) -> Vec<String> {
        self.lines.unwrap_or_default()
    }
}

/// Days, hours, minutes, seconds and milliseconds since the simulation began.
fn shown_time(millis: i64) -> String {
    let seconds = millis / 1000;
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
    format!("{days}d {hours:02}:{minutes:02}:{:02}.{:03}", seconds % 60, millis % 1000)
}

/// FNV-1a over what is written to it.
struct Hasher<'h>(&'h mut u64);

impl Write for Hasher<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for byte in text.bytes() {
            *self.0 = (*self.0 ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3);
        }
        Ok(())
    }
}
