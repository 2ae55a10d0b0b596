//! A world in memory: the record under judgment as values by path, other records by id, and a log of what was done.

use std::collections::BTreeMap;

use engine::{Condition, Fault, Query, RecordId, World};
use formula::{DateTime, Environment, Lookup, NumberStyle, Record, Type, Value, Values};

/// The id of the record under judgment when it is stored.
pub const ID: &str = "001000000000001AAA";

/// What a test gives and looks at afterwards.
#[derive(Clone, Default)]
pub struct Memory {
    pub record: Values,
    pub created: bool,
    pub stored: bool,
    /// Other records by id.
    pub others: BTreeMap<&'static str, (&'static str, Values)>,
    /// What was done: `set Name = "x"`, `update 003... Name = "x"`.
    pub log: Vec<String>,
    /// What writes of an object answer.
    pub faults: BTreeMap<&'static str, Fault>,
}

/// Values by path, `Score__c:number=5`; texts without a type, and nothing behind `=` is null.
pub fn values(fields: &[&str]) -> Values {
    let mut values = Values::new();
    for field in fields {
        let (name, text) = field.split_once('=').unwrap();
        let (name, given) = name.split_once(':').unwrap_or((name, "text"));
        let given = match given {
            "number" => Type::NUMBER,
            "percent" => Type::Number(NumberStyle::Percent),
            "boolean" => Type::Boolean,
            "date" => Type::Date,
            "id" => Type::Id,
            _ => Type::Text,
        };
        values.read(name, given, text).unwrap();
    }
    values
}

/// A new record, not stored yet.
pub fn new(fields: &[&str]) -> Memory {
    Memory { record: values(fields), created: true, ..Memory::default() }
}

/// A record that is changed.
pub fn change(prior: &[&str], fields: &[&str]) -> Memory {
    let record = values(fields).changed_from(values(prior));
    Memory { record, stored: true, ..Memory::default() }
}

impl Memory {
    /// With its record stored.
    pub fn stored(mut self) -> Self {
        self.stored = true;
        self
    }

    /// With another record.
    pub fn with(mut self, id: &'static str, object: &'static str, fields: &[&str]) -> Self {
        self.others.insert(id, (object, values(fields)));
        self
    }

    /// With an object whose writes fail.
    pub fn failing(mut self, object: &'static str, fault: Fault) -> Self {
        self.faults.insert(object, fault);
        self
    }

    fn write(
        &mut self,
        verb: &str,
        object: &str,
        id: &str,
        values: &BTreeMap<String, Value>,
    ) -> Result<(), Fault> {
        let shown: Vec<String> = values.iter().map(|(field, value)| format!("{field} = {value}")).collect();
        self.log.push(format!("{verb} {object} {id}: {}", shown.join(", ")));
        self.faults.get(object).cloned().map_or(Ok(()), Err)
    }

    fn matches(&self, id: &str, condition: &Condition) -> bool {
        let found = match condition.field.as_str() {
            "Id" => Lookup::Known(Value::text(id)),
            field => self.others[id].1.value(field),
        };
        let Lookup::Known(value) = found else { panic!("{id} has no {}", condition.field) };
        match condition.operator.as_str() {
            "EqualTo" | "In" => condition.values.contains(&value),
            "NotEqualTo" => !condition.values.contains(&value),
            other => panic!("{other} is not simulated"),
        }
    }
}

/// A refusal as the CRM gives it.
pub fn refused(code: &str, message: &str) -> Fault {
    Fault::Refused { code: code.into(), message: message.into(), fields: Vec::new() }
}

impl World for Memory {
    fn record(&self) -> &dyn Record {
        &self.record
    }

    fn environment(&self) -> Environment<'_> {
        Environment::at(DateTime::read("2024-01-31 12:00:00").unwrap())
    }

    fn id(&self) -> Option<String> {
        self.stored.then(|| ID.to_owned())
    }

    fn set(&mut self, field: &str, value: Value) -> Result<(), Fault> {
        self.log.push(format!("set {field} = {value}"));
        self.record.set(field, value);
        Ok(())
    }

    fn find(&self, query: &Query) -> Result<Vec<RecordId>, Fault> {
        assert!(["and", "1"].contains(&query.logic.as_str()), "{} is not simulated", query.logic);
        let of_object = self.others.iter().filter(|(_, (object, _))| *object == query.object);
        let mut found: Vec<&str> = of_object
            .filter(|(id, _)| query.conditions.iter().all(|condition| self.matches(id, condition)))
            .map(|(id, _)| *id)
            .collect();
        if query.order.as_ref().is_some_and(|(_, descending)| *descending) {
            found.reverse();
        }
        found.truncate(query.limit.unwrap_or(usize::MAX));
        Ok(found.into_iter().map(|id| RecordId { object: query.object.clone(), id: id.into() }).collect())
    }

    fn value(&self, record: &RecordId, path: &str) -> Lookup {
        match self.others.get(record.id.as_str()) {
            Some((_, values)) => values.value(path),
            None => Lookup::Unknown("there is no such record".into()),
        }
    }

    fn update(&mut self, record: &RecordId, values: &BTreeMap<String, Value>) -> Result<(), Fault> {
        self.write("update", &record.object, &record.id, values)
    }

    fn insert(&mut self, object: &str, values: &BTreeMap<String, Value>) -> Result<RecordId, Fault> {
        self.write("insert", object, "", values)?;
        Ok(RecordId { object: object.to_owned(), id: "00T000000000009AAA".into() })
    }

    fn delete(&mut self, record: &RecordId) -> Result<(), Fault> {
        self.write("delete", &record.object, &record.id, &BTreeMap::new())
    }
}
