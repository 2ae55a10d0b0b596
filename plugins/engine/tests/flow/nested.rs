//! A world whose writes run the flows again, as a sandbox's do.

use std::collections::BTreeMap;

use engine::{Event, Fault, Query, RecordId, Rules, Verdict, World};
use formula::{Environment, Lookup, Record, Value};

use crate::world::{ID, Memory};

pub struct Nested<'a> {
    pub inner: Memory,
    pub rules: &'a Rules,
    /// How many records were created.
    pub depth: usize,
}

fn first(verdict: Verdict) -> Result<(), Fault> {
    match verdict.refusals.into_iter().next() {
        Some(refusal) => {
            Err(Fault::Refused { code: refusal.code, message: refusal.message, fields: refusal.fields })
        }
        None => Ok(()),
    }
}

impl World for Nested<'_> {
    fn record(&self) -> &dyn Record {
        self.inner.record()
    }

    fn environment(&self) -> Environment<'_> {
        self.inner.environment()
    }

    fn id(&self) -> Option<String> {
        Some(format!("{}{:03}", &ID[..15], self.depth))
    }

    fn set(&mut self, field: &str, value: Value) -> Result<(), Fault> {
        self.inner.set(field, value)
    }

    fn find(&self, query: &Query) -> Result<Vec<RecordId>, Fault> {
        self.inner.find(query)
    }

    fn value(&self, record: &RecordId, path: &str) -> Lookup {
        self.inner.value(record, path)
    }

    fn update(&mut self, record: &RecordId, values: &BTreeMap<String, Value>) -> Result<(), Fault> {
        self.inner.update(record, values)?;
        let rules = self.rules;
        first(rules.after_save("Account", Event::Update, self))
    }

    fn insert(&mut self, object: &str, values: &BTreeMap<String, Value>) -> Result<RecordId, Fault> {
        let made = self.inner.insert(object, values)?;
        self.depth += 1;
        let rules = self.rules;
        first(rules.after_save("Account", Event::Create, self))?;
        Ok(made)
    }

    fn delete(&mut self, record: &RecordId) -> Result<(), Fault> {
        self.inner.delete(record)
    }
}
