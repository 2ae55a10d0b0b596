//! Step 7: stamps, the computed name, auto-numbers, the id; then the record is stored.

use metadata::org::FieldKind;
use serde_json::{Map, Value};

use super::autonumber;
use super::draft::Draft;
use super::world;
use crate::store::{Record, StoreError};
use crate::system::USER_ID;
use crate::view::View;
use crate::{ids, values};

/// Stores the draft, for the first time or once more.
pub fn write(view: &View<'_>, draft: &mut Draft<'_>) -> Result<(), StoreError> {
    stamp(view, draft);
    name(draft);
    number(view, draft)?;
    let object = draft.object.api_name.to_ascii_lowercase();
    let values = std::mem::take(&mut draft.values);
    let record = match draft.stored.as_ref().or(draft.prior.as_ref()) {
        Some(before) => {
            let record = Record { id: before.id.clone(), object, deleted: false, fields: values };
            view.store.update(&record, before)?;
            record
        }
        None => {
            let id = ids::make(&draft.object.key_prefix, view.store.count_up("record id")? + 1);
            let mut fields = Map::with_capacity(values.len() + 2);
            fields.insert("Id".into(), id.as_str().into());
            fields.insert("IsDeleted".into(), false.into());
            fields.extend(values);
            let record = Record { id, object, deleted: false, fields };
            view.store.insert(&record)?;
            record
        }
    };
    draft.values = record.fields.clone();
    draft.stored = Some(record);
    Ok(())
}

fn stamp(view: &View<'_>, draft: &mut Draft<'_>) {
    let now = Value::from(values::datetime_text(view.now));
    let user = Value::from(USER_ID);
    let changed = [("LastModifiedDate", &now), ("SystemModstamp", &now), ("LastModifiedById", &user)];
    let created = [("CreatedDate", &now), ("CreatedById", &user)];
    let is_new = draft.id().is_none();
    let stamps = created.into_iter().filter(|_| is_new).chain(changed);
    for (field, value) in stamps {
        if draft.object.field(field).is_some() {
            draft.set(field, value.clone());
        }
    }
}

/// A new record takes the next numbers. Only now, so that a refused record takes none.
fn number(view: &View<'_>, draft: &mut Draft<'_>) -> Result<(), StoreError> {
    if draft.id().is_some() {
        return Ok(());
    }
    let object = draft.object;
    for field in object.fields.values() {
        if let FieldKind::AutoNumber { format } = &field.kind {
            let counter = format!("auto-number {}.{}", object.api_name, field.api_name).to_ascii_lowercase();
            let number = view.store.count_up(&counter)?;
            draft.set(&field.api_name, autonumber::format(format, number, view.now).into());
        }
    }
    Ok(())
}

/// People's names are put together from their parts, without the salutation.
fn name(draft: &mut Draft<'_>) {
    let is_person = draft.object.field("LastName").is_some();
    if !is_person || draft.object.field("Name").is_none_or(|name| !name.read_only) {
        return;
    }
    let name = world::person_name(&draft.values);
    draft.set("Name", name.map_or(Value::Null, Value::from));
}
