//! What will happen in one simulation, before it begins: records, flaws, outages, and what people and schedules do when.
//!
//! A plan is data: it is drawn from a seed, made by hand for a scenario, and cut by the shrinker.

use domain::{AccountName, JobId};
use serde_json::Value;

use super::faults::Faults;

/// A field that stands for the whole of a delete, where flaws are named by field.
pub(super) const DELETE: &str = "(delete)";

/// One simulation.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    /// Decides every chance inside it.
    pub(super) seed: u64,
    /// What goes wrong at random.
    pub(super) faults: Faults,
    /// Every job, so that schedules know them before their first record.
    pub(super) jobs: Vec<JobId>,
    /// What happens when, in order of time.
    pub(super) steps: Vec<Step>,
    /// When a CRM is away.
    pub(super) outages: Vec<Outage>,
    /// When the ledger is away: from and until.
    pub(super) ledger_down: Vec<(i64, i64)>,
    /// Ledger calls that fail for certain.
    pub(super) script: Vec<Scripted>,
    /// The setting of every account once faults have stopped.
    pub(super) pause_at_last: bool,
    /// The same of preflight.
    pub(super) preflight_at_last: &'static str,
}

/// Something that happens at an instant (milliseconds since the beginning).
#[derive(Debug, Clone)]
pub(super) struct Step {
    pub(super) at: i64,
    pub(super) act: Act,
}

/// What happens.
#[derive(Debug, Clone)]
pub(super) enum Act {
    /// A producer sends a message.
    Send(JobId, Vec<Item>),
    /// The schedule.
    Tick(JobId),
    /// A person asks for a run.
    Ask(JobId),
    /// A person lets a job pass its head.
    Skip(JobId),
    /// The daily job.
    Retry(AccountName),
    /// A person asks for some of the open errors, those whose id begins with an even digit or with an odd one.
    RetrySome(AccountName, bool),
    /// A person changes settings.
    Set(AccountName, Value),
    /// A person writes into the table by hand.
    Break(AccountName, Value),
    /// Every machine's clock jumps.
    Jump(i64),
}

/// A record to be. Its number is its version: it is the value of each of its fields, and grows with its job's order.
#[derive(Debug, Clone)]
pub(super) struct Item {
    pub(super) number: u32,
    /// Value of its external id.
    pub(super) id: String,
    pub(super) delete: bool,
    pub(super) fields: Vec<String>,
    /// What the CRM has against a field's value.
    pub(super) flaws: Vec<(String, Flaw)>,
    /// The Account that it belongs to.
    pub(super) parent: Option<String>,
    /// Whether it is a record at all.
    pub(super) whole: bool,
}

/// What the CRM has against a value, from one instant until another. Nothing is wrong once faults have stopped.
#[derive(Debug, Clone)]
pub(super) struct Flaw {
    pub(super) from: i64,
    pub(super) until: i64,
    pub(super) kind: FlawKind,
}

/// How the CRM says it.
#[derive(Debug, Clone)]
pub(super) enum FlawKind {
    /// Refuses the record with this code.
    Refused(&'static str),
    /// Refuses it with this code the first time only.
    Once(&'static str),
    /// Refuses it with this code the first time, meets a lock the second time, and takes it then.
    OnceThenLocked(&'static str),
    /// Meets a lock.
    Locked,
    /// Refuses the whole request.
    WholeRequest,
    /// Fails every row of a call with more than one record, with one text.
    SameText,
}

/// A call that fails for certain: the ledger's call of this name that is the `nth` of all, counted from 1. It fails before
/// its effect. `delete` is the queue's, `crm reply` an answer of the CRM that is lost.
#[derive(Debug, Clone)]
pub(super) struct Scripted {
    pub(super) call: &'static str,
    pub(super) nth: u32,
}

/// When and how an account's CRM is away.
#[derive(Debug, Clone)]
pub(super) struct Outage {
    pub(super) account: AccountName,
    pub(super) from: i64,
    pub(super) until: i64,
    pub(super) code: &'static str,
    /// Said row by row, not of the whole call.
    pub(super) by_row: bool,
}
