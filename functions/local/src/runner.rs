//! Runs jobs: what is in the queue, and what waits behind a hold. Counts what came of it.
//!
//! Which record goes when is the jobs' business; here is only which job's turn it is.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::message::Message;
use domain::{AccountName, Hold, JobId, JobState};
use jobs::ledger::{LedgerError, LedgerErrorKind};
use jobs::{Cause, Disagreements, JobStatus, Jobs, RunReport};

use crate::exit::Failure;
use crate::progress::Progress;
use crate::queue::Queue;
use crate::report::{JobOutcome, MissingParent, Outcome};

/// Messages of one run: enough for ten full CRM calls between two leases.
const MESSAGES_PER_RUN: u32 = 10;

/// How many rejections are counted; beyond that the number says "many" either way.
const REJECTIONS_COUNTED: usize = 10_000;

/// What this program did.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    jobs: BTreeMap<JobId, Counts>,
    calls: u64,
    /// Records exported by all jobs together.
    exported: u64,
    /// That number when a job last tried the CRM.
    tried_at: HashMap<JobId, u64>,
    warnings: BTreeSet<String>,
    /// Where the rules and the CRM differed.
    disagreements: Disagreements,
}

#[derive(Debug, Default, Clone, Copy)]
struct Counts {
    exported: u64,
    errors: u64,
}

impl Tally {
    /// Adds a run.
    pub(crate) fn add(&mut self, report: RunReport) {
        let counts = self.jobs.entry(report.job.clone()).or_default();
        counts.exported += report.exported;
        counts.errors += report.errors;
        self.calls += report.calls;
        self.exported += report.exported;
        self.warnings.extend(report.warnings);
        self.disagreements.false_alarms += report.disagreements.false_alarms;
        self.disagreements.misses += report.disagreements.misses;
        for found in report.disagreements.first {
            if !self.disagreements.first.contains(&found) {
                self.disagreements.first.push(found);
            }
        }
        // A preflight refuses without a call.
        if report.calls > 0 || report.errors > 0 {
            self.tried_at.insert(report.job, self.exported);
        }
    }

    /// What people should look at, each once.
    pub(crate) fn warnings(&self) -> impl Iterator<Item = &str> {
        self.warnings.iter().map(String::as_str)
    }

    /// Whether running a job that waits may come to something else: it was not tried yet, or it is held by a record
    /// without its parent and another job exported something since. Any other hold would only be tried in vain.
    fn worth_a_try(&self, job: &JobStatus) -> bool {
        let Some(then) = self.tried_at.get(&job.job) else { return true };
        let may_be_free = match &job.hold {
            Some(Hold::RecordRefused(held)) => MissingParent::read(&held.message).is_some(),
            Some(Hold::CrmUnavailable(_)) => false,
            None => true,
        };
        may_be_free && self.exported > *then
    }
}

/// Runs the jobs of one account.
pub(crate) struct Runner<'a> {
    pub(crate) jobs: &'a Jobs,
    pub(crate) account: &'a AccountName,
    pub(crate) progress: &'a Progress,
    pub(crate) tally: Tally,
    settled: u64,
}

impl<'a> Runner<'a> {
    pub(crate) fn new(jobs: &'a Jobs, account: &'a AccountName, progress: &'a Progress) -> Self {
        Self { jobs, account, progress, tally: Tally::default(), settled: 0 }
    }

    async fn run(&mut self, job: &JobId, messages: &[Message], cause: Cause) -> Result<(), LedgerError> {
        let report = self.jobs.run(job, messages, cause, None).await?;
        // Messages are settled or parked as a whole; without any, what was parked has been exported.
        let in_messages: usize = messages.iter().map(|message| message.records.len()).sum();
        self.settled += if messages.is_empty() { report.exported } else { in_messages as u64 };
        self.progress.settled(self.settled);
        self.tally.add(report);
        Ok(())
    }

    /// Runs jobs until the queue is empty, always the one whose message has waited longest.
    pub(crate) async fn empty_queue(&mut self, queue: &mut Queue) -> Result<(), Failure> {
        loop {
            let messages = queue.next(self.account, MESSAGES_PER_RUN)?;
            let Some(first) = messages.first() else { return Ok(()) };
            self.run(&first.job, &messages, Cause::Message).await?;
            queue.delete(&messages)?;
        }
    }

