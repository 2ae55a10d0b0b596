//! Stores a record as it is said to be, without any rule: what was there before a save that is looked into.

use metadata::org::FieldKind;
use serde_json::Map;

use super::draft::Refusal;
use super::parents;
use super::row::Row;
use crate::error::RowError;
use crate::store::Record;
use crate::view::View;
use crate::{ids, values};

/// Stores the row's values and says the id: the row's own `Id`, else a new one. Computed fields are passed over.
pub fn put(view: &View<'_>, row: &Row) -> Result<String, Refusal> {
    let Some(object) = view.org.object(&row.object) else {
        let message = format!("sObject type '{}' is not supported.", row.object);
        return Err(RowError::new("INVALID_TYPE", message).into());
    };
    let mut fields = Map::new();
    fields.insert("IsDeleted".into(), false.into());
    for (name, value) in row.values.iter().filter(|(name, _)| *name != "attributes") {
        let (field, value) = match (object.field(name), parents::relationship(view, object, name)) {
            (Some(field), _) => {
                let read = values::from_json(field, value);
                (field, read.map_err(|found| RowError::on(name, "JSON_PARSER_ERROR", found.message()))?)
            }
            (None, Some((field, reference))) => match value.as_object() {
                Some(key) => (field, parents::find(view, object, reference, key, row.text)??.id),
                None => continue,
            },
            (None, None) => return Err(view.no_such_column(object, name).into()),
        };
        if !matches!(field.kind, FieldKind::Formula { .. }) && !value.is_null() {
            fields.insert(field.api_name.clone(), value);
        }
    }
    let own = fields.get("Id").and_then(|id| ids::normalise(id.as_str()?));
    let id = match own {
        Some(id) => id,
        None => ids::make(&object.key_prefix, view.store.count_up("record id")? + 1),
    };
    fields.insert("Id".into(), id.as_str().into());
    let record =
        Record { id: id.clone(), object: object.api_name.to_ascii_lowercase(), deleted: false, fields };
    match view.store.get(&id)? {
        Some(before) => view.store.update(&record, &before)?,
        None => view.store.insert(&record)?,
    }
    Ok(id)
}
