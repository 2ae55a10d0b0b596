//! A world in memory: the record under judgment as values by path, other records by id.

use std::collections::BTreeMap;

use engine::{Fault, Query, RecordId, World};
use formula::{DateTime, Environment, Lookup, Record, Type, Value, Values};

/// What a test gives and looks at afterwards.
#[derive(Default)]
pub struct Memory {
    /// The record under judgment.
    pub record: Values,
    /// Users and others that can be found: object, field, value, id.
    pub found: Vec<(&'static str, &'static str, &'static str, &'static str)>,
    /// What was updated: id, field, value.
    pub updated: Vec<(String, String, Value)>,
    /// What an update answers.
    pub fault: Option<Fault>,
}

/// Values by path, `Name:text=Acme`; the type may be left out for texts, and nothing behind `=` is null.
pub fn values(fields: &[&str]) -> Values {
    let mut values = Values::new();
    for field in fields {
        let (name, text) = field.split_once('=').unwrap();
        let (name, given) = name.split_once(':').unwrap_or((name, "text"));
        let given = match given {
            "number" => Type::NUMBER,
            "percent" => Type::Number(formula::NumberStyle::Percent),
            "boolean" => Type::Boolean,
            "date" => Type::Date,
            _ => Type::Text,
        };
        values.read(name, given, text).unwrap();
    }
    values
}

/// A new record.
pub fn new(fields: &[&str]) -> Memory {
    Memory { record: values(fields), ..Memory::default() }
}

/// A record that is changed.
pub fn change(prior: &[&str], fields: &[&str]) -> Memory {
    Memory { record: values(fields).changed_from(values(prior)), ..Memory::default() }
}

impl World for Memory {
    fn record(&self) -> &dyn Record {
        &self.record
    }

    fn environment(&self) -> Environment<'_> {
        Environment::at(DateTime::read("2024-01-31 12:00:00").unwrap())
    }

    fn id(&self) -> Option<String> {
        None
    }

    fn set(&mut self, field: &str, value: Value) -> Result<(), Fault> {
        self.record.set(field, value);
        Ok(())
    }

    fn find(&self, query: &Query) -> Result<Vec<RecordId>, Fault> {
        let [condition] = &query.conditions[..] else { panic!("one condition is expected: {query:?}") };
        let matches = self.found.iter().filter(|(object, field, value, _)| {
            *object == query.object && *field == condition.field && condition.values == [Value::text(*value)]
        });
        Ok(matches.map(|(object, .., id)| RecordId { object: (*object).into(), id: (*id).into() }).collect())
    }

    fn value(&self, record: &RecordId, path: &str) -> Lookup {
        panic!("nothing asks for {path} of {record:?}")
    }

    fn update(&mut self, record: &RecordId, values: &BTreeMap<String, Value>) -> Result<(), Fault> {
        let values = values.iter().map(|(field, value)| (record.id.clone(), field.clone(), value.clone()));
        self.updated.extend(values);
        self.fault.clone().map_or(Ok(()), Err)
    }

    fn insert(&mut self, object: &str, values: &BTreeMap<String, Value>) -> Result<RecordId, Fault> {
        panic!("nothing inserts {object} {values:?}")
    }

    fn delete(&mut self, record: &RecordId) -> Result<(), Fault> {
        panic!("nothing deletes {record:?}")
    }
}

/// A verdict in words: each refusal as `code fields message`, each unknown as `? rule: reason`.
pub fn words(verdict: &engine::Verdict) -> Vec<String> {
    let refusals = verdict
        .refusals
        .iter()
        .map(|refusal| format!("{} [{}] {}", refusal.code, refusal.fields.join(","), refusal.message));
    let unknown =
        verdict.unknown.iter().map(|unknown| format!("? {}: {}", unknown.rule.name, unknown.reason));
    refusals.chain(unknown).collect()
}
