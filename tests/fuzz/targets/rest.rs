//! The sandbox's REST API: bodies and paths of every kind of call, and the CSV of bulk jobs.

use sandbox::fuzzing::InProcess;
use serde_json::{Value, json};

use crate::choices::Choices;
use crate::crm::{call, encoded, json_call, with};
use crate::json_text;
use crate::run::Target;

const NAMES: [&str; 38] = [
    "records",
    "allOrNone",
    "attributes",
    "type",
    "url",
    "referenceId",
    "Id",
    "id",
    "Name",
    "LastName",
    "Ext__c",
    "Account",
    "AccountId",
    "Contact__r",
    "Contact__c",
    "Score__c",
    "Day__c",
    "Moment__c",
    "Rating__c",
    "Interests__c",
    "Email",
    "Mail__c",
    "RecordTypeId",
    "OwnerId",
    "compositeRequest",
    "method",
    "body",
    "batchRequests",
    "richInput",
    "graphs",
    "graphId",
    "fields",
    "ids",
    "haltOnError",
    "Touchpoints__r",
    "Type__c",
    "CreatedDate",
    "IsDeleted",
];
const PATHS: [&str; 22] = [
    "composite/sobjects/Contact/Ext__c",
    "composite/sobjects/Touchpoint__c/Ext__c",
    "composite/sobjects",
    "composite",
    "composite/batch",
    "composite/graph",
    "composite/tree/Account",
    "composite/sobjects/Account",
    "sobjects/Contact",
    "sobjects/Contact/Ext__c/C-1",
    "sobjects/Touchpoint__c/Ext__c/T%2F1%00",
    "sobjects/Account/001000000000001AAA",
    "sobjects",
    "sobjects/Contact/describe",
    "limits",
    "query?q=SELECT+Id+FROM+Account",
    "query/01gxx-500",
    "query/../..%2f",
    "jobs/ingest",
    "jobs/ingest/750xx",
    "jobs/query",
    "jobs/query/750xx/results?locator=x&maxRecords=-1",
];
const METHODS: [&str; 6] = ["PATCH", "POST", "GET", "DELETE", "PUT", "HEAD"];

#[test]
fn rest() {
    let target = Target {
        name: "rest",
        inputs: 1_500,
        check,
        words: &[
            "Ext__c,LastName\n",
            "\"",
            "\n",
            "\r\n",
            ",",
            "#N/A",
            "C-1,x\n",
            "{\"records\":[",
            "\"attributes\":{\"type\":\"Contact\"}",
            "@{ref.id}",
            "null",
        ],
        also: &[],
    };
    target.run();
}

fn check(bytes: &[u8]) {
    let mut choices = Choices::new(bytes);
    with(|crm| {
        for _ in 0..3 {
            check_call(crm, &mut choices);
        }
    });
    with(|crm| check_bulk(crm, bytes));
    with(|crm| check_signing_in(crm, bytes));
}

fn check_call(crm: &InProcess, choices: &mut Choices<'_>) {
    let version = choices.of(&["v59.0", "v59.0", "v66.0", "v31.0", "v30.0", "v", "latest"]);
    let path = choices.of(&PATHS);
    let path =
        if choices.once_in(10) { format!("{path}/{}", encoded(&choices.text(12))) } else { path.to_owned() };
    let target = format!("/services/data/{version}/{path}");
    let method = choices.of(&METHODS);
    let body = match choices.below(6) {
        0 => choices.text(200).into_bytes(),
        1 => composite(choices).to_string().into_bytes(),
        2 => json_text::object(choices, &NAMES).to_string().into_bytes(),
        _ => collection(choices).to_string().into_bytes(),
    };
    let Some((status, answer)) = call(crm, method, &target, "application/json", &body) else { return };
    assert!(status < 500, "{method} {target}: {status} {}", String::from_utf8_lossy(&answer));
    let read = serde_json::from_slice::<Value>(&answer);
    assert!(answer.is_empty() || read.is_ok() || path.starts_with("jobs"), "{method} {target}: no JSON");
    if status >= 400 && method != "HEAD" {
        let read = read.unwrap_or_default();
        assert!(
            read[0]["errorCode"].is_string() || read["errorCode"].is_string() || answer.is_empty(),
            "{method} {target}: {status} {read}"
        );
    }
}

