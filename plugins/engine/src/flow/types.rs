//! The fields of objects by path, as an org's metadata describes them.

use formula::{Schema, Type};
use metadata::org::FieldKind;
use metadata::{Org, OrgSchema};

/// The type of an object's field by its path (`Type`, `Account.Owner.Name`); none when there is no such field.
pub(super) fn field(org: &Org, object: &str, path: &str) -> Option<Type> {
    if path.starts_with('$') { None } else { OrgSchema::new(org, object).field(path) }
}

/// The field that holds a parent's id, and the parent's object, for a path of relationships: `Account.Parent` is
/// `Account.ParentId` and `Account`. None when it is no such path, or may lead to several objects.
pub(super) fn parent(org: &Org, object: &str, path: &str) -> Option<(String, String)> {
    let (relationship, rest) = path.split_once('.').unwrap_or((path, ""));
    let lookup = org.object(object)?.relationship(relationship)?;
    let FieldKind::Reference(reference) = &lookup.kind else { return None };
    let [target] = &reference.to[..] else { return None };
    if rest.is_empty() {
        return Some((lookup.api_name.clone(), target.clone()));
    }
    let (id, object) = parent(org, target, rest)?;
    Some((format!("{relationship}.{id}"), object))
}
