//! A record on its way through the steps, and how a step stops it.

use engine::{RuleName, Unknown, Verdict, World};
use metadata::org::{Field, Object};
use serde_json::{Map, Value};

use crate::error::RowError;
use crate::store::{Record, StoreError};
use crate::view::View;

/// A record between two steps of the save path.
pub struct Draft<'a> {
    /// Its object.
    pub object: &'a Object,
    /// The record as it was before; `None` for a new one.
    pub prior: Option<Record>,
    /// The record as it shall become, by API name, without nulls.
    pub values: Map<String, Value>,
    /// The record as this save last wrote it.
    pub stored: Option<Record>,
    /// Fields that the client sent or a rule gave a value.
    pub sent: Vec<&'a Field>,
    /// A rule gave a value since system validation last looked.
    pub unchecked: bool,
    /// Lookups that were found by the parent's external id, and so are known to be good.
    pub found: Vec<&'a Field>,
    /// The upsert key of a new record: no record has its value.
    pub free: Option<&'a Field>,
}

impl<'a> Draft<'a> {
    /// A new record without values.
    pub fn create(object: &'a Object) -> Draft<'a> {
        let (prior, stored, free) = (None, None, None);
        let (sent, found, unchecked) = (Vec::new(), Vec::new(), false);
        Draft { object, prior, values: Map::new(), stored, sent, unchecked, found, free }
    }

    /// A change of a stored record.
    pub fn change(object: &'a Object, prior: Record) -> Draft<'a> {
        Draft { values: prior.fields.clone(), prior: Some(prior), ..Draft::create(object) }
    }

    /// The record's id; none for a new one that is not written yet.
    pub fn id(&self) -> Option<&str> {
        self.stored.as_ref().or(self.prior.as_ref()).map(|record| record.id.as_str())
    }

    /// A rule gives a field a value in its stored form.
    pub fn give(&mut self, field: &'a Field, value: Value) {
        self.set(&field.api_name, value);
        self.unchecked = true;
        self.found.retain(|found| !std::ptr::eq(*found, field));
        if !self.was_sent(field) {
            self.sent.push(field);
        }
    }

    /// Takes over what other saves made of the record meanwhile.
    pub fn reload(&mut self, view: &View<'_>) -> Result<(), StoreError> {
        let Some(stored) = &self.stored else { return Ok(()) };
        if let Some(record) = view.store.get(&stored.id)? {
            self.values = record.fields.clone();
            self.stored = Some(record);
        }
        Ok(())
    }

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

/// What the rules of a step say, as errors of the row. What is not known is noted and refuses nothing. `world` is what
/// the rules saw, for the explanation.
pub fn heed(view: &View<'_>, object: &str, verdict: Verdict, world: &dyn World) -> Vec<RowError> {
    view.watch.unknown.note(&verdict.unknown);
    if view.watch.explaining.wanted() {
        let explain = |refusal: &engine::Refusal| view.rules.explain_refusal(object, refusal.clone(), world);
        view.watch.explaining.add(verdict.refusals.iter().map(explain), Vec::new());
    }
    let error = |refusal: engine::Refusal| RowError {
        rule: Some(Box::new(refusal.rule)),
        ..RowError::of(&refusal.code, refusal.message, refusal.fields)
    };
    verdict.refusals.into_iter().map(error).collect()
}

/// Notes what is not known apart from a step's verdict.
pub fn note(view: &View<'_>, rule: RuleName, reason: impl Into<String>) {
    view.watch.unknown.note(&[Unknown { rule, reason: reason.into() }]);
}
