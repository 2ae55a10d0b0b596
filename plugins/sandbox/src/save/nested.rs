//! Saves that rules order: full saves of their own, in system mode, inside the save that they belong to.
//!
//! System mode: the user's rights are not asked, as for record-triggered flows; what nobody may write stays read-only.

use std::collections::BTreeMap;

use engine::RecordId;
use formula::Value as Seen;
use metadata::org::Object;

use super::draft::{Draft, Refusal};
use super::{pipeline, removal};
use crate::error::RowError;
use crate::ids;
use crate::store::Record;
use crate::values;
use crate::view::View;

/// Deepest nesting of saves that order saves.
const DEEPEST: usize = 16;

/// The saves that a save stands in.
#[derive(Debug, Clone, Default)]
pub struct Nest {
    depth: usize,
    records: Vec<String>,
}

impl Nest {
    /// Whether a record of this id is being saved further out: then it is a recursive save.
    pub fn holds(&self, id: &str) -> bool {
        self.records.iter().any(|record| record == id)
    }

    /// The nest of what this record's rules order.
    pub fn around(&self, id: Option<&str>) -> Nest {
        let own = id.filter(|id| !self.holds(id)).map(str::to_owned);
        Nest { depth: self.depth + 1, records: self.records.iter().cloned().chain(own).collect() }
    }

    fn check(&self) -> Result<(), RowError> {
        if self.depth > DEEPEST {
            let message = format!("the maximum depth of {DEEPEST} saves that order one another was exceeded");
            return Err(RowError::new("MAX_DEPTH_IN_FLOW_EXECUTION", message));
        }
        Ok(())
    }
}

/// Gives a field a value as formulas see it.
///
/// # Errors
/// There is no such field, nobody may write it, or it cannot hold the value.
pub fn assign(draft: &mut Draft<'_>, name: &str, value: &Seen) -> Result<(), RowError> {
    let object = draft.object;
    let Some(field) = object.field(name) else {
        let message = format!("No such column '{name}' on sobject of type {}", object.api_name);
        return Err(RowError::new("INVALID_FIELD", message));
    };
    if field.read_only {
        let message = format!("Unable to create/update fields: {}.", field.api_name);
        return Err(RowError::on(&field.api_name, "INVALID_FIELD_FOR_INSERT_UPDATE", message));
    }
    draft.give(field, values::from_formula(field, value)?);
    Ok(())
}

/// Changes a stored record.
///
/// # Errors
/// It is refused, or the database fails; nothing of it is stored then.
pub fn update(
    view: &View<'_>,
    nest: &Nest,
    record: &RecordId,
    values: &BTreeMap<String, Seen>,
) -> Result<(), Refusal> {
    nest.check()?;
    let (object, prior) = stored(view, record)?;
    save(view, nest, Draft::change(object, prior), values).map(drop)
}

/// Creates a record.
///
/// # Errors
/// It is refused, or the database fails; nothing of it is stored then.
pub fn insert(
    view: &View<'_>,
    nest: &Nest,
    name: &str,
    values: &BTreeMap<String, Seen>,
) -> Result<RecordId, Refusal> {
    nest.check()?;
    let object = object(view, name)?;
    let id = save(view, nest, Draft::create(object), values)?;
    Ok(RecordId { object: object.api_name.clone(), id })
}

/// Deletes a record.
///
/// # Errors
/// It is refused, or the database fails; everything is still there then.
pub fn delete(view: &View<'_>, nest: &Nest, record: &RecordId) -> Result<(), Refusal> {
    nest.check()?;
    let (object, found) = stored(view, record)?;
    view.store.atomically(|| removal::remove(view, object, &found, nest))
}

fn save<'a>(
    view: &View<'a>,
    nest: &Nest,
    mut draft: Draft<'a>,
    values: &BTreeMap<String, Seen>,
) -> Result<String, Refusal> {
    for (name, value) in values {
        assign(&mut draft, name, value)?;
    }
    view.store.atomically(|| pipeline::run(view, draft, nest))
}

fn object<'a>(view: &View<'a>, name: &str) -> Result<&'a Object, RowError> {
    view.org
        .object(name)
        .ok_or_else(|| RowError::new("INVALID_TYPE", format!("sObject type '{name}' is not supported.")))
}

fn stored<'a>(view: &View<'a>, record: &RecordId) -> Result<(&'a Object, Record), Refusal> {
    let object = object(view, &record.object)?;
    let Some(id) = ids::normalise(&record.id) else {
        return Err(ids::malformed(&format!("{} ID", object.label), "Id", &record.id).into());
    };
    match view.store.get(&id)? {
        Some(found) if found.deleted => Err(RowError::new("ENTITY_IS_DELETED", "entity is deleted").into()),
        Some(found) if found.object.eq_ignore_ascii_case(&object.api_name) => Ok((object, found)),
        _ => Err(RowError::new("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id").into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn saves_nest_sixteen_deep() {
        let mut nest = Nest::default();
        for depth in 1..=17 {
            nest = nest.around(Some(&depth.to_string()));
            let code = nest.check().map_err(|error| error.code);
            let expected =
                if depth <= DEEPEST { Ok(()) } else { Err("MAX_DEPTH_IN_FLOW_EXECUTION".to_owned()) };
            assert_eq!(code, expected, "{depth}");
        }
        assert!(nest.holds("3") && !nest.holds("18"));
    }
}
