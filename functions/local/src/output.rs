//! Where text goes: answers to stdout, everything else to stderr, colours only where they are wanted.
//!
//! A reader that went away (`| head`) is no failure: what is left is not written.

use std::io::{IsTerminal, Write};

use serde_json::Value;

use crate::report::WARN;

/// Writes to stdout.
pub(crate) fn answer(text: &str) {
    let mut out = anstream::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// Writes one JSON object as a line of stdout.
pub(crate) fn json(value: &Value) {
    answer(&format!("{value}\n"));
}

/// Writes to stderr.
pub(crate) fn tell(text: &str) {
    let mut out = anstream::stderr().lock();
    let _ = writeln!(out, "{text}");
}

/// Writes a warning to stderr.
pub(crate) fn warn(text: &str) {
    tell(&format!("{WARN}warning:{WARN:#} {text}"));
}

/// How wide the terminal behind stdout is; `None` in a pipe or file.
pub(crate) fn width() -> Option<usize> {
    if !std::io::stdout().is_terminal() {
        return None;
    }
    terminal_size::terminal_size().map(|(width, _)| usize::from(width.0))
}
