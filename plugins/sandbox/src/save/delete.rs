//! Deleting in the store: the record goes to the recycle bin, and its children follow, let go, or hold it, as their lookups say.

use metadata::org::{Object, OnDelete};
use serde_json::Value;

use super::draft::Refusal;
use super::nested::Nest;
use super::summary;
use crate::error::RowError;
use crate::store::{Record, StoreError};
use crate::values;
use crate::view::{Child, View};

/// More children than this under one parent and lookup are not expected in a sandbox.
const ALL: u32 = u32::MAX;

/// Deletes a record with everything that follows from it.
pub fn delete(view: &View<'_>, object: &Object, record: &Record, nest: &Nest) -> Result<(), Refusal> {
    let children = view.all_children(object);
    for child in children.iter().filter(|child| child.reference.on_delete == OnDelete::Restrict) {
        let holders = find(view, child, &record.id)?;
        if !holders.is_empty() {
            return Err(held(child, record, &holders).into());
        }
    }
    bury(view, record)?;
    for child in &children {
        for id in find(view, child, &record.id)? {
            let Some(found) = view.store.get(&id)?.filter(|found| !found.deleted) else { continue };
            match child.reference.on_delete {
                _ if child.reference.master_detail => delete(view, child.object, &found, nest)?,
                OnDelete::Cascade => delete(view, child.object, &found, nest)?,
                OnDelete::SetNull | OnDelete::Restrict => let_go(view, child, found)?,
            }
        }
    }
    summary::update_parents(view, object, Some(&record.fields), None, nest)
}

fn find(view: &View<'_>, child: &Child<'_>, parent: &str) -> Result<Vec<String>, StoreError> {
    view.store.find(&child.object.api_name, &child.field.api_name, &Value::from(parent), ALL)
}

fn held(child: &Child<'_>, record: &Record, holders: &[String]) -> RowError {
    let message = format!(
        "Your attempt to delete {} could not be completed because it is associated with the following {}: {}",
        record.get("Name").as_str().unwrap_or(&record.id),
        child.object.plural_label,
        holders.join(", ")
    );
    RowError::new("DELETE_FAILED", message)
}

fn bury(view: &View<'_>, record: &Record) -> Result<(), StoreError> {
    let mut deleted = Record { deleted: true, ..record.clone() };
    deleted.fields.insert("IsDeleted".into(), true.into());
    touch(view, &mut deleted);
    view.store.update(&deleted, record)
}

fn let_go(view: &View<'_>, child: &Child<'_>, found: Record) -> Result<(), StoreError> {
    let mut changed = found.clone();
    changed.fields.shift_remove(&child.field.api_name);
    touch(view, &mut changed);
    view.store.update(&changed, &found)
}

/// The system changed it, not the user: only the system's stamp moves.
fn touch(view: &View<'_>, record: &mut Record) {
    if record.fields.contains_key("SystemModstamp") {
        record.fields.insert("SystemModstamp".into(), values::datetime_text(view.now).into());
    }
}
