//! What references give: `$Record.Type`, variables, elements' outputs, globals. Also the record that formulas see.

use std::collections::BTreeMap;

use formula::{Lookup, NumberStyle, Record, Type, Value};
use metadata::flow::ElementKind;

use super::compiled::CompiledFlow;
use super::held::{Found, Held, Miss, found};
use super::run::Runner;
use super::state::{Origin, State, TRIGGERING};
use crate::world::World;

/// Begins the path of a resource or element of the flow in a formula; see `source.rs`.
pub(super) const OWN: &str = "$$.";

/// All that a flow may read, without computing formulas.
pub(super) struct View<'a> {
    pub compiled: &'a CompiledFlow,
    pub runner: &'a dyn Runner,
    pub world: &'a dyn World,
    pub state: &'a State,
    /// Formulas and templates that were computed before, by lower-cased name.
    pub computed: BTreeMap<String, Found>,
    /// The triggering record is meant as it was before the change.
    pub prior: bool,
    /// A formula reads: percentages are fractions.
    pub formula: bool,
}

impl View<'_> {
    /// What a reference gives.
    pub(super) fn read(&self, reference: &str) -> Found {
        let lower = reference.to_ascii_lowercase();
        if let Some(known) = self.computed.get(&lower) {
            return known.clone();
        }
        if let Some(held) = self.state.variables.get(&lower) {
            return known(held);
        }
        let (root, rest) = reference.split_once('.').unwrap_or((reference, ""));
        match root.to_ascii_lowercase().as_str() {
            "$record" if rest.is_empty() && !self.prior => Ok(Held::Record(TRIGGERING)),
            "$record" if !rest.is_empty() => self.triggering(rest, self.prior),
            "$record" | "$record__prior" if rest.is_empty() => self.prior_record(),
            "$record__prior" if self.world.record().is_new() == Some(true) => Ok(Held::NULL),
            "$record__prior" => self.triggering(rest, true),
            "$flow" => self.flow_global(rest),
            "$globalconstant" => constant(rest),
            name if name.starts_with('$') => {
                let read = found(self.world.record().value(reference), reference)?;
                Ok(self.seen(read, formula::global(reference)))
            }
            name => match self.state.variables.get(name) {
                Some(held) if rest.is_empty() => known(held),
                Some(held) => self.part(held, root, rest),
                None => self.other(root, rest),
            },
        }
    }

    /// Before the change there was no record when it is new; otherwise it is only known that there was one.
    fn prior_record(&self) -> Found {
        match self.world.record().is_new() {
            Some(true) => Ok(Held::NULL),
            Some(false) => Err(Miss::Unknown("the whole record before the change is not held".to_owned())),
            None => Err(Miss::Unknown("whether the record is new is not known".to_owned())),
        }
    }

    fn other(&self, root: &str, rest: &str) -> Found {
        let flow = &self.compiled.flow;
        let is_outcome = flow.elements.iter().any(|element| match &element.kind {
            ElementKind::Decision(outcomes) => outcomes.iter().any(|at| at.name.eq_ignore_ascii_case(root)),
            _ => false,
        });
        if is_outcome {
            return Ok(Held::boolean(self.state.taken.contains(&root.to_ascii_lowercase())));
        }
        match flow.element(root).map(|element| &element.kind) {
            Some(ElementKind::Lookup(_) | ElementKind::Loop(_) | ElementKind::Create(_))
                if rest.is_empty() =>
            {
                Ok(Held::NULL)
            }
            Some(ElementKind::Action { name, .. }) => {
                Err(Miss::Unknown(format!("what the action {name} gives is not known")))
            }
            Some(_) => Err(Miss::Unknown(format!("{root} has not given a value"))),
            None => Err(Miss::Unknown(format!("the flow has nothing of the name {root}"))),
        }
    }

    fn part(&self, held: &Held, root: &str, rest: &str) -> Found {
        match held {
            Held::Record(at) => self.field(*at, rest),
            Held::Unknown(why) => Err(Miss::Unknown(why.clone())),
            Held::Value(Value::Null) => Err(Miss::Unknown(format!(
                "{root} holds no record; whether {root}.{rest} is then null or a fault is not confirmed"
            ))),
            Held::Value(_) | Held::List(_) => Err(Miss::Unknown(format!("{root} has no field {rest}"))),
        }
    }

    fn flow_global(&self, name: &str) -> Found {
        let environment = self.world.environment();
        let value = match name.to_ascii_lowercase().as_str() {
            "currentdate" => Value::Date(environment.today()),
            "currentdatetime" | "interviewstarttime" => Value::DateTime(environment.now),
            "faultmessage" => Value::text(self.state.fault.clone().unwrap_or_default()),
            "currentrecord" => Value::text(self.world.id().unwrap_or_default()),
            _ => return Err(Miss::Unknown(format!("$Flow.{name} is not known locally"))),
        };
        Ok(Held::Value(value))
    }

    /// A field of a record in memory.
    pub(super) fn field(&self, at: usize, path: &str) -> Found {
        let entry = &self.state.records[at];
        if let Some(assigned) = self.assigned(at, path) {
            return assigned;
        }
        if let Some((relationship, _)) = path.split_once('.') {
            self.same_parent(at, relationship)?;
        }
        let given = self.given(&entry.object, path);
        let lookup = match &entry.origin {
            Origin::Triggering => return self.triggering(path, false),
            Origin::Stored(id) if path.eq_ignore_ascii_case("Id") => {
                Lookup::Known(Value::text(id.id.clone()))
            }
            Origin::Stored(id) => self.world.value(id, path),
            Origin::New if path.contains('.') => Lookup::Unknown("the record is not stored yet".to_owned()),
            Origin::New => Lookup::Known(Value::Null),
        };
        found(lookup, path).map(|held| self.seen(held, given))
    }

    /// The parent of a record whose lookup the flow has changed is not looked up.
    fn same_parent(&self, at: usize, relationship: &str) -> Result<(), Miss> {
        let lookup = match relationship.strip_suffix("__r") {
            Some(name) => format!("{name}__c"),
            None => format!("{relationship}Id"),
        };
        match self.state.records[at].assigned(&lookup) {
            Some(_) => {
                Err(Miss::Unknown(format!("the flow changed {lookup}, and its new parent is not read")))
            }
            None => Ok(()),
        }
    }

    fn triggering(&self, path: &str, prior: bool) -> Found {
        let Some(entry) = self.state.records.get(TRIGGERING) else {
            return Err(Miss::Unknown("the flow has no triggering record".to_owned()));
        };
        if !prior {
            if let Some(assigned) = self.assigned(TRIGGERING, path) {
                return assigned;
            }
            if let Some((relationship, _)) = path.split_once('.') {
                self.same_parent(TRIGGERING, relationship)?;
            }
            if path.eq_ignore_ascii_case("Id") {
                return Ok(Held::Value(Value::text(self.world.id().unwrap_or_default())));
            }
        }
        let lookup = self.runner.field(self.world, &entry.object, path, prior);
        found(lookup, path).map(|held| self.seen(held, self.given(&entry.object, path)))
    }

    /// What the flow assigned to a field of a record. It is kept as flows see it.
    fn assigned(&self, at: usize, path: &str) -> Option<Found> {
        let entry = &self.state.records[at];
        let value = entry.assigned(path)?.clone().map_err(Miss::Unknown);
        let given = if self.formula { self.given(&entry.object, path) } else { None };
        Some(value.map(|value| Held::Value(as_records_see(value, given))))
    }

    /// A record's value as flows see it: ids have 18 characters, where records that are read for formulas have 15; a
    /// half is 50, except in formulas (UNCONFIRMED).
    fn seen(&self, held: Held, given: Option<Type>) -> Held {
        match (held, given) {
            (Held::Value(value), Some(Type::Id)) => Held::Value(long_id(value)),
            (Held::Value(value), Some(given @ Type::Number(NumberStyle::Percent))) if !self.formula => {
                Held::Value(value.to_stored(given))
            }
            (held, _) => held,
        }
    }

    /// The type of a field, when the flow names it.
    pub(super) fn given(&self, object: &str, path: &str) -> Option<Type> {
        given(self.compiled, object, path)
    }
}

