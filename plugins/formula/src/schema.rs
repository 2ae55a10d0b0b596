//! What the checker asks of the surroundings: which names there are, and of which type.

use std::collections::BTreeMap;

use crate::types::Type;

/// Which fields there are.
pub trait Schema {
    /// The type of a field by its path (`Amount`, `Account.Owner.Profile.Name`, `$User.Email`), in any case; none when
    /// there is no such field. [`Type::Any`] says that the field exists, or may, but is not described locally.
    fn field(&self, path: &str) -> Option<Type>;

    /// Names that are near a wrong one, for a hint.
    fn similar(&self, path: &str) -> Option<String> {
        let _ = path;
        None
    }
}

/// A schema in memory, with the globals that every org has.
#[derive(Debug, Clone, Default)]
pub struct Fields {
    fields: BTreeMap<String, (String, Type)>,
}

impl Fields {
    /// No fields.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a field.
    #[must_use]
    pub fn with(mut self, path: &str, given: Type) -> Self {
        self.add(path, given);
        self
    }

    /// Adds a field.
    pub fn add(&mut self, path: &str, given: Type) {
        self.fields.insert(path.to_ascii_lowercase(), (path.to_owned(), given));
    }
}

impl Schema for Fields {
    fn field(&self, path: &str) -> Option<Type> {
        let own = self.fields.get(&path.to_ascii_lowercase()).map(|(_, given)| *given);
        own.or_else(|| global(path))
    }

    fn similar(&self, path: &str) -> Option<String> {
        nearest(path, self.fields.values().map(|(name, _)| name.as_str()))
    }
}

/// The type of a global variable that every org has; none for other paths.
pub fn global(path: &str) -> Option<Type> {
    let lower = path.to_ascii_lowercase();
    let (root, rest) = lower.strip_prefix('$')?.split_once('.').unwrap_or((lower.get(1..)?, ""));
    if rest.is_empty() {
        return None;
    }
    match root {
        "permission" => Some(Type::Boolean),
        "label" | "objecttype" | "resource" | "action" | "site" | "network" => Some(Type::Text),
        "api" => Some(if rest.starts_with("session") { Type::Id } else { Type::Text }),
        "system" => (rest == "origindatetime").then_some(Type::DateTime),
        "setup" | "custommetadata" | "flow" | "credential" => Some(Type::Any),
        "user" | "profile" | "userrole" | "organization" | "recordtype" => Some(record_global(rest)),
        _ => None,
    }
}

/// The standard fields behind $User, $Profile, $UserRole, $Organization and $RecordType; custom ones are not known.
fn record_global(field: &str) -> Type {
    match field {
        "id" | "profileid" | "userroleid" | "contactid" | "accountid" | "managerid" | "userlicenseid" => {
            Type::Id
        }
        "isactive" | "issandbox" | "isportalenabled" | "forecastenabled" => Type::Boolean,
        "createddate" | "lastmodifieddate" | "lastlogindate" | "systemmodstamp" => Type::DateTime,
        "usertype" | "timezonesidkey" | "localesidkey" | "languagelocalekey" | "emailencodingkey" => {
            Type::Picklist
        }
        field if field.ends_with("__c") || field.contains('.') => Type::Any,
        _ => Type::Text,
    }
}

/// The name that is the fewest changes away from `wanted`, when they are few.
pub fn nearest<'a>(wanted: &str, names: impl Iterator<Item = &'a str>) -> Option<String> {
    let wanted = wanted.to_ascii_lowercase();
    let limit = (wanted.len() / 3).clamp(1, 3);
    let distances = names.map(|name| (distance(&wanted, &name.to_ascii_lowercase()), name));
    distances.filter(|(distance, _)| *distance <= limit).min().map(|(_, name)| name.to_owned())
}

/// Levenshtein's distance, over bytes.
fn distance(left: &str, right: &str) -> usize {
    if left.len().abs_diff(right.len()) > 3 || left.len() > 80 {
        return usize::MAX;
    }
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.bytes().enumerate() {
        let mut corner = i;
        row[0] = i + 1;
        for (j, b) in right.bytes().enumerate() {
            let above = row[j + 1];
            row[j + 1] = (corner + usize::from(a != b)).min(above + 1).min(row[j] + 1);
            corner = above;
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_in_any_case_and_near_ones_are_proposed() {
        let fields = Fields::new().with("Amount__c", Type::NUMBER);
        assert_eq!(fields.field("amount__C"), Some(Type::NUMBER));
        assert_eq!(fields.field("$permission.Bypass"), Some(Type::Boolean));
        assert_eq!(fields.field("$Setup.Bypass__c.On__c"), Some(Type::Any));
        assert_eq!(fields.field("$Nothing.X"), None);
        assert_eq!(fields.field("$"), None);
        assert_eq!(fields.similar("Amont__c").as_deref(), Some("Amount__c"));
        assert_eq!(fields.similar("Status"), None);
    }
}
