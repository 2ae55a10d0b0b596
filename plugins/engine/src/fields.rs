//! What a payload shows by itself: fields that the export user may not write, and values that do not fit their fields.
//!
//! A field that the org does not describe is left to the CRM.

use metadata::org::Field;
use metadata::{Misfit, Org, misfit, not_writable};
use serde_json::{Map, Value};

use crate::verdict::{Refusal, RuleKind, RuleName};

/// Every refusal of a payload's fields. As in Salesforce, values are looked at only when all fields may be written.
pub fn refusals(org: &Org, object: &str, json: &Map<String, Value>) -> Vec<Refusal> {
    let Some(object) = org.object(object) else { return Vec::new() };
    let sent: Vec<(&Field, &Value)> = json
        .iter()
        .filter_map(|(name, value)| Some((object.field(name).or_else(|| object.relationship(name))?, value)))
        .collect();
    let locked = |field: &Field| field.read_only || !org.user.field_rights(object, field).editable;
    let locked: Vec<String> =
        sent.iter().filter(|(field, _)| locked(field)).map(|(field, _)| field.api_name.clone()).collect();
    let refusal = |found: Misfit, fields: Vec<String>| {
        let name = format!("{}.{}", object.api_name, fields.join(", "));
        let rule = RuleName { kind: RuleKind::Field, name, file: String::new() };
        Refusal { code: found.code.to_owned(), message: found.message, fields, rule }
    };
    if !locked.is_empty() {
        return vec![refusal(not_writable(&locked), locked)];
    }
    let misfits = sent.into_iter().filter_map(|(field, value)| Some((misfit(field, value)?, field)));
    misfits.map(|(found, field)| refusal(found, vec![field.api_name.clone()])).collect()
}
