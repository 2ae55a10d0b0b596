//! One run of one job: lease, parked records first, then what came in. Everything that writes to a CRM passes here.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use domain::message::Message;
use domain::{Figures, Hold, Job, JobId, Placed, Settings, Timestamp};

use crate::clock::Clock;
use crate::crm::Crm;
use crate::drain::Drained;
use crate::events::{Event, Events};
use crate::ledger::{Lease, Ledger, LedgerError};
use crate::preflight::{LastWord, Trust};
use crate::report::{Disagreements, RunReport};

/// How long a lease runs.
pub const LEASE: Duration = Duration::from_secs(600);

/// A lease with less than this left is renewed before a CRM call. No call takes longer: the client gives up a call, a new
/// sign-in and the repeat after 280 seconds together.
const LEASE_RENEWED_BELOW: Duration = Duration::from_secs(300);

/// A run stops taking chunks when less than this is left of its time: a call may take two minutes.
const TIME_FOR_A_CALL: Duration = Duration::from_secs(130);

/// Why a run begins. It decides whether a held job's head is tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// Messages came in. A head that was tried a moment ago is left alone.
    Message,
    /// The schedule. A suspended job keeps its backoff.
    Schedule,
    /// CRMExport_ExportError. As the schedule, but that the rules do not stop a head.
    Daily,
    /// A person asked. Tries always, and the rules do not stop a head.
    Person,
}

/// The use cases over their ports.
#[derive(Clone)]
pub struct Jobs {
    /// Where records go, with what is known of its rules.
    pub crm: Arc<dyn Crm>,
    /// What must not be lost.
    pub ledger: Arc<dyn Ledger>,
    /// Who is told.
    pub events: Arc<dyn Events>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Who takes leases. Two runs that may overlap have different owners.
    pub owner: String,
    /// What holds for settings that were never stored.
    pub defaults: Settings,
}

impl Jobs {
    /// Runs a job: its parked records first, then these messages. When it succeeds every record of `messages` is
    /// settled or parked, and the queue may delete them.
    ///
    /// # Errors
    /// The ledger cannot be written, or another run has the job: the messages belong back in the queue.
    pub async fn run(
        &self,
        job: &JobId,
        messages: &[Message],
        cause: Cause,
        deadline: Option<Timestamp>,
    ) -> Result<RunReport, LedgerError> {
        let mut run = Run::begin(self, job, deadline).await?;
        let outcome = run.proceed(messages, cause).await;
        run.end(outcome).await
    }
}

/// A run in progress: the lease, the job as it will be saved, and what this run may do.
pub(crate) struct Run<'a> {
    pub(crate) ports: &'a Jobs,
    pub(crate) id: JobId,
    pub(crate) settings: Settings,
    pub(crate) job: Job,
    pub(crate) report: RunReport,
    /// Record errors that were logged and passed.
    pub(crate) passed: u64,
    pub(crate) trust: Trust,
    lease: Lease,
    leased_until: Timestamp,
    /// External ids sent since the cursor was saved. While none repeats, a crash repeats writes that are the newest
    /// of their records; before one would repeat, the cursor is saved.
    window: HashSet<String>,
    /// The UTC day that the next call counts for, and its calls as the ledger last said.
    day: String,
    calls_today: u64,
    /// What of this run's figures the ledger has counted.
    counted: Figures,
    /// That the job came to rest, told once it is saved.
    news: Option<Event>,
    deadline: Option<Timestamp>,
}

impl<'a> Run<'a> {
    /// Takes the lease and reads what the run needs.
    pub(crate) async fn begin(
        ports: &'a Jobs,
        id: &JobId,
        deadline: Option<Timestamp>,
    ) -> Result<Self, LedgerError> {
        let now = ports.clock.now();
        let leased_until = now.plus(LEASE);
        let (lease, job) = ports.ledger.lease(id, &ports.owner, now, leased_until).await?;
        let mut run = Self {
            ports,
            id: id.clone(),
            settings: Settings::default(),
            job,
            report: RunReport::new(id.clone()),
            passed: 0,
            trust: Trust::default(),
            lease,
            leased_until,
            window: HashSet::new(),
            day: now.day(),
            calls_today: 0,
            counted: Figures::default(),
            news: None,
            deadline,
        };
        if let Err(error) = run.read_account().await {
            run.give_back().await;
            return Err(error);
        }
        Ok(run)
    }

    async fn read_account(&mut self) -> Result<(), LedgerError> {
        let (settings, warnings) = self.ports.settings(&self.id.account).await?;
        self.settings = settings;
        self.report.warnings = warnings;
        let today = self.ports.ledger.count(&self.id.account, &self.day, &Figures::default()).await?;
        self.calls_today = today.calls;
        Ok(())
    }

    async fn proceed(&mut self, messages: &[Message], cause: Cause) -> Result<(), LedgerError> {
        if !self.settings.export_to_crm {
            return self.park(&self.unsettled(messages)).await;
        }
        let drained = self.drain(cause).await?;
        // Only now: a message that came again may be parked as well, and draining has just settled it.
        let incoming = self.unsettled(messages);
        if drained == Drained::Held {
            return self.park(&incoming).await;
        }
        let Some(stop) = self.deliver(&incoming, LastWord::Rules).await? else { return Ok(()) };
        // The cursor before the parked records: if this run ends in between, the message comes again, and none of what
        // it exported may park behind them.
        self.checkpoint().await?;
        self.park(&stop.leftover).await?;
        self.hold(stop.hold);
        Ok(())
    }

