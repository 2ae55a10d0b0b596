//! What all runs of one simulation share: the true time, the ledger, the CRMs, the queue, the model with its checkers.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::{AccountName, ExportError, Job, JobId, Preflight, Timestamp};
use jobs::ledger::{Lease, MemoryLedger, StoredSettings};
use serde_json::Value;

use super::checks::{Check, all_checks};
use super::crm::Store;
use super::faults::Faults;
use super::met::Met;
use super::model::{Model, compared};
use super::mutant::Mutant;
use super::outcome::Violation;
use super::plan::{Act, Outage, Plan, Scripted};
use super::queue::{Queue, RETENTION};
use super::rng::Rng;
use super::seen::Seen;
use super::trace::Trace;

/// The true time at which every simulation begins, in milliseconds since 1970: 2026-11-23T12:00:00Z.
const BEGINNING: i64 = 1_795_435_200_000;

const DAY: i64 = 86_400_000;

/// One simulated world.
pub(super) struct World {
    state: Mutex<State>,
    pub(super) memory: MemoryLedger,
    pub(super) mutant: Option<Mutant>,
}

/// Everything that changes, apart from the ledger itself.
pub(super) struct State {
    /// Milliseconds since the beginning.
    pub(super) now: i64,
    /// How far every clock has jumped by now, and how often.
    pub(super) jumped: i64,
    pub(super) jumps: u32,
    pub(super) quiet: bool,
    pub(super) faults: Faults,
    pub(super) short_pages: bool,
    pub(super) outages: Vec<Outage>,
    ledger_down: Vec<(i64, i64)>,
    /// Until when every ledger call is throttled.
    pub(super) throttled_until: i64,
    script: Vec<Scripted>,
    scripted_calls: BTreeMap<&'static str, u32>,
    pub(super) queue: Queue,
    pub(super) stores: BTreeMap<AccountName, Store>,
    pub(super) newest_leases: BTreeMap<JobId, Lease>,
    pub(super) kept_settings: BTreeMap<AccountName, StoredSettings>,
    pub(super) late_errors: Vec<(u32, Lease, ExportError)>,
    listed_before: BTreeMap<AccountName, Vec<(JobId, Job)>>,
    pub(super) model: Model,
    checks: Vec<Box<dyn Check>>,
    pub(super) violation: Option<Violation>,
    pub(super) trace: Trace,
    pub(super) met: Met,
    pub(super) crm_rng: Rng,
    pub(super) ledger_rng: Rng,
    pub(super) queue_rng: Rng,
    pub(super) fate_rng: Rng,
    pub(super) rules_rng: Rng,
    /// Decides which records the rules are wrong about.
    pub(super) seed: u64,
    runs: u32,
}

impl World {
    pub(super) fn new(plan: &Plan, mutant: Option<Mutant>, keep_lines: bool) -> Arc<Self> {
        let mut stores: BTreeMap<AccountName, Store> = BTreeMap::new();
        // Only an outage about as long as the queue keeps messages excuses the loss of one.
        let long = |(from, until): &(i64, i64)| until - from > RETENTION - DAY;
        let mut model = Model { ledger_was_away: plan.ledger_down.iter().any(long), ..Model::default() };
        for step in &plan.steps {
            let Act::Send(job, items) = &step.act else { continue };
            let store = stores.entry(job.account.clone()).or_default();
            for item in items {
                model.plan(job, item);
                let named = |(field, flaw): &(String, _)| ((field.clone(), item.number), Clone::clone(flaw));
                store.flaws.extend(item.flaws.iter().map(named));
                if job.object == "Account" && item.whole {
                    store.parents.insert(compared(&item.id));
                }
            }
        }
        let rng = |stream| Rng::new(plan.seed, stream);
        let state = State {
            now: 0,
            jumped: 0,
            jumps: 0,
            quiet: false,
            faults: plan.faults.clone(),
            short_pages: plan.seed % 2 == 1,
            outages: plan.outages.clone(),
            ledger_down: plan.ledger_down.clone(),
            throttled_until: 0,
            script: plan.script.clone(),
            scripted_calls: BTreeMap::new(),
            queue: Queue::new(plan.faults.visibility),
            stores,
            newest_leases: BTreeMap::new(),
            kept_settings: BTreeMap::new(),
            late_errors: Vec::new(),
            listed_before: BTreeMap::new(),
            model,
            checks: all_checks(),
            violation: None,
            trace: Trace::new(keep_lines),
            met: Met::default(),
            crm_rng: rng("crm"),
            ledger_rng: rng("ledger"),
            queue_rng: rng("queue"),
            fate_rng: rng("fate"),
            rules_rng: rng("rules"),
            seed: plan.seed,
            runs: 0,
        };
        Arc::new(Self { state: Mutex::new(state), memory: MemoryLedger::default(), mutant })
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn see(&self, seen: Seen) {
        self.state().see(seen);
    }
}

impl State {
    /// Shows what happened to the trace, the checkers and the model. The first violation ends the simulation.
    pub(super) fn see(&mut self, seen: Seen) {
        self.trace.note(self.now, format_args!("{seen}"));
        let mut checks = std::mem::take(&mut self.checks);
        for check in &mut checks {
            let found = check.before(&self.model, &seen, &mut self.met);
            self.blame(check.name(), found);
        }
        self.model.apply(&seen);
        for check in &mut checks {
            let found = check.after(&self.model, &seen, &mut self.met);
            self.blame(check.name(), found);
        }
        self.checks = checks;
    }

