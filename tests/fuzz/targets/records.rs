//! Records, as they come in messages and files and are kept in the ledger.

use domain::Record;
use serde_json::{Value, json};

use crate::choices::Choices;
use crate::json_text;
use crate::run::Target;

const NAMES: [&str; 16] = [
    "object",
    "externalId",
    "field",
    "value",
    "operation",
    "fields",
    "source",
    "problem",
    "LastName",
    "Account",
    "Ext__c",
    "ext__C",
    "attributes",
    "$serde_json::private::Number",
    "1bad",
    "",
];

#[test]
fn records() {
    let target = Target {
        name: "records",
        inputs: 20_000,
        check,
        words: &[
            "\"object\":",
            "\"externalId\":",
            "\"fields\":{",
            "\"delete\"",
            "null",
            "{\"Ext__c\":\"1\"}",
            "[",
            "{",
            "\\ud800",
            "1e999",
        ],
        also: &[],
    };
    target.run();
}

fn check(bytes: &[u8]) {
    check_text(bytes);
    let mut choices = Choices::new(bytes);
    let mut members = json_text::object(&mut choices, &NAMES);
    check_text(members.to_string().as_bytes());
    // Most of what is grown lacks a member: the same with what a record needs.
    members["object"] = json!("Contact");
    members["externalId"] = json!({"field": "Ext__c", "value": json_text::value(&mut choices, &NAMES)});
    members["fields"] = json_text::object(&mut choices, &NAMES);
    check_text(members.to_string().as_bytes());
}

/// What is read is written as it was read, and is read from the ledger as the same.
fn check_text(json: &[u8]) {
    let Ok(value) = serde_json::from_slice::<Value>(json) else { return };
    let record = match Record::from_json(value) {
        Ok(record) => record,
        Err(problem) => {
            assert!(!problem.member.is_empty() || !problem.reason.is_empty(), "a problem says what is wrong");
            return;
        }
    };
    assert_eq!(record.problem, None, "a whole record has no problem");
    assert!(!record.external_id.value.trim().is_empty(), "a record without a key would be written twice");
    let folded = record.external_id.field.to_lowercase();
    assert!(record.fields.keys().all(|name| name.to_lowercase() != folded), "the key is given once");
    let text = serde_json::to_string(&record).expect("a record is JSON");
    assert_eq!(record.bytes(), text.len());
    assert_eq!(serde_json::from_str::<Record>(&text).expect("what is kept can be read"), record);
    let again = Record::from_json(serde_json::from_str(&text).expect("it is JSON"));
    assert_eq!(again.as_ref(), Ok(&record), "what is written is a record");
}
