//! The settings API: methods, paths, queries, headers and bodies, on a stack with a job that is held and an open error.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use async_trait::async_trait;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use domain::message::Message;
use domain::{AccountName, CrmError, JobId, Record, Settings, Timestamp};
use jobs::clock::ManualClock;
use jobs::crm::MemoryCrm;
use jobs::events::MemoryEvents;
use jobs::ledger::MemoryLedger;
use jobs::{Cause, Jobs};
use serde_json::{Value, json};
use settings::auth::{Auth, Loopback};
use settings::{Api, FollowsSettings, Intake, SeamError, Work};
use tokio::runtime::{Builder, Runtime};
use tower::ServiceExt;

use crate::choices::Choices;
use crate::json_text;
use crate::run::Target;

const METHODS: [&str; 7] = ["GET", "PUT", "POST", "DELETE", "PATCH", "HEAD", "OPTIONS"];
/// With the method that they take.
const PATHS: [(&str, &str); 19] = [
    ("GET", "/api/settings"),
    ("PUT", "/api/settings"),
    ("GET", "/api/jobs"),
    ("POST", "/api/jobs/resume"),
    ("POST", "/api/jobs/Contact/resume"),
    ("POST", "/api/jobs/Contact/skip"),
    ("GET", "/api/errors"),
    ("POST", "/api/errors/retry"),
    ("GET", "/api/errors/causes"),
    ("GET", "/api/errors.csv"),
    ("GET", "/api/errors.ndjson"),
    ("GET", "/api/errors/ID"),
    ("GET", "/api/errors/ID/explanation"),
    ("GET", "/api/rejections"),
    ("GET", "/api/figures"),
    ("POST", "/api/records"),
    ("GET", "/api/session"),
    ("GET", "/api/openapi.json"),
    ("GET", "/settings/crm"),
];
const QUERIES: [&str; 14] = [
    "state=all",
    "state=open",
    "object=Contact",
    "code=REQUIRED_FIELD_MISSING",
    "text=bad",
    "after=ID",
    "after=%00",
    "limit=1",
    "limit=501",
    "limit=-1",
    "days=30",
    "from=2026-11-01",
    "to=0000-13-99",
    "text=%ff",
];
const NAMES: [&str; 16] = [
    "exportToCrm",
    "pauseOnExportErrors",
    "acceptDataInconsistency",
    "batchSize",
    "dailyCrmApiLimit",
    "preflight",
    "retryHour",
    "timeZone",
    "errorId",
    "ids",
    "account",
    "object",
    "records",
    "externalId",
    "fields",
    "value",
];
/// The largest answer that is looked at.
const ANSWER_BYTES_MAX: usize = 10_000_000;

#[test]
fn requests() {
    let target = Target {
        name: "requests",
        inputs: 500,
        check,
        words: &[
            "{\"pauseOnExportErrors\":false}",
            "\"acceptDataInconsistency\":true",
            "{\"errorId\":\"",
            "{\"ids\":[\"",
            "{\"externalId\":{\"field\":\"E__c\",\"value\":\"1\"},\"object\":\"Lead\",\"fields\":{}}",
            "null",
            "[",
            "}",
        ],
        also: &[],
    };
    target.run();
}

thread_local! {
    static RUNTIME: Runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
}

fn check(bytes: &[u8]) {
    RUNTIME.with(|runtime| {
        runtime.block_on(async {
            let world = World::new().await;
            let mut choices = Choices::new(bytes);
            for _ in 0..3 {
                world.check(&mut choices, bytes).await;
            }
        });
    });
}

/// Notes what is handed on.
#[derive(Default)]
struct Noted(AtomicU32);

impl Noted {
    fn note(&self) -> Result<(), SeamError> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    fn times(&self) -> u32 {
        self.0.load(Ordering::Relaxed)
    }
}

#[async_trait]
impl Work for Noted {
    async fn resume(&self, _: Option<JobId>) -> Result<(), SeamError> {
        self.note()
    }

    async fn skip(&self, _: JobId, _: String) -> Result<(), SeamError> {
        self.note()
    }

    async fn retry(&self, _: Option<Vec<String>>) -> Result<(), SeamError> {
        self.note()
    }
}

#[async_trait]
impl Intake for Noted {
    async fn take(&self, records: Vec<Record>) -> Result<(), SeamError> {
        assert!(records.iter().all(|record| record.problem.is_none()), "a broken record was taken");
        self.note()
    }
}

struct World {
    jobs: Jobs,
    account: AccountName,
    noted: Arc<Noted>,
    error: String,
}

