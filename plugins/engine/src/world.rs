//! What rules see and do besides computing: the record under judgment, other records, and writes of flows.
//!
//! The sandbox implements it over its store, inside the save's transaction. A preflight without a store answers that
//! other records are not known.

use std::collections::BTreeMap;

use formula::{Environment, Lookup, Record, Value};

/// What happens to the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// It is being created.
    Create,
    /// It is being changed.
    Update,
    /// It is being deleted.
    Delete,
}

/// The surroundings of a save.
///
/// Values are as formulas see them ([`Value`]); field names are API names in any case.
pub trait World {
    /// The record under judgment with its prior values. Paths may cross objects (`Account.Owner.Name`) and name globals
    /// (`$User.Email`).
    fn record(&self) -> &dyn Record;

    /// The time, zone and other records for formulas.
    fn environment(&self) -> Environment<'_>;

    /// The id of the record under judgment; none while it is being created, before it is stored.
    fn id(&self) -> Option<String>;

    /// Gives a field of the record under judgment a value, without saving: assignments of before-save flows.
    fn set(&mut self, field: &str, value: Value) -> Result<(), Fault>;

    /// Records of an object.
    fn find(&self, query: &Query) -> Result<Vec<RecordId>, Fault>;

    /// A stored record's value by a path from it.
    fn value(&self, record: &RecordId, path: &str) -> Lookup;

    /// Changes a stored record by a full save of its own, rules included. The record under judgment, too, after it was
    /// stored.
    fn update(&mut self, record: &RecordId, values: &BTreeMap<String, Value>) -> Result<(), Fault>;

    /// Creates a record by a full save of its own.
    fn insert(&mut self, object: &str, values: &BTreeMap<String, Value>) -> Result<RecordId, Fault>;

    /// Deletes a stored record.
    fn delete(&mut self, record: &RecordId) -> Result<(), Fault>;
}

/// A stored record of another object, or of the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordId {
    /// API name of its object.
    pub object: String,
    /// Its id, 18 characters.
    pub id: String,
}

/// Which records are wanted: a Get Records element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// API name of the object.
    pub object: String,
    /// Conditions, numbered from 1.
    pub conditions: Vec<Condition>,
    /// How they are joined: `and`, `or`, or `1 AND (2 OR 3)`.
    pub logic: String,
    /// Sorted by this field; descending when true.
    pub order: Option<(String, bool)>,
    /// At most so many.
    pub limit: Option<usize>,
}

/// One condition of a [`Query`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// A field of the object.
    pub field: String,
    /// As flows name it: `EqualTo`, `NotEqualTo`, `GreaterThan`, `GreaterThanOrEqualTo`, `LessThan`, `LessThanOrEqualTo`, `StartsWith`, `EndsWith`,
    /// `Contains`, `IsNull`, `In`, `NotIn`.
    pub operator: String,
    /// The value; for `In` and `NotIn` several.
    pub values: Vec<Value>,
}

/// Something that a rule wanted of its surroundings did not happen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The CRM refuses it: status code, message and fields of the first error, as flows' messages show it.
    Refused {
        /// Status code.
        code: String,
        /// Message.
        message: String,
        /// API names of fields.
        fields: Vec<String>,
    },
    /// It cannot be known here, and why: `other records are not known locally`.
    Unknown(String),
    /// The store failed: the whole request fails.
    Broken(String),
}
