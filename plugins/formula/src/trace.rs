//! An evaluation to look at: each part of the formula with its value, or that it was not needed.

use std::fmt;

use crate::ast::NodeId;
use crate::outcome::Outcome;
use crate::span::Span;
use crate::typed::{Typed, TypedKind};
use crate::types::Type;
use crate::value::Value;

/// An evaluation's parts as a tree in one list: the whole formula first, parts behind what they are parts of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace {
    /// The parts.
    pub steps: Vec<TraceStep>,
}

/// A part of a formula with its outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceStep {
    /// Where it stands.
    pub span: Span,
    /// Its text; a long one is cut, and whole in the source at the span.
    pub text: String,
    /// The type of its value.
    pub given: Type,
    /// What it gave; none when it was not needed. Long texts are cut.
    pub outcome: Option<Outcome>,
    /// Whether it is a field.
    pub is_field: bool,
    /// Whether it is a literal.
    pub is_literal: bool,
    /// How deep it stands; the whole formula is at 0.
    pub depth: usize,
    /// Its parts, as places in [`Trace::steps`].
    pub children: Vec<usize>,
}

impl Trace {
    pub(crate) fn new(source: &str, typed: &Typed, mut outcomes: Vec<Option<Outcome>>) -> Self {
        let mut steps: Vec<TraceStep> = Vec::with_capacity(typed.nodes.len());
        let mut open: Vec<(NodeId, usize, Option<usize>)> = vec![(typed.root, 0, None)];
        while let Some((id, depth, parent)) = open.pop() {
            let node = typed.node(id);
            let at = steps.len();
            if let Some(parent) = parent {
                steps[parent].children.push(at);
            }
            steps.push(TraceStep {
                span: node.span,
                text: cut(node.span.text(source)),
                given: node.given,
                outcome: outcomes.get_mut(id.0).and_then(Option::take),
                is_field: matches!(node.kind, TypedKind::Field { .. }),
                is_literal: matches!(node.kind, TypedKind::Literal(_)),
                depth,
                children: Vec::new(),
            });
            open.extend(typed.children(id).iter().rev().map(|child| (*child, depth + 1, Some(at))));
        }
        Self { steps }
    }

    /// What the whole formula gave.
    pub fn outcome(&self) -> Option<&Outcome> {
        self.steps.first().and_then(|step| step.outcome.as_ref())
    }
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(KEPT_CHARS_MAX) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}

/// An outcome in a few words: `"text"`, `12`, `null`, `unknown (...)`, `error F901: ...`.
impl fmt::Display for Outcome {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value(Value::Null) => formatter.write_str("null"),
            Self::Value(Value::Text(text)) => write!(formatter, "{text:?}"),
            Self::Value(value) => value.fmt(formatter),
            Self::Unknown(reasons) => write!(formatter, "unknown ({reasons})"),
            Self::Error(error) => write!(formatter, "error {error}"),
        }
    }
}

/// How much of a part's text is kept; without a limit the texts of nested parts would add up to a square.
const KEPT_CHARS_MAX: usize = 500;
/// How much of it is shown.
const TEXT_CHARS_MAX: usize = 60;
/// Deeper parts are not indented further.
const INDENT_MAX: usize = 20;

/// A line for each part but literals, indented by depth.
impl fmt::Display for Trace {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for step in self.steps.iter().filter(|step| !step.is_literal) {
            let words = step.text.split_whitespace().collect::<Vec<_>>().join(" ");
            let mut text: String = words.chars().take(TEXT_CHARS_MAX).collect();
            if text.len() < words.len() {
                text.push_str("...");
            }
            let indent = "  ".repeat(step.depth.min(INDENT_MAX));
            match &step.outcome {
                Some(outcome) => writeln!(formatter, "{indent}{text} = {outcome}")?,
                None => writeln!(formatter, "{indent}{text} : not needed")?,
            }
        }
        Ok(())
    }
}
