//! Answers of the CRM, of every status and body: no record counts as exported, or as deleted, unless the answer says so.

use std::sync::Arc;

use domain::decide::RowAnswer;
use domain::{Operation, Record, Timestamp};
use jobs::clock::ManualClock;
use jobs::crm::salesforce::{Credentials, Salesforce, SalesforceConfig};
use jobs::crm::{Chunk, Crm, CrmFailure, Reply};
use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};

use crate::choices::Choices;
use crate::json_text;
use crate::loopback::{Answer, Script, serve};
use crate::run::Target;

const NAMES: [&str; 20] = [
    "success",
    "errors",
    "id",
    "created",
    "statusCode",
    "errorCode",
    "message",
    "fields",
    "records",
    "done",
    "totalSize",
    "nextRecordsUrl",
    "Id",
    "Ext__c",
    "attributes",
    "error",
    "error_description",
    "access_token",
    "instance_url",
    "extendedErrorDetails",
];
const CODES: [&str; 14] = [
    "REQUIRED_FIELD_MISSING",
    "UNABLE_TO_LOCK_ROW",
    "ALL_OR_NONE_OPERATION_ROLLED_BACK",
    "INVALID_SESSION_ID",
    "REQUEST_LIMIT_EXCEEDED",
    "PROCESSING_HALTED",
    "ENTITY_IS_DELETED",
    "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
    "INVALID_FIELD",
    "NOT_FOUND",
    "API_DISABLED_FOR_ORG",
    "",
    "x",
    "SERVER_UNAVAILABLE",
];
const STATUSES: [u16; 24] = [
    200, 200, 200, 200, 200, 201, 202, 204, 206, 300, 301, 304, 400, 401, 403, 404, 409, 413, 420, 429, 431,
    500, 503, 599,
];

#[test]
fn answers() {
    let target = Target {
        name: "answers",
        inputs: 3_000,
        check,
        words: &[
            "{\"success\":true}",
            "{\"success\":false,\"errors\":[]}",
            "[",
            "]",
            ",",
            "true",
            "false",
            "\"success\":",
            "<html>",
            "\"done\":true",
            "null",
        ],
        also: &[],
    };
    target.run();
}

struct Asked {
    runtime: Runtime,
    client: Salesforce,
    script: Script,
}

thread_local! {
    static ASKED: Asked = Asked::new();
}

impl Asked {
    fn new() -> Self {
        let script = Script::default();
        let url = serve(script.clone());
        let credentials =
            Credentials::ClientCredentials { client_id: "3MVG".into(), client_secret: "x".into() };
        let clock = Arc::new(ManualClock::at(Timestamp::from_millis(1_000_000)));
        let client = Salesforce::new(SalesforceConfig::new(url, credentials), clock).expect("it is sound");
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        Self { runtime, client, script }
    }

    fn send(&self, operation: Operation, count: usize, answers: &[Answer]) -> Reply {
        self.script.set(answers.to_vec());
        let record = |number: usize| {
            let id = format!("K-{number}");
            let json =
                json!({"object": "A__c", "externalId": {"field": "Ext__c", "value": id}, "fields": {}});
            Record::from_json(json).expect("it is whole")
        };
        let records: Vec<Record> = (0..count).map(record).collect();
        let records: Vec<&Record> = records.iter().collect();
        let chunk = Chunk {
            object: "A__c",
            external_id_field: "Ext__c",
            operation,
            records: &records,
            all_or_none: false,
        };
        self.runtime.block_on(self.client.send(chunk))
    }
}

fn check(bytes: &[u8]) {
    let mut choices = Choices::new(bytes);
    let count = 1 + choices.below(3);
    let answers: Vec<Answer> = (0..4).map(|number| answer(&mut choices, count, number)).collect();
    ASKED.with(|asked| {
        check_upsert(&asked.send(Operation::Upsert, count, &answers), count, &answers);
        check_delete(&asked.send(Operation::Delete, count, &answers), count, &answers);
        // The input itself as a body.
        let raw = Answer { body: bytes.to_vec(), ..plain(200) };
        check_upsert(&asked.send(Operation::Upsert, count, std::slice::from_ref(&raw)), count, &[raw]);
    });
}

fn plain(status: u16) -> Answer {
    Answer {
        status,
        headers: vec![("Content-Type", "application/json".into())],
        body: Vec::new(),
        missing: 0,
    }
}

fn answer(choices: &mut Choices<'_>, count: usize, number: usize) -> Answer {
    let mut answer = plain(choices.of(&STATUSES));
    let body = match choices.below(8) {
        0 | 1 => rows(choices, count),
        2 | 3 => page(choices, count, number),
        4 => json!([error(choices)]),
        5 => error(choices),
        6 => json_text::value(choices, &NAMES),
        _ => Value::Null,
    };
    answer.body = match choices.below(12) {
        0..=9 => body.to_string().into_bytes(),
        10 => choices.text(100).into_bytes(),
        _ => b"<html><body>Sorry</body></html>".to_vec(),
    };
    if choices.once_in(10) {
        answer.body.truncate(choices.below(answer.body.len() + 1));
    }
    if choices.once_in(10) {
        answer.missing = 1 + choices.below(100);
    }
    let headers = [
        ("Retry-After", "7"),
        ("Retry-After", "99999999999999999999"),
        ("Retry-After", "-1"),
        ("Sforce-Limit-Info", "api-usage=1/0"),
        ("Sforce-Limit-Info", "api-usage=;/"),
        ("Location", "https://elsewhere.invalid/?sid=x"),
        ("Content-Type", "text/html"),
    ];
    if choices.once_in(3) {
        let (name, value) = choices.of(&headers);
        answer.headers.push((name, value.to_owned()));
    }
    answer
}

