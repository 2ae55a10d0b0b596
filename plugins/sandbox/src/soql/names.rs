//! Finds what a query's names mean: objects, fields, parents and children that the user may see.
//!
//! What the user may not see is as unknown as what does not exist, as in Salesforce.

use std::collections::HashSet;

use metadata::org::{Field, FieldKind, Object, Reference};

use super::ast::{From, Path};
use super::error::{QueryError, QueryErrorKind};
use super::filter::{Filter, Test};
use super::keys::Key;
use crate::view::View;

/// What stands behind `FROM`: the object and its alias.
#[derive(Clone, Copy)]
pub struct Scope<'v, 'q> {
    view: View<'v>,
    /// The object.
    pub object: &'v Object,
    alias: Option<&'q str>,
}

/// A field of a record or of its parents.
#[derive(Debug, Clone)]
pub struct Column<'v> {
    /// Lookups to go through, from the record on.
    pub steps: Vec<&'v Field>,
    /// The field at the end.
    pub field: &'v Field,
}

impl Column<'_> {
    /// Whether both stand for the same field.
    pub fn same(&self, other: &Column<'_>) -> bool {
        self.path() == other.path()
    }

    /// `Account.Owner.Name`, spelled as the metadata does.
    pub fn path(&self) -> String {
        let steps = self.steps.iter().map(|step| relationship_name(step));
        steps.chain([self.field.api_name.as_str()]).collect::<Vec<_>>().join(".")
    }
}

/// Records that point to a record.
pub struct Children<'v> {
    /// Their object.
    pub object: &'v Object,
    /// Their field that holds the parent's id.
    pub field: &'v Field,
    /// Relationship name as the answer spells it.
    pub name: String,
}

impl<'v> Children<'v> {
    /// The condition that a record points to this parent.
    pub fn of(&self, parent: &str) -> Filter<Column<'v>> {
        let keys = HashSet::from([Key::Text(parent.to_owned())]);
        let operand = Column { steps: Vec::new(), field: self.field };
        Filter::Test { operand, test: Test::In { keys, negated: false } }
    }
}

/// The lookup behind a reference field.
fn reference(field: &Field) -> Option<&Reference> {
    match &field.kind {
        FieldKind::Reference(reference) => Some(reference),
        _ => None,
    }
}

/// Name to go from a record to its parent.
pub fn relationship_name(field: &Field) -> &str {
    reference(field).map_or(field.api_name.as_str(), |reference| &reference.relationship_name)
}

impl<'v, 'q> Scope<'v, 'q> {
    /// What a `FROM` clause means.
    ///
    /// # Errors
    /// `INVALID_TYPE` when the object does not exist or may not be read.
    pub fn new(view: View<'v>, from: &'q From) -> Result<Scope<'v, 'q>, QueryError> {
        match view.object(&from.name) {
            Some(object) => Ok(Scope { view, object, alias: from.alias.as_deref() }),
            None => Err(QueryErrorKind::UnknownObject(from.name.clone()).at(from.at)),
        }
    }

