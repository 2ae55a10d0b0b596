//! Which fields records are found by, and how their values compare.
//!
//! The plan follows from the org. It is remembered in the database; when an edit of the org changes it, the index of
//! the objects concerned is built anew.

use std::collections::BTreeMap;

use metadata::Org;
use metadata::org::{Field, FieldKind, Object};
use rust_decimal::Decimal;
use serde_json::Value;

/// How values of an indexed field compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IndexMode {
    /// Text, upper and lower case are the same.
    FoldCase,
    /// Text as it is; ids, dates.
    Exact,
    /// Numbers: 1 and 1.0 are the same.
    Number,
}

impl IndexMode {
    /// How values of this field compare; `None` for a field that cannot be a key.
    pub fn of(field: &Field) -> Option<IndexMode> {
        match &field.kind {
            FieldKind::Text { .. } | FieldKind::Email | FieldKind::AutoNumber { .. }
                if field.case_sensitive =>
            {
                Some(IndexMode::Exact)
            }
            FieldKind::Text { .. } | FieldKind::Email | FieldKind::AutoNumber { .. } => {
                Some(IndexMode::FoldCase)
            }
            FieldKind::Phone | FieldKind::Url { .. } | FieldKind::Picklist(_) => Some(IndexMode::FoldCase),
            FieldKind::Compound if field.api_name == "Name" => Some(IndexMode::FoldCase),
            FieldKind::Number { .. } => Some(IndexMode::Number),
            FieldKind::Reference(_) | FieldKind::Date | FieldKind::DateTime => Some(IndexMode::Exact),
            _ => None,
        }
    }

    /// What stands in the index for this value; `None` for null.
    pub fn key(self, value: &Value) -> Option<String> {
        let text = match value {
            Value::Null => return None,
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        Some(match self {
            IndexMode::FoldCase => text.to_lowercase(),
            IndexMode::Exact => text,
            IndexMode::Number => match text.parse::<Decimal>() {
                Ok(number) => number.normalize().to_string(),
                Err(_) => text,
            },
        })
    }

    fn name(self) -> &'static str {
        match self {
            IndexMode::FoldCase => "fold case",
            IndexMode::Exact => "exact",
            IndexMode::Number => "number",
        }
    }
}

/// Whether records can be found by this field: external ids, unique fields, what matching rules compare, and lookups to
/// other than users.
fn is_indexed(org: &Org, object: &Object, field: &Field) -> bool {
    let is_matched = || {
        let own = org.rules.matching.iter().filter(|rule| rule.object.eq_ignore_ascii_case(&object.api_name));
        own.flat_map(|rule| &rule.items).any(|item| item.field.eq_ignore_ascii_case(&field.api_name))
    };
    match &field.kind {
        // Users are not deleted here, and every record points to some: an entry would cost and serve nothing.
        FieldKind::Reference(reference) => !reference.to.iter().any(|to| to.eq_ignore_ascii_case("User")),
        _ => field.unique || is_id_lookup(object, field) || is_matched(),
    }
}

/// Whether the field can be an upsert key (`idLookup` in describe), the record id apart: external ids, unique fields,
/// `Email` of standard objects and a custom object's `Name`.
pub fn is_id_lookup(object: &Object, field: &Field) -> bool {
    let by_name = match field.kind {
        FieldKind::Email => field.api_name == "Email",
        FieldKind::Text { .. } | FieldKind::AutoNumber { .. } => field.api_name == "Name" && object.custom,
        _ => false,
    };
    (field.external_id || field.unique || by_name) && IndexMode::of(field).is_some()
}

/// The indexed fields of every object.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct IndexPlan {
    /// By lower-cased object name: API name of the field and how it compares.
    objects: BTreeMap<String, Vec<(String, IndexMode)>>,
}

impl IndexPlan {
    /// What this org needs.
    pub fn of(org: &Org) -> IndexPlan {
        let fields = |object: &Object| {
            let indexed = object.fields.values().filter(|field| is_indexed(org, object, field));
            indexed.filter_map(|field| Some((field.api_name.clone(), IndexMode::of(field)?))).collect()
        };
        IndexPlan {
            objects: org.objects.iter().map(|(name, object)| (name.clone(), fields(object))).collect(),
        }
    }

    /// The indexed fields of an object.
    pub fn fields(&self, object: &str) -> &[(String, IndexMode)] {
        match self.objects.get(object) {
            Some(fields) => fields,
            None => self.objects.get(&object.to_ascii_lowercase()).map(Vec::as_slice).unwrap_or_default(),
        }
    }

    /// How an indexed field compares; `None` when it is not indexed.
    pub fn mode(&self, object: &str, field: &str) -> Option<IndexMode> {
        let mut fields = self.fields(object).iter();
        fields.find(|(name, _)| name.eq_ignore_ascii_case(field)).map(|(_, mode)| *mode)
    }

    /// The plan of one object as text, to be compared with the one that the database was built by.
    pub(super) fn fingerprint(&self, object: &str) -> String {
        let fields = self.fields(object).iter().map(|(name, mode)| format!("{name}: {}", mode.name()));
        fields.collect::<Vec<_>>().join(", ").to_ascii_lowercase()
    }

    /// Lower-cased names of all objects.
    pub(super) fn objects(&self) -> impl Iterator<Item = &String> {
        self.objects.keys()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_compare_as_their_field_says() {
        let check = |mode: IndexMode, value: Value, key: Option<&str>| {
            assert_eq!(mode.key(&value).as_deref(), key, "{mode:?} {value}");
        };
        check(IndexMode::FoldCase, json!("AbÇ"), Some("abç"));
        check(IndexMode::Exact, json!("AbÇ"), Some("AbÇ"));
        check(IndexMode::Number, json!(7.50), Some("7.5"));
        check(IndexMode::Number, json!(7), Some("7"));
        check(IndexMode::Number, json!("7.0"), Some("7"));
        check(IndexMode::FoldCase, Value::Null, None);
    }
}
