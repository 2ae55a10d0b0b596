//! What is known of the record and its surroundings during a run. It answers as a [`Record`] and as [`Records`]; a
//! question that it cannot answer yet is noted, and its answer is fetched when the run has stopped.

use std::cell::RefCell;
use std::collections::HashMap;

use crate::environment::Records;
use crate::record::{Lookup, Record};
use crate::value::Value;

/// A question that stopped a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Question {
    IsNew,
    IsClone,
    Value(String),
    PriorValue(String),
    Changed(String),
    LookUp(Key),
}

/// A look-up in other records: object, field, key field, key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Key {
    object: String,
    field: String,
    key_field: String,
    key: Value,
}

#[derive(Debug, Default)]
pub(super) struct Answers {
    is_new: Option<Option<bool>>,
    is_clone: Option<Option<bool>>,
    values: HashMap<String, Lookup>,
    prior_values: HashMap<String, Lookup>,
    changed: HashMap<String, Result<bool, String>>,
    /// A list: the look-ups of a formula are few, and values have no hash.
    found: Vec<(Key, Lookup)>,
    question: RefCell<Option<Question>>,
}

impl Answers {
    /// Forgets all.
    pub(super) fn clear(&mut self) {
        self.is_new = None;
        self.is_clone = None;
        self.values.clear();
        self.prior_values.clear();
        self.changed.clear();
        self.found.clear();
        self.question.take();
    }

    /// Fetches what is at hand of a field: its value, or that before the change.
    pub(super) fn prepare_value(&mut self, record: &dyn Record, path: &str, prior: bool) {
        let before = prior && self.fetched_is_new(record) == Some(false);
        let known =
            if before { self.prior_values.contains_key(path) } else { self.values.contains_key(path) };
        if known || !record.at_hand(path) {
            return;
        }
        if before {
            self.prior_values.insert(path.to_owned(), record.prior_value(path));
        } else {
            self.values.insert(path.to_owned(), record.value(path));
        }
    }

    /// Fetches whether a field changes, if that is at hand.
    pub(super) fn prepare_changed(&mut self, record: &dyn Record, path: &str) {
        if record.at_hand(path) && !self.changed.contains_key(path) {
            self.changed.insert(path.to_owned(), record.changed(path));
        }
    }

    /// Fetches whether the record is new and a clone.
    pub(super) fn prepare_event(&mut self, record: &dyn Record) {
        self.fetched_is_new(record);
        self.is_clone.get_or_insert_with(|| record.is_clone());
    }

    fn fetched_is_new(&mut self, record: &dyn Record) -> Option<bool> {
        *self.is_new.get_or_insert_with(|| record.is_new())
    }

    /// Whether a question stopped the run.
    pub(super) fn is_asking(&self) -> bool {
        self.question.borrow().is_some()
    }

    /// Fetches the answer to the question that stopped the run; false when none did.
    pub(super) fn answer(&mut self, record: &dyn Record, records: Option<&dyn Records>) -> bool {
        let Some(question) = self.question.take() else { return false };
        match question {
            Question::IsNew => self.is_new = Some(record.is_new()),
            Question::IsClone => self.is_clone = Some(record.is_clone()),
            Question::Value(path) => {
                let found = record.value(&path);
                self.values.insert(path, found);
            }
            Question::PriorValue(path) => {
                let found = record.prior_value(&path);
                self.prior_values.insert(path, found);
            }
            Question::Changed(path) => {
                let changed = record.changed(&path);
                self.changed.insert(path, changed);
            }
            Question::LookUp(key) => {
                let found = match records {
                    Some(records) => records.look_up(&key.object, &key.field, &key.key_field, &key.key),
                    None => Lookup::Unknown("other records are not known locally".to_owned()),
                };
                self.found.push((key, found));
            }
        }
        true
    }

    /// The first question counts: what follows from a missing answer is thrown away with the run.
    fn ask(&self, question: Question) {
        self.question.borrow_mut().get_or_insert(question);
    }

    fn lookup(&self, answer: Option<&Lookup>, question: impl FnOnce() -> Question) -> Lookup {
        answer.cloned().unwrap_or_else(|| {
            self.ask(question());
            Lookup::Unknown(String::new())
        })
    }
}

impl Record for Answers {
    fn value(&self, path: &str) -> Lookup {
        self.lookup(self.values.get(path), || Question::Value(path.to_owned()))
    }

    fn prior_value(&self, path: &str) -> Lookup {
        self.lookup(self.prior_values.get(path), || Question::PriorValue(path.to_owned()))
    }

    fn is_new(&self) -> Option<bool> {
        self.is_new.unwrap_or_else(|| {
            self.ask(Question::IsNew);
            None
        })
    }

    fn is_clone(&self) -> Option<bool> {
        self.is_clone.unwrap_or_else(|| {
            self.ask(Question::IsClone);
            None
        })
    }

    fn changed(&self, path: &str) -> Result<bool, String> {
        self.changed.get(path).cloned().unwrap_or_else(|| {
            self.ask(Question::Changed(path.to_owned()));
            Ok(false)
        })
    }
}

impl Records for Answers {
    fn look_up(&self, object: &str, field: &str, key_field: &str, key: &Value) -> Lookup {
        let wanted = Key {
            object: object.to_owned(),
            field: field.to_owned(),
            key_field: key_field.to_owned(),
            key: key.clone(),
        };
        let known = self.found.iter().find(|(known, _)| *known == wanted);
        self.lookup(known.map(|(_, found)| found), || Question::LookUp(wanted.clone()))
    }
}
