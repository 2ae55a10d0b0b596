//! What flows compute with: values, records and collections, or why there is none.

use formula::{EvaluationError, Lookup, Value};

/// What a variable, a field or an element's output holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Held {
    /// A value; null, too, in place of a record that is not there.
    Value(Value),
    /// A record, by its place in [`super::state::State::records`].
    Record(usize),
    /// A collection.
    List(Vec<Held>),
    /// It was assigned something that is not known, and why.
    Unknown(String),
}

/// Why there is no value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Miss {
    /// Not known here, and why.
    Unknown(String),
    /// The flow fails, in the words of a fault message.
    Fault(String),
    /// The CRM refuses a record that the flow writes: code and message.
    Refused(String, String),
}

/// What there is, or why not.
pub(super) type Found = Result<Held, Miss>;

impl Miss {
    /// Why, in words.
    pub(super) fn why(self) -> String {
        match self {
            Self::Unknown(why) | Self::Fault(why) | Self::Refused(_, why) => why,
        }
    }
}

impl Held {
    pub(super) const NULL: Self = Self::Value(Value::Null);

    /// A condition.
    pub(super) fn boolean(value: bool) -> Self {
        Self::Value(Value::Boolean(value))
    }

    /// Whether there is nothing: null, an empty text, a collection without items.
    pub(super) fn is_blank(&self) -> bool {
        match self {
            Self::Value(value) => value.is_blank(),
            Self::List(items) => items.is_empty(),
            Self::Record(_) | Self::Unknown(_) => false,
        }
    }

    /// The value, or why it is not one.
    pub(super) fn value(self, subject: &str) -> Result<Value, Miss> {
        match self {
            Self::Value(value) => Ok(value),
            Self::Unknown(why) => Err(Miss::Unknown(why)),
            Self::Record(_) => Err(Miss::Unknown(format!("{subject} is a record where a value is needed"))),
            Self::List(_) => Err(Miss::Unknown(format!("{subject} is a collection where a value is needed"))),
        }
    }

    /// In a few words, for a trace.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::Value(Value::Null) => "null".to_owned(),
            Self::Value(Value::Text(text)) => format!("{:?}", text.chars().take(100).collect::<String>()),
            Self::Value(value) => value.to_string(),
            Self::Record(_) => "a record".to_owned(),
            Self::List(items) => format!("a collection of {}", items.len()),
            Self::Unknown(why) => format!("unknown ({why})"),
        }
    }
}

/// A record's answer.
pub(super) fn found(lookup: Lookup, path: &str) -> Found {
    match lookup {
        Lookup::Known(value) => Ok(Held::Value(value)),
        Lookup::Unknown(why) => Err(Miss::Unknown(format!("{path}: {why}"))),
        Lookup::Error(error) => Err(raised(&error, path)),
    }
}

/// A formula that raises an error. Whether the flow then fails or sees null is UNCONFIRMED, so it is not known.
pub(super) fn raised(error: &EvaluationError, subject: &str) -> Miss {
    Miss::Unknown(format!(
        "{subject} raises an error ({error}), and what Salesforce does then is not confirmed"
    ))
}
