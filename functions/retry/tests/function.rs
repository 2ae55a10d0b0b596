//! The handler of `retry` over memory doubles.

#[path = "../../cloud/tests/support/emf.rs"]
mod emf;
#[path = "../../cloud/tests/support/log.rs"]
mod log;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use cloud::Metrics;
use domain::message::Message;
use domain::{AccountName, CrmError, JobId, Record, Settings, Timestamp};
use jobs::clock::{Clock as _, ManualClock};
use jobs::crm::MemoryCrm;
use jobs::events::MemoryEvents;
use jobs::ledger::{ErrorFilter, Ledger as _, MemoryLedger};
use jobs::{Cause, Jobs};
use lambda_runtime::{Context, Diagnostic, LambdaEvent};
use log::Lines;
use retry::Retry;
use serde_json::{Value, json};

struct World {
    retry: Retry,
    crm: Arc<MemoryCrm>,
    ledger: Arc<MemoryLedger>,
    clock: Arc<ManualClock>,
    metrics: Lines,
}

impl World {
    /// Pause is off, and three contacts of four were refused and passed.
    async fn new() -> Self {
        let (crm, ledger) = (Arc::new(MemoryCrm::default()), Arc::new(MemoryLedger::default()));
        let clock = Arc::new(ManualClock::at(Timestamp::from_millis(1_795_464_000_000)));
        let metrics = Lines::default();
        let jobs = Jobs {
            crm: crm.clone(),
            ledger: ledger.clone(),
            events: Arc::new(MemoryEvents::default()),
            clock: clock.clone(),
            owner: "environment".to_owned(),
            defaults: Settings { pause_on_export_errors: false, ..Settings::default() },
        };
        let account = AccountName::new("acme").expect("fits");
        let told = Metrics::to("crm-export", clock.clone(), Arc::new(Mutex::new(metrics.clone())));
        let retry = Retry { jobs, account, metrics: told };
        let world = Self { retry, crm, ledger, clock, metrics };
        world.crm.refuse(refuse(&["C-1", "C-2", "C-3"]));
        let record =
            |id: &str| json!({"externalId": {"field": "E__c", "value": id}, "fields": {"LastName": id}});
        let records = ["C-1", "C-2", "C-3", "C-4"].map(record);
        let body = json!({"account": "acme", "object": "Contact", "records": records}).to_string();
        let message = Message::from_body("m", 1, &body).expect("a message");
        let run = world.retry.jobs.run(&world.job(), &[message], Cause::Message, None).await.expect("a run");
        assert_eq!((run.exported, run.errors), (1, 3));
        world
    }

    fn job(&self) -> JobId {
        JobId::new(self.retry.account.clone(), "Contact").expect("fits")
    }

    /// One invocation that may run for so long.
    async fn invoke(&self, event: Value, seconds: u64) -> Result<Value, Diagnostic> {
        let mut context = Context::default();
        context.request_id = "request".to_owned();
        context.deadline = u64::try_from(self.clock.now().millis()).expect("after 1970") + seconds * 1000;
        self.retry.handle(LambdaEvent::new(event, context)).await.map(|summary| json!(summary))
    }

    /// The ids of the errors of these records.
    async fn ids(&self, records: &[&str]) -> Vec<String> {
        let all =
            self.ledger.errors(&self.retry.account, &ErrorFilter::default(), None, 10).await.expect("read");
        let of = |id: &&str| {
            all.iter().find(|error| error.record.external_id.value == **id).expect("logged").id.clone()
        };
        records.iter().map(of).collect()
    }

    async fn open(&self) -> u64 {
        self.ledger.count_open_errors(&self.job()).await.expect("read")
    }
}

fn refuse(ids: &'static [&str]) -> impl Fn(&Record) -> Option<Vec<CrmError>> + Send + Sync {
    |record| {
        let error =
            || CrmError::new("REQUIRED_FIELD_MISSING", "Required fields are missing: [Name]", &["Name"]);
        ids.contains(&record.external_id.value.as_str()).then(|| vec![error()])
    }
}

#[tokio::test]
async fn the_daily_run_exports_what_was_mended() {
    let world = World::new().await;
    world.crm.refuse(refuse(&["C-2"]));
    let answer = world.invoke(json!({"cause": "daily"}), 900).await.expect("a retry");
    assert_eq!((&answer["jobs"], &answer["exported"], &answer["errors"]), (&json!(1), &json!(2), &json!(1)));
    assert_eq!(
        (world.open().await, world.crm.written()),
        (1, vec!["C-4".into(), "C-1".into(), "C-3".into()])
    );
    let mut told: Vec<String> = Vec::new();
    for line in world.metrics.take() {
        told.extend(
            emf::metrics(&line).into_iter().map(|((of, name), value)| format!("{of} {name} {value}")),
        );
    }
    let expected = [
        "Stack=crm-export Exported 2",
        "Stack=crm-export RecordErrors 1",
        "Stack=crm-export,Code=MISSING_REQUIRED_FIELD RecordErrors 1",
    ];
    assert_eq!(told, expected);
}

#[tokio::test]
async fn a_person_retries_some_or_all() {
    let world = World::new().await;
    world.crm.accept();
    let asked = json!({"cause": "person", "action": "retry", "errors": world.ids(&["C-2"]).await});
    let answer = world.invoke(asked, 900).await.expect("a retry");
    assert_eq!((&answer["exported"], world.open().await), (&json!(1), 2));
    assert_eq!(world.crm.written(), ["C-4", "C-2"]);
    let answer = world.invoke(json!({"cause": "person", "action": "retry"}), 900).await.expect("a retry");
    assert_eq!((&answer["exported"], world.open().await), (&json!(2), 0));
}

#[tokio::test]
async fn without_time_it_stops_and_goes_on_next_time() {
    let world = World::new().await;
    world.crm.accept();
    world.crm.take_calls();
    let answer = world.invoke(json!({"cause": "daily"}), 60).await.expect("a retry");
    assert_eq!((&answer["exported"], world.crm.take_calls().len(), world.open().await), (&json!(0), 0, 3));
    let answer = world.invoke(json!({"cause": "daily"}), 900).await.expect("a retry");
    assert_eq!((&answer["exported"], world.open().await), (&json!(3), 0));
}

#[tokio::test]
async fn a_job_that_another_run_has_is_left_out() {
    let world = World::new().await;
    let now = world.clock.now();
    world
        .ledger
        .lease(&world.job(), "elsewhere", now, now.plus(Duration::from_secs(60)))
        .await
        .expect("free");
    let answer = world.invoke(json!({"cause": "daily"}), 900).await.expect("a retry");
    assert_eq!((answer["exported"].clone(), world.open().await), (json!(0), 3));
}

#[tokio::test]
async fn an_event_that_nobody_knows_is_an_error() {
    let world = World::new().await;
    let error = world.invoke(json!({"cause": "schedule"}), 900).await.expect_err("unknown");
    assert_eq!(error.error_type, "Event");
    let start = r#"failed to read the event: its cause is `schedule`; expected {"cause":"daily"}"#;
    assert!(error.error_message.starts_with(start), "{error:?}");
}
