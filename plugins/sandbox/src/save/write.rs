//! Step 4: stamps, the computed name, auto-numbers, the id; then the record is stored.

use metadata::org::FieldKind;
use serde_json::{Map, Value};

use super::autonumber;
use super::draft::Draft;
use crate::store::{Record, StoreError};
use crate::system::USER_ID;
use crate::view::View;
use crate::{ids, values};

/// Stores the draft and says its id.
pub fn write(view: &View<'_>, mut draft: Draft<'_>) -> Result<String, StoreError> {
    stamp(view, &mut draft);
    name(&mut draft);
    number(view, &mut draft)?;
    let object = draft.object.api_name.to_ascii_lowercase();
    match draft.prior {
        Some(prior) => {
            let record = Record { id: prior.id.clone(), object, deleted: false, fields: draft.values };
            view.store.update(&record, &prior)?;
            Ok(record.id)
        }
        None => {
            let id = ids::make(&draft.object.key_prefix, view.store.count_up("record id")? + 1);
            let mut fields = Map::with_capacity(draft.values.len() + 2);
            fields.insert("Id".into(), id.as_str().into());
            fields.insert("IsDeleted".into(), false.into());
            fields.extend(draft.values);
            view.store.insert(&Record { id: id.clone(), object, deleted: false, fields })?;
            Ok(id)
        }
    }
}

fn stamp(view: &View<'_>, draft: &mut Draft<'_>) {
    let now = Value::from(values::datetime_text(view.now));
    let user = Value::from(USER_ID);
    let changed = [("LastModifiedDate", &now), ("SystemModstamp", &now), ("LastModifiedById", &user)];
    let created = [("CreatedDate", &now), ("CreatedById", &user)];
    let is_new = draft.prior.is_none();
    let stamps = created.into_iter().filter(|_| is_new).chain(changed);
    for (field, value) in stamps {
        if draft.object.field(field).is_some() {
            draft.set(field, value.clone());
        }
    }
    if draft.object.field("OwnerId").is_some() && draft.get("OwnerId").is_null() {
        draft.set("OwnerId", user);
    }
}

/// A new record takes the next numbers. Only now, so that a refused record takes none.
fn number(view: &View<'_>, draft: &mut Draft<'_>) -> Result<(), StoreError> {
    if draft.prior.is_some() {
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
    let parts =
        ["FirstName", "MiddleName", "LastName", "Suffix"].iter().filter_map(|part| draft.get(part).as_str());
    let name = parts.collect::<Vec<_>>().join(" ");
    draft.set("Name", if name.is_empty() { Value::Null } else { name.into() });
}
