//! One record as formulas see it: its own fields, its parents' through lookups, computed fields, globals.

use std::collections::BTreeMap;

use engine::{Condition, Fault, Query, RecordId, World};
use formula::{Environment, Lookup, Record as Judged, Records, Value as Seen};
use metadata::org::{Field, FieldKind, Object};
use serde_json::{Map, Value};

use super::find;
use super::globals;
use super::ground::Ground;
use crate::store::Record;
use crate::system::USER_ID;
use crate::values;

/// Marks a record that stands for one which was not read: what it does not say is not known.
pub const PLACEHOLDER: &str = "$placeholder";

/// A record as formulas see it.
#[derive(Clone, Copy)]
pub struct Known<'k, 'a> {
    pub(super) ground: &'k Ground<'a>,
    pub(super) object: &'a Object,
    pub(super) values: &'k Map<String, Value>,
    /// Before the change; none for a new record.
    pub(super) prior: Option<&'k Map<String, Value>>,
    /// The computed fields whose values are being looked for.
    trail: Option<&'k Trail<'k>>,
}

/// Computed fields that need each other, the last first.
struct Trail<'k> {
    field: &'k Field,
    above: Option<&'k Trail<'k>>,
}

impl<'k, 'a> Known<'k, 'a> {
    /// A record by its values now and before.
    pub fn new(
        ground: &'k Ground<'a>,
        object: &'a Object,
        values: &'k Map<String, Value>,
        prior: Option<&'k Map<String, Value>>,
    ) -> Known<'k, 'a> {
        Known { ground, object, values, prior, trail: None }
    }

    /// A stored record that nobody changes; none when the org does not describe its object.
    pub fn stored(ground: &'k Ground<'a>, record: &'k Record) -> Option<Known<'k, 'a>> {
        let object = ground.object(&record.object)?;
        Some(Known::new(ground, object, &record.fields, Some(&record.fields)))
    }

    /// A value by its path.
    pub fn lookup(&self, path: &str) -> Lookup {
        if let Some(rest) = strip_prefix(path, "$RecordType.") {
            return self.lookup(&format!("RecordType.{rest}"));
        }
        if path.starts_with('$') {
            return globals::global(self.ground.view.org, path);
        }
        match path.split_once('.') {
            None => self.own(path),
            Some((step, rest)) => self.through(step, rest),
        }
    }

    fn own(&self, name: &str) -> Lookup {
        let Some(field) = self.object.field(name) else {
            let object = &self.object.api_name;
            return Lookup::Unknown(format!("{object} has no field {name} in the org folder"));
        };
        let stored = self.values.get(&field.api_name).unwrap_or(&Value::Null);
        match &field.kind {
            FieldKind::Formula { .. } => self.computed(field),
            _ if stored.is_null() && self.values.contains_key(PLACEHOLDER) => {
                Lookup::Unknown("the record was not read".to_owned())
            }
            FieldKind::Compound if field.api_name == "Name" && stored.is_null() => {
                Lookup::Known(person_name(self.values).map_or(Seen::Null, Seen::text))
            }
            FieldKind::Compound if field.api_name != "Name" => {
                Lookup::Unknown("compound fields have no value in formulas".to_owned())
            }
            FieldKind::Location { .. } => self.location(field),
            _ => values::to_formula(self.ground.view.org, self.object, field, stored),
        }
    }

    fn computed(&self, field: &'a Field) -> Lookup {
        let mut above = self.trail;
        while let Some(step) = above {
            if std::ptr::eq(step.field, field) {
                return Lookup::Unknown(format!("{} refers to itself", field.api_name));
            }
            above = step.above;
        }
        let trail = Trail { field, above: self.trail };
        let world = Known { trail: Some(&trail), ..*self };
        let rules = self.ground.view.rules;
        rules
            .formula_field(&self.object.api_name, &field.api_name, &world)
            .unwrap_or_else(|| Lookup::Unknown(format!("the formula of {} is not compiled", field.api_name)))
    }

    /// `Place__c` from `Place__Latitude__s` and `Place__Longitude__s`.
    fn location(&self, field: &Field) -> Lookup {
        let stem = field.api_name.trim_end_matches("__c");
        let part = |name: &str| match self.own(&format!("{stem}__{name}__s")) {
            Lookup::Known(Seen::Number(degrees)) => Some(degrees),
            _ => None,
        };
        match (part("Latitude"), part("Longitude")) {
            (Some(latitude), Some(longitude)) => Lookup::Known(Seen::Location(latitude, longitude)),
            _ => Lookup::Known(Seen::Null),
        }
    }