    fn unsettled(&self, messages: &[Message]) -> Vec<Placed> {
        let records = messages.iter().flat_map(|message| &message.records);
        records.filter(|placed| !self.job.is_settled(placed.position)).cloned().collect()
    }

    /// Writes the job and gives the lease back.
    pub(crate) async fn end(mut self, outcome: Result<(), LedgerError>) -> Result<RunReport, LedgerError> {
        let outcome = match outcome {
            Ok(()) => self.save(Timestamp::from_millis(0)).await,
            Err(error) => Err(error),
        };
        if let Err(error) = outcome {
            self.give_back().await;
            return Err(error);
        }
        self.tell_news().await;
        if self.passed > 0 {
            let event = Event::ExportErrorsLogged { job: self.id.clone(), count: self.passed };
            self.ports.events.publish(event).await;
        }
        if !self.report.disagreements.is_empty() {
            let Disagreements { false_alarms, misses, .. } = self.report.disagreements;
            let event = Event::PreflightDisagreed { job: self.id.clone(), false_alarms, misses };
            self.ports.events.publish(event).await;
        }
        Ok(self.report)
    }

    /// A run that failed gives its lease back, so that the next one need not wait, with what it settled: the cursor only
    /// ever passes what is exported or logged. If that fails too, the lease runs out by itself.
    async fn give_back(&mut self) {
        match self.save(Timestamp::from_millis(0)).await {
            Ok(()) => self.tell_news().await,
            Err(error) => {
                tracing::warn!(job = %self.id, %error, "the lease was not given back; it runs out by itself");
            }
        }
    }

    async fn tell_news(&mut self) {
        if let Some(event) = self.news.take() {
            self.ports.events.publish(event).await;
        }
    }

    pub(crate) fn lease(&self) -> &Lease {
        &self.lease
    }

    /// Saves the job, keeping the lease until `until`, and counts what was done so far.
    async fn save(&mut self, until: Timestamp) -> Result<(), LedgerError> {
        self.ports.ledger.save(&self.lease, &self.job, until).await?;
        self.leased_until = until;
        if self.uncounted().is_empty() { Ok(()) } else { self.count().await }
    }

    /// What the ledger has not counted yet.
    fn uncounted(&self) -> Figures {
        self.report.figures().since(&self.counted)
    }

    /// Adds this run's figures to their day, and reads how many calls of it were made by now.
    async fn count(&mut self) -> Result<(), LedgerError> {
        let today = self.ports.ledger.count(&self.id.account, &self.day, &self.uncounted()).await?;
        self.counted = self.report.figures();
        self.calls_today = today.calls;
        Ok(())
    }

    /// Saves the job and goes on.
    pub(crate) async fn checkpoint(&mut self) -> Result<(), LedgerError> {
        let until = self.ports.clock.now().plus(LEASE);
        self.save(until).await
    }

    /// Makes sure that none of these records was sent since the cursor was saved. Everything that was sent before is
    /// settled here, so that saving the cursor covers it.
    pub(crate) async fn ready_to_send(&mut self, records: &[Placed]) -> Result<(), LedgerError> {
        if records.iter().any(|placed| self.window.contains(&placed.record.external_id.folded())) {
            self.checkpoint().await?;
            self.window.clear();
        }
        self.window.extend(records.iter().map(|placed| placed.record.external_id.folded()));
        Ok(())
    }

    /// Makes sure that the lease outlives a call.
    pub(crate) async fn keep_lease(&mut self) -> Result<(), LedgerError> {
        if self.leased_until.since(self.ports.clock.now()) < LEASE_RENEWED_BELOW {
            self.checkpoint().await?;
        }
        Ok(())
    }

    /// Parks records behind whatever holds the job.
    pub(crate) async fn park(&self, records: &[Placed]) -> Result<(), LedgerError> {
        if records.is_empty() {
            return Ok(());
        }
        self.ports.ledger.park(&self.lease, records).await
    }

    /// Brings the job to rest (`None`: its time is over, parked records wait for the next run). The end of the run writes
    /// that down, with the cursor, and tells it.
    pub(crate) fn hold(&mut self, hold: Option<Hold>) {
        let Some(hold) = hold else { return };
        let news = self.job.hold.as_ref().map(Hold::since) != Some(hold.since());
        let event = match &hold {
            Hold::RecordRefused(held) => Event::ExportPaused {
                job: self.id.clone(),
                external_id: held.external_id.to_string(),
                code: held.code.clone(),
            },
            Hold::CrmUnavailable(suspension) => {
                Event::CrmUnavailable { job: self.id.clone(), code: suspension.code.clone() }
            }
        };
        self.job.hold = Some(hold);
        self.news = news.then_some(event);
    }

    /// Whether there is time for another call.
    pub(crate) fn out_of_time(&self) -> bool {
        let now = self.ports.clock.now();
        self.deadline.is_some_and(|deadline| deadline.since(now) < TIME_FOR_A_CALL)
    }

    /// Whether the account's daily limit leaves room for a call. At midnight UTC a new day's calls begin.
    pub(crate) async fn calls_left(&mut self) -> Result<bool, LedgerError> {
        let today = self.ports.clock.now().day();
        if today != self.day {
            if !self.uncounted().is_empty() {
                self.count().await?;
            }
            self.day = today;
            self.count().await?;
        }
        Ok(self.calls_today + self.uncounted().calls < self.settings.daily_crm_api_limit)
    }

    /// Counts calls that were made.
    pub(crate) fn count_calls(&mut self, calls: u32) {
        self.report.calls += u64::from(calls);
    }
}