impl World {
    async fn new() -> Self {
        let crm = MemoryCrm::default();
        crm.refuse(|_| Some(vec![CrmError::new("REQUIRED_FIELD_MISSING", "bad <b>name</b>", &["Name"])]));
        let now = Timestamp::parse("2026-11-23T12:00:00Z").expect("a time");
        let jobs = Jobs {
            crm: Arc::new(crm),
            ledger: Arc::new(MemoryLedger::default()),
            events: Arc::new(MemoryEvents::default()),
            clock: Arc::new(ManualClock::at(now)),
            owner: "one".to_owned(),
            defaults: Settings::default(),
        };
        let records =
            json!([{ "externalId": { "field": "E__c", "value": "=bad" }, "fields": { "Name": "," } }]);
        let body = json!({ "account": "acme", "object": "Contact", "records": records }).to_string();
        let message = Message::from_body("m", 1, &body).expect("a message");
        let job = message.job.clone();
        jobs.run(&job, &[message], Cause::Message, None).await.expect("a run");
        let hold = jobs.ledger.job(&job).await.expect("read").and_then(|job| job.hold);
        let Some(domain::Hold::RecordRefused(held)) = hold else { panic!("not held") };
        Self { jobs, account: job.account, noted: Arc::default(), error: held.error_id }
    }

    fn router(&self) -> axum::Router {
        settings::router(Api {
            jobs: self.jobs.clone(),
            account: self.account.clone(),
            auth: Auth::Loopback(Loopback::new(80)),
            work: self.noted.clone(),
            schedule: Arc::new(FollowsSettings),
            explain: None,
            intake: Some(self.noted.clone()),
            download_bytes_max: None,
        })
    }

    /// Whatever is asked: no fault of the server, a refusal that says why, and a change only by what may change.
    async fn check(&self, choices: &mut Choices<'_>, bytes: &[u8]) {
        let Some(asked) = self.request(choices, bytes) else { return };
        let (method, path) = (asked.method().clone(), asked.uri().path().to_owned());
        let accepted = asked.extensions().get::<Sent>().is_some_and(Sent::accepts_inconsistency);
        let (before, (settings, version)) = (self.noted.times(), self.settings().await);
        let answer = self.router().oneshot(asked).await.expect("a router answers");
        let (status, is_problem) = (answer.status(), answer.headers().get("content-type"));
        let is_problem = is_problem.is_some_and(|kind| kind == "application/problem+json");
        let body = to_bytes(answer.into_body(), ANSWER_BYTES_MAX).await.expect("a body");
        assert!(!status.is_server_error(), "{method} {path}: {status}");
        if status.is_client_error() && method != "HEAD" {
            let problem: Value = serde_json::from_slice(&body).expect("a problem is JSON");
            assert!(is_problem && problem["status"] == status.as_u16(), "{method} {path}: {problem}");
        }
        let handed_on = self.noted.times() - before;
        assert_eq!(handed_on, u32::from(status == StatusCode::ACCEPTED), "{method} {path}: {status}");
        let (now, next) = self.settings().await;
        let may_change = method == "PUT" && path == "/api/settings" && status == StatusCode::OK;
        assert!(may_change || (&now, next) == (&settings, version), "{method} {path} changed the settings");
        assert!(
            now.pause_on_export_errors || !settings.pause_on_export_errors || accepted,
            "turned off unasked"
        );
    }

    async fn settings(&self) -> (Settings, u64) {
        let (settings, _, version) = self.jobs.settings_with_version(&self.account).await.expect("read");
        (settings, version)
    }

    /// A request, mostly one that gets past who may ask. None when no program can write it.
    fn request(&self, choices: &mut Choices<'_>, bytes: &[u8]) -> Option<Request<Body>> {
        let (method, path) = choices.of(&PATHS);
        let method = if choices.once_in(10) { choices.of(&METHODS) } else { method };
        let mut path = path.replace("ID", &self.error);
        for at in 0..choices.below(4) {
            path.push(if at == 0 { '?' } else { '&' });
            match choices.below(8) {
                0 => path.push_str(&choices.text(30)),
                _ => path.push_str(&choices.of(&QUERIES).replace("ID", &self.error)),
            }
        }
        let kind = choices.of(&["application/json", "application/x-ndjson", "text/plain"]);
        let mut request = Request::builder().method(method).uri(path);
        if !choices.once_in(20) {
            request = request.header("Host", "localhost").header("X-Requested-With", "crm-export");
        }
        if !choices.once_in(6) {
            request = request.header("If-Match", choices.of(&["*", "\"0\"", "\"1\"", "W/\"0\"", "0"]));
        }
        let body = match choices.below(8) {
            0 => bytes.to_vec(),
            1 => choices.text(200).into_bytes(),
            2 => json!({ "errorId": self.error }).to_string().into_bytes(),
            3 => json!({ "ids": [self.error] }).to_string().into_bytes(),
            4 => Vec::new(),
            _ => json_text::object(choices, &NAMES).to_string().into_bytes(),
        };
        request.header("Content-Type", kind).extension(Sent(body.clone())).body(Body::from(body)).ok()
    }
}

/// A request's body, once more.
#[derive(Clone)]
struct Sent(Vec<u8>);

impl Sent {
    fn accepts_inconsistency(&self) -> bool {
        let body: Value = serde_json::from_slice(&self.0).unwrap_or_default();
        body["acceptDataInconsistency"] == true
    }
}
