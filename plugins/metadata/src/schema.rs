//! The fields of an org as formulas see them: which there are, and of which type.
//!
//! What the folder does not describe is [`Type::Any`]: formulas that use it compile, and come out unknown.

use formula::{Fields, NumberStyle, Schema, Type};

use crate::org::{self, Field, FieldKind, Object, Org};
use crate::path::Resolved;
use crate::rules::RollUpOperation;

/// As deep as roll-ups of roll-ups can be: an object is at most three masters deep (Object Reference, "Relationships").
const ROLL_UPS_MAX: usize = 4;

/// The fields that formulas over the records of an object may use.
#[derive(Debug, Clone, Copy)]
pub struct OrgSchema<'a> {
    /// The org.
    pub org: &'a Org,
    /// API name of the object.
    pub object: &'a str,
}

impl<'a> OrgSchema<'a> {
    /// The fields of `object`.
    pub fn new(org: &'a Org, object: &'a str) -> Self {
        Self { org, object }
    }
}

impl Schema for OrgSchema<'_> {
    fn field(&self, path: &str) -> Option<Type> {
        if path.starts_with('$') {
            return global(self.org, path);
        }
        resolved(self.org, self.object, path)
    }

    fn similar(&self, path: &str) -> Option<String> {
        let (object, path, before) = match global_field(path) {
            Some((object, field)) => (object, field, &path[..path.len() - field.len()]),
            None if path.starts_with('$') => return None,
            None => (self.object, path, ""),
        };
        let Resolved::Missing { object, steps } = self.org.resolve(object, path) else { return None };
        let all: Vec<&str> = path.split('.').collect();
        let mut names = Fields::new();
        for name in names_of(object, steps + 1 < all.len()) {
            names.add(name, Type::Any);
        }
        let near = names.similar(all.get(steps)?)?;
        let (known, rest) = (&all[..steps], &all[steps + 1..]);
        let whole: Vec<&str> =
            known.iter().copied().chain([near.as_str()]).chain(rest.iter().copied()).collect();
        Some(format!("{before}{}", whole.join(".")))
    }
}

/// The names that a step of a path can have: of relationships, or of fields for the last.
fn names_of(object: &Object, relationships: bool) -> impl Iterator<Item = &str> {
    object.fields.values().filter_map(move |field| match &field.kind {
        FieldKind::Reference(reference) if relationships => Some(reference.relationship_name.as_str()),
        _ if relationships => None,
        _ => Some(field.api_name.as_str()),
    })
}

fn resolved(org: &Org, object: &str, path: &str) -> Option<Type> {
    match org.resolve(object, path) {
        Resolved::Field(object, field) => Some(field_type(org, object, field)),
        Resolved::Undescribed => Some(undescribed(path)),
        Resolved::Missing { .. } => None,
    }
}

/// Some names have the same type wherever they are.
fn undescribed(path: &str) -> Type {
    match path.rsplit('.').next().unwrap_or(path).to_ascii_lowercase().as_str() {
        "id" | "recordtypeid" | "ownerid" => Type::Id,
        _ => Type::Any,
    }
}

fn global(org: &Org, path: &str) -> Option<Type> {
    let Some((object, field)) = global_field(path) else { return formula::global(path) };
    match org.resolve(object, field) {
        Resolved::Field(object, field) => Some(field_type(org, object, field)),
        Resolved::Undescribed => formula::global(path).or(Some(Type::Any)),
        Resolved::Missing { .. } => None,
    }
}

/// The object and path of it that a global with fields stands for: `User` and `Email` for `$User.Email`.
pub(crate) fn global_field(path: &str) -> Option<(&str, &str)> {
    let (root, rest) = path.strip_prefix('$')?.split_once('.')?;
    let records = ["User", "Profile", "UserRole", "Organization", "RecordType"];
    if let Some(object) = records.into_iter().find(|object| object.eq_ignore_ascii_case(root)) {
        return Some((object, rest));
    }
    if root.eq_ignore_ascii_case("Setup") {
        return rest.split_once('.');
    }
    if root.eq_ignore_ascii_case("CustomMetadata") {
        let (object, record) = rest.split_once('.')?;
        let (_, field) = record.split_once('.')?;
        return Some((object, field));
    }
    None
}

/// The type of a field of `object` as formulas see it.
pub fn field_type(org: &Org, object: &Object, field: &Field) -> Type {
    let (mut object, mut field) = (object, field);
    // A roll-up may sum up another object's roll-up; metadata by hand could make a circle of them.
    for _ in 0..ROLL_UPS_MAX {
        match (&field.kind, summarized(org, object, field)) {
            (FieldKind::Summary, Ok(found)) => (object, field) = found,
            (FieldKind::Summary, Err(given)) => return given,
            // A custom metadata record names another by its API name.
            (FieldKind::Reference(_), _) if object.api_name.ends_with("__mdt") => return Type::Text,
            _ => break,
        }
    }
    kind_type(field)
}

/// The field that a roll-up sums up, or else the roll-up's type: a count is a number, whatever is counted.
fn summarized<'a>(org: &'a Org, object: &Object, field: &Field) -> Result<(&'a Object, &'a Field), Type> {
    let Some(roll_up) = org.rules.roll_up(&object.api_name, &field.api_name) else {
        return Err(Type::NUMBER);
    };
    let summarized = match (&roll_up.summarized, roll_up.operation) {
        (None, _) | (_, RollUpOperation::Count) => return Err(Type::NUMBER),
        (Some(summarized), _) => summarized,
    };
    match org.resolve(&roll_up.child, summarized) {
        Resolved::Field(object, field) => Ok((object, field)),
        _ if roll_up.operation == RollUpOperation::Sum => Err(Type::NUMBER),
        _ => Err(Type::Any),
    }
}

/// The type of a field by itself: of a roll-up summary, a number.
pub(crate) fn kind_type(field: &Field) -> Type {
    match &field.kind {
        FieldKind::Id | FieldKind::Reference(_) => Type::Id,
        FieldKind::Checkbox => Type::Boolean,
        FieldKind::Number { style, .. } => Type::Number(match style {
            org::NumberStyle::Number | org::NumberStyle::Integer => NumberStyle::Plain,
            org::NumberStyle::Currency => NumberStyle::Currency,
            org::NumberStyle::Percent => NumberStyle::Percent,
        }),
        FieldKind::Date => Type::Date,
        FieldKind::DateTime => Type::DateTime,
        FieldKind::Time => Type::Time,
        FieldKind::Picklist(_) => Type::Picklist,
        FieldKind::MultiselectPicklist(_) => Type::MultiPicklist,
        FieldKind::Summary => Type::NUMBER,
        FieldKind::Location { .. } => Type::Location,
        FieldKind::Formula { returns, .. } => returned(returns),
        FieldKind::Compound if field.api_name.eq_ignore_ascii_case("Name") => Type::Text,
        FieldKind::Compound => Type::Any,
        FieldKind::Text { .. }
        | FieldKind::LongText { .. }
        | FieldKind::Email
        | FieldKind::Phone
        | FieldKind::Url { .. }
        | FieldKind::AutoNumber { .. } => Type::Text,
    }
}

/// The type of a formula field, by the `<type>` of its metadata.
fn returned(returns: &str) -> Type {
    match returns {
        "Checkbox" => Type::Boolean,
        "Number" => Type::NUMBER,
        "Currency" => Type::Number(NumberStyle::Currency),
        "Percent" => Type::Number(NumberStyle::Percent),
        "Date" => Type::Date,
        "DateTime" => Type::DateTime,
        "Time" => Type::Time,
        _ => Type::Text,
    }
}
