//! What can be seen of the production code from its ports: writes, calls, and what befell them.
//!
//! Values are written small, as in `state.rs`, so that they can be compared with the model's.

use super::actions::Action;
use super::crm::Answer;
use super::plan::Content;
use super::set::Set;
use super::state::{Job, Kept, Why};

/// Something that happened.
#[derive(Clone, Debug)]
pub enum Seen {
    /// A run took the lease.
    Begun(u8, Why),
    /// A write, and how it fared.
    Wrote(u8, Wrote, Fared),
    /// A call of the CRM with these contents.
    Called { worker: u8, sent: Vec<Content>, all_or_none: bool, answer: Answer },
    /// A write was refused: another run has the lease.
    Lost(u8),
    /// The run was dropped where it stood.
    Crashed(u8),
    /// What the queue, the clock, the CRM or people did.
    Outside(Action),
    /// The run came to its end.
    Ended(u8),
}

/// A write as the port was told.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Wrote {
    Save { keep: bool },
    Park(Set),
    Unpark,
    Put(Content),
    Close(u8),
    Delete(u8),
}

/// How a write fared.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fared {
    Well,
    /// It took effect, and the run was told otherwise.
    ReplyLost,
    /// It took no effect.
    Failed,
}

/// What the ledger and the CRM hold.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Shown {
    pub job: Job,
    pub parked: Set,
    pub rows: Vec<Content>,
    pub crm: Vec<Kept>,
}

/// What is made to befall one write or call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mishap {
    Fails,
    LosesItsReply,
    /// Only the first of the records to park are parked.
    HalfDone,
    /// The run is gone before it takes effect.
    Crash,
    /// The run stands still before it, while another run begins.
    Freeze,
    /// A row of the call meets a limit.
    Limit,
    /// A row of the call meets a lock.
    Lock,
}

impl Mishap {
    pub const ALL: [Self; 7] = [
        Self::Fails,
        Self::LosesItsReply,
        Self::HalfDone,
        Self::Crash,
        Self::Freeze,
        Self::Limit,
        Self::Lock,
    ];
}
