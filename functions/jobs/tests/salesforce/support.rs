//! What the tests share: clients, records, and outcomes as text.

use std::sync::Arc;
use std::time::Duration;

use domain::decide::RowAnswer;
use domain::{CrmError, Operation, Record, Timestamp};
use jobs::clock::ManualClock;
use jobs::crm::salesforce::{Credentials, Salesforce, SalesforceConfig};
use jobs::crm::{Chunk, Crm, CrmFailure, Reply};
use serde_json::json as value;

use super::server::{Server, Step, json};

/// A secret that must come out nowhere.
pub const SECRET: &str = "hush-hush";

/// Client credentials at this server, 2 s for an answer.
pub fn config(url: &str) -> SalesforceConfig {
    let credentials =
        Credentials::ClientCredentials { client_id: "3MVG".into(), client_secret: SECRET.into() };
    SalesforceConfig { timeout: Duration::from_secs(2), ..SalesforceConfig::new(url, credentials) }
}

/// A client of this server.
pub fn client(server: &Server) -> Salesforce {
    client_of(config(&server.url))
}

/// A client, at 1970-01-01T00:16:40Z.
pub fn client_of(config: SalesforceConfig) -> Salesforce {
    let clock = Arc::new(ManualClock::at(Timestamp::from_millis(1_000_000)));
    Salesforce::new(config, clock).expect("a sound configuration")
}

/// A sign-in that is granted: the server is its own instance.
pub fn token(token: &str) -> Step {
    json(200, format!(r#"{{"access_token":"{token}-{SECRET}","instance_url":"URL","token_type":"Bearer"}}"#))
}

/// Rows of an upsert or delete: `.` done, else refused.
pub fn rows(rows: &str) -> Step {
    let row = |row: char| match row {
        '.' => value!({"id": "001", "success": true, "errors": []}),
        _ => {
            value!({"success": false, "errors": [{"statusCode": "STRING_TOO_LONG", "message": "m", "fields": ["F"]}]})
        }
    };
    json(200, value!(rows.chars().map(row).collect::<Vec<_>>()).to_string())
}

/// The usual array of one error.
pub fn error(status: u16, code: &str) -> Step {
    json(status, value!([{"message": "m", "errorCode": code}]).to_string())
}

/// Sends records with these external ids.
pub async fn send(salesforce: &Salesforce, operation: Operation, all_or_none: bool, ids: &[&str]) -> Reply {
    let record = |id: &&str| {
        let json = value!({
            "object": "A__c", "externalId": {"field": "E__c", "value": id}, "fields": {"Name": format!("n {id}")}
        });
        Record::from_json(json).expect("whole")
    };
    let records: Vec<Record> = ids.iter().map(record).collect();
    let records: Vec<&Record> = records.iter().collect();
    let chunk =
        Chunk { object: "A__c", external_id_field: "E__c", operation, records: &records, all_or_none };
    let reply = tokio::time::timeout(Duration::from_secs(20), salesforce.send(chunk)).await;
    let reply = reply.expect("every call is bounded in time");
    assert!(!format!("{reply:?}").contains(SECRET), "a secret came out: {reply:?}");
    reply
}

/// Upserts two records.
pub async fn upsert_two(salesforce: &Salesforce) -> Reply {
    send(salesforce, Operation::Upsert, false, &["1", "2"]).await
}

/// `done; CODE|message; ...`, `refused: ...` or `unavailable (seconds): ...`; the server's URL as `URL`.
pub fn shown(outcome: &Result<Vec<RowAnswer>, CrmFailure>, server: &Server) -> String {
    let told = |errors: &[CrmError]| {
        errors.iter().map(|e| format!("{}|{}", e.code, e.message)).collect::<Vec<_>>().join(" + ")
    };
    let text = match outcome {
        Ok(rows) => {
            let row = |row: &RowAnswer| match row {
                RowAnswer::Done => "done".to_owned(),
                RowAnswer::Refused(errors) => told(errors),
            };
            rows.iter().map(row).collect::<Vec<_>>().join("; ")
        }
        Err(CrmFailure::Refused(errors)) => format!("refused: {}", told(errors)),
        Err(CrmFailure::Unavailable { error, retry_after }) => {
            let wait = retry_after.map_or_else(|| "-".to_owned(), |wait| wait.as_secs().to_string());
            format!("unavailable ({wait}): {}", told(std::slice::from_ref(error)))
        }
    };
    text.replace(&server.url, "URL")
}
