//! A record: what one CRM write carries. Parsed at the edge into a form that cannot be half valid.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use thiserror::Error;

use crate::name::check_api_name;
use crate::position::Position;

/// The largest record, as JSON text in bytes. A parked record must fit in one DynamoDB item (400 KB with its keys and
/// its error, reference aws §3).
pub const RECORD_BYTES_MAX: usize = 300_000;

/// How much is kept of the problem of JSON that is no record, in bytes: it may name a member of any length.
const PROBLEM_BYTES_MAX: usize = 1_000;

/// How deep a field's value may be nested: a parent given by its external id, which may carry `attributes`. Far below
/// the 128 levels that JSON readers stop at, so that what can be written can be read.
const NESTING_MAX: usize = 3;

/// The upsert key: which field, and its value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ExternalId {
    /// API name of the external id field.
    pub field: String,
    /// Its value, as text.
    pub value: String,
}

impl fmt::Display for ExternalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.field, self.value)
    }
}

impl ExternalId {
    /// The key under which two records certainly do not collide in the CRM: external ids are compared there without
    /// regard to case unless the field says otherwise (reference §3.1), so one call never carries both `a` and `A`.
    pub fn folded(&self) -> String {
        format!("{}={}", self.field.to_lowercase(), self.value.trim().to_lowercase())
    }
}

/// What to do with the record in the CRM.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Operation {
    /// Insert, or update when the external id is there.
    #[default]
    Upsert,
    /// Delete; a record that is not there is deleted already.
    Delete,
}

/// One CRM write.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Record {
    /// API name of the object.
    pub object: String,
    /// The upsert key.
    pub external_id: ExternalId,
    /// Upsert or delete.
    #[serde(default)]
    pub operation: Operation,
    /// Field values as the CRM takes them; a parent may be given by its external id: `{"Account": {"Ext__c": "A-1"}}`.
    #[serde(default)]
    pub fields: Map<String, Value>,
    /// Where it came from, for people: `contacts.ndjson:812`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Why it cannot be sent as it is. Such a record is a record error with our own code, [`INCOMPLETE_RECORD`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}

/// Our own code for a record that is not whole.
pub const INCOMPLETE_RECORD: &str = "INCOMPLETE_RECORD";

/// A record with its place in the job's order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Placed {
    /// Its place.
    pub position: Position,
    /// The record.
    pub record: Record,
}

/// Why JSON is not a record. Names the member.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{member}: {reason}")]
pub struct RecordProblem {
    /// Which member, `externalId.value`.
    pub member: String,
    /// What is wrong with it and what belongs there.
    pub reason: String,
}

fn problem<T>(member: impl Into<String>, reason: impl Into<String>) -> Result<T, RecordProblem> {
    Err(RecordProblem { member: member.into(), reason: reason.into() })
}

impl Record {
    /// Reads the wire form: `{"object", "externalId": {"field", "value"}, "operation"?, "fields"}`.
    ///
    /// # Errors
    /// Names the first member that is missing, of the wrong type, or not known.
    pub fn from_json(value: Value) -> Result<Self, RecordProblem> {
        let Value::Object(mut members) = value else {
            return problem("record", "must be a JSON object");
        };
        let object = text(members.remove("object"), "object")?;
        check_api_name("object", &object).or_else(|error| problem("object", error.to_string()))?;
        let external_id = external_id(members.remove("externalId"))?;
        let operation = match members.remove("operation") {
            None => Operation::Upsert,
            Some(Value::String(name)) if name.eq_ignore_ascii_case("upsert") => Operation::Upsert,
            Some(Value::String(name)) if name.eq_ignore_ascii_case("delete") => Operation::Delete,
            Some(_) => return problem("operation", "must be \"upsert\" or \"delete\""),
        };
        let fields = fields(members.remove("fields"), operation, &external_id)?;
        let source = match members.remove("source") {
            None | Some(Value::Null) => None,
            Some(Value::String(source)) => Some(source),
            Some(_) => return problem("source", "must be text"),
        };
        if let Some(unknown) = members.keys().next() {
            return problem(
                unknown,
                "is not a member of a record: use object, externalId, operation, fields and source",
            );
        }
        Ok(Self { object, external_id, operation, fields, source, problem: None })
    }

    /// A record that stands for JSON which is none, so that it is kept, shown and counted like any other.
    /// It is kept as text: what is not a record may be nested too deeply to be part of one.
    pub fn incomplete(object: &str, position: Position, raw: &Value, problem: &RecordProblem) -> Self {
        let mut fields = Map::new();
        fields.insert("raw".to_owned(), Value::String(raw.to_string()));
        Self {
            object: object.to_owned(),
            external_id: ExternalId { field: String::new(), value: format!("at {position}") },
            operation: Operation::Upsert,
            fields,
            source: None,
            problem: Some(shortened(problem.to_string(), PROBLEM_BYTES_MAX)),
        }
    }

    /// Its size as JSON text, in bytes.
    pub fn bytes(&self) -> usize {
        serde_json::to_string(self).map_or(0, |text| text.len())
    }
}

/// The beginning of a text that is too long, with its length.
fn shortened(text: String, most: usize) -> String {
    if text.len() <= most {
        return text;
    }
    format!("{} ... ({} bytes in all)", &text[..text.floor_char_boundary(most)], text.len())
}