    /// A parent's value; null when there is no parent. `Owner:User` wants a parent of that object.
    fn through(&self, step: &str, rest: &str) -> Lookup {
        let (name, wanted) = step.split_once(':').map_or((step, None), |(name, to)| (name, Some(to)));
        let Some(field) = self.object.relationship(name) else {
            // A filter names the record's own field with its object.
            if name.eq_ignore_ascii_case(&self.object.api_name) {
                return self.lookup(rest);
            }
            let object = &self.object.api_name;
            return Lookup::Unknown(format!("{object} has no relationship {name} in the org folder"));
        };
        let id = self.values.get(&field.api_name).and_then(Value::as_str);
        if id.is_none() && self.values.contains_key(PLACEHOLDER) {
            return Lookup::Unknown("the record was not read".to_owned());
        }
        let Some(parent) = id.and_then(|id| self.ground.get(id)) else { return Lookup::Known(Seen::Null) };
        if wanted.is_some_and(|wanted| !wanted.eq_ignore_ascii_case(&parent.object)) {
            return Lookup::Known(Seen::Null);
        }
        if parent.id == USER_ID {
            return self.export_user(&parent, rest);
        }
        match Known::stored(self.ground, &parent) {
            Some(known) => Known { trail: self.trail, ..known }.lookup(rest),
            None => super::ground::undescribed(),
        }
    }

    /// The export user's own record says less than the org folder does of the user.
    fn export_user(&self, user: &Record, path: &str) -> Lookup {
        if let Some(rest) = strip_prefix(path, "Profile.") {
            return globals::global(self.ground.view.org, &format!("$Profile.{rest}"));
        }
        if let Some(rest) = strip_prefix(path, "UserRole.") {
            return globals::global(self.ground.view.org, &format!("$UserRole.{rest}"));
        }
        match Known::stored(self.ground, user).map(|known| known.lookup(path)) {
            Some(Lookup::Known(value)) if !value.is_null() => Lookup::Known(value),
            _ => globals::global(self.ground.view.org, &format!("$User.{path}")),
        }
    }

    fn before(&self, path: &str) -> Lookup {
        match self.prior {
            Some(prior) => Known { values: prior, ..*self }.lookup(path),
            None => self.lookup(path),
        }
    }
}

fn strip_prefix<'p>(path: &'p str, prefix: &str) -> Option<&'p str> {
    let start = path.get(..prefix.len())?;
    start.eq_ignore_ascii_case(prefix).then(|| &path[prefix.len()..])
}

