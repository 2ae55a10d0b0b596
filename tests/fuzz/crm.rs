//! The sandbox in this process with a few records, brought back to them before every input.

use std::path::Path;
use std::sync::Arc;

use sandbox::fuzzing::InProcess;
use sandbox::{Config, DAILY_API_CALLS, Database};
use serde_json::{Value, json};
use time::OffsetDateTime;

/// 2026-11-23T10:00:00Z, a Monday; the clock stands still.
const NOW: i64 = 1_795_428_000;

thread_local! {
    static CRM: InProcess = open();
}

/// Works on the sandbox as it was at first.
pub fn with<T>(work: impl FnOnce(&InProcess) -> T) -> T {
    CRM.with(|crm| {
        crm.go_back().expect("the database takes it");
        work(crm)
    })
}

/// How a sandbox over the test org is configured.
pub fn config() -> Config {
    Config {
        org: Path::new(env!("CARGO_MANIFEST_DIR")).join("../plugins/sandbox/tests/org"),
        database: Database::Memory,
        listen: ([127, 0, 0, 1], 0).into(),
        tls: false,
        now: Arc::new(|| OffsetDateTime::from_unix_timestamp(NOW).expect("it is in range")),
        daily_api_calls: DAILY_API_CALLS,
        faults: Vec::new(),
    }
}

fn open() -> InProcess {
    let crm = InProcess::open(&config()).expect("the test org is whole");
    let accounts = [("A-1", "Acme"), ("A-2", "beta 100%"), ("A-3", "Österreich")];
    for (id, name) in accounts {
        put(&crm, "Account", id, &json!({"Name": name, "Group__c": "north"}));
    }
    for (id, name) in [("C-1", "Lee"), ("C-2", "O'Neil"), ("C-3", "lee")] {
        put(&crm, "Contact", id, &json!({"LastName": name, "Account": {"Ext__c": "A-1"}}));
    }
    for (id, score) in [("T-1", 7.5), ("T-2", -2.0)] {
        let fields = json!({
            "Type__c": "Web", "Score__c": score, "Rating__c": "Hot", "Interests__c": "Cold;Warm", "Day__c": "2026-11-22",
            "Active__c": true, "Moment__c": "2026-11-22T10:00:00Z", "Contact__r": {"Ext__c": "C-1"},
        });
        put(&crm, "Touchpoint__c", id, &fields);
    }
    crm.keep().expect("the database takes it");
    crm
}

fn put(crm: &InProcess, object: &str, id: &str, fields: &Value) {
    let target = format!("/services/data/v59.0/sobjects/{object}/Ext__c/{id}");
    let (status, body) = json_call(crm, "PATCH", &target, fields).expect("it is a request");
    assert_eq!(status, 201, "{body}");
}

/// A call with a token and JSON.
pub fn json_call(crm: &InProcess, method: &str, target: &str, body: &Value) -> Option<(u16, Value)> {
    let (status, body) = call(crm, method, target, "application/json", body.to_string().as_bytes())?;
    Some((status, serde_json::from_slice(&body).unwrap_or(Value::Null)))
}

/// A call with a token.
pub fn call(crm: &InProcess, method: &str, target: &str, kind: &str, body: &[u8]) -> Option<(u16, Vec<u8>)> {
    crm.call(method, target, &[("Authorization", "Bearer 00Dfuzz"), ("Content-Type", kind)], body)
}

/// What goes into a URL.
pub fn encoded(text: &str) -> String {
    text.bytes()
        .map(
            |byte| {
                if byte.is_ascii_alphanumeric() {
                    char::from(byte).to_string()
                } else {
                    format!("%{byte:02X}")
                }
            },
        )
        .collect()
}
