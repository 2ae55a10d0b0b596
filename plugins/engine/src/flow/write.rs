//! Get, Update, Create and Delete Records, through the world.

use std::collections::BTreeMap;

use formula::Value;
use metadata::flow::{Conditions, Delete, Element, FieldValue, Lookup, Output, Phase, ResourceKind, Write};

use super::assign::missed;
use super::held::{Held, Miss};
use super::interview::Interview;
use super::read::{as_records_see, given};
use super::state::{Entry, Origin, TRIGGERING};
use crate::world::{Condition, Query, RecordId};

type Values = BTreeMap<String, Value>;

/// What an update or delete is about.
enum Target {
    /// The triggering record.
    Triggering,
    /// A parent of it; none when its lookup is empty.
    Parent(Option<RecordId>),
    /// Records in memory.
    Held(Vec<usize>),
}

impl Interview<'_> {
    /// Get Records.
    pub(super) fn lookup(&mut self, element: &Element, lookup: &Lookup) -> Result<(), Miss> {
        let first = lookup.first_only || self.is_single(&lookup.output);
        let mut query = self.query(&lookup.object, &lookup.conditions)?;
        query.order = lookup.order.clone();
        query.limit =
            if first { Some(1) } else { lookup.limit.and_then(|limit| usize::try_from(limit).ok()) };
        let found = self.world.find(&query).map_err(missed)?;
        let none = found.is_empty();
        self.step(&element.name, "element", || format!("found {}", found.len()));
        let mut held: Vec<Held> = Vec::new();
        for id in found {
            let entry = Entry::new(&lookup.object, Origin::Stored(id));
            held.push(self.state.add(entry));
        }
        match &lookup.output {
            Output::Own => {
                let held = if first { held.pop().unwrap_or(Held::NULL) } else { Held::List(held) };
                self.state.variables.insert(element.name.to_ascii_lowercase(), held);
            }
            Output::Variable(_) if none && !lookup.null_when_none => {}
            Output::Variable(name) => {
                let held = if first { held.pop().unwrap_or(Held::NULL) } else { Held::List(held) };
                self.store(name, held)?;
            }
            Output::Fields(_) if none && !lookup.null_when_none => {}
            Output::Fields(fields) => {
                for (field, to) in fields {
                    let value = match held.first() {
                        Some(Held::Record(at)) => self.view(false).field(*at, field)?,
                        _ => Held::NULL,
                    };
                    self.store(to, value)?;
                }
            }
        }
        Ok(())
    }

    fn is_single(&self, output: &Output) -> bool {
        let Output::Variable(name) = output else { return false };
        let kind = self.compiled.flow.resource(name).map(|resource| &resource.kind);
        matches!(kind, Some(ResourceKind::Variable { collection: false, .. }))
    }

    fn query(&mut self, object: &str, conditions: &Conditions) -> Result<Query, Miss> {
        let mut found = Vec::new();
        for condition in &conditions.items {
            let subject = &condition.left;
            let given = given(self.compiled, object, subject);
            let values = match self.optional(condition.right.as_ref())? {
                Held::List(items) => {
                    items.into_iter().map(|item| item.value(subject)).collect::<Result<Vec<_>, _>>()?
                }
                held => vec![held.value(subject)?],
            };
            found.push(Condition {
                field: subject.clone(),
                operator: condition.operator.clone(),
                values: values.into_iter().map(|value| as_records_see(value, given)).collect(),
            });
        }
        let (object, logic) = (object.to_owned(), conditions.logic.clone());
        Ok(Query { object, conditions: found, logic, order: None, limit: None })
    }

    fn values(&mut self, values: &[FieldValue]) -> Result<Vec<(String, Value)>, Miss> {
        let mut found = Vec::new();
        for value in values {
            let held = self.optional(value.value.as_ref())?;
            found.push((value.field.clone(), held.value(&value.field)?));
        }
        Ok(found)
    }

    /// Values as the world takes them.
    fn for_world(&self, object: &str, values: impl IntoIterator<Item = (String, Value)>) -> Values {
        let seen = |(field, value): (String, Value)| {
            let given = given(self.compiled, object, &field);
            (field, as_records_see(value, given))
        };
        values.into_iter().map(seen).collect()
    }

    /// What the flow assigned to a record and has not saved.
    fn unsaved(&self, at: usize) -> Result<Vec<(String, Value)>, Miss> {
        let fields = self.state.records[at].fields.values();
        let field = |(name, value): &(String, Result<Value, String>)| match value {
            Ok(value) => Ok((name.clone(), value.clone())),
            Err(why) => Err(Miss::Unknown(why.clone())),
        };
        fields.map(field).collect()
    }

    fn target(&mut self, input: &str) -> Result<Target, Miss> {
        let lower = input.to_ascii_lowercase();
        if lower == "$record" {
            return Ok(Target::Triggering);
        }
        let compiled = self.compiled;
        if let Some((path, object)) = compiled.parents.get(&lower) {
            let id = self.read(&format!("$Record.{path}"))?.value(input)?;
            let id = match super::read::long_id(id) {
                Value::Text(id) => Some(RecordId { object: object.clone(), id }),
                _ => None,
            };
            return Ok(Target::Parent(id));
        }
        if lower.starts_with("$record.") {
            return Err(Miss::Unknown(format!(
                "which records {input} leads to is not known from the org folder"
            )));
        }
        let records = match self.read(input)? {
            Held::Record(at) => vec![Held::Record(at)],
            Held::List(items) => items,
            held if held.is_blank() => {
                return Err(Miss::Unknown(format!(
                    "{input} holds no record; what Salesforce does then is not confirmed"
                )));
            }
            held => return Err(Miss::Unknown(format!("{input} is {}, no record", held.shown()))),
        };
        let place = |held: Held| match held {
            Held::Record(at) => Ok(at),
            held => Err(Miss::Unknown(format!("{input} holds {}, no record", held.shown()))),
        };
        Ok(Target::Held(records.into_iter().map(place).collect::<Result<_, _>>()?))
    }

    /// Update Records.
    pub(super) fn update(&mut self, write: &Write) -> Result<(), Miss> {
        let values = self.values(&write.values)?;
        let Some(input) = &write.input else {
            let object = write.object.clone().unwrap_or_default();
            let query = self.query(&object, &write.conditions)?;
            let values = self.for_world(&object, values);
            for id in self.world.find(&query).map_err(missed)? {
                self.world.update(&id, &values).map_err(missed)?;
            }
            return Ok(());
        };
        match self.target(input)? {
            Target::Triggering => self.update_triggering(values),
            Target::Parent(None) => Ok(()),
            Target::Parent(Some(id)) => {
                let values = self.for_world(&id.object, values);
                self.world.update(&id, &values).map_err(missed)
            }
            Target::Held(places) => {
                for at in places {
                    self.update_held(at, values.clone())?;
                }
                Ok(())
            }
        }
    }

    /// Before the save the fields are set; afterwards the record is saved again.
    fn update_triggering(&mut self, values: Vec<(String, Value)>) -> Result<(), Miss> {
        if self.phase == Phase::BeforeSave {
            for (field, value) in values {
                self.set(&field, value)?;
            }
            return Ok(());
        }
        self.update_held(TRIGGERING, values)
    }

    fn update_held(&mut self, at: usize, values: Vec<(String, Value)>) -> Result<(), Miss> {
        let Some(entry) = self.state.records.get(at) else {
            return Err(Miss::Unknown("the flow has no triggering record".to_owned()));
        };
        let object = entry.object.clone();
        let mut all: BTreeMap<String, Value> = self.unsaved(at)?.into_iter().collect();
        let id = match self.id_of(at)? {
            Some(id) => id,
            None => {
                return Err(Miss::Refused(
                    "MISSING_ARGUMENT".to_owned(),
                    "Id not specified in an update call".to_owned(),
                ));
            }
        };
        all.extend(values);
        all.retain(|field, _| !field.eq_ignore_ascii_case("Id"));
        let all = self.for_world(&object, all);
        self.world.update(&id, &all).map_err(missed)?;
        self.state.records[at].fields.clear();
        if matches!(self.state.records[at].origin, Origin::New) {
            self.state.records[at].origin = Origin::Stored(id);
        }
        Ok(())
    }

    fn id_of(&self, at: usize) -> Result<Option<RecordId>, Miss> {
        let entry = &self.state.records[at];
        let id = match (&entry.origin, entry.assigned("Id")) {
            (Origin::Stored(id), _) => return Ok(Some(id.clone())),
            (Origin::Triggering, _) => self.world.id(),
            (Origin::New, Some(Ok(Value::Text(id)))) => Some(id.clone()),
            (Origin::New, Some(Err(why))) => return Err(Miss::Unknown(why.clone())),
            (Origin::New, _) => None,
        };
        Ok(id.map(|id| RecordId { object: entry.object.clone(), id }))
    }

    /// Create Records.
    pub(super) fn create(&mut self, element: &Element, write: &Write) -> Result<(), Miss> {
        let values = self.values(&write.values)?;
        let mut made = None;
        match &write.input {
            None => {
                let object = write.object.clone().unwrap_or_default();
                let values = self.for_world(&object, values);
                made = Some(self.world.insert(&object, &values).map_err(missed)?);
            }
            Some(input) => {
                let Target::Held(places) = self.target(input)? else {
                    return Err(Miss::Unknown(format!("{input} is stored already")));
                };
                for at in places {
                    made = Some(self.create_held(at, &values)?);
                }
            }
        }
        let Some(made) = made else { return Ok(()) };
        let id = Held::Value(Value::text(made.id));
        if let Some(to) = &write.id_to {
            self.store(to, id.clone())?;
        }
        self.state.variables.insert(element.name.to_ascii_lowercase(), id);
        Ok(())
    }

    fn create_held(&mut self, at: usize, values: &[(String, Value)]) -> Result<RecordId, Miss> {
        let entry = &self.state.records[at];
        let object = entry.object.clone();
        if entry.origin != Origin::New {
            return Err(Miss::Unknown("a record that is stored already is to be created".to_owned()));
        }
        let mut all = self.unsaved(at)?;
        all.extend_from_slice(values);
        let all = self.for_world(&object, all);
        let id = self.world.insert(&object, &all).map_err(missed)?;
        let entry = &mut self.state.records[at];
        (entry.origin, entry.fields) = (Origin::Stored(id.clone()), BTreeMap::new());
        Ok(id)
    }

    /// Delete Records.
    pub(super) fn delete(&mut self, delete: &Delete) -> Result<(), Miss> {
        let ids = match &delete.input {
            None => {
                let query = self.query(delete.object.as_deref().unwrap_or_default(), &delete.conditions)?;
                self.world.find(&query).map_err(missed)?
            }
            Some(input) => match self.target(input)? {
                Target::Triggering => self.id_of(TRIGGERING)?.into_iter().collect(),
                Target::Parent(id) => id.into_iter().collect(),
                Target::Held(places) => {
                    let ids = places.into_iter().map(|at| self.id_of(at));
                    ids.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect()
                }
            },
        };
        for id in ids {
            self.world.delete(&id).map_err(missed)?;
        }
        Ok(())
    }
}
