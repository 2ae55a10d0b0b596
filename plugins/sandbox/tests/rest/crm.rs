//! A sandbox for one test, and calls on it.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use reqwest::{Client, Method};
use sandbox::{Config, Database, Running, start};
use serde_json::Value;
use time::OffsetDateTime;
use time::macros::datetime;

/// A sandbox that is being served, and a client.
pub struct Crm {
    /// The sandbox.
    pub running: Running,
    /// Speaks http, and https to whoever it is told to trust.
    pub client: Client,
    now: Arc<Mutex<OffsetDateTime>>,
}

/// Path of an org folder beside these tests.
pub fn org(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(name)
}

/// A configuration: in memory, a free port, plain http, at ten o'clock.
pub fn config(org: PathBuf) -> (Config, Arc<Mutex<OffsetDateTime>>) {
    let now = Arc::new(Mutex::new(datetime!(2026-11-23 10:00 UTC)));
    let clock = now.clone();
    let config = Config {
        org,
        database: Database::Memory,
        listen: "127.0.0.1:0".parse().unwrap(),
        tls: false,
        now: Arc::new(move || *clock.lock().unwrap()),
        daily_api_calls: 100_000,
        faults: Vec::new(),
    };
    (config, now)
}

impl Crm {
    /// A sandbox over one of the org folders.
    pub async fn start(name: &str) -> Crm {
        Crm::with(org(name), |_| {}).await
    }

    /// A sandbox with another configuration.
    pub async fn with(org: PathBuf, change: impl FnOnce(&mut Config)) -> Crm {
        // Reqwest wants to know who does its cryptography, also for plain http; a second time changes nothing.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let (mut config, now) = config(org);
        change(&mut config);
        let running = start(config).await.unwrap();
        let client = match &running.certificate_pem {
            Some(pem) => {
                let trusted = reqwest::Certificate::from_pem(pem.as_bytes()).unwrap();
                Client::builder().tls_certs_only([trusted]).build().unwrap()
            }
            None => Client::builder().tls_certs_only([]).build().unwrap(),
        };
        Crm { running, client, now }
    }

    /// Lets time pass.
    pub fn wait(&self, time: time::Duration) {
        *self.now.lock().unwrap() += time;
    }

    /// A call below `/services/data/v59.0` with the token `00Dtest`. Status and body; null when the body is empty.
    pub async fn call(&self, method: Method, path: &str, body: Option<Value>) -> (u16, Value) {
        self.call_at("v59.0", method, path, body).await
    }

    /// The same in another API version.
    pub async fn call_at(
        &self,
        version: &str,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> (u16, Value) {
        let url = format!("{}/services/data/{version}{path}", self.running.url);
        let request = self.client.request(method, url).bearer_auth("00Dtest");
        let request = match body {
            Some(body) => request.json(&body),
            None => request,
        };
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let text = response.text().await.unwrap();
        let body = if text.is_empty() { Value::Null } else { serde_json::from_str(&text).unwrap() };
        (status, body)
    }

    /// `GET`.
    pub async fn get(&self, path: &str) -> (u16, Value) {
        self.call(Method::GET, path, None).await
    }

    /// `POST`.
    pub async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        self.call(Method::POST, path, Some(body)).await
    }

    /// `PATCH`.
    pub async fn patch(&self, path: &str, body: Value) -> (u16, Value) {
        self.call(Method::PATCH, path, Some(body)).await
    }

    /// `DELETE`.
    pub async fn delete(&self, path: &str) -> (u16, Value) {
        self.call(Method::DELETE, path, None).await
    }

    /// Creates a record that must be accepted; its id.
    pub async fn create(&self, object: &str, body: Value) -> String {
        let (status, answer) = self.post(&format!("/sobjects/{object}"), body).await;
        assert_eq!(status, 201, "{answer}");
        answer["id"].as_str().unwrap().to_owned()
    }

    /// One value of a record.
    pub async fn value(&self, object: &str, id: &str, field: &str) -> Value {
        let (status, answer) = self.get(&format!("/sobjects/{object}/{id}?fields={field}")).await;
        assert_eq!(status, 200, "{answer}");
        answer[field].clone()
    }

    /// How many records a query counts.
    pub async fn count(&self, object: &str) -> Value {
        self.get(&format!("/query?q=SELECT+COUNT()+FROM+{object}")).await.1["totalSize"].clone()
    }

    /// Stops the sandbox.
    pub async fn stop(self) {
        self.running.stop().await;
    }
}