    /// Runs every job that is held or has parked records, again as long as another job's progress may have freed it.
    pub(crate) async fn resume(&mut self, cause: Cause) -> Result<(), LedgerError> {
        loop {
            let waiting = self.jobs.status(self.account).await?;
            let waiting = waiting.into_iter().filter(|job| job.hold.is_some() || job.parked > 0);
            let due: Vec<JobId> =
                waiting.filter(|job| self.tally.worth_a_try(job)).map(|job| job.job).collect();
            if due.is_empty() {
                return Ok(());
            }
            for job in due {
                match self.run(&job, &[], cause).await {
                    // A function of the stack works on it: it needs no one else.
                    Err(error) if matches!(error.kind(), LedgerErrorKind::LeaseHeld { .. }) => {
                        self.tally.warnings.insert(format!("not resumed: {error}"));
                    }
                    done => done?,
                }
                // One that made no call (Export to CRM is off, a backoff) had its turn all the same.
                self.tally.tried_at.insert(job, self.tally.exported);
            }
        }
    }

    /// How many records are parked, for the progress bar.
    pub(crate) async fn parked(&self) -> Result<u64, LedgerError> {
        Ok(self.jobs.status(self.account).await?.iter().map(|job| job.parked).sum())
    }
}

/// Where every job of the account stands, with what this program did.
pub(crate) async fn outcome(
    jobs: &Jobs,
    account: &AccountName,
    queue: Option<&Queue>,
    tally: Option<&Tally>,
) -> Result<Outcome, Failure> {
    let (queued, unfinished) = match queue {
        Some(queue) => (queue.waiting(account)?, queue.unfinished(account)?),
        None => Default::default(),
    };
    let mut queued: BTreeMap<String, u64> = queued.into_iter().collect();
    let counts = |job: &JobId| tally.and_then(|tally| tally.jobs.get(job)).copied().unwrap_or_default();
    let mut outcomes = Vec::new();
    for status in jobs.status(account).await? {
        let Counts { exported, errors } = counts(&status.job);
        let queued = queued.remove(&status.job.object).unwrap_or(0);
        outcomes.push(JobOutcome { status, exported, errors, queued });
    }
    // Queued by a program that was killed before the job's first run.
    for (object, queued) in queued {
        let job = JobId { account: account.clone(), object };
        let state = JobState::Draining;
        let status = JobStatus { job, state, hold: None, cursor: None, open_errors: 0, parked: 0 };
        outcomes.push(JobOutcome { status, exported: 0, errors: 0, queued });
    }
    Ok(Outcome {
        jobs: outcomes,
        calls: tally.map_or(0, |tally| tally.calls),
        disagreements: tally.map(|tally| tally.disagreements.clone()).unwrap_or_default(),
        ran: tally.is_some(),
        rejections: jobs.ledger.rejections(Some(account), REJECTIONS_COUNTED).await?.len() as u64,
        unfinished,
        export_to_crm: jobs.settings(account).await?.0.export_to_crm,
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use async_trait::async_trait;
    use domain::decide::RowAnswer;
    use domain::{CrmError, Settings};
    use jobs::clock::ManualClock;
    use jobs::crm::{Chunk, Crm, MemoryCrm, Reply};
    use jobs::events::MemoryEvents;
    use jobs::ledger::MemoryLedger;

    use super::*;
    use crate::args::ReadingArgs;
    use crate::input::{FieldTypes, InputFile};
    use crate::queue::{Importer, Spellings};

    /// Refuses contacts while the account `A-1` is missing, and those called `bad` always.
    #[derive(Default)]
    struct Parents {
        crm: MemoryCrm,
    }

    #[async_trait]
    impl Crm for Parents {
        async fn send(&self, chunk: Chunk<'_>) -> Reply {
            let missing = chunk.object == "Contact" && self.crm.record("Account", "A-1").is_none();
            let bad = chunk.records.iter().any(|record| record.external_id.value == "bad");
            let error = match (missing, bad) {
                (true, _) => "Foreign key external ID: A-1 not found for field E__c in entity Account",
                (_, true) => "Required fields are missing: [LastName]",
                _ => return self.crm.send(chunk).await,
            };
            let row = RowAnswer::Refused(vec![CrmError::new("INVALID_FIELD", error, &[])]);
            self.crm.send(Chunk { records: &[], ..chunk }).await;
            Reply { outcome: Ok(vec![row; chunk.records.len()]), calls: 1, usage: None }
        }
    }

    struct Case {
        crm: Arc<Parents>,
        jobs: Jobs,
        account: AccountName,
        queue: Queue,
        _folder: tempfile::TempDir,
    }

    impl Case {
        /// A queue with these records, `Object/id`, in this order.
        fn new(records: &[&str]) -> Self {
            let folder = tempfile::tempdir().expect("a folder");
            let path = folder.path().join("a.ndjson");
            let line = |record: &&str| {
                let (object, id) = record.split_once('/').expect("an object and an id");
                format!(
                    r#"{{"object":"{object}","externalId":{{"field":"E__c","value":"{id}"}},"fields":{{"F__c":1}}}}"#
                ) + "\n"
            };
            std::fs::write(&path, records.iter().map(line).collect::<String>()).expect("written");
            let files = InputFile::all(&[path], &ReadingArgs::default()).expect("there");
            let account = AccountName::new("local").expect("fits");
            let mut queue = Queue::open(&folder.path().join("a.db")).expect("opens");
            let types = FieldTypes::default();
            let (mut importer, _) = Importer::open(&queue, &account, &files[0], &types).expect("opens");
            importer.fill(&mut queue, &mut Spellings::new()).expect("filled");
            let crm = Arc::new(Parents::default());
            let jobs = Jobs {
                crm: crm.clone(),
                ledger: Arc::new(MemoryLedger::default()),
                events: Arc::new(MemoryEvents::default()),
                clock: Arc::new(ManualClock::default()),
                owner: "local".to_owned(),
                defaults: Settings::default(),
            };
            Self { crm, jobs, account, queue, _folder: folder }
        }

        /// Runs the queue and then what is held; answers exported and logged of each job, and the calls of the latter.
        async fn run(&mut self) -> (Vec<(String, u64, u64, bool)>, u64) {
            let progress = Progress::new(false);
            let mut runner = Runner::new(&self.jobs, &self.account, &progress);
            runner.empty_queue(&mut self.queue).await.expect("run");
            let before = runner.tally.calls;
            runner.resume(Cause::Schedule).await.expect("run");
            let tally = runner.tally;
            let outcome =
                outcome(&self.jobs, &self.account, Some(&self.queue), Some(&tally)).await.expect("looked at");
            let job = |job: JobOutcome| {
                (job.status.job.object, job.exported, job.errors, job.status.hold.is_some())
            };
            (outcome.jobs.into_iter().map(job).collect(), tally.calls - before)
        }
    }

    #[tokio::test]
    async fn a_child_before_its_parent_goes_on_by_itself() {
        let mut case = Case::new(&["Contact/C-1", "Account/A-1", "Contact/C-2"]);
        let (jobs, _) = case.run().await;
        assert_eq!(jobs, [("Account".to_owned(), 1, 0, false), ("Contact".to_owned(), 2, 1, false)]);
        assert_eq!(case.crm.crm.written(), ["A-1", "C-1", "C-2"]);
    }

    #[tokio::test]
    async fn a_hold_that_nothing_mended_is_not_tried_in_vain() {
        let mut case = Case::new(&["Account/A-1", "Contact/bad", "Lead/L-1"]);
        let (jobs, calls) = case.run().await;
        let expected = [("Account", 1, 0, false), ("Contact", 0, 1, true), ("Lead", 1, 0, false)];
        let expected =
            expected.map(|(object, exported, errors, held)| (object.to_owned(), exported, errors, held));
        assert_eq!((jobs.as_slice(), calls), (&expected[..], 0));
        let (jobs, calls) = case.run().await;
        assert_eq!(
            (jobs[1].clone(), calls),
            (("Contact".to_owned(), 0, 1, true), 1),
            "the next program tries it"
        );
    }

    #[tokio::test]
    async fn a_message_that_was_not_deleted_is_not_exported_twice() {
        let mut case = Case::new(&["Account/A-1", "Account/A-2"]);
        let progress = Progress::new(false);
        let mut runner = Runner::new(&case.jobs, &case.account, &progress);
        let messages = case.queue.next(&case.account, 10).expect("read");
        runner.run(&messages[0].job, &messages, Cause::Message).await.expect("run");
        // The program is killed here, and started again.
        let (jobs, _) = case.run().await;
        assert_eq!(jobs, [("Account".to_owned(), 0, 0, false)]);
        assert_eq!(case.crm.crm.written(), ["A-1", "A-2"]);
    }
}
