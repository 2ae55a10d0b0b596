//! What a rule answers.

use crate::value::Value;

/// What Apex's `addError` gives.
const ADD_ERROR: &str = "FIELD_CUSTOM_VALIDATION_EXCEPTION";

/// What a rule says about a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Nothing against it.
    Accept,
    /// For these reasons, at least one.
    Refuse(Vec<Refusal>),
    /// These fields get other values.
    Change(Vec<Change>),
    /// It cannot be said, and why. Never a refusal.
    Unknown(String),
}

/// Why a record is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// A status code of the CRM.
    pub code: String,
    /// What the user reads.
    pub message: String,
    /// API names of the fields that it stands at; empty for the whole record.
    pub fields: Vec<String>,
}

/// A field that gets another value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// API name of the field.
    pub field: String,
    /// Its value, never [`Value::Unknown`].
    pub value: Value,
}

impl Answer {
    /// Refuses as Apex's `addError` does, at these fields.
    pub fn refuse(message: &str, fields: &[&str]) -> Self {
        let fields = fields.iter().map(|field| (*field).to_owned()).collect();
        Self::Refuse(vec![Refusal { code: ADD_ERROR.to_owned(), message: message.to_owned(), fields }])
    }

    /// Changes one field.
    pub fn change(field: &str, value: impl Into<Value>) -> Self {
        Self::Change(vec![Change { field: field.to_owned(), value: value.into() }])
    }
}
