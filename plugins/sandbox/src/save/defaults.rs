//! Step 2 for a new record: what the client did not send gets its default.
//!
//! A field that was sent as null stays null, but for the owner. Default formulas see the values that were sent and the
//! other defaults; one whose value is not known gives none.

use engine::{RuleKind, RuleName};
use formula::Lookup;
use metadata::org::{Field, FieldKind, Object};
use metadata::rules::RollUpOperation;
use serde_json::Value;

use super::draft::{Draft, note};
use super::world::{Ground, Known};
use crate::store::StoreError;
use crate::system::USER_ID;
use crate::values;
use crate::view::View;

/// Fills the defaults of a new record.
pub fn fill<'a>(view: &View<'a>, draft: &mut Draft<'a>) -> Result<(), StoreError> {
    let object = draft.object;
    // Also an owner that is taken away: every record of such an object has one.
    if object.field("OwnerId").is_some() && draft.get("OwnerId").is_null() {
        draft.set("OwnerId", USER_ID.into());
    }
    if draft.prior.is_some() {
        return Ok(());
    }
    for field in
        object.fields.values().filter(|field| !field.read_only || starts_at_zero(view, object, field))
    {
        if draft.was_sent(field) {
            continue;
        }
        let value = if field.kind == FieldKind::Summary { Some(zero()) } else { default_of(field) };
        if let Some(value) = value {
            draft.set(&field.api_name, value);
        }
    }
    let formulas = object.fields.values().filter(|field| field.default_formula.is_some());
    for field in formulas.filter(|field| !field.read_only) {
        if !draft.was_sent(field)
            && let Some(value) = computed(view, draft, field)?
        {
            draft.give(field, value);
        }
    }
    Ok(())
}

fn zero() -> Value {
    values::number_value(0.into())
}

/// Sums and counts of nothing are zero; the least of nothing is null.
fn starts_at_zero(view: &View<'_>, object: &Object, field: &Field) -> bool {
    field.kind == FieldKind::Summary
        && view
            .org
            .rules
            .roll_up(&object.api_name, &field.api_name)
            .is_some_and(|roll_up| matches!(roll_up.operation, RollUpOperation::Sum | RollUpOperation::Count))
}

/// The value of a default formula.
fn computed(view: &View<'_>, draft: &Draft<'_>, field: &Field) -> Result<Option<Value>, StoreError> {
    let object = draft.object;
    let ground = Ground::new(view);
    let known = Known::new(&ground, object, &draft.values, None);
    let found = view.rules.default_value(&object.api_name, &field.api_name, &known);
    ground.check()?;
    let why = match found {
        None => return Ok(None),
        Some(Lookup::Known(value)) => match values::from_formula(field, &value) {
            Ok(value) => return Ok(Some(value).filter(|value| !value.is_null())),
            Err(error) => error.message,
        },
        Some(Lookup::Unknown(why)) => why,
        Some(Lookup::Error(error)) => error.to_string(),
    };
    let name = format!("{}.{}", object.api_name, field.api_name);
    note(view, RuleName { kind: RuleKind::Formula, name, file: String::new() }, why);
    Ok(None)
}

fn default_of(field: &Field) -> Option<Value> {
    if let Some(value) = &field.default_value {
        // A default that does not fit its field is none: the org's reader warns about it.
        return values::from_json(field, value).ok();
    }
    match &field.kind {
        FieldKind::Checkbox => Some(Value::Bool(false)),
        FieldKind::Picklist(list) | FieldKind::MultiselectPicklist(list) => {
            let default = list.values.iter().find(|value| value.default && value.active)?;
            Some(Value::from(default.value.as_str()))
        }
        _ => None,
    }
}
