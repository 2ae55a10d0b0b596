//! What the simulation sees happen: effects at the inside of each port, and what runs were told. The model and the
//! checkers are fed with these and nothing else.

use std::fmt;

use domain::{AccountName, CrmError, ExportError, Hold, Job, JobId, Position, Preflight, Timestamp};
use jobs::ledger::Lease;

/// A record of the CRM: account, object, external id as the CRM compares it.
pub(super) type Key = (AccountName, String, String);

/// Why a run was started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Message,
    Schedule,
    Person,
    Skip,
    Retry,
    Settings,
}

/// What the CRM said of one record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Answer {
    Done,
    /// A record error with this code.
    RecordError(String),
    Collateral,
    Unavailable,
}

/// One thing that happened.
#[derive(Debug, Clone)]
pub(super) enum Seen {
    /// A record was accepted by the queue.
    Queued {
        number: u32,
        position: Position,
    },
    /// The queue forgot a message because it was told to.
    Deleted {
        job: JobId,
        sequence: u128,
    },
    /// The queue forgot a message because of its age.
    Expired {
        job: JobId,
        sequence: u128,
    },
    Began {
        run: u32,
        kind: Kind,
        account: AccountName,
        deadline: bool,
    },
    Leased {
        run: u32,
        id: JobId,
        lease: Lease,
        job: Box<Job>,
        now: Timestamp,
        until: Timestamp,
    },
    /// The stored settings, as a run read them.
    Settings {
        run: u32,
        pause: bool,
        export: bool,
        preflight: Preflight,
    },
    /// A run was told which records the rules refuse, and with which code.
    Foretold {
        run: u32,
        refused: Vec<(u32, String)>,
    },
    /// A CRM call began. `late`: its run stood still or its clock jumped since it last looked.
    Called {
        run: u32,
        object: String,
        numbers: Vec<u32>,
        all_or_none: bool,
        now: Timestamp,
        late: bool,
    },
    /// The CRM wrote a record.
    Landed(Landing),
    /// A run was told the outcome of a call.
    Answered {
        run: u32,
        rows: Vec<(u32, Answer)>,
    },
    Saved {
        run: u32,
        id: JobId,
        job: Box<Job>,
        until: Timestamp,
    },
    Parked {
        run: u32,
        id: JobId,
        positions: Vec<Position>,
    },
    Unparked {
        run: u32,
        id: JobId,
        through: Position,
    },
    /// An open row was written; `open` are the job's open rows after it. `carried`: it tells of no new refusal, a record
    /// was only joined into it.
    Logged {
        run: u32,
        id: JobId,
        error: Box<ExportError>,
        open: Vec<ExportError>,
        carried: bool,
    },
    Closed {
        run: u32,
        id: JobId,
        error: Box<ExportError>,
        open: Vec<ExportError>,
    },
    /// A run came to its own end.
    Ended {
        run: u32,
        ok: bool,
        said: String,
    },
    /// Faults have stopped.
    Quiet,
    /// The ledger's own books agree or not with what was seen, and the liveness phase is over.
    Over {
        ticks: u32,
        retries: u32,
    },
}

/// A write in the CRM.
#[derive(Debug, Clone)]
pub(super) struct Landing {
    pub(super) run: u32,
    pub(super) key: Key,
    /// The newest record in it.
    pub(super) number: u32,
    pub(super) delete: bool,
    /// Fields with their versions; older ones come from joined records.
    pub(super) fields: Vec<(String, u32)>,
    /// The other records of the same call, when all are written or none.
    pub(super) together: Vec<u32>,
    pub(super) all_or_none: bool,
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Queued { number, position } => write!(f, "queue: record {number} at {position}"),
            Self::Deleted { job, sequence } => write!(f, "queue: {job} message {sequence} deleted"),
            Self::Expired { job, sequence } => write!(f, "queue: {job} message {sequence} expired"),
            Self::Began { run, kind, account, deadline } => {
                write!(f, "run {run}: begins ({kind:?}, {account}, deadline {deadline})")
            }
            Self::Leased { run, id, lease, job, now, until } => {
                let (epoch, owner, job) = (lease.epoch, &lease.owner, shown(job));
                write!(f, "run {run}: {owner} leased {id} epoch {epoch} at {now} until {until}: {job}")
            }
            Self::Settings { run, pause, export, preflight } => {
                let preflight = preflight.as_str();
                write!(f, "run {run}: settings pause={pause} export={export} preflight={preflight}")
            }
            Self::Foretold { run, refused } => write!(f, "run {run}: the rules refuse {refused:?}"),
            Self::Called { run, object, numbers, all_or_none, late, .. } => {
                write!(f, "run {run}: calls {object} {numbers:?} all_or_none={all_or_none} late={late}")
            }
            Self::Landed(landing) => write!(f, "crm: {landing}"),
            Self::Answered { run, rows } => write!(f, "run {run}: was told {rows:?}"),
            Self::Saved { run, id, job, until } => {
                write!(f, "run {run}: saved {id} until {until}: {}", shown(job))
            }
            Self::Parked { run, id, positions } => write!(f, "run {run}: parked {id} {}", list(positions)),
            Self::Unparked { run, id, through } => write!(f, "run {run}: unparked {id} through {through}"),
            Self::Logged { run, id, error, carried, .. } => {
                write!(f, "run {run}: {} {id} {}", if *carried { "carried on" } else { "logged" }, row(error))
            }
            Self::Closed { run, id, error, .. } => {
                write!(f, "run {run}: closed as {} {id} {}", error.state.as_str(), row(error))
            }
            Self::Ended { run, ok, said } => write!(f, "run {run}: ended ok={ok} {said}"),
            Self::Quiet => write!(f, "faults stop, the CRM accepts everything"),
            Self::Over { ticks, retries } => write!(f, "over after {ticks} ticks and {retries} retries"),
        }
    }
}

impl fmt::Display for Landing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = if self.delete { "deletes" } else { "writes" };
        write!(
            f,
            "{what} {}/{}/{} by run {}: record {}",
            self.key.0, self.key.1, self.key.2, self.run, self.number
        )?;
        self.fields.iter().try_for_each(|(name, version)| write!(f, " {name}={version}"))
    }
}

fn shown(job: &Job) -> String {
    let hold = match &job.hold {
        None => "no hold".to_owned(),
        Some(Hold::RecordRefused(held)) => format!("refused at {} ({})", held.position, held.crm_code),
        Some(Hold::CrmUnavailable(held)) => format!("suspended until {} ({})", held.until, held.code),
    };
    let cursor = job.cursor.map_or("-".to_owned(), |cursor| cursor.to_string());
    let from = job.retry_from.map_or(String::new(), |from| format!(", retry from {from}"));
    format!("cursor {cursor}, {hold}, errors possible {}{from}", job.errors_possible)
}

fn row(error: &ExportError) -> String {
    let id = &error.record.external_id.value;
    let CrmError { code, foretold_by, .. } = error.crm_error();
    let by = if foretold_by.is_some() { " (foretold)" } else { "" };
    format!("`{id}` at {} {code}{by} by record {:?}", error.position, error.record.source)
}

fn list(positions: &[Position]) -> String {
    positions.iter().map(Position::to_string).collect::<Vec<_>>().join(" ")
}