    /// Ends the simulation, unless it is at its end already.
    pub(super) fn blame(&mut self, check: &'static str, found: Result<(), String>) {
        if let (Err(story), None) = (found, &self.violation) {
            self.trace.note(self.now, format_args!("VIOLATION of {check}: {story}"));
            self.violation = Some(Violation { check, story, at: self.now });
        }
    }

    pub(super) fn number_run(&mut self) -> u32 {
        self.runs += 1;
        self.runs
    }

    /// What a clock that is off by `skew` shows at this true time.
    pub(super) fn shown_by_clock(&self, at: i64, skew: i64) -> Timestamp {
        Timestamp::from_millis(BEGINNING + at + self.jumped + skew)
    }

    /// Whether this call is one that fails for certain.
    pub(super) fn is_scripted(&mut self, call: &'static str) -> bool {
        let count = self.scripted_calls.entry(call).or_default();
        *count += 1;
        let nth = *count;
        self.script.iter().any(|scripted| scripted.call == call && scripted.nth == nth)
    }

    pub(super) fn ledger_is_down(&self) -> bool {
        !self.quiet && self.ledger_down.iter().any(|(from, until)| (*from..*until).contains(&self.now))
    }

    /// How many records of a parking are written before it fails, if it does. The port writes in order.
    pub(super) fn cut_of_parking(&mut self, records: usize) -> Option<usize> {
        let rate = if self.quiet { 0 } else { self.faults.partial_park };
        if records < 2 || !self.ledger_rng.chance(rate) {
            return None;
        }
        self.met.count("parking cut short");
        usize::try_from(self.ledger_rng.below(records as u64)).ok()
    }

    /// What an index answers: perhaps what it answered before.
    pub(super) fn listed(&mut self, account: &AccountName, fresh: Vec<(JobId, Job)>) -> Vec<(JobId, Job)> {
        let rate = if self.quiet { 0 } else { self.faults.stale_jobs };
        let before = self.listed_before.insert(account.clone(), fresh.clone());
        match before {
            Some(before) if self.ledger_rng.chance(rate) => {
                self.met.count("stale listing of jobs");
                before
            }
            _ => fresh,
        }
    }

    /// Notes what the stored settings say, read without the production code: the safe default unless it is plainly off.
    pub(super) fn see_settings(&mut self, run: u32, stored: &StoredSettings) {
        let member = |name| stored.body.as_ref().and_then(|body| body.get(name));
        let off = |name| member(name) == Some(&Value::Bool(false));
        let (pause, export) = (!off("pauseOnExportErrors"), !off("exportToCrm"));
        let preflight = match member("preflight").and_then(Value::as_str) {
            Some("report") => Preflight::Report,
            Some("enforce") => Preflight::Enforce,
            _ => Preflight::Off,
        };
        self.see(Seen::Settings { run, pause, export, preflight });
    }
}
