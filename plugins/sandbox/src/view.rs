//! What one request sees: the org with the export user's rights, the records, the time, and the API version.
//!
//! An object or field that the user may not read does not exist here, as behind the real API.

use engine::{RuleKind, RuleName, Rules, Unknown};
use formula::Lookup;
use metadata::Org;
use metadata::org::{Field, FieldKind, FieldRights, Object, ObjectRights};
use serde_json::{Map, Value, json};
use time::OffsetDateTime;

use crate::error::{ApiError, RowError};
use crate::save::{self, Ground, Known, Row, RowResult, SaveOptions};
use crate::store::{Record, Store};
use crate::values;
use crate::watch::Watch;

/// What a request reads by.
#[derive(Clone, Copy)]
pub struct View<'a> {
    /// The org.
    pub org: &'a Org,
    /// Its rules.
    pub rules: &'a Rules,
    /// The records, inside the request's transaction.
    pub store: Store<'a>,
    /// When the request came.
    pub now: OffsetDateTime,
    /// API version of the request's path, 59 for `v59.0`.
    pub version: u32,
    /// Faults that are to happen, and what is noted about rules.
    pub watch: &'a Watch,
    /// `Sforce-Duplicate-Rule-Header: allowSave=true`: duplicates are saved where the rule only alerts.
    pub allow_duplicates: bool,
}

/// A lookup seen from the parent.
#[derive(Clone, Copy)]
pub struct Child<'a> {
    /// The object that has the lookup.
    pub object: &'a Object,
    /// The lookup.
    pub field: &'a Field,
    /// The lookup again.
    pub reference: &'a metadata::org::Reference,
}

impl Child<'_> {
    /// Name of the list of children: `Contacts`, `Touchpoints__r`. Where metadata gives none it is the plural label without
    /// its spaces, as Salesforce proposes it.
    pub fn relationship_name(&self) -> String {
        if let Some(name) = &self.reference.child_relationship_name {
            return name.clone();
        }
        let plain: String =
            self.object.plural_label.chars().filter(|letter| letter.is_alphanumeric()).collect();
        if self.field.api_name.ends_with("__c") { format!("{plain}__r") } else { plain }
    }
}

impl<'a> View<'a> {
    /// An object that the user may read, by its name in any case.
    pub fn object(&self, name: &str) -> Option<&'a Object> {
        self.org.object(name).filter(|object| self.rights(object).read)
    }

    /// The user's rights on an object.
    pub fn rights(&self, object: &Object) -> ObjectRights {
        self.org.user.object_rights(object)
    }

    /// The user's rights on a field.
    pub fn field_rights(&self, object: &Object, field: &Field) -> FieldRights {
        self.org.user.field_rights(object, field)
    }

    /// A field that the user may read, by its name in any case.
    pub fn field(&self, object: &'a Object, name: &str) -> Option<&'a Field> {
        object.field(name).filter(|field| self.field_rights(object, field).readable)
    }

    /// Every field that the user may read: `Id` first, then by name.
    pub fn fields(&self, object: &'a Object) -> impl Iterator<Item = &'a Field> {
        let view = *self;
        let readable = move |field: &&'a Field| view.field_rights(object, field).readable;
        let id = object.field("Id").into_iter();
        id.chain(object.fields.values().filter(|field| field.kind != FieldKind::Id)).filter(readable)
    }

    /// Every lookup to this object from objects that the user may read.
    pub fn children(&self, parent: &Object) -> Vec<Child<'a>> {
        let mut children = self.all_children(parent);
        children.retain(|child| self.rights(child.object).read);
        children
    }

    /// Every lookup to this object, whatever the user may read: what a delete has to follow.
    pub fn all_children(&self, parent: &Object) -> Vec<Child<'a>> {
        let lookups = self.org.objects.values().flat_map(|object| {
            object.fields.values().filter_map(move |field| match &field.kind {
                FieldKind::Reference(reference) => Some(Child { object, field, reference }),
                _ => None,
            })
        });
        let name = &parent.api_name;
        lookups.filter(|child| child.reference.to.iter().any(|to| to.eq_ignore_ascii_case(name))).collect()
    }

    /// A field's value as answers show it. A formula field whose value is not known, or that fails, is null.
    pub fn value(&self, field: &Field, record: &Record) -> Value {
        match &field.kind {
            FieldKind::Compound if field.api_name.ends_with("Address") => address(field, record),
            FieldKind::Checkbox => match record.get(&field.api_name) {
                Value::Null => Value::Bool(false),
                value => value.clone(),
            },
            FieldKind::Formula { .. } => self.computed(field, record),
            _ => record.get(&field.api_name).clone(),
        }
    }

    fn computed(&self, field: &Field, record: &Record) -> Value {
        let ground = Ground::new(self);
        let found = Known::stored(&ground, record).map(|known| known.lookup(&field.api_name));
        if let Err(error) = ground.check() {
            tracing::error!(%error, field = %field.api_name, "the sandbox's database failed under a formula field");
        }
        match found {
            Some(Lookup::Known(value)) => values::shown(field, &value),
            Some(Lookup::Unknown(reason)) => {
                let name = format!("{}.{}", record.object, field.api_name);
                let rule = RuleName { kind: RuleKind::Formula, name, file: String::new() };
                self.watch.unknown.note(&[Unknown { rule, reason }]);
                Value::Null
            }
            Some(Lookup::Error(_)) | None => Value::Null,
        }
    }

    /// `/services/data/v59.0`.
    pub fn base_path(&self) -> String {
        format!("/services/data/v{}.0", self.version)
    }

    /// `/services/data/v59.0/sobjects/Account/001...`.
    pub fn record_url(&self, object: &Object, id: &str) -> String {
        format!("{}/sobjects/{}/{id}", self.base_path(), object.api_name)
    }

    /// `{"type": "Account", "url": "..."}`, first member of every record in an answer.
    pub fn attributes(&self, object: &Object, id: &str) -> Value {
        json!({ "type": object.api_name, "url": self.record_url(object, id) })
    }

    /// `No such column 'Foo__c' on sobject of type Account`.
    pub fn no_such_column(&self, object: &Object, name: &str) -> RowError {
        let message = format!("No such column '{name}' on sobject of type {}", object.api_name);
        RowError::new("INVALID_FIELD", message)
    }

    /// Saves or deletes records in order; see [`save::save_rows`].
    pub fn save_rows(&self, rows: Vec<Row>, options: SaveOptions) -> Result<Vec<RowResult>, ApiError> {
        save::save_rows(self, rows, options)
    }
}

/// A compound address from its parts; null when all are null.
fn address(field: &Field, record: &Record) -> Value {
    let prefix = field.api_name.strip_suffix("Address").unwrap_or_default();
    let part = |name: &str| record.get(&format!("{prefix}{name}")).clone();
    let parts = [
        ("city", "City"),
        ("country", "Country"),
        ("geocodeAccuracy", "GeocodeAccuracy"),
        ("latitude", "Latitude"),
        ("longitude", "Longitude"),
        ("postalCode", "PostalCode"),
        ("state", "State"),
        ("street", "Street"),
    ];
    let address: Map<String, Value> =
        parts.iter().map(|(key, name)| ((*key).to_owned(), part(name))).collect();
    match address.values().all(Value::is_null) {
        true => Value::Null,
        false => Value::Object(address),
    }
}
