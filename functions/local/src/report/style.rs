//! The colours. Whether they reach the terminal is decided where text is written (NO_COLOR, pipes).

use clap::builder::styling::{AnsiColor, Style};

/// All is well.
pub(crate) const OK: Style = AnsiColor::Green.on_default();
/// A job stands still.
pub(crate) const STOP: Style = AnsiColor::Red.on_default().bold();
/// Worth a look.
pub(crate) const WARN: Style = AnsiColor::Yellow.on_default();
/// What the eye should find first.
pub(crate) const STRONG: Style = Style::new().bold();
/// What it may pass over.
pub(crate) const DIM: Style = Style::new().dimmed();
