//! A sandbox on a free port, and the calls of a bulk client.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use reqwest::{Client, Method};
use sandbox::{Config, DAILY_API_CALLS, Database, Running};
use serde_json::{Value, json};
use time::OffsetDateTime;

/// 2026-11-23T10:00:00Z; the clock stands still.
pub const NOW: i64 = 1_795_428_000;
pub const INSTANT: &str = "2026-11-23T10:00:00.000+0000";
pub const USER: &str = "005sb0000000001AAA";

pub struct Crm {
    pub running: Running,
    pub client: Client,
}

/// Status, headers that matter, body.
pub struct Answer {
    pub status: u16,
    pub locator: String,
    pub rows: String,
    pub body: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| json!(self.body))
    }
}

impl Crm {
    pub async fn start() -> Crm {
        let config = Config {
            org: Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/org"),
            database: Database::Memory,
            listen: ([127, 0, 0, 1], 0).into(),
            tls: false,
            now: Arc::new(|| OffsetDateTime::from_unix_timestamp(NOW).unwrap()),
            daily_api_calls: DAILY_API_CALLS,
            faults: Vec::new(),
        };
        // Two tests may come here at once; the second finds a provider in place.
        let _ = rustls::crypto::ring::default_provider().install_default();
        Crm { running: sandbox::start(config).await.unwrap(), client: Client::new() }
    }

    pub async fn call(&self, method: Method, path: &str, body: impl Into<reqwest::Body>) -> Answer {
        let url = format!("{}/services/data/v59.0/{path}", self.running.url);
        let request = self.client.request(method, url).bearer_auth("00Dx").body(body);
        let response = request.send().await.unwrap();
        let header = |name: &str| {
            response.headers().get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
        };
        let (status, locator, rows) =
            (response.status().as_u16(), header("sforce-locator"), header("sforce-numberofrecords"));
        Answer { status, locator, rows, body: response.text().await.unwrap() }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path, "").await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.call(Method::POST, path, body.to_string()).await
    }

    pub async fn open(&self, body: Value) -> String {
        let created = self.post("jobs/ingest", body).await.json();
        created["id"].as_str().unwrap_or_else(|| panic!("{created}")).to_owned()
    }

    pub async fn close(&self, id: &str) -> Answer {
        self.call(Method::PATCH, &format!("jobs/ingest/{id}"), r#"{"state":"UploadComplete"}"#).await
    }

    /// Makes, fills and closes a job and waits for its end.
    pub async fn load(&self, body: Value, csv: &str) -> (String, Value) {
        let id = self.open(body).await;
        let path = format!("jobs/ingest/{id}/batches");
        assert_eq!(self.call(Method::PUT, &path, csv.to_owned()).await.status, 201);
        assert_eq!(self.close(&id).await.json()["state"], "UploadComplete");
        let job = self.finished(&id).await;
        (id, job)
    }

    pub async fn finished(&self, id: &str) -> Value {
        for _ in 0..500 {
            let job = self.get(&format!("jobs/ingest/{id}/")).await.json();
            if !matches!(job["state"].as_str(), Some("UploadComplete" | "InProgress")) {
                return job;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("job {id} does not end");
    }

    pub async fn results(&self, id: &str, rows: &str) -> String {
        let answer = self.get(&format!("jobs/ingest/{id}/{rows}/")).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.body
    }

    /// Values of a query's records, joined.
    pub async fn query(&self, soql: &str) -> String {
        let soql = soql.replace(' ', "+").replace('\'', "%27").replace('=', "%3D");
        let answer = self.get(&format!("query?q={soql}")).await.json();
        let records = answer["records"].as_array().unwrap_or_else(|| panic!("{answer}")).clone();
        let show = |record: Value| {
            let values = record.as_object().unwrap().iter().filter(|(name, _)| *name != "attributes");
            values.map(|(_, value)| value.to_string().replace('"', "")).collect::<Vec<_>>().join(",")
        };
        records.into_iter().map(show).collect::<Vec<_>>().join(" ")
    }
}

pub fn upsert() -> Value {
    json!({"object": "touchpoint__c", "operation": "upsert", "externalIdFieldName": "ext__c"})
}

pub fn insert() -> Value {
    json!({"object": "Touchpoint__c", "operation": "insert"})
}

pub fn check_refused(answer: &Answer, status: u16, code: &str, message: &str) {
    assert_eq!((answer.status, answer.json()), (status, json!([{"message": message, "errorCode": code}])));
}
