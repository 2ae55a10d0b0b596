//! Simulations made by hand: what is sent when, what is wrong with it, and which call fails. For scenarios with a story.

use domain::{AccountName, JobId};
use serde_json::json;

use super::faults::Faults;
use super::outcome::Outcome;
use super::plan::{Act, DELETE, Flaw, FlawKind, Item, Plan, Scripted, Step};
use super::search::run_plan;

const MINUTE: i64 = 60_000;

/// What the CRM has against a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flawed {
    /// Nothing.
    No,
    /// It is refused before this minute.
    RefusedUntil(i64),
    /// It meets a lock before this minute.
    LockedUntil(i64),
    /// It is refused once, meets a lock the second time, and is taken then.
    RefusedOnceThenLocked,
    /// Before this minute, a call that carries it and others fails with one text in every row.
    FailsCallsUntil(i64),
}

/// A simulation of one job, `acme/Contact`, in the making. Instants are minutes since the beginning.
#[derive(Debug, Clone)]
pub struct Story {
    plan: Plan,
    number: u32,
}

impl Default for Story {
    fn default() -> Self {
        let job = JobId::new(account(), "Contact").expect("fits");
        let plan = Plan {
            seed: 2,
            faults: Faults::none(),
            jobs: vec![job],
            steps: Vec::new(),
            outages: Vec::new(),
            ledger_down: Vec::new(),
            script: Vec::new(),
            pause_at_last: true,
            preflight_at_last: "off",
        };
        Self { plan, number: 0 }
    }
}

fn account() -> AccountName {
    AccountName::new("acme").expect("fits")
}

impl Story {
    /// The pause is off from the beginning.
    #[must_use]
    pub fn passing(mut self) -> Self {
        self.plan.pause_at_last = false;
        self.act(0, Act::Break(account(), json!({"pauseOnExportErrors": false})))
    }

    /// A message: external id and flaw of each record. Every record writes field `A__c`; `-id` deletes.
    #[must_use]
    pub fn send(mut self, minute: i64, records: &[(&str, Flawed)]) -> Self {
        let mut items = Vec::new();
        for (id, flawed) in records {
            self.number += 1;
            items.push(item(self.number, id, *flawed));
        }
        let job = self.job();
        self.act(minute, Act::Send(job, items))
    }

    /// The schedule.
    #[must_use]
    pub fn tick(self, minute: i64) -> Self {
        let job = self.job();
        self.act(minute, Act::Tick(job))
    }

    /// The daily job.
    #[must_use]
    pub fn retry(self, minute: i64) -> Self {
        self.act(minute, Act::Retry(account()))
    }

    /// The `nth` ledger call of this name fails before its effect; or the deletion of a message (`delete`), or the answer
    /// of the CRM on its way back (`crm reply`).
    #[must_use]
    pub fn failing(mut self, call: &'static str, nth: u32) -> Self {
        self.plan.script.push(Scripted { call, nth });
        self
    }

    /// Every CRM call takes between 20 seconds and two minutes.
    #[must_use]
    pub fn slow_crm(mut self) -> Self {
        self.plan.faults.slow_crm = 1000;
        self
    }

    /// Every sixth ledger call fails, before its effect or after it.
    #[must_use]
    pub fn poor_ledger(mut self) -> Self {
        (self.plan.faults.throttle, self.plan.faults.ledger_lost_reply) = (80, 80);
        self
    }

    /// Lets it happen.
    pub fn run(mut self) -> Outcome {
        self.plan.steps.sort_by_key(|step| step.at);
        run_plan(&self.plan, None, true)
    }

    fn job(&self) -> JobId {
        self.plan.jobs[0].clone()
    }

    fn act(mut self, minute: i64, act: Act) -> Self {
        self.plan.steps.push(Step { at: minute * MINUTE, act });
        self
    }
}

fn item(number: u32, id: &str, flawed: Flawed) -> Item {
    let delete = id.starts_with('-');
    let field = if delete { DELETE } else { "A__c" };
    let flaw = |until: i64, kind| vec![(field.to_owned(), Flaw { from: 0, until, kind })];
    let flaws = match flawed {
        Flawed::No => Vec::new(),
        Flawed::RefusedUntil(minute) => flaw(minute * MINUTE, FlawKind::Refused("STRING_TOO_LONG")),
        Flawed::LockedUntil(minute) => flaw(minute * MINUTE, FlawKind::Locked),
        Flawed::RefusedOnceThenLocked => flaw(i64::MAX, FlawKind::OnceThenLocked("DUPLICATE_VALUE")),
        Flawed::FailsCallsUntil(minute) => flaw(minute * MINUTE, FlawKind::SameText),
    };
    let fields = if delete { Vec::new() } else { vec![field.to_owned()] };
    let id = id.trim_start_matches('-').to_owned();
    Item { number, id, delete, fields, flaws, parent: None, whole: true }
}
