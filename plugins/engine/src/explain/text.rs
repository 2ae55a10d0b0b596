//! An explanation as a person reads it: the rule, its place, its message, and the formula as a tree with values beside
//! it.

use std::fmt;

use super::model::{Explained, Explanation};
use super::part::Part;

/// How much of a part's text is shown.
const TEXT_CHARS_MAX: usize = 70;
/// Deeper parts are not indented further.
const INDENT_MAX: usize = 20;

impl fmt::Display for Explanation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.refused.is_empty() {
            writeln!(formatter, "No rule refuses this {}.", self.object)?;
        }
        for (at, refused) in self.refused.iter().enumerate() {
            let space = if at > 0 { "\n" } else { "" };
            write!(formatter, "{space}{refused}")?;
        }
        for flow in &self.flows {
            writeln!(formatter, "\nflow {}", flow.flow)?;
            for step in &flow.steps {
                writeln!(formatter, "  {} {}: {}", step.element, step.kind, step.detail)?;
            }
        }
        if !self.unknown.is_empty() {
            writeln!(formatter, "\nNot known:")?;
        }
        for unknown in &self.unknown {
            let rule = &unknown.rule;
            writeln!(formatter, "  {} {} ({}): {}", rule.kind, rule.name, rule.file, unknown.reason)?;
        }
        Ok(())
    }
}

impl fmt::Display for Explained {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rule = &self.refusal.rule;
        let line = if self.line > 0 { format!(":{}", self.line) } else { String::new() };
        writeln!(formatter, "{} {}", rule.kind, rule.name)?;
        writeln!(formatter, "  {}{line}", rule.file)?;
        let fields = &self.refusal.fields;
        let at = if fields.is_empty() { String::new() } else { format!(" at {}", fields.join(", ")) };
        writeln!(formatter, "  {}{at}: {}", self.refusal.code, self.refusal.message)?;
        if let Some(tree) = &self.tree {
            writeln!(formatter)?;
            tree.fmt(formatter)?;
        }
        Ok(())
    }
}

/// A line for each part but literals, with the values in one column.
impl fmt::Display for Part {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut lines: Vec<(String, String)> = Vec::new();
        let mut open = vec![(self, 1)];
        while let Some((part, depth)) = open.pop() {
            lines.push((format!("{}{}", "  ".repeat(depth.min(INDENT_MAX)), cut(&part.text)), part.shown()));
            let parts = part.parts.iter().rev().filter(|part| !part.literal);
            open.extend(parts.map(|part| (part, depth + 1)));
        }
        let width = lines.iter().map(|(text, _)| text.chars().count()).max().unwrap_or(0);
        for (text, value) in lines {
            let space = " ".repeat(width - text.chars().count());
            writeln!(formatter, "{text}{space}  {value}")?;
        }
        Ok(())
    }
}

fn cut(text: &str) -> String {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let shown: String = words.chars().take(TEXT_CHARS_MAX).collect();
    if shown.len() < words.len() { format!("{shown}...") } else { shown }
}
