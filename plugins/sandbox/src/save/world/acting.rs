//! The record that is being saved, as the rules of one step see and change it.

use std::collections::BTreeMap;

use engine::{Fault, Query, RecordId, World};
use formula::{Environment, Lookup, Record as Judged, Records, Value as Seen};

use super::find;
use super::ground::Ground;
use super::known::Known;
use crate::error::RowError;
use crate::ids;
use crate::save::draft::{Draft, Refusal};
use crate::save::nested::{self, Nest};
use crate::view::View;

/// The record that is being saved.
pub struct Acting<'s, 'a> {
    ground: Ground<'a>,
    draft: &'s mut Draft<'a>,
    nest: &'s Nest,
    /// Whether the step may give the record values: before it is written.
    may_set: bool,
    /// Whether records were written.
    pub wrote: bool,
}

impl<'s, 'a> Acting<'s, 'a> {
    /// For one step of a save.
    pub fn new(view: &View<'a>, draft: &'s mut Draft<'a>, nest: &'s Nest, may_set: bool) -> Acting<'s, 'a> {
        Acting { ground: Ground::new(view), draft, nest, may_set, wrote: false }
    }

    /// The store as the step sees it.
    pub fn ground(&self) -> &Ground<'a> {
        &self.ground
    }

    fn known(&self) -> Known<'_, 'a> {
        let prior = self.draft.prior.as_ref().map(|prior| &prior.fields);
        Known::new(&self.ground, self.draft.object, &self.draft.values, prior)
    }

    fn result<T>(&self, result: Result<T, Refusal>) -> Result<T, Fault> {
        result.map_err(|refusal| match refusal {
            Refusal::Row(errors) => refused(errors),
            Refusal::Store(error) => self.ground.fail(error),
        })
    }

    /// Whether it is the record under judgment.
    fn is_own(&self, record: &RecordId) -> bool {
        self.draft.id().is_some_and(|own| ids::normalise(&record.id).is_some_and(|id| id == own))
    }
}

/// The first error, as flows' messages show it.
fn refused(errors: Vec<RowError>) -> Fault {
    let unknown = || RowError::new("UNKNOWN_EXCEPTION", "the record was refused");
    let RowError { code, message, fields, .. } = errors.into_iter().next().unwrap_or_else(unknown);
    Fault::Refused { code, message, fields }
}

impl Judged for Acting<'_, '_> {
    fn value(&self, path: &str) -> Lookup {
        self.known().lookup(path)
    }

    fn prior_value(&self, path: &str) -> Lookup {
        self.known().prior_value(path)
    }

    fn is_new(&self) -> Option<bool> {
        Some(self.draft.prior.is_none())
    }
}

impl Records for Acting<'_, '_> {
    fn look_up(&self, object: &str, field: &str, key_field: &str, key: &Seen) -> Lookup {
        self.known().look_up(object, field, key_field, key)
    }
}

impl World for Acting<'_, '_> {
    fn record(&self) -> &dyn Judged {
        self
    }

    fn environment(&self) -> Environment<'_> {
        self.ground.environment(self)
    }

    fn id(&self) -> Option<String> {
        self.draft.id().map(str::to_owned)
    }

    fn set(&mut self, field: &str, value: Seen) -> Result<(), Fault> {
        if !self.may_set {
            let message = "Record is read-only: it was saved already";
            return Err(refused(vec![RowError::on(field, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", message)]));
        }
        nested::assign(self.draft, field, &value).map_err(|error| refused(vec![error]))
    }

    fn find(&self, query: &Query) -> Result<Vec<RecordId>, Fault> {
        find::find(&self.ground, query)
    }

    fn value(&self, record: &RecordId, path: &str) -> Lookup {
        self.ground.value(record, path)
    }

    fn update(&mut self, record: &RecordId, values: &BTreeMap<String, Seen>) -> Result<(), Fault> {
        if self.draft.stored.is_none() && self.is_own(record) {
            let message = "a record cannot be updated before it is saved";
            return Err(refused(vec![RowError::new("SELF_REFERENCE_FROM_FLOW", message)]));
        }
        self.wrote = true;
        let result = nested::update(&self.ground.view, self.nest, record, values);
        self.result(result)
    }

    fn insert(&mut self, object: &str, values: &BTreeMap<String, Seen>) -> Result<RecordId, Fault> {
        self.wrote = true;
        let result = nested::insert(&self.ground.view, self.nest, object, values);
        self.result(result)
    }

    fn delete(&mut self, record: &RecordId) -> Result<(), Fault> {
        self.wrote = true;
        let result = nested::delete(&self.ground.view, self.nest, record);
        self.result(result)
    }
}