    /// The child relationship of this object that the `FROM` clause of a subquery names, and the subquery's scope.
    ///
    /// # Errors
    /// `INVALID_TYPE` when no object has such a name; `MALFORMED_QUERY` when several lookups of one object share it.
    pub fn children<'c>(&self, from: &'c From) -> Result<(Children<'v>, Scope<'v, 'c>), QueryError> {
        let mut found: Vec<Children<'v>> = Vec::new();
        for child in self.view.children(self.object) {
            let names = [child.relationship_name()].into_iter().chain(child_names(child.object));
            let name = names.into_iter().find(|name| name.eq_ignore_ascii_case(&from.name));
            if let (Some(name), true) = (name, self.view.field_rights(child.object, child.field).readable) {
                found.push(Children { object: child.object, field: child.field, name });
            }
        }
        if let [first, second, ..] = found.as_slice() {
            let message = format!(
                "the sandbox cannot tell which lookup the relationship '{}' means, {}.{} or {}.{}; query {} itself",
                from.name,
                first.object.api_name,
                first.field.api_name,
                second.object.api_name,
                second.field.api_name,
                first.object.api_name
            );
            return Err(QueryErrorKind::Misuse(message).at(from.at));
        }
        let Some(children) = found.pop() else {
            return Err(QueryErrorKind::UnknownChildren(from.name.clone()).at(from.at));
        };
        let scope = Scope { view: self.view, object: children.object, alias: from.alias.as_deref() };
        Ok((children, scope))
    }

    /// The field that a path means.
    ///
    /// # Errors
    /// `INVALID_FIELD` for an unknown field or relationship.
    pub fn column(&self, path: &Path) -> Result<Column<'v>, QueryError> {
        let parts = self.without_alias(&path.parts);
        let Some((last, before)) = parts.split_last() else {
            return Err(QueryErrorKind::UnexpectedToken(path.text()).at(path.at));
        };
        let (mut objects, mut steps) = (vec![self.object], Vec::new());
        for name in before {
            let step = objects.iter().find_map(|object| self.step(object, name));
            let Some((field, targets)) = step else {
                return Err(QueryErrorKind::UnknownRelationship(name.clone()).at(path.at));
            };
            steps.push(field);
            objects = targets;
        }
        let unknown = || {
            let object = objects.first().unwrap_or(&self.object).api_name.clone();
            QueryErrorKind::UnknownField { field: last.clone(), object }.at(path.at)
        };
        let field = objects.iter().find_map(|object| self.view.field(object, last)).ok_or_else(unknown)?;
        Ok(Column { steps, field })
    }

    /// The path without the alias or the object's own name in front.
    fn without_alias<'p>(&self, parts: &'p [String]) -> &'p [String] {
        let [first, rest @ ..] = parts else { return parts };
        if rest.is_empty() {
            return parts;
        }
        let is_alias = self.alias.is_some_and(|alias| alias.eq_ignore_ascii_case(first));
        let is_own_name =
            self.object.api_name.eq_ignore_ascii_case(first) && self.step(self.object, first).is_none();
        if is_alias || is_own_name { rest } else { parts }
    }

    /// The lookup of this relationship name, and the objects that it leads to.
    fn step(&self, object: &'v Object, name: &str) -> Option<(&'v Field, Vec<&'v Object>)> {
        let field =
            object.relationship(name).filter(|field| self.view.field_rights(object, field).readable)?;
        let targets: Vec<&Object> =
            reference(field)?.to.iter().filter_map(|to| self.view.object(to)).collect();
        (!targets.is_empty()).then_some((field, targets))
    }
}

/// Names by which an object's records can be reached from their parent, besides the one that describe shows: the model
/// of an org does not hold child relationship names, so the usual ways to form them are all understood.
fn child_names(object: &Object) -> Vec<String> {
    let words = |separator: &str| {
        let words = object.plural_label.split(|character: char| !character.is_alphanumeric());
        words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(separator)
    };
    let Some(base) = object.api_name.strip_suffix("__c") else {
        return vec![plural(&object.api_name), words("")];
    };
    let namespace = base.split_once("__").map(|(namespace, _)| format!("{namespace}__")).unwrap_or_default();
    let of_label = [words("_"), words("")].map(|label| format!("{namespace}{label}__r"));
    let of_name = format!("{}__r", plural(base));
    of_label.into_iter().chain([of_name]).collect()
}

/// English plural of an API name, as Salesforce forms it: `Contacts`, `Opportunities`, `Addresses`.
fn plural(name: &str) -> String {
    match name.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'i', 'o', 'u']) => format!("{stem}ies"),
        _ if name.ends_with(['s', 'x']) => format!("{name}es"),
        _ => format!("{name}s"),
    }
}
