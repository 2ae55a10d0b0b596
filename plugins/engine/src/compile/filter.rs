//! Filters of metadata as formulas: which field each condition names, and how the conditions are joined.
//!
//! What a condition compares is in `condition.rs`. A condition that is not understood makes the whole filter unknown.

use formula::Schema;
use metadata::Org;
use metadata::org::FieldKind;
use metadata::rules::{Filter, FilterItem};

use super::condition::{self, Operand};
use super::logic;

/// Whose fields a filter's names are.
#[derive(Clone, Copy)]
pub(super) enum Names<'a> {
    /// The record's own: criteria of workflow and duplicate rules.
    Record {
        /// API name of the object.
        object: &'a str,
    },
    /// A looked-up record's, and with `$Source.` the record's own: lookup filters.
    LookedUp {
        /// API names of the objects that may be looked up.
        targets: &'a [String],
        /// The relationship that leads to the record.
        relationship: &'a str,
    },
}

/// A filter as a formula that is true for the records that it lets through.
pub(super) fn formula(
    filter: &Filter,
    names: Names<'_>,
    schema: &dyn Schema,
    scope: (&Org, &str),
) -> Result<String, String> {
    let conditions = filter.items.iter().map(|item| condition_of(item, names, schema, scope));
    let conditions = conditions.collect::<Result<Vec<_>, _>>()?;
    logic::join(filter.logic.as_deref(), &conditions)
}

fn condition_of(
    item: &FilterItem,
    names: Names<'_>,
    schema: &dyn Schema,
    (org, object): (&Org, &str),
) -> Result<String, String> {
    let value = item.value.as_deref().unwrap_or_default();
    let path = named_instead_of_id(names.path(&item.field), value, org, object);
    let left = operand(path, schema, &item.field)?;
    let text = match &item.value_field {
        Some(field) => {
            condition::of_fields(&item.operation, &left, &operand(names.path(field), schema, field)?)
        }
        None => condition::of_value(&item.operation, &left, value),
    };
    Ok(format!("({})", text?))
}

fn operand(path: String, schema: &dyn Schema, written: &str) -> Result<Operand, String> {
    let given =
        schema.field(&path).ok_or_else(|| format!("its condition names {written}, which is not there"))?;
    Ok(Operand { path, given })
}

impl Names<'_> {
    /// The path of a formula for a field as filters write it.
    fn path(self, written: &str) -> String {
        if let Some(global) = global(written) {
            return global.to_owned();
        }
        let (first, rest) = written.split_once('.').unwrap_or(("", written));
        match self {
            Names::LookedUp { .. } if first.eq_ignore_ascii_case("$Source") => rest.to_owned(),
            _ if written.starts_with('$') => written.to_owned(),
            Names::LookedUp { targets, relationship } => {
                let own = first.is_empty() || targets.iter().any(|target| target.eq_ignore_ascii_case(first));
                format!("{relationship}.{}", if own { rest } else { written })
            }
            Names::Record { object } if first.eq_ignore_ascii_case(object) => rest.to_owned(),
            Names::Record { .. } if first.eq_ignore_ascii_case("User") => format!("$User.{rest}"),
            Names::Record { .. } => written.to_owned(),
        }
    }
}

/// Names that filters give to the user's profile and role.
fn global(written: &str) -> Option<&'static str> {
    let bare = written.strip_prefix('$').unwrap_or(written).to_ascii_lowercase();
    Some(match bare.as_str() {
        "user.profilename" | "user.profile" | "profilename" => "$Profile.Name",
        "user.userrole" | "user.userrolename" | "user.role" => "$UserRole.Name",
        _ => return None,
    })
}

/// Filters compare lookups and record types with names: `RecordTypeId equals Household Account`.
fn named_instead_of_id(path: String, value: &str, org: &Org, object: &str) -> String {
    let id = matches!(value.len(), 15 | 18) && value.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if id || value.is_empty() || path.starts_with('$') {
        return path;
    }
    if path.eq_ignore_ascii_case("RecordTypeId") {
        return "$RecordType.Name".to_owned();
    }
    match super::paths::field(org, object, &path).map(|found| &found.field.kind) {
        Some(FieldKind::Reference(reference)) => {
            let prefix = path.rsplit_once('.').map_or(String::new(), |(prefix, _)| format!("{prefix}."));
            format!("{prefix}{}.Name", reference.relationship_name)
        }
        _ => path,
    }
}
