//! What the save path takes and gives: one row of a request, and what became of it.

use serde_json::{Map, Value, json};

use crate::error::RowError;

/// One record to be written.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Name of the object, in any case.
    pub object: String,
    /// What to do.
    pub operation: Operation,
    /// Values as the client sent them, by field name in any case, or by relationship name with an object that holds
    /// the parent's external id. `attributes` is passed over. Empty for a delete.
    pub values: Map<String, Value>,
    /// The values are texts from a CSV file: a text that does not fit its field is this row's error.
    pub text: bool,
}

/// What to do with a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operation {
    /// Create.
    Insert,
    /// Change the record of this id (15 or 18 characters, as it was sent).
    Update {
        /// The id.
        id: String,
    },
    /// Change the record whose field `key` has the value that the row gives, or create it.
    Upsert {
        /// An external id field or `Id`.
        key: String,
    },
    /// Move the record of this id to the recycle bin.
    Delete {
        /// The id.
        id: String,
    },
}

/// How rows are saved.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SaveOptions {
    /// One refused row undoes all.
    pub all_or_none: bool,
    /// An upsert that matches no record is refused.
    pub update_only: bool,
}

/// What became of a row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RowResult {
    /// Its id; of a refused row only when the client named it.
    pub id: Option<String>,
    /// Whether it was created.
    pub created: bool,
    /// Why it was refused; empty when it was saved.
    pub errors: Vec<RowError>,
}

impl RowResult {
    /// Whether the row was saved.
    pub fn success(&self) -> bool {
        self.errors.is_empty()
    }

    /// As an item of a collection's answer; `created` is shown for upserts.
    pub fn in_collection(&self, upsert: bool) -> Value {
        let mut shown = Map::new();
        if let Some(id) = &self.id {
            shown.insert("id".into(), id.as_str().into());
        }
        shown.insert("success".into(), self.success().into());
        shown.insert("errors".into(), self.errors.iter().map(RowError::in_collection).collect());
        if upsert && self.success() {
            shown.insert("created".into(), self.created.into());
        }
        Value::Object(shown)
    }

    /// As the answer to a single create: `{"id", "success", "errors"}`.
    pub fn single(&self) -> Value {
        json!({ "id": self.id, "success": self.success(), "errors": [] })
    }
}
