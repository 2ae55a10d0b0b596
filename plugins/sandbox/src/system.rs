//! What every org has although no metadata says so: the records of its organization and its export user, and their ids.
//!
//! An org folder may describe `User` itself; then only the export user's record is added.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use metadata::Org;
use metadata::org::{Field, FieldKind, Object, ObjectRights};
use serde_json::{Map, Value, json};
use time::OffsetDateTime;

use crate::store::{Record, Store, StoreError};
use crate::values;

/// Id of the organization.
pub const ORGANIZATION_ID: &str = "00Dsb0000000001AAA";
/// Id of the export user: creator and owner of what is written.
pub const USER_ID: &str = "005sb0000000001AAA";
/// Id of the export user's profile.
pub const PROFILE_ID: &str = "00esb0000000001AAA";

/// Adds `Organization`, `User` and `RecordType` where the folder does not describe them; the export user may read them.
pub fn complete(org: &mut Org) {
    let text = |length| FieldKind::Text { length };
    let organization = [
        ("Name", text(80)),
        ("InstanceName", text(5)),
        ("IsSandbox", FieldKind::Checkbox),
        ("TrialExpirationDate", FieldKind::DateTime),
        ("NamespacePrefix", text(15)),
        ("OrganizationType", text(40)),
    ];
    let user = [
        ("Username", text(80)),
        ("FirstName", text(40)),
        ("LastName", text(80)),
        ("Name", FieldKind::Compound),
        ("Email", FieldKind::Email),
        ("IsActive", FieldKind::Checkbox),
    ];
    add(org, "Organization", "00D", organization.into());
    add(org, "User", "005", user.into());
    let record_type = [
        ("Name", text(80)),
        ("DeveloperName", text(80)),
        ("SobjectType", text(80)),
        ("IsActive", FieldKind::Checkbox),
    ];
    add(org, "RecordType", "012", record_type.into());
    if let Some(rights) = &mut org.user.rights {
        let read = ObjectRights { read: true, view_all_fields: true, ..ObjectRights::default() };
        for name in ["organization", "recordtype", "user"] {
            let granted = rights.objects.entry(name.into()).or_insert(read);
            granted.read = true;
        }
    }
}

fn add(org: &mut Org, name: &str, key_prefix: &str, fields: Vec<(&str, FieldKind)>) {
    if org.object(name).is_some() {
        return;
    }
    let every = [
        ("Id", FieldKind::Id),
        ("CreatedDate", FieldKind::DateTime),
        ("SystemModstamp", FieldKind::DateTime),
    ];
    let fields =
        every.into_iter().chain(fields).map(|(name, kind)| (name.to_ascii_lowercase(), field(name, kind)));
    let object = Object {
        api_name: name.into(),
        label: name.into(),
        plural_label: format!("{name}s"),
        custom: false,
        key_prefix: key_prefix.into(),
        fields: fields.collect::<BTreeMap<_, _>>(),
    };
    org.objects.insert(name.to_ascii_lowercase(), object);
}

fn field(name: &str, kind: FieldKind) -> Field {
    Field {
        api_name: name.into(),
        label: if name == "Id" { "Record ID".into() } else { name.into() },
        kind,
        required: false,
        unique: false,
        case_sensitive: false,
        external_id: false,
        read_only: true,
        securable: false,
        default_value: None,
        default_formula: None,
    }
}

/// Writes the records of the organization, the export user, the user's profile and the record types when the database
/// has none, or other ones.
pub fn seed(store: &Store<'_>, org: &Org, now: OffsetDateTime) -> Result<(), StoreError> {
    let organization = json!({
        "Name": "crm-export sandbox", "InstanceName": "LOCAL", "IsSandbox": true, "OrganizationType": "Developer Edition",
    });
    put(store, "organization", ORGANIZATION_ID, organization, now)?;
    let username = match org.user.username.as_str() {
        "" => "export@sandbox.invalid",
        name => name,
    };
    let mut user = json!({
        "Username": username, "LastName": username, "Name": username, "Email": username, "IsActive": true,
        "ProfileId": PROFILE_ID,
    });
    for (name, value) in &org.user.fields {
        user[name.as_str()] = value.clone();
    }
    put(store, "user", USER_ID, user, now)?;
    if let (Some(name), Some(_)) = (&org.user.profile, org.object("Profile")) {
        put(store, "profile", PROFILE_ID, json!({ "Name": name }), now)?;
    }
    seed_record_types(store, org, now)
}

/// Record types that the folder no longer has are deleted.
fn seed_record_types(store: &Store<'_>, org: &Org, now: OffsetDateTime) -> Result<(), StoreError> {
    let types = &org.rules.record_types;
    for found in types {
        let values = json!({
            "Name": found.label, "DeveloperName": found.name, "SobjectType": found.object, "IsActive": true,
        });
        put(store, "recordtype", &found.id(), values, now)?;
    }
    let mut gone = Vec::new();
    store.scan("recordtype", false, |record| {
        gone.extend((!types.iter().any(|found| found.id() == record.id)).then_some(record));
        Ok::<_, StoreError>(ControlFlow::Continue(()))
    })?;
    for record in gone {
        store.update(&Record { deleted: true, ..record.clone() }, &record)?;
    }
    Ok(())
}

fn put(
    store: &Store<'_>,
    object: &str,
    id: &str,
    values: Value,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    let Value::Object(values) = values else { return Ok(()) };
    let prior = store.get(id)?;
    let instant = Value::from(values::datetime_text(now));
    let created = prior.as_ref().map_or(instant.clone(), |prior| prior.get("CreatedDate").clone());
    let mut fields = Map::new();
    fields.insert("Id".into(), id.into());
    fields.insert("IsDeleted".into(), false.into());
    fields.insert("CreatedDate".into(), created);
    fields.extend(values.into_iter().filter(|(name, value)| !value.is_null() && name != "Id"));
    let modified = prior.as_ref().map_or(Value::Null, |prior| prior.get("SystemModstamp").clone());
    fields.insert("SystemModstamp".into(), modified);
    match prior {
        Some(prior) if prior.fields == fields => Ok(()),
        prior => {
            fields.insert("SystemModstamp".into(), instant);
            let record = Record { id: id.into(), object: object.into(), deleted: false, fields };
            match prior {
                Some(prior) => store.update(&record, &prior),
                None => store.insert(&record),
            }
        }
    }
}
