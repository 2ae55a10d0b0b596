//! Joins a record with the open export error of the same external id, so that a late retry can never overwrite newer data.

use serde_json::{Map, Value};

use crate::export_error::{ErrorState, ExportError};
use crate::record::{Operation, Record};

/// The record as it is sent when `open` is the open export error of its external id: newer fields win.
///
/// A delete is sent as it is, and an upsert after a refused delete too: there is nothing older to carry.
pub fn joined(record: &Record, open: &ExportError) -> Record {
    let both_upsert = record.operation == Operation::Upsert && open.record.operation == Operation::Upsert;
    if !both_upsert || record.problem.is_some() {
        return record.clone();
    }
    let newer: Vec<String> = record.fields.iter().map(|(name, value)| written_field(name, value)).collect();
    let mut fields: Map<String, Value> = Map::new();
    for (name, value) in &open.record.fields {
        if !newer.contains(&written_field(name, value)) {
            fields.insert(name.clone(), value.clone());
        }
    }
    fields.extend(record.fields.iter().map(|(name, value)| (name.clone(), value.clone())));
    Record { fields, ..record.clone() }
}

/// What becomes of the open error once `record` was exported: its data went along, or is moot.
pub fn closed_as(record: &Record, open: &ExportError) -> ErrorState {
    if record.operation == open.record.operation { ErrorState::Resolved } else { ErrorState::Superseded }
}

/// The field that a member writes. A parent given by its external id (`Account`, `Contact__r`) and the lookup itself
/// (`AccountId`, `Contact__c`) are one field: sending both would be refused, or the older would win.
fn written_field(name: &str, value: &Value) -> String {
    let lower = name.to_lowercase();
    if !value.is_object() {
        return lower;
    }
    match lower.strip_suffix("__r") {
        Some(stem) => format!("{stem}__c"),
        None => format!("{lower}id"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::classify::Refusal;
    use crate::name::{AccountName, JobId};
    use crate::position::Position;
    use crate::record::Placed;
    use crate::timestamp::Timestamp;

    fn record(operation: &str, fields: Value) -> Record {
        let json = json!({"object": "Contact", "externalId": {"field": "E__c", "value": "1"}, "operation": operation, "fields": fields});
        Record::from_json(json).expect("whole")
    }

    fn open(operation: &str, fields: Value) -> ExportError {
        let job = JobId::new(AccountName::new("a").expect("fits"), "Contact").expect("fits");
        let placed = Placed { position: Position::new(1, 0), record: record(operation, fields) };
        ExportError::logged(&job, placed, &Refusal::new(vec![]), Timestamp::default(), None)
    }

    fn check(older: Value, newer: Value, expected: Value) {
        let joined = joined(&record("upsert", newer), &open("upsert", older));
        assert_eq!(Value::Object(joined.fields), expected);
    }

    #[test]
    fn newer_fields_win() {
        check(json!({"A": 1, "B": 2}), json!({"b": 3, "C": 4}), json!({"A": 1, "b": 3, "C": 4}));
        check(json!({"A": 1}), json!({"A": null}), json!({"A": null}));
        check(
            json!({"AccountId": "001"}),
            json!({"Account": {"Ext__c": "1"}}),
            json!({"Account": {"Ext__c": "1"}}),
        );
        check(
            json!({"P__r": {"Ext__c": "1"}, "X": 1}),
            json!({"P__c": "a01"}),
            json!({"X": 1, "P__c": "a01"}),
        );
    }

    #[test]
    fn a_delete_carries_nothing_and_supersedes() {
        let delete = record("delete", json!({}));
        let older = open("upsert", json!({"A": 1}));
        assert_eq!(joined(&delete, &older), delete);
        assert_eq!(closed_as(&delete, &older), ErrorState::Superseded);
        let upsert = record("upsert", json!({"B": 1}));
        assert_eq!(joined(&upsert, &open("delete", json!({}))), upsert);
        assert_eq!(closed_as(&upsert, &older), ErrorState::Resolved);
    }
}