fn rows(choices: &mut Choices<'_>, count: usize) -> Value {
    let count = if choices.once_in(8) { choices.below(5) } else { count };
    let row = |choices: &mut Choices<'_>| match choices.below(6) {
        0 | 1 => json!({"id": "001000000000001AAA", "success": true, "created": true, "errors": []}),
        2 | 3 => json!({"success": false, "errors": [error(choices)]}),
        4 => {
            json!({"success": json_text::value(choices, &NAMES), "errors": json_text::value(choices, &NAMES)})
        }
        _ => json_text::value(choices, &NAMES),
    };
    (0..count).map(|_| row(choices)).collect()
}

fn page(choices: &mut Choices<'_>, count: usize, number: usize) -> Value {
    let records: Vec<Value> = (0..choices.below(count + 2))
        .map(|at| match choices.below(8) {
            0 => json_text::object(choices, &NAMES),
            1 => json!({"Id": "001x", "ext__c": format!("k-{at} ")}),
            _ => json!({"Id": format!("001{at}"), "Ext__c": format!("K-{at}")}),
        })
        .collect();
    let next =
        choices.of(&["/services/data/v66.0/query/01g-2", "https://elsewhere.invalid/", "", "/services/../x"]);
    match choices.once_in(4) {
        true => {
            json!({"totalSize": records.len() + number, "done": false, "nextRecordsUrl": next, "records": records})
        }
        false => json!({"totalSize": records.len(), "done": true, "records": records}),
    }
}

fn error(choices: &mut Choices<'_>) -> Value {
    json!({"statusCode": choices.of(&CODES), "errorCode": choices.of(&CODES), "message": json_text::text(choices), "fields": ["F__c"]})
}

/// The row answers that an answer holds in so many words.
fn said_done(answer: &Answer, count: usize) -> Option<Vec<bool>> {
    if !matches!(answer.status, 200 | 201) || answer.missing > 0 {
        return None;
    }
    let body: Value = serde_json::from_slice(&answer.body).ok()?;
    let rows = if body.is_object() { vec![body] } else { body.as_array()?.clone() };
    (rows.len() == count).then(|| rows.iter().map(|row| row["success"] == true).collect())
}

fn check_upsert(reply: &Reply, count: usize, answers: &[Answer]) {
    check_failure(reply);
    let Ok(found) = &reply.outcome else { return };
    assert_eq!(found.len(), count, "one answer for each record");
    // A call is repeated once when the session has expired.
    let said = answers.iter().find(|answer| answer.status != 401).and_then(|answer| said_done(answer, count));
    for (number, row) in found.iter().enumerate() {
        let told = said.as_ref().is_some_and(|said| said[number]);
        assert!(
            *row != RowAnswer::Done || told,
            "record {number} was never said to be exported: {answers:?}"
        );
        assert!(*row == RowAnswer::Done || !told, "record {number} was said to be exported: {answers:?}");
    }
}

/// A record counts as deleted when a query's answer does not have it, or when a row says so.
fn check_delete(reply: &Reply, count: usize, answers: &[Answer]) {
    check_failure(reply);
    let Ok(found) = &reply.outcome else { return };
    assert_eq!(found.len(), count, "one answer for each record");
    let pages: Vec<Value> = answers
        .iter()
        .filter(|answer| answer.status == 200)
        .filter_map(|answer| serde_json::from_slice::<Value>(&answer.body).ok())
        .filter(|page| page["records"].is_array())
        .collect();
    let gone = answers.iter().any(|answer| {
        let body = String::from_utf8_lossy(&answer.body).into_owned();
        matches!(answer.status, 200 | 201) && (body.contains("true") || body.contains("ENTITY_IS_DELETED"))
    });
    for (number, row) in found.iter().enumerate() {
        let key = format!("k-{number}");
        let has = |record: &Value| {
            record.as_object().is_some_and(|record| {
                record.iter().any(|(name, value)| {
                    name.eq_ignore_ascii_case("ext__c")
                        && value.as_str().is_some_and(|text| text.trim().to_lowercase() == key)
                })
            })
        };
        let first = pages.first().and_then(|page| page["records"].as_array());
        let is_there = first.is_some_and(|records| records.iter().any(has));
        assert!(*row != RowAnswer::Done || !is_there || gone, "record {number} is there still: {answers:?}");
        assert!(*row != RowAnswer::Done || !pages.is_empty(), "no query was answered: {answers:?}");
    }
}

/// A failure says what and, when it says it of the call, blames no record.
fn check_failure(reply: &Reply) {
    assert!(reply.calls <= 12, "{} calls for one chunk", reply.calls);
    match &reply.outcome {
        Err(CrmFailure::Refused(errors)) => assert!(!errors.is_empty(), "a refusal says why"),
        Err(CrmFailure::Unavailable { error, .. }) => {
            assert!(!error.message.contains("sid=x"), "a session came out: {}", error.message);
        }
        Ok(_) => {}
    }
}
