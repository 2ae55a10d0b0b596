//! What the evaluator asks of a record: its values now and before, and what is happening to it.

use std::collections::BTreeMap;

use crate::outcome::EvaluationError;
use crate::types::Type;
use crate::value::{ReadValueError, Value};

/// A value that is there, or why it is not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lookup {
    /// The value, as formulas see it (a percentage of 50 is 0.5).
    Known(Value),
    /// The org would raise an error: a formula field that divides by zero.
    Error(EvaluationError),
    /// Not known locally, and why, as the end of a sentence: "the field was not sent".
    Unknown(String),
}

/// A record under judgment.
pub trait Record {
    /// The value of a field by its path, as the schema knows it.
    fn value(&self, path: &str) -> Lookup;

    /// Whether [`Record::value`] of a path costs next to nothing: the record's own fields and globals, unless a record
    /// says otherwise. What is not at hand is asked for only when a formula needs it.
    fn at_hand(&self, path: &str) -> bool {
        path.starts_with('$') || !path.contains('.')
    }

    /// Its value before the change; asked only when the record is not new.
    fn prior_value(&self, path: &str) -> Lookup {
        let _ = path;
        Lookup::Unknown("the record before the change is not known".to_owned())
    }

    /// Whether it is being created; none when that is not known.
    fn is_new(&self) -> Option<bool>;

    /// Whether it is being created as a copy of another.
    fn is_clone(&self) -> Option<bool> {
        Some(false)
    }

    /// Whether a field changes. A new record changes nothing; texts that differ only in their line ends are the same.
    fn changed(&self, path: &str) -> Result<bool, String> {
        match self.is_new() {
            Some(true) => return Ok(false),
            Some(false) => {}
            None => return Err("whether the record is new is not known".to_owned()),
        }
        match (self.value(path), self.prior_value(path)) {
            (Lookup::Known(now), Lookup::Known(before)) => Ok(comparable(now) != comparable(before)),
            (Lookup::Unknown(why), _) | (_, Lookup::Unknown(why)) => Err(why),
            (Lookup::Error(error), _) | (_, Lookup::Error(error)) => Err(error.to_string()),
        }
    }
}

fn comparable(value: Value) -> Value {
    match value {
        Value::Text(text) => Value::text(text.replace("\r\n", "\n")),
        other => other,
    }
}

/// A record in memory. Fields that are not given are unknown.
#[derive(Debug, Clone, Default)]
pub struct Values {
    values: BTreeMap<String, Value>,
    prior: Option<BTreeMap<String, Value>>,
    clone: bool,
}

impl Values {
    /// A new record without values.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets a value as formulas see it.
    #[must_use]
    pub fn with(mut self, path: &str, value: Value) -> Self {
        self.set(path, value);
        self
    }

    /// Sets a value as formulas see it.
    pub fn set(&mut self, path: &str, value: Value) {
        self.values.insert(path.to_ascii_lowercase(), value);
    }

    /// Sets a stored value; see [`Value::read`].
    pub fn read(&mut self, path: &str, given: Type, text: &str) -> Result<(), ReadValueError> {
        self.set(path, Value::read(given, text)?);
        Ok(())
    }

    /// Makes it a change of a record that had these values.
    #[must_use]
    pub fn changed_from(mut self, prior: Self) -> Self {
        self.prior = Some(prior.values);
        self
    }

    /// Makes it a copy of another record.
    #[must_use]
    pub fn cloned(mut self) -> Self {
        self.clone = true;
        self
    }
}

impl Record for Values {
    fn value(&self, path: &str) -> Lookup {
        lookup(&self.values, path)
    }

    fn prior_value(&self, path: &str) -> Lookup {
        match &self.prior {
            Some(prior) => lookup(prior, path),
            None => self.value(path),
        }
    }

    fn is_new(&self) -> Option<bool> {
        Some(self.prior.is_none())
    }

    fn is_clone(&self) -> Option<bool> {
        Some(self.clone)
    }
}

fn lookup(values: &BTreeMap<String, Value>, path: &str) -> Lookup {
    match values.get(&path.to_ascii_lowercase()) {
        Some(value) => Lookup::Known(value.clone()),
        None => Lookup::Unknown("the field was not sent".to_owned()),
    }
}
