//! Values of the global variables of formulas, as far as the folder and its `export-user.json` tell them.
//!
//! `$RecordType` depends on the record: see [`crate::RuleSet::record_type`]. What only a running CRM knows (ids, sessions)
//! is unknown here; the sandbox, which makes up ids, says them itself.

use std::collections::BTreeMap;

use formula::{Date, Lookup, Schema, Type, Value};

use crate::org::{ExportUser, Org};
use crate::schema::OrgSchema;
use crate::stored::value_of;

type Given = BTreeMap<String, serde_json::Value>;

/// The value of the global variable `path` (`$User.Email`, `$Permission.Bypass`); none when it is not a global, or one
/// that depends on the record.
pub fn global(org: &Org, path: &str) -> Option<Lookup> {
    let (root, rest) = path.strip_prefix('$')?.split_once('.')?;
    let user = &org.user;
    let given = |fields: &Given, member: &str| given(org, path, fields, member, rest);
    Some(match root.to_ascii_lowercase().as_str() {
        "user" => user_field(user, rest).unwrap_or_else(|| given(&user.fields, "fields")),
        "profile" => match &user.profile {
            Some(name) if rest.eq_ignore_ascii_case("Name") => Lookup::Known(Value::text(name.clone())),
            _ => given(&user.profile_fields, "profileFields"),
        },
        "userrole" => given(&user.role_fields, "userRole"),
        "organization" => given(&user.organization, "organization"),
        "permission" => permission(user, rest),
        "setup" => setup(org, path, rest),
        "custommetadata" => custom_metadata(org, path, rest),
        "label" => label(org, rest),
        "system" if rest.eq_ignore_ascii_case("OriginDateTime") => origin(),
        "api" => Lookup::Unknown("sessions and addresses of the CRM are not known locally".to_owned()),
        "recordtype" => return None,
        _ => Lookup::Unknown("the folder does not say it".to_owned()),
    })
}

/// A value of a member of `export-user.json`.
fn given(org: &Org, path: &str, fields: &Given, member: &str, name: &str) -> Lookup {
    match entry(fields, name) {
        Some(value) => Lookup::Known(value_of(global_type(org, path), value)),
        None => Lookup::Unknown(format!("export-user.json does not say it; add it to its \"{member}\"")),
    }
}

fn entry<'a, T>(fields: &'a BTreeMap<String, T>, name: &str) -> Option<&'a T> {
    fields
        .get(name)
        .or_else(|| fields.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, it)| it))
}

fn global_type(org: &Org, path: &str) -> Type {
    OrgSchema::new(org, "").field(path).unwrap_or(Type::Any)
}

/// What is known of the user without being listed; what is listed goes before.
fn user_field(user: &ExportUser, name: &str) -> Option<Lookup> {
    if entry(&user.fields, name).is_some() {
        return None;
    }
    match name.to_ascii_lowercase().as_str() {
        "username" if !user.username.is_empty() => Some(Lookup::Known(Value::text(user.username.clone()))),
        // Nobody else could sign in.
        "isactive" => Some(Lookup::Known(Value::Boolean(true))),
        _ => None,
    }
}

fn permission(user: &ExportUser, name: &str) -> Lookup {
    let enabled = user.custom_permissions.iter().any(|known| known.eq_ignore_ascii_case(name));
    if enabled || user.permissions_known {
        return Lookup::Known(Value::Boolean(enabled));
    }
    Lookup::Unknown(
        "the folder has no profile and no permission set that would say what the user may do".to_owned(),
    )
}

fn setup(org: &Org, path: &str, rest: &str) -> Lookup {
    let (setting, field) = rest.split_once('.').unwrap_or((rest, ""));
    match entry(&org.user.setup, setting).and_then(|fields| entry(fields, field)) {
        Some(value) => Lookup::Known(value_of(global_type(org, path), value)),
        None => Lookup::Unknown(format!(
            "the folder does not hold values of custom settings; add {setting} with {field} to \"setup\" of \
             export-user.json"
        )),
    }
}

fn custom_metadata(org: &Org, path: &str, rest: &str) -> Lookup {
    let mut steps = rest.splitn(3, '.');
    let (object, name, field) = (
        steps.next().unwrap_or_default(),
        steps.next().unwrap_or_default(),
        steps.next().unwrap_or_default(),
    );
    let record =
        org.rules.custom_metadata.iter().find(|record| {
            record.object.eq_ignore_ascii_case(object) && record.name.eq_ignore_ascii_case(name)
        });
    let Some(record) = record else {
        return Lookup::Unknown(format!("the folder has no record {name} of {object}"));
    };
    let given = global_type(org, path);
    // The last of two values is the one that counts, as everywhere in metadata.
    match record.values.iter().rev().find(|(known, _)| known.eq_ignore_ascii_case(field)) {
        Some((_, text)) => {
            let text = text.as_deref().unwrap_or_default();
            Lookup::Known(Value::read(given, text).unwrap_or_else(|_| Value::text(text)))
        }
        None if given == Type::Any || field.contains('.') => {
            Lookup::Unknown(format!("record {name} of {object} in the folder does not say it"))
        }
        None => Lookup::Known(value_of(given, &serde_json::Value::Null)),
    }
}

fn label(org: &Org, name: &str) -> Lookup {
    match org.rules.labels.iter().rev().find(|(known, _)| known.eq_ignore_ascii_case(name)) {
        Some((_, text)) => Lookup::Known(Value::text(text.clone())),
        None => Lookup::Unknown("the folder has no such label".to_owned()),
    }
}

/// `$System.OriginDateTime`, 1900-01-01 00:00:00 GMT (Formula help, "Global Variables").
fn origin() -> Lookup {
    let origin = Date::from_parts(1900, 1, 1).expect("it is a date").midnight();
    Lookup::Known(Value::DateTime(origin))
}
