//! The worker: one task that runs the account's jobs, one run at a time, and nobody else does on this machine.
//!
//! Orders of people come first, then what is queued and what drains, then the timetable. A run takes a few seconds of work
//! and gives way, so that no job's backlog keeps another's people waiting. A run that fails is logged and tried again.

use std::collections::BTreeSet;
use std::time::Duration;

use domain::{AccountName, Hold, JobId, JobState, Timestamp};
use jobs::ledger::LedgerError;
use jobs::{Cause, JobStatus, Jobs, RunReport, SkipError};
use tokio::sync::{mpsc, watch};

use super::desk::Order;
use super::timetable::{Due, Timetable};
use crate::exit::Failure;
use crate::output;
use crate::queue::Queue;
use crate::report::MissingParent;

/// Messages of one run, as `export` takes them.
const MESSAGES_PER_RUN: u32 = 10;

/// How long a run takes chunks: ten seconds beside the 130 that it keeps for its last call.
const SLICE: Duration = Duration::from_secs(140);

/// How long nothing is tried after a run failed: a full disk or a locked file needs time.
const AFTER_FAILURE: Duration = Duration::from_secs(5);

/// Runs the jobs.
pub(crate) struct Worker {
    jobs: Jobs,
    account: AccountName,
    queue: Queue,
    orders: mpsc::Receiver<Order>,
    timetable: Timetable,
    /// Whether people are told on stderr what was done.
    tells: bool,
    /// Jobs without a hold that still have parked records.
    draining: BTreeSet<JobId>,
    /// The queue may hold something.
    queued: bool,
    /// Something was exported since jobs that wait for a parent were tried.
    news: bool,
    /// Nothing is tried before.
    not_before: Timestamp,
}

