//! A state of the model: queue, ledger, CRM, settings and the runs in progress, each as small as it can be told.
//!
//! The ledger's job, rows and parked records are the production types, written small; `decisions.rs` turns them back.

use super::plan::{Bounds, Content, IDS};
use super::set::Set;

/// The most messages, and the workers that may run at once.
pub const MESSAGES: usize = 3;
pub const WORKERS: u8 = 2;

/// Everything at one moment.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct State {
    pub messages: [Message; MESSAGES],
    pub ledger: Ledger,
    pub crm: Crm,
    pub pause: bool,
    pub export: bool,
    pub runs: [Option<Box<Run>>; WORKERS as usize],
    /// What may still happen.
    pub left: Bounds,
    /// What went wrong on the way here, that no state shows by itself.
    pub wrong: Wrong,
}

/// A message of the queue.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Message {
    Waiting,
    /// Received by this worker, and hidden until it shows again.
    With(u8),
    /// Received by a run that is no more, and hidden until it shows again.
    Adrift,
    /// Deleted, or never sent.
    Gone,
}

/// What the ledger keeps.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Ledger {
    pub job: Job,
    /// Whose lease was not given back.
    pub owner: Option<u8>,
    /// That lease has run out.
    pub ran_out: bool,
    pub epoch: u8,
    pub parked: Set,
    /// The open error of each external id.
    pub rows: [Option<Content>; IDS],
}

/// `domain::Job`, written small.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Job {
    /// How many places are passed: the cursor is at the place before this one.
    pub passed: u8,
    pub hold: Hold,
    pub errors_possible: bool,
    /// 0: nowhere; 1: before every place; n: behind place n - 2.
    pub retry_from: u8,
}

/// `domain::Hold`, written small.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Hold {
    #[default]
    None,
    Refused(u8),
    Unavailable,
}

/// What the CRM has.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Crm {
    pub records: [Kept; IDS],
    /// Places whose first try was refused (`Flaw::Once`).
    pub tried: Set,
    pub mended: bool,
    pub away: bool,
}

/// The newest versions that reached one record of the CRM.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Kept {
    pub fields: [u8; super::plan::FIELDS],
    pub deleted: u8,
}

/// What went wrong.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Wrong {
    /// A record behind a halt reached the CRM (invariant 2).
    pub behind: bool,
    /// The CRM went back to an older version (invariant 3).
    pub older: bool,
    /// A row was written for a record that the CRM did not refuse (invariant 4).
    pub unfounded: bool,
    /// A run that met nothing but an unavailable CRM logged a row or moved the cursor (invariant 5).
    pub unavailable: bool,
}

/// A run in progress.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Run {
    pub epoch: u8,
    pub why: Why,
    /// Whether it may try the head of a held job: its cause and the clock decide that.
    pub tries: bool,
    /// The settings as it read them.
    pub pause: bool,
    pub export: bool,
    /// The job as it will be saved.
    pub job: Job,
    /// The job as it was leased.
    pub began: Job,
    /// External ids sent since the cursor was saved.
    pub window: Set,
    pub stage: Stage,
    /// Whether the CRM was called, and said anything but unavailable.
    pub called: bool,
    pub learned: bool,
    pub logged: bool,
}

/// Why a run began.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Why {
    /// These messages came.
    Messages(Set),
    /// The schedule, or a person who asks.
    Tick,
    Skip,
    Daily,
    /// A person asks for the open errors of these external ids.
    Some(Set),
}

/// What a run does next.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Stage {
    /// Saves the cursor, then removes what it passed of the parked records.
    Clear { saved: bool, then: Then },
    /// Delivers records.
    Deliver(Delivery),
    /// Saves the cursor, then parks what is left over, then comes to rest.
    Stop { saved: bool, leftover: Set, hold: Hold },
    /// Parks what came in: the job is held, or Export to CRM is off.
    Park(Set),
    /// Saves the job and gives the lease back.
    Finish,
    /// The same after something failed: the messages stay.
    GiveBack,
    /// Deletes its messages.
    Delete(Set),
    /// Nothing more.
    Over,
}

/// Where a run goes on after parked records were removed.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Then {
    Drain,
    /// A skip ends here while Export to CRM is off.
    DrainIfOn,
    /// With what came in, or, when the job is held, by parking it.
    Incoming {
        held: bool,
    },
}

/// Records on their way.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Delivery {
    pub from: From,
    /// Places that are not settled, those of the chunk among them.
    pub rest: Set,
    /// The chunk as it is sent, joined.
    pub chunk: Vec<Content>,
    /// Indexes of those that were joined with an open row.
    pub open: Set,
    pub fates: Vec<Fate>,
    pub step: Step,
    /// In order: the first record that was refused so far, and whether its code is worth one more try.
    pub blamed: Option<(u8, bool)>,
    /// The next record has that try, alone.
    pub alone: bool,
    /// How often a lock was waited for.
    pub waits: u8,
    /// Whether the chunk was sent as a whole once.
    pub sent: bool,
    pub stopped: Stopped,
}

/// Where records come from.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum From {
    /// The head of a held job, alone.
    Head,
    Parked,
    Incoming,
    /// Open errors. A second round tries those up to where the last daily run had stopped.
    Errors {
        stopped_at: u8,
        second: bool,
    },
    /// The open errors that a person asked for.
    These,
}

impl From {
    /// Whether these are records of open errors, which the cursor passed long ago.
    pub fn is_retry(self) -> bool {
        matches!(self, Self::Errors { .. } | Self::These)
    }
}

/// What is done with a chunk.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Step {
    /// The next chunk is due, if there is time.
    Start,
    /// The cursor is saved first: an external id of it was sent since.
    Checkpoint,
    /// Open rows are brought up to date, from this index on.
    Prepare(u8),
    Send,
    /// Fates are written down, from this index on.
    Write(u8),
}

/// What became of a record.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Fate {
    Unknown,
    Exported,
    Refused,
}

/// Why delivery stopped short.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Stopped {
    No,
    Refused,
    Unavailable,
}

impl Run {
    /// Whether this run goes record by record to the first refused one.
    pub fn in_order(&self, from: From) -> bool {
        self.pause && !from.is_retry()
    }
}
