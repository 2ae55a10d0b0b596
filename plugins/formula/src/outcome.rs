//! What an evaluation gives: a value, an error, or "unknown" with what is not known locally.

use std::fmt;

use crate::span::Span;
use crate::value::Value;

/// The result of a formula or of a part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// A value, perhaps null.
    Value(Value),
    /// It depends on something that is not known locally.
    Unknown(Reasons),
    /// The org would raise an error.
    Error(EvaluationError),
}

impl Outcome {
    /// Unknown for one reason.
    pub fn unknown(kind: ReasonKind, subject: impl Into<String>, span: Span) -> Self {
        Self::Unknown(Reasons(vec![Reason { kind, subject: subject.into(), span }]))
    }

    /// The value, when there is one.
    pub fn value(&self) -> Option<&Value> {
        match self {
            Self::Value(value) => Some(value),
            Self::Unknown(_) | Self::Error(_) => None,
        }
    }

    /// Whether it is the condition TRUE: whether a validation rule fires.
    pub fn is_true(&self) -> bool {
        *self == Self::Value(Value::Boolean(true))
    }
}

/// Why a result is not known; at most [`Reasons::MAX`], each once.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reasons(Vec<Reason>);

impl Reasons {
    /// More reasons than this are dropped.
    pub const MAX: usize = 16;

    /// Adds those of another.
    pub fn extend(&mut self, other: &Self) {
        for reason in &other.0 {
            if self.0.len() < Self::MAX && !self.0.iter().any(|known| known.same_as(reason)) {
                self.0.push(reason.clone());
            }
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Each reason.
    pub fn iter(&self) -> std::slice::Iter<'_, Reason> {
        self.0.iter()
    }
}

impl<'a> IntoIterator for &'a Reasons {
    type Item = &'a Reason;
    type IntoIter = std::slice::Iter<'a, Reason>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// `Amount: the field was not sent; $User.Email: ...`
impl fmt::Display for Reasons {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown: Vec<String> = self.0.iter().map(Reason::to_string).collect();
        formatter.write_str(&shown.join("; "))
    }
}

/// One thing that is not known locally.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// What kind of thing.
    pub kind: ReasonKind,
    /// The field, global or function.
    pub subject: String,
    /// Where the formula uses it first.
    pub span: Span,
}

impl Reason {
    fn same_as(&self, other: &Self) -> bool {
        self.kind == other.kind && self.subject == other.subject
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.subject, self.kind)
    }
}

/// The kinds of things that are not known locally.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReasonKind {
    /// A field or global has no value here, for a reason that the record gives.
    NoValue(String),
    /// The value before the change is not known.
    NoPriorValue(String),
    /// Whether the record is new or a clone is not known.
    NoEvent,
    /// A function that needs something which is not here.
    NotLocal(String),
}

impl fmt::Display for ReasonKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoValue(why) | Self::NoPriorValue(why) | Self::NotLocal(why) => formatter.write_str(why),
            Self::NoEvent => formatter.write_str("whether the record is new is not known"),
        }
    }
}

/// An error that the org would raise while it evaluates the formula.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {message}", kind.number())]
pub struct EvaluationError {
    /// What kind of error.
    pub kind: ErrorKind,
    /// What happened, lower-case, in one line.
    pub message: String,
    /// The function or operator that raised it.
    pub span: Span,
}

/// The kinds of errors at evaluation, each with a number that is never used again for something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// A division or remainder by zero.
    DivisionByZero,
    /// A number out of a function's range, or too large.
    Number,
    /// A text that is not a date, moment or time, or a date that does not exist.
    Date,
    /// A text that is not a number.
    NotANumber,
    /// A regular expression that is not valid.
    Pattern,
    /// A regular expression that takes too long.
    PatternTooComplicated,
    /// A text that is not JSON.
    Json,
    /// A null where the engine cannot take one.
    Null,
    /// A value of a type that only evaluation could show.
    Type,
    /// Another argument that a function refuses.
    Argument,
    /// A text or calculation that grew beyond its limit.
    Limit,
}

impl ErrorKind {
    /// `F9` and two digits.
    pub fn number(self) -> &'static str {
        match self {
            Self::DivisionByZero => "F901",
            Self::Number => "F902",
            Self::Date => "F903",
            Self::NotANumber => "F904",
            Self::Pattern => "F905",
            Self::PatternTooComplicated => "F906",
            Self::Json => "F907",
            Self::Null => "F908",
            Self::Type => "F909",
            Self::Argument => "F910",
            Self::Limit => "F911",
        }
    }
}
