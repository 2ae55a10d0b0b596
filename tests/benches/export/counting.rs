//! Counts what a job asks of its ports, per 1,000 records.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use domain::message::Message;
use domain::{
    AccountName, ExportError, ExternalId, Figures, Job, JobId, Placed, Position, Settings, Timestamp,
};
use jobs::clock::ManualClock;
use jobs::crm::MemoryCrm;
use jobs::events::MemoryEvents;
use jobs::ledger::{ErrorFilter, Lease, Ledger, LedgerError, MemoryLedger, Rejection, StoredSettings};
use jobs::{Cause, Jobs};
use serde_json::{Value, json};

/// A ledger that counts its reads and writes.
#[derive(Default)]
struct Counting {
    inner: MemoryLedger,
    reads: AtomicU64,
    writes: AtomicU64,
}

impl Counting {
    fn read(&self) -> &MemoryLedger {
        self.reads.fetch_add(1, Ordering::Relaxed);
        &self.inner
    }

    fn write(&self) -> &MemoryLedger {
        self.writes.fetch_add(1, Ordering::Relaxed);
        &self.inner
    }
}

type Answer<T> = Result<T, LedgerError>;

#[async_trait]
impl Ledger for Counting {
    async fn settings(&self, account: &AccountName) -> Answer<StoredSettings> {
        self.read().settings(account).await
    }
    async fn put_settings(&self, account: &AccountName, body: &Value, expected: u64) -> Answer<()> {
        self.write().put_settings(account, body, expected).await
    }
    async fn lease(
        &self,
        job: &JobId,
        owner: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Answer<(Lease, Job)> {
        self.write().lease(job, owner, now, until).await
    }
    async fn save(&self, lease: &Lease, job: &Job, until: Timestamp) -> Answer<()> {
        self.write().save(lease, job, until).await
    }
    async fn job(&self, job: &JobId) -> Answer<Option<Job>> {
        self.read().job(job).await
    }
    async fn jobs(&self, account: &AccountName) -> Answer<Vec<(JobId, Job)>> {
        self.read().jobs(account).await
    }
    async fn park(&self, lease: &Lease, records: &[Placed]) -> Answer<()> {
        self.write().park(lease, records).await
    }
    async fn parked(&self, job: &JobId, after: Option<Position>, limit: usize) -> Answer<Vec<Placed>> {
        self.read().parked(job, after, limit).await
    }
    async fn unpark(&self, lease: &Lease, through: Position) -> Answer<()> {
        self.write().unpark(lease, through).await
    }
    async fn count_parked(&self, job: &JobId) -> Answer<u64> {
        self.read().count_parked(job).await
    }
    async fn open_errors_of(&self, job: &JobId, ids: &[&ExternalId]) -> Answer<Vec<ExportError>> {
        self.read().open_errors_of(job, ids).await
    }
    async fn open_errors(
        &self,
        job: &JobId,
        after: Option<Position>,
        limit: usize,
    ) -> Answer<Vec<ExportError>> {
        self.read().open_errors(job, after, limit).await
    }
    async fn count_open_errors(&self, job: &JobId) -> Answer<u64> {
        self.read().count_open_errors(job).await
    }
    async fn put_open_error(&self, lease: &Lease, error: &ExportError) -> Answer<()> {
        self.write().put_open_error(lease, error).await
    }
    async fn close_error(&self, lease: &Lease, error: &ExportError) -> Answer<()> {
        self.write().close_error(lease, error).await
    }
    async fn errors(
        &self,
        account: &AccountName,
        filter: &ErrorFilter,
        after: Option<&str>,
        limit: usize,
    ) -> Answer<Vec<ExportError>> {
        self.read().errors(account, filter, after, limit).await
    }
    async fn error(&self, account: &AccountName, id: &str) -> Answer<Option<ExportError>> {
        self.read().error(account, id).await
    }
    async fn reject(&self, rejection: &Rejection) -> Answer<()> {
        self.write().reject(rejection).await
    }
    async fn rejections(&self, account: Option<&AccountName>, limit: usize) -> Answer<Vec<Rejection>> {
        self.read().rejections(account, limit).await
    }
    async fn count(&self, account: &AccountName, day: &str, figures: &Figures) -> Answer<Figures> {
        if figures.is_empty() { self.read() } else { self.write() }.count(account, day, figures).await
    }
    async fn figures(&self, account: &AccountName, from_day: &str) -> Answer<Vec<(String, Figures)>> {
        self.read().figures(account, from_day).await
    }
}

/// Runs 200,000 records, nothing failing, as the queue delivers them: ten messages of 200 a run.
pub fn report() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let ledger = Arc::new(Counting::default());
    let crm = Arc::new(MemoryCrm::default());
    let jobs = Jobs {
        crm: crm.clone(),
        ledger: ledger.clone(),
        events: Arc::new(MemoryEvents::default()),
        clock: Arc::new(ManualClock::default()),
        owner: "bench".to_owned(),
        defaults: Settings::default(),
    };
    let job = JobId::new(AccountName::new("bench").expect("fits"), "Account").expect("fits");
    let (mut records, mut calls) = (0u64, 0u64);
    for run in 0..100 {
        let messages: Vec<Message> = (0..10).map(|n| message(run * 10 + n)).collect();
        let report = runtime.block_on(jobs.run(&job, &messages, Cause::Message, None)).expect("a run");
        records += report.exported;
        calls += report.calls;
    }
    let per_thousand = |count: u64| count as f64 * 1000.0 / records as f64;
    println!(
        "the job alone, over memory doubles: {records} records in runs of ten messages of 200, nothing failing"
    );
    println!("  CRM calls per 1,000 records     {:.2}", per_thousand(calls));
    println!("  ledger writes per 1,000 records {:.2}", per_thousand(ledger.writes.load(Ordering::Relaxed)));
    println!("  ledger reads per 1,000 records  {:.2}", per_thousand(ledger.reads.load(Ordering::Relaxed)));
}

fn message(sequence: u128) -> Message {
    let record = |n: u32| json!({"externalId": {"field": "Ext__c", "value": format!("{sequence}-{n}")}, "fields": {"Name": "x"}});
    let records: Vec<Value> = (0..200).map(record).collect();
    let body = json!({"account": "bench", "object": "Account", "records": records}).to_string();
    Message::from_body("m", sequence, &body).expect("a message")
}
