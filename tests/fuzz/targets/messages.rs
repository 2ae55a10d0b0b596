//! Messages of the queue: one job's records, each with its place, whatever is wrong with them.

use domain::message::Message;
use domain::record::RECORD_BYTES_MAX;
use domain::{Placed, Record};
use serde_json::json;

use crate::choices::{Choices, as_text};
use crate::json_text;
use crate::run::Target;

const NAMES: [&str; 12] = [
    "account",
    "object",
    "records",
    "externalId",
    "field",
    "value",
    "fields",
    "operation",
    "source",
    "Name",
    "Parent__r",
    "Ext__c",
];

#[test]
fn messages() {
    let target = Target {
        name: "messages",
        inputs: 2_000,
        check,
        words: &[
            "\"records\":[",
            "{\"externalId\":{\"field\":\"E__c\",\"value\":\"1\"},\"fields\":{}},",
            "\"object\":\"Contact\"",
            "[",
            "{",
            "]",
            "}",
            "null,",
        ],
        also: &[],
    };
    target.run();
}

fn check(bytes: &[u8]) {
    if let Some(text) = as_text(bytes) {
        check_body(text, 7);
    }
    let mut choices = Choices::new(bytes);
    let sequence = choices.of(&[1, 7, u128::from(u64::MAX), u128::MAX]);
    let mut records: Vec<_> = (0..choices.below(5)).map(|_| json_text::value(&mut choices, &NAMES)).collect();
    if choices.once_in(100) {
        records.push(json!("\"".repeat(300_000)));
    }
    let mut body = json_text::object(&mut choices, &NAMES);
    body["account"] = json!("acme");
    body["object"] = json!("Contact");
    body["records"] = json!(records);
    let read = check_body(&body.to_string(), sequence);
    assert_eq!(read, Some(records.len()), "every item has its place, whole or not");
}

/// How many records it has.
fn check_body(body: &str, sequence: u128) -> Option<usize> {
    let message = match Message::from_body("m1", sequence, body) {
        Ok(message) => message,
        Err(problem) => {
            assert!(!problem.to_string().is_empty());
            return None;
        }
    };
    let places: Vec<_> = message.records.iter().map(|placed| placed.position).collect();
    assert!(places.windows(2).all(|pair| pair[0] < pair[1]), "places increase strictly");
    assert!(places.iter().all(|place| place.sequence == sequence));
    for Placed { record, position } in &message.records {
        assert_eq!(record.object, message.job.object);
        let text = serde_json::to_string(record).expect("a record is JSON");
        let kept: Record = serde_json::from_str(&text).expect("what is kept can be read");
        assert_eq!(&kept, record);
        // A broken one is kept whole, however large: the ledgers cut it. Its problem may name a member of any length.
        match &record.problem {
            None => assert!(record.bytes() <= RECORD_BYTES_MAX, "{} bytes cannot be parked", record.bytes()),
            Some(problem) => {
                assert!(problem.len() < 1_100, "a problem of {} bytes", problem.len());
                assert_eq!(record.external_id.value, format!("at {position}"));
            }
        }
    }
    Some(message.records.len())
}