/// People's names are put together from their parts, without the salutation; none when no part is there.
pub fn person_name(values: &Map<String, Value>) -> Option<String> {
    let parts = ["FirstName", "MiddleName", "LastName", "Suffix"];
    let parts: Vec<&str> =
        parts.iter().filter_map(|part| values.get(*part).and_then(Value::as_str)).collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

impl Judged for Known<'_, '_> {
    fn value(&self, path: &str) -> Lookup {
        self.lookup(path)
    }

    fn prior_value(&self, path: &str) -> Lookup {
        self.before(path)
    }

    fn is_new(&self) -> Option<bool> {
        Some(self.prior.is_none())
    }
}

impl Records for Known<'_, '_> {
    fn look_up(&self, object: &str, field: &str, key_field: &str, key: &Seen) -> Lookup {
        let equal = Condition {
            field: key_field.to_owned(),
            operator: "EqualTo".to_owned(),
            values: vec![key.clone()],
        };
        let query = Query {
            object: object.to_owned(),
            conditions: vec![equal],
            logic: String::new(),
            order: None,
            limit: Some(1),
        };
        match find::find(self.ground, &query) {
            Ok(found) => match found.first() {
                Some(record) => self.ground.value(record, field),
                None => Lookup::Known(Seen::Null),
            },
            Err(Fault::Unknown(why)) => Lookup::Unknown(why),
            Err(Fault::Refused { message, .. } | Fault::Broken(message)) => Lookup::Unknown(message),
        }
    }
}

/// What is only looked at cannot be written.
fn only_seen() -> Fault {
    Fault::Broken("a formula's record cannot be written".to_owned())
}

impl World for Known<'_, '_> {
    fn record(&self) -> &dyn Judged {
        self
    }

    fn environment(&self) -> Environment<'_> {
        self.ground.environment(self)
    }

    fn id(&self) -> Option<String> {
        self.values.get("Id").and_then(Value::as_str).map(str::to_owned)
    }

    fn set(&mut self, _: &str, _: Seen) -> Result<(), Fault> {
        Err(only_seen())
    }

    fn find(&self, query: &Query) -> Result<Vec<RecordId>, Fault> {
        find::find(self.ground, query)
    }

    fn value(&self, record: &RecordId, path: &str) -> Lookup {
        self.ground.value(record, path)
    }

    fn update(&mut self, _: &RecordId, _: &BTreeMap<String, Seen>) -> Result<(), Fault> {
        Err(only_seen())
    }

    fn insert(&mut self, _: &str, _: &BTreeMap<String, Seen>) -> Result<RecordId, Fault> {
        Err(only_seen())
    }

    fn delete(&mut self, _: &RecordId) -> Result<(), Fault> {
        Err(only_seen())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Database;
    use crate::fixture;
    use crate::reload::Loaded;
    use crate::store::{Store, open};
    use crate::system;
    use crate::view::View;
    use serde_json::json;
    use time::macros::datetime;

    fn fields(fields: Value) -> Map<String, Value> {
        fields.as_object().unwrap().clone()
    }

    /// Values of a new contact of an account that the export user owns; `~` marks what is not known.
    fn check(contact: Value, path: &str, expected: &str) {
        let connection = open(&Database::Memory).unwrap();
        let mut org = fixture::org();
        org.user.fields.insert("Department".into(), json!("Sales"));
        org.user.profile = Some("Exporter".into());
        let loaded = Loaded::new(org, Vec::new());
        let store = Store::new(&connection, &loaded.plan);
        let now = datetime!(2026-11-23 10:00 UTC);
        system::seed(&store, &loaded.org, now).unwrap();
        let account = |id: &str, values: Value| {
            let record =
                Record { id: id.into(), object: "account".into(), deleted: false, fields: fields(values) };
            store.insert(&record).unwrap();
        };
        account("001sb0000000009AAA", json!({"Name": "Acme", "Group__c": "g", "OwnerId": USER_ID}));
        account("001sb0000000008AAA", json!({"Ext__c": "A-8", PLACEHOLDER: true}));
        let view = View {
            org: &loaded.org,
            rules: &loaded.rules,
            store,
            now,
            version: 59,
            watch: fixture::watch(),
            allow_duplicates: false,
        };
        let ground = Ground::new(&view);
        let values = fields(contact);
        let known = Known::new(&ground, view.org.object("Contact").unwrap(), &values, None);
        let found = match known.lookup(path) {
            Lookup::Known(value) => value.to_string(),
            Lookup::Unknown(why) => format!("~{why}"),
            Lookup::Error(error) => error.to_string(),
        };
        assert_eq!(found, expected, "{path}");
    }

    #[test]
    fn paths_lead_through_parents_to_the_user() {
        let contact = || json!({"LastName": "Lee", "FirstName": "Ann", "AccountId": "001sb0000000009AAA"});
        check(contact(), "lastname", "Lee");
        check(contact(), "Contact.LastName", "Lee");
        check(contact(), "Name", "Ann Lee");
        check(contact(), "Email", "");
        check(contact(), "Active__c", "false");
        check(contact(), "account.NAME", "Acme");
        check(contact(), "AccountId", "001sb0000000009");
        check(contact(), "Account.Owner.Profile.Name", "Exporter");
        check(contact(), "Account.Owner:User.Department", "Sales");
        check(contact(), "Account.Owner:Group.Name", "");
        check(contact(), "$User.Department", "Sales");
        check(contact(), "$User.Id", &USER_ID[..15]);
        check(contact(), "Nothing__c", "~Contact has no field Nothing__c in the org folder");
        check(contact(), "Boss.Name", "~Contact has no relationship Boss in the org folder");
        check(json!({"LastName": "Lee"}), "Account.Owner.Profile.Name", "");
        let stood_in = || json!({"LastName": "Lee", "AccountId": "001sb0000000008AAA"});
        check(stood_in(), "Account.Ext__c", "A-8");
        check(stood_in(), "Account.Name", "~the record was not read");
        check(stood_in(), "Account.Owner.Name", "~the record was not read");
    }

    #[test]
    fn other_records_are_looked_up_by_a_key() {
        let connection = open(&Database::Memory).unwrap();
        let loaded = Loaded::new(fixture::org(), Vec::new());
        let store = Store::new(&connection, &loaded.plan);
        let now = datetime!(2026-11-23 10:00 UTC);
        let (org, rules, watch) = (&*loaded.org, &loaded.rules, fixture::watch());
        let view = View { org, rules, store, now, version: 59, watch, allow_duplicates: false };
        let values = fields(json!({"Name": "Acme", "Ext__c": "A-1"}));
        let (id, object) = ("001sb0000000009AAA".to_owned(), "account".to_owned());
        store.insert(&Record { id, object, deleted: false, fields: values.clone() }).unwrap();
        let ground = Ground::new(&view);
        let known = Known::new(&ground, org.object("Account").unwrap(), &values, None);
        let name = |key: &str| known.look_up("Account", "Name", "Ext__c", &Seen::text(key));
        assert_eq!(name("a-1"), Lookup::Known(Seen::text("Acme")));
        assert_eq!(name("A-2"), Lookup::Known(Seen::Null));
        assert!(matches!(known.look_up("Gone__c", "Name", "Ext__c", &Seen::text("x")), Lookup::Unknown(_)));
    }
}
