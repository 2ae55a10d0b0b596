//! A record on its way through the steps, and how a step stops it.

use metadata::org::{Field, Object};
use serde_json::{Map, Value};

use crate::error::RowError;
use crate::store::{Record, StoreError};

/// A record between two steps of the save path.
pub struct Draft<'a> {
    /// Its object.
    pub object: &'a Object,
    /// The record as it was before; `None` for a new one.
    pub prior: Option<Record>,
    /// The record as it shall become, by API name, without nulls.
    pub values: Map<String, Value>,
    /// Fields that the client sent.
    pub sent: Vec<&'a Field>,
    /// Lookups that were found by the parent's external id, and so are known to be good.
    pub found: Vec<&'a Field>,
    /// The upsert key of a new record: no record has its value.
    pub free: Option<&'a Field>,
}

impl Draft<'_> {
    /// The value that a field shall have; null when it has none.
    pub fn get(&self, field: &str) -> &Value {
        self.values.get(field).unwrap_or(&Value::Null)
    }

    /// Gives a field a value; null empties it.
    pub fn set(&mut self, field: &str, value: Value) {
        match value {
            // Keeps the order of the other fields.
            Value::Null => drop(self.values.shift_remove(field)),
            value => drop(self.values.insert(field.to_owned(), value)),
        }
    }

    /// Whether the field's value differs from the stored one; always true for a new record's values.
    pub fn changes(&self, field: &Field) -> bool {
        let name = &field.api_name;
        self.prior.as_ref().is_none_or(|prior| prior.get(name) != self.get(name))
    }

    /// Whether the client sent this field.
    pub fn was_sent(&self, field: &Field) -> bool {
        self.sent.iter().any(|sent| std::ptr::eq(*sent, field))
    }
}

/// Why a step stopped.
#[derive(Debug)]
pub enum Refusal {
    /// The record is refused.
    Row(Vec<RowError>),
    /// The database failed: the request fails with it.
    Store(StoreError),
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Refusal {
        Refusal::Store(error)
    }
}

impl From<RowError> for Refusal {
    fn from(error: RowError) -> Refusal {
        Refusal::Row(vec![error])
    }
}

/// Stops when there are errors.
pub fn stop_if_any(errors: Vec<RowError>) -> Result<(), Refusal> {
    if errors.is_empty() { Ok(()) } else { Err(Refusal::Row(errors)) }
}