fn text(value: Option<Value>, member: &str) -> Result<String, RecordProblem> {
    match value {
        Some(Value::String(text)) if !text.trim().is_empty() => Ok(text),
        Some(Value::String(_)) => problem(member, "must not be empty"),
        None | Some(Value::Null) => problem(member, "is missing"),
        Some(_) => problem(member, "must be text"),
    }
}

fn external_id(value: Option<Value>) -> Result<ExternalId, RecordProblem> {
    let mut members = match value {
        Some(Value::Object(members)) => members,
        None | Some(Value::Null) => {
            return problem(
                "externalId",
                "is missing: without it a repeated write would make a second record",
            );
        }
        Some(_) => return problem("externalId", "must be {\"field\": ..., \"value\": ...}"),
    };
    let field = text(members.remove("field"), "externalId.field")?;
    check_api_name("external id field", &field)
        .or_else(|error| problem("externalId.field", error.to_string()))?;
    let value = match members.remove("value") {
        Some(Value::Number(number)) => number.to_string(),
        other => text(other, "externalId.value")?,
    };
    if let Some(unknown) = members.keys().next() {
        return problem(format!("externalId.{unknown}"), "is not known: use field and value");
    }
    Ok(ExternalId { field, value })
}

fn fields(
    value: Option<Value>,
    operation: Operation,
    external_id: &ExternalId,
) -> Result<Map<String, Value>, RecordProblem> {
    let fields = match value {
        Some(Value::Object(fields)) => fields,
        None if operation == Operation::Delete => Map::new(),
        None | Some(Value::Null) => return problem("fields", "is missing"),
        Some(_) => return problem("fields", "must be a JSON object of field names and values"),
    };
    for (name, value) in &fields {
        check_api_name("field", name)
            .or_else(|error| problem(format!("fields.{name}"), error.to_string()))?;
        if depth(value) > NESTING_MAX {
            return problem(
                format!("fields.{name}"),
                "is nested too deeply: a parent is {\"Ext__c\": \"A-1\"}",
            );
        }
        if value.is_array() {
            return problem(
                format!("fields.{name}"),
                "is a list: a field takes one value (join a multi-select by `;`)",
            );
        }
        if name.eq_ignore_ascii_case(&external_id.field) {
            return problem(format!("fields.{name}"), "is the external id: give it once, in externalId");
        }
    }
    Ok(fields)
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Object(members) => 1 + members.values().map(depth).max().unwrap_or(0),
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_whole_record_is_read() {
        let record = Record::from_json(json!({
            "object": "Contact", "externalId": {"field": "Ext__c", "value": 42},
            "fields": {"LastName": "Doe", "Score__c": null, "Account": {"Ext__c": "A-1"}}
        }))
        .expect("whole");
        assert_eq!(record.external_id.to_string(), "Ext__c=42");
        assert_eq!(record.operation, Operation::Upsert);
        let stored: Record =
            serde_json::from_value(serde_json::to_value(&record).expect("json")).expect("read back");
        assert_eq!(stored, record);
    }

    #[test]
    fn a_number_keeps_its_digits() {
        let line = r#"{"object":"A","externalId":{"field":"E__c","value":"1"},"fields":{"N__c":12345678901234567.890}}"#;
        let record = Record::from_json(serde_json::from_str(line).expect("json")).expect("whole");
        assert_eq!(record.fields["N__c"].to_string(), "12345678901234567.890");
    }

    #[test]
    fn what_is_missing_is_named() {
        let id = json!({"field": "Ext__c", "value": "42"});
        let cases = [
            (json!([]), "record: must be a JSON object"),
            (json!({"externalId": id, "fields": {}}), "object: is missing"),
            (
                json!({"object": "Contact", "fields": {}}),
                "externalId: is missing: without it a repeated write would make a second record",
            ),
            (
                json!({"object": "Contact", "externalId": "42"}),
                "externalId: must be {\"field\": ..., \"value\": ...}",
            ),
            (
                json!({"object": "Contact", "externalId": {"field": "E", "value": " "}}),
                "externalId.value: must not be empty",
            ),
            (json!({"object": "Contact", "externalId": id}), "fields: is missing"),
            (
                json!({"object": "Contact", "externalId": id, "fields": "x"}),
                "fields: must be a JSON object of field names and values",
            ),
            (
                json!({"object": "Contact", "externalId": id, "fields": {"A": [1]}}),
                "fields.A: is a list: a field takes one value (join a multi-select by `;`)",
            ),
            (
                json!({"object": "Contact", "externalId": id, "operation": "insert"}),
                "operation: must be \"upsert\" or \"delete\"",
            ),
            (
                json!({"object": "Contact", "externalId": id, "fields": {"A": {"B": {"C": {"D": {}}}}}}),
                "fields.A: is nested too deeply: a parent is {\"Ext__c\": \"A-1\"}",
            ),
            (
                json!({"object": "Contact", "externalId": id, "fields": {"ext__C": 1}}),
                "fields.ext__C: is the external id: give it once, in externalId",
            ),
            (
                json!({"object": "Contact", "externalId": id, "field": {}, "fields": {}}),
                "field: is not a member of a record: use object, externalId, operation, fields and source",
            ),
        ];
        for (json, message) in cases {
            assert_eq!(
                Record::from_json(json.clone()).expect_err("not whole").to_string(),
                message,
                "{json}"
            );
        }
    }
}
