//! A formula's parts as a tree.

use formula::{Outcome, Trace, TraceStep, Value};
use serde::Serialize;

use crate::stored::StoredType;

/// Deeper parts are left out, so that a tree can be written and dropped on any stack.
const DEPTH_MAX: usize = 100;

/// A part of a formula with its value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Part {
    /// Its text.
    pub text: String,
    /// The type of its value.
    #[serde(rename = "type")]
    pub given: StoredType,
    /// What came of it.
    pub state: State,
    /// The value as it is stored (null for a blank), or why there is none.
    pub value: Option<String>,
    /// The field's path, when the part is a field.
    pub field: Option<String>,
    /// Whether it is a literal, whose value is its text.
    #[serde(skip)]
    pub literal: bool,
    /// Its parts.
    pub parts: Vec<Part>,
}

/// What came of a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// A value.
    Value,
    /// It is not known.
    Unknown,
    /// The org would raise an error.
    Error,
    /// It was not needed.
    NotNeeded,
}

impl Part {
    /// The whole formula of a trace.
    pub(crate) fn of(trace: &Trace) -> Option<Self> {
        let mut built: Vec<Option<Self>> = vec![None; trace.steps.len()];
        // Parts stand behind what they are parts of.
        for (at, step) in trace.steps.iter().enumerate().rev() {
            let parts = if step.depth < DEPTH_MAX {
                step.children.iter().filter_map(|child| built[*child].take()).collect()
            } else {
                Vec::new()
            };
            built[at] = Some(Self::new(step, parts));
        }
        built.into_iter().next().flatten()
    }

    fn new(step: &TraceStep, parts: Vec<Self>) -> Self {
        let (state, value) = match &step.outcome {
            None => (State::NotNeeded, None),
            Some(Outcome::Value(Value::Null)) => (State::Value, None),
            Some(Outcome::Value(value)) => (State::Value, Some(value.to_string())),
            Some(Outcome::Unknown(reasons)) => (State::Unknown, Some(reasons.to_string())),
            Some(Outcome::Error(error)) => (State::Error, Some(error.to_string())),
        };
        let field = step.is_field.then(|| path(&step.text).to_owned());
        let (text, given) = (bare(&step.text).to_owned(), StoredType(step.given));
        Self { text, given, state, value, field, literal: step.is_literal, parts }
    }

    /// Its outcome in a few words: `"text"`, `12`, `null`, `unknown (...)`, `not needed`.
    pub fn shown(&self) -> String {
        let value = self.value.as_deref();
        match (self.state, value) {
            (State::NotNeeded, _) => "not needed".to_owned(),
            (State::Value, None) => "null".to_owned(),
            (State::Value, Some(value)) if self.given.0.is_textual() => format!("{value:?}"),
            (State::Value, Some(value)) => value.to_owned(),
            (State::Unknown, value) => format!("unknown ({})", value.unwrap_or_default()),
            (State::Error, value) => format!("error {}", value.unwrap_or_default()),
        }
    }
}

/// Without the parentheses around the whole: the operand of `NOT(...)` is shown as it is.
fn bare(text: &str) -> &str {
    let Some(inner) = text.strip_prefix('(').and_then(|text| text.strip_suffix(')')) else { return text };
    let mut depth = 0_i32;
    let closes_early = inner.chars().any(|letter| {
        depth += i32::from(letter == '(') - i32::from(letter == ')');
        depth < 0
    });
    // A parenthesis in a string may mislead: then the text stays as it is.
    if closes_early || depth != 0 { text } else { inner.trim() }
}

/// A field's path as it is written: in parentheses, as a merge field, or plain.
fn path(text: &str) -> &str {
    let text = text.trim_matches(|letter: char| letter.is_whitespace() || matches!(letter, '(' | ')'));
    text.strip_prefix("{!").and_then(|text| text.strip_suffix('}')).unwrap_or(text).trim()
}
