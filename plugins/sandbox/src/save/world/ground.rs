//! The store as rules see it: in system mode, without the user's rights, and only records that are not deleted.
//!
//! Rules cannot fail with the database. What fails is kept, and whoever asked the rules fails with it.

use std::cell::RefCell;

use engine::{Fault, RecordId};
use formula::{DateTime, Environment, Lookup, Records};
use metadata::org::Object;

use super::known::Known;
use crate::ids;
use crate::store::{Record, StoreError};
use crate::view::View;

/// The store as rules see it.
pub struct Ground<'a> {
    /// What the request sees.
    pub view: View<'a>,
    failed: RefCell<Option<StoreError>>,
}

impl<'a> Ground<'a> {
    /// By what a request sees.
    pub fn new(view: &View<'a>) -> Ground<'a> {
        Ground { view: *view, failed: RefCell::default() }
    }

    /// The first error of the database since it was last asked.
    ///
    /// # Errors
    /// That one.
    pub fn check(&self) -> Result<(), StoreError> {
        self.failed.take().map_or(Ok(()), Err)
    }

    /// Keeps an error of the database; rules are told that it is broken.
    pub fn fail(&self, error: StoreError) -> Fault {
        let fault = Fault::Broken(error.to_string());
        self.failed.borrow_mut().get_or_insert(error);
        fault
    }

    /// A record that is there.
    pub fn get(&self, id: &str) -> Option<Record> {
        let id = ids::normalise(id)?;
        match self.view.store.get(&id) {
            Ok(record) => record.filter(|record| !record.deleted),
            Err(error) => {
                self.fail(error);
                None
            }
        }
    }

    /// An object of the org, whatever the user may read.
    pub fn object(&self, name: &str) -> Option<&'a Object> {
        self.view.org.object(name)
    }

    /// A stored record's value by a path from it; null when the record is gone.
    pub fn value(&self, record: &RecordId, path: &str) -> Lookup {
        match self.get(&record.id) {
            Some(found) => Known::stored(self, &found).map_or_else(undescribed, |known| known.lookup(path)),
            None => Lookup::Known(formula::Value::Null),
        }
    }

    /// The surroundings of a formula. The user's zone is GMT.
    pub fn environment<'g>(&self, records: &'g dyn Records) -> Environment<'g> {
        let ms = i64::try_from(self.view.now.unix_timestamp_nanos() / 1_000_000).unwrap_or_default();
        let now = DateTime::from_ms(ms).or(DateTime::from_ms(0));
        let now = now.expect("the beginning of 1970 is a moment");
        Environment { records: Some(records), ..Environment::at(now) }
    }
}

/// The answer about a record whose object nobody described.
pub fn undescribed() -> Lookup {
    Lookup::Unknown("its object is not described in the org folder".to_owned())
}