/// Records as upserts send them, each with something wrong or not.
fn collection(choices: &mut Choices<'_>) -> Value {
    let records: Vec<Value> = (0..choices.below(4))
        .map(|_| {
            let mut record = json_text::object(choices, &NAMES[4..]);
            record["attributes"] =
                json!({"type": choices.of(&["Contact", "Touchpoint__c", "Account", "No__c"])});
            if choices.once_in(2) {
                record["Ext__c"] = json_text::text(choices);
            }
            record["LastName"] = json_text::value(choices, &NAMES);
            record
        })
        .collect();
    json!({"allOrNone": choices.once_in(2), "records": records})
}

/// A composite request whose parts are such calls, and refer to each other.
fn composite(choices: &mut Choices<'_>) -> Value {
    let parts: Vec<Value> = (0..choices.below(4))
        .map(|number| {
            json!({
                "method": choices.of(&METHODS),
                "url": format!("/services/data/v59.0/{}", choices.of(&PATHS)),
                "referenceId": choices.of(&["a", "b", "", "a.b"]).to_owned() + &number.to_string(),
                "body": match choices.below(3) {
                    0 => json!({"LastName": choices.of(&["@{a0.id}", "@{a0.records[0].Id}", "@{zz}", "@{a0.", "x"])}),
                    1 => collection(choices),
                    _ => json_text::value(choices, &NAMES),
                },
            })
        })
        .collect();
    json!({"allOrNone": choices.once_in(2), "compositeRequest": parts, "batchRequests": []})
}

/// A bulk job over this CSV ends, and no row of it is lost: each is exported, refused or not processed.
fn check_bulk(crm: &InProcess, csv: &[u8]) {
    let job = json!({"object": "Contact", "externalIdFieldName": "Ext__c", "operation": "upsert", "contentType": "CSV"});
    let (status, job) =
        json_call(crm, "POST", "/services/data/v59.0/jobs/ingest", &job).expect("it is a request");
    assert_eq!(status, 200, "{job}");
    let at = format!("/services/data/v59.0/jobs/ingest/{}", job["id"].as_str().expect("a job has an id"));
    let (status, said) =
        call(crm, "PUT", &format!("{at}/batches"), "text/csv", csv).expect("it is a request");
    assert!(status == 201 || (400..500).contains(&status), "{status} {}", String::from_utf8_lossy(&said));
    json_call(crm, "PATCH", &at, &json!({"state": "UploadComplete"}));
    let mut job = Value::Null;
    for _ in 0..200 {
        job = json_call(crm, "GET", &at, &Value::Null).expect("it is a request").1;
        if ["JobComplete", "Failed", "Aborted", "Open"].iter().any(|state| job["state"] == **state) {
            break;
        }
    }
    assert_ne!(job["state"], "InProgress", "a job ends: {job}");
    let rows = |kind: &str| {
        let (status, body) =
            call(crm, "GET", &format!("{at}/{kind}"), "text/csv", b"").expect("it is a request");
        assert!(status < 500, "{kind}: {status}");
        body
    };
    let results = ["successfulResults", "failedResults", "unprocessedrecords"].map(rows);
    if job["state"] == "JobComplete" {
        let processed = job["numberRecordsProcessed"].as_u64().expect("a job counts");
        let failed = job["numberRecordsFailed"].as_u64().expect("a job counts");
        assert!(failed <= processed, "{job}");
        assert!(failed == 0 || results[1].len() > 20, "what failed is told");
    }
}

/// Forms and SOAP envelopes of clients that sign in.
fn check_signing_in(crm: &InProcess, body: &[u8]) {
    let calls = [
        ("/services/oauth2/token", "application/x-www-form-urlencoded"),
        ("/services/oauth2/revoke", "application/x-www-form-urlencoded"),
        ("/services/Soap/u/59.0", "text/xml"),
    ];
    for (target, kind) in calls {
        let (status, answer) = call(crm, "POST", target, kind, body).expect("it is a request");
        assert!(status < 501, "{target}: {status}");
        assert!(status != 500 || target.contains("Soap"), "{target}: {}", String::from_utf8_lossy(&answer));
    }
}
