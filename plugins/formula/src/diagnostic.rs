//! What is wrong with a formula, and how a person reads it: the line, a caret under the place, and what to do.

use std::fmt;

use crate::codes::Code;
use crate::span::Span;

/// Something wrong with a formula.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Its stable number.
    pub code: Code,
    /// Where it is.
    pub span: Span,
    /// What is wrong, lower-case, in one line.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl Diagnostic {
    /// A diagnostic without a hint.
    pub fn new(code: Code, span: Span, message: impl Into<String>) -> Self {
        Self { code, span, message: message.into(), hint: None }
    }

    /// The same with a hint.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The diagnostic shown with its line of the source.
    pub fn report<'a>(&'a self, source: &'a str) -> Report<'a> {
        Report { diagnostic: self, source }
    }
}

/// `F201: no function is called LENN`.
impl fmt::Display for Diagnostic {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.code, self.message)
    }
}

/// A diagnostic with the line it is about.
#[derive(Debug, Clone, Copy)]
pub struct Report<'a> {
    diagnostic: &'a Diagnostic,
    source: &'a str,
}

/// Characters of a line that are shown around the place; formulas are often one long line.
const CONTEXT_CHARS_MAX: usize = 60;

impl fmt::Display for Report<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = Place::of(self.source, self.diagnostic.span);
        let margin = " ".repeat(place.line.to_string().len());
        writeln!(formatter, "error[{}]: {}", self.diagnostic.code, self.diagnostic.message)?;
        writeln!(formatter, "{margin}--> line {}, column {}", place.line, place.column)?;
        writeln!(formatter, "{margin} |")?;
        writeln!(formatter, "{} | {}", place.line, place.text)?;
        write!(formatter, "{margin} | {}{}", " ".repeat(place.indent), "^".repeat(place.width))?;
        if let Some(hint) = &self.diagnostic.hint {
            write!(formatter, "\n{margin} = help: {hint}")?;
        }
        Ok(())
    }
}

/// The part of the line to show, with the caret's place in it; lines and columns count from one.
struct Place {
    line: usize,
    column: usize,
    text: String,
    indent: usize,
    width: usize,
}

impl Place {
    fn of(source: &str, span: Span) -> Self {
        let start = floor_boundary(source, span.start);
        let end = floor_boundary(source, span.end).max(start);
        let line_start = source[..start].rfind('\n').map_or(0, |at| at + 1);
        let line_end = source[start..].find('\n').map_or(source.len(), |at| start + at);
        let before: Vec<char> = printable(&source[line_start..start]).collect();
        let marked: Vec<char> = printable(&source[start..end.min(line_end)]).collect();
        let after: Vec<char> = printable(&source[end.min(line_end)..line_end]).collect();
        let cut = before.len().saturating_sub(CONTEXT_CHARS_MAX);
        let mut text: String = if cut > 0 { "...".to_owned() } else { String::new() };
        text.extend(&before[cut..]);
        let indent = text.chars().count();
        let shown = marked.len().min(CONTEXT_CHARS_MAX);
        text.extend(&marked[..shown]);
        let rest = after.len().min(CONTEXT_CHARS_MAX);
        if shown == marked.len() {
            text.extend(&after[..rest]);
        }
        if shown < marked.len() || rest < after.len() {
            text.push_str("...");
        }
        let line = source[..start].matches('\n').count() + 1;
        Self { line, column: before.len() + 1, text, indent, width: shown.max(1) }
    }
}

fn printable(text: &str) -> impl Iterator<Item = char> {
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter })
}

fn floor_boundary(source: &str, at: usize) -> usize {
    (0..=at.min(source.len())).rev().find(|&at| source.is_char_boundary(at)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codes;

    #[test]
    fn a_report_points_at_the_place() {
        let source = "AND(\n  LENN(Name) > 3,\n  TRUE)";
        let diagnostic =
            Diagnostic::new(codes::UNKNOWN_FUNCTION, Span::new(7, 11), "no function is called LENN")
                .with_hint("did you mean LEN?");
        let expected = "error[F201]: no function is called LENN\n --> line 2, column 3\n  |\n2 |   LENN(Name) > 3,\n  |   ^^^^\n  = help: did you mean LEN?";
        assert_eq!(diagnostic.report(source).to_string(), expected);
    }

    #[test]
    fn long_lines_are_cut_around_the_place() {
        let source = format!("{}X{}", "a".repeat(200), "b".repeat(200));
        let report = Diagnostic::new(codes::EMPTY, Span::new(200, 201), "x").report(&source).to_string();
        assert!(report.lines().all(|line| line.chars().count() < 140), "{report}");
        let out_of_range = Diagnostic::new(codes::EMPTY, Span::new(900, 950), "x");
        assert!(out_of_range.report("é").to_string().contains('^'));
    }
}
