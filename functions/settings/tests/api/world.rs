//! A small world: a server on a free port, a ledger in a file, a CRM in memory that refuses what it is told to refuse.

use std::sync::{Arc, Mutex};

use ::jobs::clock::ManualClock;
use ::jobs::crm::MemoryCrm;
use ::jobs::events::MemoryEvents;
use ::jobs::ledger::sqlite::SqliteLedger;
use ::jobs::{Cause, Jobs};
use ::settings::auth::{Auth, Loopback};
use ::settings::server::Server;
use ::settings::{Api, Explain, FollowsSettings, Intake, RetrySchedule, SeamError, Work};
use async_trait::async_trait;
use domain::message::Message;
use domain::{AccountName, CrmError, ExportError, JobId, Record, Settings, Timestamp};
use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Map, Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;

/// An answer, read.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub text: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("no JSON ({error}): {self:?}"))
    }

    /// The detail of a problem, which this answer must be.
    pub fn problem(&self, status: u16, kind: &str) -> String {
        let body = self.json();
        assert_eq!(self.status, status, "{self:?}");
        assert_eq!(self.headers["content-type"], "application/problem+json", "{self:?}");
        assert_eq!((&body["type"], &body["status"]), (&json!(format!("/problems/{kind}")), &json!(status)));
        body["detail"].as_str().expect("a detail").to_owned()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

/// Does at once what the API hands on, and notes it.
pub struct Doing {
    pub jobs: Jobs,
    pub account: AccountName,
    pub asked: Mutex<Vec<String>>,
    pub broken: Mutex<bool>,
}

impl Doing {
    fn note(&self, what: String) -> Result<(), SeamError> {
        if *self.broken.lock().expect("whole") {
            return Err(SeamError("reach the bus arn:aws:secret".to_owned()));
        }
        self.asked.lock().expect("whole").push(what);
        Ok(())
    }
}

#[async_trait]
impl Work for Doing {
    async fn resume(&self, job: Option<JobId>) -> Result<(), SeamError> {
        self.note(format!("resume {}", job.as_ref().map_or("all".to_owned(), JobId::to_string)))?;
        match job {
            Some(job) => drop(self.jobs.run(&job, &[], Cause::Person, None).await.expect("a run")),
            None => drop(self.jobs.resume(&self.account, Cause::Person, None).await.expect("runs")),
        }
        Ok(())
    }

    async fn skip(&self, job: JobId, error_id: String) -> Result<(), SeamError> {
        self.note(format!("skip {job} {error_id}"))?;
        self.jobs.skip(&job).await.expect("a run");
        Ok(())
    }

    async fn retry(&self, errors: Option<Vec<String>>) -> Result<(), SeamError> {
        self.note(format!("retry {}", errors.as_ref().map_or("all".to_owned(), |ids| ids.join(" "))))?;
        match errors {
            Some(ids) => drop(self.jobs.retry_errors(&self.account, &ids, None).await.expect("runs")),
            None => drop(self.jobs.retry(&self.account, None).await.expect("runs")),
        }
        Ok(())
    }
}

#[async_trait]
impl Intake for Doing {
    async fn take(&self, records: Vec<Record>) -> Result<(), SeamError> {
        let ids: Vec<&str> = records.iter().map(|record| record.external_id.value.as_str()).collect();
        self.note(format!("take {}", ids.join(" ")))
    }
}

#[async_trait]
impl RetrySchedule for Doing {
    async fn set(&self, hour: u32, time_zone: &str) -> Result<(), SeamError> {
        self.note(format!("schedule {hour} {time_zone}"))
    }
}

/// Explains by naming the record; knows nothing of leads.
struct Naming;

impl Explain for Naming {
    fn explain(&self, error: &ExportError) -> Result<Value, SeamError> {
        match error.record.object.as_str() {
            "Lead" => Err(SeamError("reproduce a Lead: the org folder has no such object".to_owned())),
            _ => Ok(json!({"object": error.record.object, "externalId": error.record.external_id.value})),
        }
    }
}

pub struct World {
    pub url: String,
    pub port: u16,
    pub jobs: Jobs,
    pub crm: Arc<MemoryCrm>,
    pub events: Arc<MemoryEvents>,
    pub clock: Arc<ManualClock>,
    pub doing: Arc<Doing>,
    pub account: AccountName,
    client: Client,
    _server: Server,
    _folder: TempDir,
}

pub fn noon() -> Timestamp {
    Timestamp::parse("2026-11-23T12:00:00Z").expect("a time")
}

impl World {
    pub async fn new() -> Self {
        Self::with(|_, port| Auth::Loopback(Loopback::new(port)), |api| api).await
    }

    pub async fn with(
        auth: impl FnOnce(Arc<ManualClock>, u16) -> Auth,
        change: impl FnOnce(Api) -> Api,
    ) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let folder = TempDir::new().expect("a folder");
        let ledger = Arc::new(SqliteLedger::open(&folder.path().join("a.db")).expect("opens"));
        let (crm, events) = (Arc::new(MemoryCrm::default()), Arc::new(MemoryEvents::default()));
        let clock = Arc::new(ManualClock::at(noon()));
        let jobs = Jobs {
            crm: crm.clone(),
            ledger,
            events: events.clone(),
            clock: clock.clone(),
            owner: "one".to_owned(),
            defaults: Settings::default(),
        };
        let account = AccountName::new("acme").expect("fits");
        let doing = Arc::new(Doing {
            jobs: jobs.clone(),
            account: account.clone(),
            asked: Mutex::default(),
            broken: Mutex::default(),
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let api = change(Api {
            jobs: jobs.clone(),
            account: account.clone(),
            auth: auth(clock.clone(), port),
            work: doing.clone(),
            schedule: Arc::new(FollowsSettings),
            explain: Some(Arc::new(Naming)),
            intake: Some(doing.clone()),
            download_bytes_max: None,
        });
        let server = Server::start(listener, ::settings::router(api)).expect("serves");
        let client = Client::builder().tls_certs_only([]).no_proxy().build().expect("a client");
        let url = format!("http://127.0.0.1:{port}");
        Self { url, port, jobs, crm, events, clock, doing, account, client, _server: server, _folder: folder }
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.url))
    }

    pub async fn send(&self, request: RequestBuilder) -> Answer {
        let response = request.send().await.expect("an answer");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Answer { status, headers, text: response.text().await.expect("a body") }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path)).await
    }

    /// A write as a page of ours makes it.
    pub fn write(&self, method: Method, path: &str, body: &Value) -> RequestBuilder {
        let request = self.request(method, path).header("X-Requested-With", "crm-export");
        request.header("Content-Type", "application/json").body(body.to_string())
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(self.write(Method::POST, path, &body)).await
    }

    pub async fn put_settings(&self, version: &str, body: Value) -> Answer {
        self.send(self.write(Method::PUT, "/api/settings", &body).header("If-Match", version)).await
    }

    /// What was handed on since the last time this was asked.
    pub fn asked(&self) -> Vec<String> {
        std::mem::take(&mut *self.doing.asked.lock().expect("whole"))
    }

    pub async fn set(&self, changes: Value) {
        let Value::Object(changes) = changes else { panic!("an object") };
        self.jobs.change_settings(&self.account, &changes, true, None).await.expect("changed");
    }

    /// Refuses records whose id begins with `bad`, naming the id.
    pub fn refuse_bad(&self) {
        self.crm.refuse(|record| {
            let id = &record.external_id.value;
            let error = CrmError::new(
                "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
                format!("Tier: bad value for restricted picklist field: {id}"),
                &["Tier__c"],
            );
            id.starts_with("bad").then(|| vec![error])
        });
    }

    /// Runs a message with records of these ids.
    pub async fn deliver(&self, object: &str, sequence: u128, ids: &[&str]) {
        let record = |id: &&str| {
            let fields: Map<String, Value> =
                [("Name".to_owned(), json!(format!("<b>{id}</b>")))].into_iter().collect();
            json!({"externalId": {"field": "Ext__c", "value": id}, "fields": fields, "source": format!("a.csv:{id}")})
        };
        let records: Vec<Value> = ids.iter().map(record).collect();
        let body = json!({"account": "acme", "object": object, "records": records}).to_string();
        let message = Message::from_body("m", sequence, &body).expect("a message");
        let job = message.job.clone();
        self.jobs.run(&job, &[message], Cause::Message, None).await.expect("a run");
    }

    /// Pause off, and these bad records logged.
    pub async fn logged(&self, object: &str, sequence: u128, ids: &[&str]) {
        self.set(json!({"pauseOnExportErrors": false})).await;
        self.refuse_bad();
        self.deliver(object, sequence, ids).await;
    }

    pub async fn error_ids(&self, query: &str) -> Vec<String> {
        let answer = self.get(&format!("/api/errors?{query}")).await.json();
        let errors = answer["errors"].as_array().unwrap_or_else(|| panic!("no errors: {answer}"));
        errors.iter().map(|error| error["externalId"]["value"].as_str().expect("a text").to_owned()).collect()
    }
}
