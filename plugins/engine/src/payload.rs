//! A record that is only a JSON payload: what a preflight without a store knows.
//!
//! Fields that were not sent are not known, nor is any other record, nor whether the record is new unless the caller
//! says so. The globals that the org folder decides are known.

use std::collections::BTreeMap;

use formula::{DateTime, Environment, Lookup, Record, Type, Value};
use serde_json::{Map, Value as Json};

use crate::fields;
use crate::plan::{ObjectPlan, Plan};
use crate::rules::Rules;
use crate::verdict::{Unknown, Verdict};
use crate::world::{Event, Fault, Query, RecordId, World};

/// Why another record's value is not known.
const OTHER_RECORDS: &str = "other records are not known here";

/// A payload on its way to the CRM.
#[derive(Debug, Clone)]
pub struct Payload<'a> {
    plan: &'a Plan,
    object: Option<&'a ObjectPlan>,
    json: &'a Map<String, Json>,
    now: DateTime,
    event: Option<Event>,
    assigned: BTreeMap<String, Value>,
}

impl<'a> Payload<'a> {
    /// A payload for an object at a moment.
    pub fn new(rules: &'a Rules, object: &str, json: &'a Map<String, Json>, now: DateTime) -> Self {
        let plan = rules.plan();
        Self { plan, object: plan.object(object), json, now, event: None, assigned: BTreeMap::new() }
    }

    /// The same, being created or changed for certain.
    #[must_use]
    pub fn during(mut self, event: Event) -> Self {
        self.event = Some(event);
        self
    }

    /// The value at a path of the JSON; objects in it are the records that lookups point to.
    fn sent(&self, path: &str) -> Lookup {
        let mut object = self.json;
        let mut rest = path;
        while let Some((relationship, behind)) = rest.split_once('.') {
            match member(object, relationship) {
                Some(Json::Object(parent)) => object = parent,
                Some(Json::Null) => return Lookup::Known(Value::Null),
                _ if member(object, &lookup_of(relationship)) == Some(&Json::Null) => {
                    return Lookup::Known(Value::Null);
                }
                _ => return Lookup::Unknown(OTHER_RECORDS.to_owned()),
            }
            rest = behind;
        }
        let types = self.object.map(|object| &object.types);
        let given =
            types.and_then(|types| types.get(&path.to_ascii_lowercase())).map_or(Type::Any, |given| given.0);
        match member(object, rest).map(|json| Value::read_json(given, json)) {
            Some(Ok(value)) => Lookup::Known(value),
            Some(Err(error)) => Lookup::Unknown(error.to_string()),
            None => Lookup::Unknown("the field was not sent".to_owned()),
        }
    }
}

fn member<'j>(object: &'j Map<String, Json>, name: &str) -> Option<&'j Json> {
    object
        .get(name)
        .or_else(|| object.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, json)| json))
}

/// The lookup behind a relationship, as Salesforce names them: `AccountId`, `Contact__c`.
fn lookup_of(relationship: &str) -> String {
    match relationship.split_at_checked(relationship.len().saturating_sub(3)) {
        Some((name, suffix)) if suffix.eq_ignore_ascii_case("__r") => format!("{name}__c"),
        _ => format!("{relationship}Id"),
    }
}

impl Record for Payload<'_> {
    fn value(&self, path: &str) -> Lookup {
        let key = path.to_ascii_lowercase();
        if let Some(value) = self.assigned.get(&key) {
            return Lookup::Known(value.clone());
        }
        if path.starts_with('$') {
            let known = self.plan.globals.get(&key).map(|stored| Lookup::Known(stored.value()));
            return known.unwrap_or_else(|| Lookup::Unknown("the org folder does not tell it".to_owned()));
        }
        self.sent(path)
    }

    fn is_new(&self) -> Option<bool> {
        self.event.map(|event| event == Event::Create)
    }
}

impl World for Payload<'_> {
    fn record(&self) -> &dyn Record {
        self
    }

    fn environment(&self) -> Environment<'_> {
        Environment::at(self.now)
    }

    fn id(&self) -> Option<String> {
        None
    }

    fn set(&mut self, field: &str, value: Value) -> Result<(), Fault> {
        self.assigned.insert(field.to_ascii_lowercase(), value);
        Ok(())
    }

    fn find(&self, _: &Query) -> Result<Vec<RecordId>, Fault> {
        Err(unknown())
    }

    fn value(&self, _: &RecordId, _: &str) -> Lookup {
        Lookup::Unknown(OTHER_RECORDS.to_owned())
    }

    fn update(&mut self, _: &RecordId, _: &BTreeMap<String, Value>) -> Result<(), Fault> {
        Err(unknown())
    }

    fn insert(&mut self, _: &str, _: &BTreeMap<String, Value>) -> Result<RecordId, Fault> {
        Err(unknown())
    }

    fn delete(&mut self, _: &RecordId) -> Result<(), Fault> {
        Err(unknown())
    }
}

fn unknown() -> Fault {
    Fault::Unknown(OTHER_RECORDS.to_owned())
}

impl Rules {
    /// Whether the CRM would refuse a payload, as far as the payload alone can tell: rights on its fields, values that do
    /// not fit, before-save flows, lookup filters and validation rules. Nothing is guessed: what other records, the stored record or Apex may decide is unknown.
    ///
    /// A refusal beside unknown automation of the object (an Apex trigger) means that the payload as it is breaks the
    /// rule; only that automation could mend it.
    pub fn preflight(&self, object: &str, json: &Map<String, Json>, now: DateTime) -> Verdict {
        let payload = Payload::new(self, object, json, now);
        let (payload, mut verdict) = self.before_unknown_event(object, payload);
        let mut conditions = self.lookup_filters(object, &payload);
        conditions.extend(self.validate(object, &payload));
        if !verdict.unknown.is_empty() {
            doubt(&mut conditions);
        }
        verdict.extend(conditions);
        // The CRM looks at these first, and at rules only when they are right.
        let fields = fields::refusals(self.org(), object, json);
        if !fields.is_empty() {
            verdict.refusals = fields;
        }
        verdict.unknown.extend(self.plan().unknown_of(object).cloned());
        verdict
    }

    /// Before-save flows, when it is not known whether the record is created or changed: what they do counts only when it
    /// is the same in both cases.
    fn before_unknown_event<'a>(&self, object: &str, payload: Payload<'a>) -> (Payload<'a>, Verdict) {
        let (mut created, mut changed) = (payload.clone(), payload.clone());
        let verdict = self.before_save(object, Event::Create, &mut created);
        let other = self.before_save(object, Event::Update, &mut changed);
        if verdict == other && created.assigned == changed.assigned {
            return (created, verdict);
        }
        let refusals = verdict.refusals.into_iter().chain(other.refusals).map(|refusal| refusal.rule);
        let rules =
            refusals.chain(verdict.unknown.into_iter().chain(other.unknown).map(|unknown| unknown.rule));
        let reason = "what it does depends on whether the record is new, which is not known";
        let mut unknown: Vec<_> = rules.map(|rule| Unknown { rule, reason: reason.to_owned() }).collect();
        unknown.dedup();
        (payload, Verdict { refusals: Vec::new(), unknown })
    }
}

/// What conditions say about a record that unknown flows may still change is not known.
fn doubt(verdict: &mut Verdict) {
    let reason = "a before-save flow or plugin runs first, and what it does is not known";
    let refusals = verdict.refusals.drain(..);
    verdict.unknown.extend(refusals.map(|refusal| Unknown { rule: refusal.rule, reason: reason.to_owned() }));
}