impl Worker {
    /// Prepares the worker; it begins with what an earlier program left in the queue or held.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub(crate) async fn new(
        jobs: Jobs,
        account: AccountName,
        queue: Queue,
        orders: mpsc::Receiver<Order>,
        resume_every: Duration,
        tells: bool,
    ) -> Result<Self, LedgerError> {
        let (settings, _) = jobs.settings(&account).await?;
        let timetable = Timetable::new(jobs.clock.now(), resume_every, &settings);
        let mut worker = Self {
            jobs,
            account,
            queue,
            orders,
            timetable,
            tells,
            draining: BTreeSet::new(),
            queued: true,
            news: true,
            not_before: Timestamp::default(),
        };
        worker.find_draining().await?;
        Ok(worker)
    }

    /// Works until it is stopped. A run that is under way is ended by whoever waits no longer: every write is made so that
    /// this loses nothing.
    pub(crate) async fn run(mut self, mut stopped: watch::Receiver<bool>) {
        while !*stopped.borrow() {
            let now = self.jobs.clock.now();
            let may_go_on = now >= self.not_before;
            let rest = if may_go_on { self.timetable.rest(now) } else { self.not_before.since(now) };
            let clock = self.jobs.clock.clone();
            let done = tokio::select! {
                biased;
                _ = stopped.changed() => return,
                order = self.orders.recv() => match order {
                    Some(order) => self.obey(order).await,
                    None => return,
                },
                () = std::future::ready(()), if may_go_on && self.has_work() => self.go_on().await,
                () = clock.sleep(rest), if !(may_go_on && self.has_work()) => Ok(()),
            };
            let done = match done {
                Ok(()) => self.keep_time().await,
                failed => failed,
            };
            if let Err(error) = done {
                tracing::error!(%error, "a run failed; it is tried again");
                output::warn(&format!("failed to {error}; it is tried again"));
                self.not_before = self.jobs.clock.now().plus(AFTER_FAILURE);
            }
        }
    }

    fn has_work(&self) -> bool {
        self.queued || self.news || !self.draining.is_empty()
    }

    /// Does what a person asked for.
    async fn obey(&mut self, order: Order) -> Result<(), Failure> {
        match order {
            Order::Queued => self.queued = true,
            Order::Resume(Some(job)) => self.run_job(&job, Cause::Person).await?,
            Order::Resume(None) => {
                for job in self.waiting().await? {
                    self.run_job(&job.job, Cause::Person).await?;
                }
            }
            Order::Skip(job, error_id) => self.skip(&job, &error_id).await?,
            Order::Retry(ids) => {
                let reports = match ids {
                    Some(ids) => self.jobs.retry_errors(&self.account, &ids, None).await?,
                    None => self.jobs.retry(&self.account, None).await?,
                };
                self.told(reports);
                self.find_draining().await?;
            }
        }
        Ok(())
    }

    /// Lets a job pass its head. The head that the person saw may be gone by now; another one is not skipped for it.
    async fn skip(&mut self, job: &JobId, error_id: &str) -> Result<(), Failure> {
        let hold = self.jobs.ledger.job(job).await?.and_then(|job| job.hold);
        if !matches!(hold, Some(Hold::RecordRefused(held)) if held.error_id == error_id) {
            tracing::info!(%job, error_id, "not skipped: the job is not held there any more");
            return Ok(());
        }
        match self.jobs.skip(job).await {
            Ok(report) => self.told([report]),
            Err(SkipError::NotPaused(job)) => {
                tracing::info!(%job, "not skipped: the job is not paused any more")
            }
            Err(SkipError::Ledger(error)) => return Err(error.into()),
        }
        Ok(())
    }

    /// Takes the next thing that needs nobody's order.
    async fn go_on(&mut self) -> Result<(), Failure> {
        if self.queued {
            let messages = self.queue.next(&self.account, MESSAGES_PER_RUN)?;
            let Some(first) = messages.first() else {
                self.queued = false;
                return Ok(());
            };
            let job = first.job.clone();
            let report = self.jobs.run(&job, &messages, Cause::Message, self.slice()).await?;
            self.queue.delete(&messages)?;
            self.told([report]);
            // Once in a while what drains has its turn beside a long queue.
        }
        if let Some(job) = self.draining.pop_first() {
            return self.run_job(&job, Cause::Schedule).await;
        }
        if !self.queued && std::mem::take(&mut self.news) {
            self.try_children().await?;
        }
        Ok(())
    }

    /// Runs jobs whose head waits for a parent that another job may have exported by now.
    async fn try_children(&mut self) -> Result<(), Failure> {
        for job in self.waiting().await? {
            if matches!(&job.hold, Some(Hold::RecordRefused(held)) if MissingParent::read(&held.message).is_some())
            {
                self.run_job(&job.job, Cause::Schedule).await?;
            }
        }
        Ok(())
    }

    /// Does what the timetable says.
    async fn keep_time(&mut self) -> Result<(), Failure> {
        let (settings, _) = self.jobs.settings(&self.account).await?;
        match self.timetable.due(self.jobs.clock.now(), &settings) {
            None => {}
            Some(Due::Resume) => {
                let reports = self.jobs.resume(&self.account, Cause::Schedule, self.slice()).await?;
                self.told(reports);
                self.find_draining().await?;
                // Another program, or a write whose note got lost: a look costs little.
                self.queued = true;
            }
            Some(Due::Daily) => {
                tracing::info!("CRMExport_ExportError");
                let reports = self.jobs.retry(&self.account, None).await?;
                self.told(reports);
                self.find_draining().await?;
            }
        }
        Ok(())
    }

    /// Runs one job without messages for a slice of time.
    async fn run_job(&mut self, job: &JobId, cause: Cause) -> Result<(), Failure> {
        let report = self.jobs.run(job, &[], cause, self.slice()).await?;
        self.told([report]);
        self.find_draining().await?;
        Ok(())
    }

    async fn waiting(&mut self) -> Result<Vec<JobStatus>, LedgerError> {
        let mut jobs = self.jobs.status(&self.account).await?;
        jobs.retain(|job| job.hold.is_some() || job.parked > 0);
        Ok(jobs)
    }

    async fn find_draining(&mut self) -> Result<(), LedgerError> {
        let waiting = self.waiting().await?;
        let draining = waiting.into_iter().filter(|job| job.state == JobState::Draining);
        self.draining = draining.map(|job| job.job).collect();
        Ok(())
    }

    fn slice(&self) -> Option<Timestamp> {
        Some(self.jobs.clock.now().plus(SLICE))
    }

    /// Tells what runs did.
    fn told(&mut self, reports: impl IntoIterator<Item = RunReport>) {
        for report in reports {
            self.news |= report.exported > 0;
            for warning in &report.warnings {
                tracing::warn!(job = %report.job, warning);
            }
            if self.tells && (report.exported > 0 || report.errors > 0) {
                let name = report.job.display_name();
                output::tell(&format!("{name}: {} exported, {} refused", report.exported, report.errors));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use domain::{CrmError, ErrorState, Record, Settings};
    use jobs::clock::SystemClock;
    use jobs::crm::MemoryCrm;
    use jobs::events::MemoryEvents;
    use jobs::ledger::{ErrorFilter, MemoryLedger};
    use serde_json::{Map, Value, json};
    use settings::{Intake, Work};
    use tokio::task::JoinHandle;

    use super::*;
    use crate::queue::{Queue, Spellings};
    use crate::serve::{Desk, QueueIntake, desk};

    struct Case {
        jobs: Jobs,
        crm: Arc<MemoryCrm>,
        account: AccountName,
        desk: Desk,
        intake: QueueIntake,
        stop: watch::Sender<bool>,
        worker: JoinHandle<()>,
        _folder: tempfile::TempDir,
    }

    impl Case {
        /// A worker with these records in its queue, `Object/id`, from an earlier program.
        async fn new(
            records: &[&str],
            refuse: impl Fn(&Record) -> Option<Vec<CrmError>> + Send + Sync + 'static,
        ) -> Self {
            let folder = tempfile::tempdir().expect("a folder");
            let db = folder.path().join("a.db");
            let account = AccountName::new("local").expect("fits");
            let mut queue = Queue::open(&db).expect("opens");
            let before = records.iter().map(|record| parsed(record)).collect();
            queue.add(&account, before, &mut Spellings::new()).expect("queued");
            let crm = Arc::new(MemoryCrm::default());
            crm.refuse(refuse);
            let jobs = Jobs {
                crm: crm.clone(),
                ledger: Arc::new(MemoryLedger::default()),
                events: Arc::new(MemoryEvents::default()),
                clock: Arc::new(SystemClock),
                owner: "local".to_owned(),
                defaults: Settings::default(),
            };
            let (desk, orders) = desk();
            let intake =
                QueueIntake::open(&db, account.clone(), jobs.ledger.clone(), desk.clone()).expect("opens");
            let hour = Duration::from_secs(3_600);
            let worker =
                Worker::new(jobs.clone(), account.clone(), queue, orders, hour, false).await.expect("ready");
            let (stop, stopped) = watch::channel(false);
            let worker = tokio::spawn(worker.run(stopped));
            Self { jobs, crm, account, desk, intake, stop, worker, _folder: folder }
        }

        async fn take(&self, records: &[&str]) {
            self.intake.take(records.iter().map(|record| parsed(record)).collect()).await.expect("queued");
        }

        /// Waits until these ids are written, in this order.
        async fn written(&self, ids: &[&str]) {
            for _ in 0..1_000 {
                if self.crm.written() == ids {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            panic!("written: {:?}", self.crm.written());
        }

        /// Waits until the job of this object is held; answers the error's id.
        async fn held(&self, object: &str) -> String {
            let job = JobId::new(self.account.clone(), object).expect("fits");
            for _ in 0..1_000 {
                let hold = self.jobs.ledger.job(&job).await.expect("read").and_then(|job| job.hold);
                if let Some(Hold::RecordRefused(held)) = hold {
                    return held.error_id;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            panic!("{object} is not held");
        }

        async fn end(self) {
            self.stop.send_replace(true);
            tokio::time::timeout(Duration::from_secs(10), self.worker)
                .await
                .expect("ends")
                .expect("ends well");
        }
    }

    fn parsed(record: &str) -> Record {
        let (object, id) = record.split_once('/').expect("an object and an id");
        let json = json!({"object": object, "externalId": {"field": "E__c", "value": id}, "fields": {}});
        Record::from_json(json).expect("whole")
    }

    fn bad(record: &Record) -> Option<Vec<CrmError>> {
        let is_bad = record.external_id.value.starts_with("bad");
        is_bad.then(|| vec![CrmError::new("STRING_TOO_LONG", "too long", &[])])
    }

    #[tokio::test]
    async fn what_is_queued_goes_out() {
        let case = Case::new(&["Contact/C-1"], |_| None).await;
        case.written(&["C-1"]).await;
        case.take(&["Contact/C-2", "Lead/L-1"]).await;
        case.written(&["C-1", "C-2", "L-1"]).await;
        case.end().await;
    }

    #[tokio::test]
    async fn orders_of_people_are_done() {
        let case = Case::new(&["Contact/bad-1", "Contact/C-2", "Contact/bad-3", "Contact/C-4"], bad).await;
        let first = case.held("Contact").await;
        let job = JobId::new(case.account.clone(), "Contact").expect("fits");
        case.desk.skip(job.clone(), "another".to_owned()).await.expect("given");
        case.desk.skip(job.clone(), first.clone()).await.expect("given");
        case.written(&["C-2"]).await;
        assert_ne!(case.held("Contact").await, first, "the next one holds it, and was not skipped");
        case.crm.accept();
        case.desk.resume(Some(job)).await.expect("given");
        case.written(&["C-2", "bad-3", "C-4"]).await;
        case.desk.retry(Some(vec![first])).await.expect("given");
        case.written(&["C-2", "bad-3", "C-4", "bad-1"]).await;
        let open = ErrorFilter { state: Some(ErrorState::Open), ..ErrorFilter::default() };
        for _ in 0..1_000 {
            if case.jobs.ledger.errors(&case.account, &open, None, 9).await.expect("read").is_empty() {
                return case.end().await;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("an error is still open");
    }

    #[tokio::test]
    async fn a_child_that_waits_for_its_parent_goes_on_by_itself() {
        let parent = Arc::new(std::sync::atomic::AtomicBool::new(false));
        let there = parent.clone();
        let case = Case::new(&["Contact/C-1"], move |record| {
            if record.object == "Account" {
                there.store(true, std::sync::atomic::Ordering::SeqCst);
            }
            let missing = "Foreign key external ID: A-1 not found for field E__c in entity Account";
            let waits = record.object == "Contact" && !there.load(std::sync::atomic::Ordering::SeqCst);
            waits.then(|| vec![CrmError::new("INVALID_FIELD", missing, &[])])
        })
        .await;
        case.held("Contact").await;
        case.take(&["Account/A-1"]).await;
        case.written(&["A-1", "C-1"]).await;
        case.end().await;
    }

    #[tokio::test]
    async fn while_export_is_off_records_wait() {
        let case = Case::new(&[], |_| None).await;
        let change = async |on: bool| {
            let changes: Map<String, Value> = [("exportToCrm".to_owned(), json!(on))].into_iter().collect();
            case.jobs.change_settings(&case.account, &changes, false, None).await.expect("changed");
        };
        change(false).await;
        case.take(&["Contact/C-1"]).await;
        let job = JobId::new(case.account.clone(), "Contact").expect("fits");
        for _ in 0..1_000 {
            if case.jobs.ledger.count_parked(&job).await.expect("read") == 1 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert_eq!(case.crm.written(), Vec::<String>::new());
        change(true).await;
        case.desk.resume(None).await.expect("given");
        case.written(&["C-1"]).await;
        case.end().await;
    }
}
