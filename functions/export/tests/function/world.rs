//! A function over doubles, and words to say what happens to it.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use cloud::Metrics;
use domain::{AccountName, CrmError, JobId, Record, Settings, Timestamp};
use export::{Delivery, Export, Redelivery};
use jobs::Jobs;
use jobs::clock::{Clock as _, ManualClock};
use jobs::crm::{Crm, MemoryCrm};
use jobs::events::MemoryEvents;
use jobs::ledger::{Ledger as _, MemoryLedger};
use lambda_runtime::{Context, Diagnostic, LambdaEvent};
use serde_json::{Value, json};

use crate::faulty::FaultyLedger;
use crate::log::Lines;

pub struct World {
    pub export: Export,
    pub crm: Arc<MemoryCrm>,
    pub ledger: Arc<FaultyLedger>,
    pub clock: Arc<ManualClock>,
    pub soon: Arc<Soon>,
    pub metrics: Lines,
    /// How long the next invocation may run, in seconds.
    pub seconds: u64,
    invocations: u32,
}

/// Remembers which messages were asked back soon.
#[derive(Default)]
pub struct Soon(Mutex<Vec<Vec<String>>>);

impl Soon {
    pub fn take(&self) -> Vec<Vec<String>> {
        std::mem::take(&mut self.0.lock().expect("whole"))
    }
}

#[async_trait]
impl Redelivery for Soon {
    async fn soon(&self, deliveries: &[Delivery]) {
        let ids = deliveries.iter().map(|delivery| delivery.id.clone()).collect();
        self.0.lock().expect("whole").push(ids);
    }
}

impl World {
    pub fn new() -> Self {
        Self::with(Arc::new(MemoryCrm::default()), |crm| crm)
    }

    /// A world whose CRM stands before the one in memory.
    pub fn with(crm: Arc<MemoryCrm>, wrap: impl FnOnce(Arc<dyn Crm>) -> Arc<dyn Crm>) -> Self {
        let ledger = Arc::new(FaultyLedger::over(MemoryLedger::default()));
        let clock = Arc::new(ManualClock::at(Timestamp::from_millis(1_795_464_000_000)));
        let (soon, metrics) = (Arc::new(Soon::default()), Lines::default());
        let export = Export {
            jobs: Jobs {
                crm: wrap(crm.clone()),
                ledger: ledger.clone(),
                events: Arc::new(MemoryEvents::default()),
                clock: clock.clone(),
                owner: "environment".to_owned(),
                defaults: Settings::default(),
            },
            account: AccountName::new("acme").expect("fits"),
            redelivery: soon.clone(),
            metrics: Metrics::to("crm-export", clock.clone(), Arc::new(Mutex::new(metrics.clone()))),
        };
        Self { export, crm, ledger, clock, soon, metrics, seconds: 300, invocations: 0 }
    }

    /// One invocation.
    pub async fn invoke(&mut self, event: Value) -> Result<Value, Diagnostic> {
        self.invocations += 1;
        let mut context = Context::default();
        context.request_id = format!("request-{}", self.invocations);
        let now = u64::try_from(self.clock.now().millis()).expect("after 1970");
        context.deadline = now + self.seconds * 1000;
        self.export.handle(LambdaEvent::new(event, context)).await
    }

    /// Delivers a batch; answers the ids of the messages that come again.
    pub async fn deliver(&mut self, messages: &[Value]) -> Vec<String> {
        let answer = self.invoke(json!({ "Records": messages })).await.expect("a batch is always answered");
        let failures = answer["batchItemFailures"].as_array().expect("a list");
        assert_eq!(answer.as_object().map(serde_json::Map::len), Some(1), "{answer}");
        failures.iter().map(|failure| failure["itemIdentifier"].as_str().expect("an id").to_owned()).collect()
    }

    /// State, cursor, parked, open errors of a job: `Paused 2.0 3 1`.
    pub async fn shown(&self, object: &str) -> String {
        let jobs = self.export.jobs.status(&self.export.account).await.expect("a status");
        let job = jobs.into_iter().find(|status| status.job.object == object).expect("a job");
        let cursor = job.cursor.map_or("-".to_owned(), |cursor| cursor.to_string());
        format!("{:?} {cursor} {} {}", job.state, job.parked, job.open_errors)
    }

    /// Account, message and reason of every rejection that is kept.
    pub async fn rejections(&self) -> Vec<(bool, String, String)> {
        let mut kept = Vec::new();
        for account in [Some(&self.export.account), None] {
            for rejection in self.ledger.rejections(account, 100).await.expect("read") {
                kept.push((account.is_some(), rejection.message_id, rejection.reason));
            }
        }
        kept
    }

    /// Takes the job's lease for another environment.
    pub async fn lease_elsewhere(&self, object: &str) {
        let now = self.clock.now();
        let until = now.plus(std::time::Duration::from_secs(60));
        self.ledger.lease(&self.job(object), "elsewhere", now, until).await.expect("it is free");
    }

    pub fn job(&self, object: &str) -> JobId {
        JobId::new(self.export.account.clone(), object).expect("fits")
    }

    /// Id of the error at which a job is paused.
    pub async fn head(&self, object: &str) -> String {
        let jobs = self.export.jobs.status(&self.export.account).await.expect("a status");
        let hold = jobs.into_iter().find(|status| status.job.object == object).and_then(|status| status.hold);
        let Some(domain::Hold::RecordRefused(head)) = hold else { panic!("not paused: {hold:?}") };
        head.error_id
    }
}

/// A message of the account, in its job's group.
pub fn message(id: &str, object: &str, sequence: u64, ids: &[&str]) -> Value {
    raw(id, &format!("acme/{object}"), sequence, &body("acme", object, ids))
}

/// A body.
pub fn body(account: &str, object: &str, ids: &[&str]) -> String {
    let record =
        |id: &&str| json!({"externalId": {"field": "E__c", "value": id}, "fields": {"LastName": id}});
    json!({"account": account, "object": object, "records": ids.iter().map(record).collect::<Vec<_>>()})
        .to_string()
}

/// A message with any body, as SQS delivers it.
pub fn raw(id: &str, group: &str, sequence: u64, body: &str) -> Value {
    json!({
        "messageId": id,
        "receiptHandle": format!("handle-{id}"),
        "body": body,
        "attributes": {"MessageGroupId": group, "SequenceNumber": sequence.to_string(), "SentTimestamp": "1795463000000"},
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:eu-central-1:123456789012:crm-export.fifo",
    })
}

/// Refuses a record with this external id.
pub fn refusing(id: &'static str) -> impl Fn(&Record) -> Option<Vec<CrmError>> + Send + Sync {
    move |record| {
        let error =
            || CrmError::new("REQUIRED_FIELD_MISSING", "Required fields are missing: [Name]", &["Name"]);
        (record.external_id.value == id).then(|| vec![error()])
    }
}
