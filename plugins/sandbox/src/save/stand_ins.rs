//! Stand-ins for records that a row names but nobody has: their ids and keys are there, the rest is not known.
//!
//! For checks of records on their own: a missing parent shall hide no rule, and a rule that looks at what is not known
//! says so.

use metadata::org::{FieldKind, Object, Reference};
use serde_json::{Map, Value};

use super::parents;
use super::row::{Operation, Row};
use super::world::PLACEHOLDER;
use crate::store::{Record, StoreError};
use crate::view::View;
use crate::{ids, values};

/// Stores a stand-in for every record that the row names and the store has not.
pub fn provide(view: &View<'_>, row: &Row) -> Result<(), StoreError> {
    let Some(object) = view.object(&row.object) else { return Ok(()) };
    if let Operation::Update { id } | Operation::Delete { id } = &row.operation {
        by_id(view, object, id)?;
    }
    for (name, value) in &row.values {
        match (object.field(name), value) {
            (Some(field), Value::String(id)) => {
                if let FieldKind::Reference(reference) = &field.kind
                    && let Some(parent) = parent_of(view, reference, id)
                {
                    by_id(view, parent, id)?;
                }
            }
            (None, Value::Object(key)) => {
                if let Some((_, reference)) = parents::relationship(view, object, name) {
                    by_key(view, reference, key)?;
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// The object that an id is of, among those that a lookup can point to.
fn parent_of<'a>(view: &View<'a>, reference: &Reference, id: &str) -> Option<&'a Object> {
    let mut described = reference.to.iter().filter_map(|to| view.org.object(to));
    described.find(|object| id.starts_with(&object.key_prefix))
}

fn by_id(view: &View<'_>, object: &Object, id: &str) -> Result<(), StoreError> {
    match ids::normalise(id) {
        Some(id) if view.store.find_id(&id)?.is_none() => insert(view, object, id, Map::new()),
        _ => Ok(()),
    }
}

fn by_key(view: &View<'_>, reference: &Reference, key: &Map<String, Value>) -> Result<(), StoreError> {
    let Some((object, field, value)) = parents::key_of(view, reference, key) else { return Ok(()) };
    match values::from_json(field, value) {
        Ok(Value::String(id)) if field.kind == FieldKind::Id => by_id(view, object, &id),
        Ok(value) if !value.is_null() && field.kind != FieldKind::Id => {
            if !view.store.find(&object.api_name, &field.api_name, &value, 1)?.is_empty() {
                return Ok(());
            }
            let id = ids::make(&object.key_prefix, view.store.count_up("record id")? + 1);
            insert(view, object, id, Map::from_iter([(field.api_name.clone(), value)]))
        }
        _ => Ok(()),
    }
}

fn insert(view: &View<'_>, object: &Object, id: String, known: Map<String, Value>) -> Result<(), StoreError> {
    let mut fields = known;
    fields.insert("Id".into(), id.as_str().into());
    fields.insert("IsDeleted".into(), false.into());
    fields.insert(PLACEHOLDER.into(), true.into());
    let object = object.api_name.to_ascii_lowercase();
    view.store.insert(&Record { id, object, deleted: false, fields })
}