/// The type of a field that the flow names.
pub(super) fn given(compiled: &CompiledFlow, object: &str, path: &str) -> Option<Type> {
    compiled.types.get(&format!("{object}.{path}").to_ascii_lowercase()).map(|given| given.0)
}

fn known(held: &Held) -> Found {
    match held {
        Held::Unknown(why) => Err(Miss::Unknown(why.clone())),
        held => Ok(held.clone()),
    }
}

fn constant(name: &str) -> Found {
    match name.to_ascii_lowercase().as_str() {
        "true" => Ok(Held::boolean(true)),
        "false" => Ok(Held::boolean(false)),
        "emptystring" => Ok(Held::NULL),
        _ => Err(Miss::Unknown(format!("$GlobalConstant.{name} is not known"))),
    }
}

/// The way back: a value of the flow for a field.
pub(super) fn as_records_see(value: Value, given: Option<Type>) -> Value {
    match given {
        Some(Type::Number(style @ NumberStyle::Percent)) => value.from_stored(style),
        _ => value,
    }
}

/// An id with 18 characters: the last three say which of the first 15 are upper-case, five to a character.
pub(super) fn long_id(value: Value) -> Value {
    match value {
        Value::Text(id) if id.len() == 15 && id.bytes().all(|byte| byte.is_ascii_alphanumeric()) => {
            let suffix = id.as_bytes().chunks(5).map(|part| {
                let bits =
                    part.iter().enumerate().map(|(at, byte)| usize::from(byte.is_ascii_uppercase()) << at);
                char::from(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"[bits.sum::<usize>()])
            });
            let suffix: String = suffix.collect();
            Value::Text(id + &suffix)
        }
        other => other,
    }
}

/// What formulas see: the triggering record's own paths, globals, and the flow's names behind [`OWN`].
impl Record for View<'_> {
    fn value(&self, path: &str) -> Lookup {
        self.lookup(match path.strip_prefix(OWN) {
            Some(name) => self.read(name),
            None if path.starts_with('$') => self.read(path),
            None => self.triggering(path, self.prior),
        })
    }

    fn prior_value(&self, path: &str) -> Lookup {
        self.lookup(self.triggering(path, true))
    }

    fn is_new(&self) -> Option<bool> {
        self.world.record().is_new()
    }

    fn is_clone(&self) -> Option<bool> {
        self.world.record().is_clone()
    }

    fn changed(&self, path: &str) -> Result<bool, String> {
        let assigned = self.state.records.get(TRIGGERING).is_some_and(|entry| entry.assigned(path).is_some());
        if assigned {
            return Err(format!("the flow has assigned {path} and not saved it"));
        }
        self.world.record().changed(path)
    }
}

impl View<'_> {
    fn lookup(&self, found: Found) -> Lookup {
        match found {
            Ok(Held::Value(value)) => Lookup::Known(value),
            Ok(Held::Record(at)) => Lookup::Known(self.id_of(at)),
            Ok(Held::List(_)) => Lookup::Unknown("a collection has no place in a formula".to_owned()),
            Ok(Held::Unknown(why)) => Lookup::Unknown(why),
            Err(miss) => Lookup::Unknown(miss.why()),
        }
    }

    /// A whole record in a formula: something that is not blank.
    fn id_of(&self, at: usize) -> Value {
        match &self.state.records[at].origin {
            Origin::Stored(id) => Value::text(id.id.clone()),
            Origin::Triggering | Origin::New => {
                Value::text(self.world.id().unwrap_or_else(|| "new".to_owned()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_become_long() {
        let check = |id: &str, long: &str| assert_eq!(long_id(Value::text(id)), Value::text(long));
        check("001D000000IRFma", "001D000000IRFmaIAH");
        check("001D000000IRFmaIAH", "001D000000IRFmaIAH");
        check("not an id......", "not an id......");
    }
}
