//! The auditor: knows every record, what of it has reached the CRM, and what the ledger holds, from what was seen alone.
//!
//! It judges nothing; the checkers do. It assumes that a record's number grows with its place in its job's order.

use std::collections::{BTreeMap, BTreeSet};

use domain::{AccountName, ExportError, Hold, Job, JobId, Operation, Position, Preflight, Record, Timestamp};
use jobs::ledger::Lease;

use super::plan::{DELETE, Item};
use super::seen::{Answer, Key, Kind, Landing, Seen};

/// A record that was planned.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) job: JobId,
    pub(super) key: Key,
    pub(super) delete: bool,
    pub(super) whole: bool,
    pub(super) fields: Vec<String>,
    /// Where it stands in its job's order, once it is queued.
    pub(super) position: Option<Position>,
}

/// What reached one record of the CRM. Versions are records' numbers.
#[derive(Debug, Clone, Default)]
pub(super) struct Landed {
    /// The newest version that each field ever had.
    pub(super) newest: BTreeMap<String, u32>,
    /// What each field has now.
    pub(super) now: BTreeMap<String, u32>,
    /// The newest delete and upsert that ever came.
    pub(super) deleted: u32,
    pub(super) upserted: u32,
    /// A late write of a run that had lost its lease came here: what it is now proves nothing.
    pub(super) stale: bool,
}

/// A job as the ledger has it.
#[derive(Debug, Clone, Default)]
pub(super) struct Shadow {
    pub(super) job: Job,
    pub(super) epoch: u64,
    pub(super) until: Timestamp,
    pub(super) owner: String,
    pub(super) parked: BTreeSet<Position>,
    /// Open errors, and their codes.
    pub(super) open: Vec<Row>,
    pub(super) open_codes: BTreeSet<String>,
}

/// An open error.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) position: Position,
    pub(super) key: Key,
    pub(super) number: u32,
    pub(super) delete: bool,
    pub(super) versions: BTreeMap<String, u32>,
}

/// What is known of a run.
#[derive(Debug, Clone)]
pub(super) struct RunView {
    pub(super) kind: Kind,
    pub(super) account: AccountName,
    pub(super) deadline: bool,
    pub(super) id: Option<JobId>,
    pub(super) epoch: u64,
    pub(super) until: Timestamp,
    /// The job as it was when the lease was taken.
    pub(super) began_with: Job,
    pub(super) pause: bool,
    pub(super) export: bool,
    pub(super) preflight: Preflight,
    pub(super) calls: u32,
    /// What was last said of each record: by the CRM, or by the rules while preflight is enforced.
    pub(super) answers: BTreeMap<u32, Answer>,
    /// What the rules refused while preflight is enforced.
    pub(super) foretold: BTreeSet<u32>,
    /// Something other than unavailable was answered, or a record was refused without asking.
    pub(super) learned: bool,
    pub(super) logged: u32,
}

/// Everything that is known.
#[derive(Debug, Clone, Default)]
pub(super) struct Model {
    pub(super) entries: BTreeMap<u32, Entry>,
    pub(super) order: BTreeMap<JobId, BTreeMap<Position, u32>>,
    pub(super) landed: BTreeMap<Key, Landed>,
    pub(super) jobs: BTreeMap<JobId, Shadow>,
    pub(super) runs: BTreeMap<u32, RunView>,
    pub(super) queued: BTreeSet<(JobId, u128)>,
    /// Records that the queue lost to their age while the ledger was away.
    pub(super) expired: BTreeSet<u32>,
    pub(super) quiet: bool,
    pub(super) ledger_was_away: bool,
}

/// The external id as it is compared: to the letter. Salesforce ignores case in fields that are not set to mind it, and an
/// exporter cannot see which; taking two spellings for one record could mix two records, which is worse.
pub(super) fn compared(value: &str) -> String {
    value.trim().to_owned()
}

/// The number of the record that this one is, or was joined into.
pub(super) fn number_of(record: &Record) -> Option<u32> {
    record
        .source
        .as_deref()
        .and_then(|source| source.strip_prefix('r'))
        .and_then(|digits| digits.parse().ok())
}

/// Fields with the versions they carry.
pub(super) fn versions(record: &Record) -> Vec<(String, u32)> {
    let version = |value: &serde_json::Value| value.as_u64().and_then(|version| u32::try_from(version).ok());
    record.fields.iter().filter_map(|(name, value)| Some((name.clone(), version(value)?))).collect()
}

impl Model {
    /// Learns of a record before it is sent.
    pub(super) fn plan(&mut self, job: &JobId, item: &Item) {
        let key = (job.account.clone(), job.object.clone(), compared(&item.id));
        let fields = if item.delete { vec![DELETE.to_owned()] } else { item.fields.clone() };
        let (delete, whole) = (item.delete, item.whole);
        let entry = Entry { job: job.clone(), key, delete, whole, fields, position: None };
        self.entries.insert(item.number, entry);
    }

    /// The number of a record; one that is not whole is known by its place.
    pub(super) fn number(&self, job: &JobId, record: &Record) -> Option<u32> {
        number_of(record).or_else(|| {
            let place = record.external_id.value.strip_prefix("at ").and_then(Position::parse)?;
            self.order.get(job)?.get(&place).copied()
        })
    }

    /// Whether every field of a record reached the CRM, in this or a newer version, or is moot by a later delete.
    pub(super) fn is_exported(&self, number: u32) -> bool {
        self.is_covered_by(number, &[])
    }

    /// Whether it is exported, or what is missing of it stands in an open export error.
    pub(super) fn is_settled(&self, number: u32) -> bool {
        let entry = &self.entries[&number];
        let open = self.jobs.get(&entry.job).into_iter().flat_map(|shadow| &shadow.open);
        let rows: Vec<&Row> = if entry.whole {
            open.filter(|row| row.key == entry.key).collect()
        } else {
            open.filter(|row| Some(row.position) == entry.position).collect()
        };
        (!entry.whole && !rows.is_empty()) || self.is_covered_by(number, &rows)
    }

    fn is_covered_by(&self, number: u32, rows: &[&Row]) -> bool {
        let entry = &self.entries[&number];
        let none = Landed::default();
        let landed = self.landed.get(&entry.key).unwrap_or(&none);
        if !entry.whole {
            return false;
        }
        if entry.delete {
            let newer = landed.deleted >= number || landed.upserted > number;
            return newer || rows.iter().any(|row| row.number >= number);
        }
        let deleted = landed.deleted > number || rows.iter().any(|row| row.delete && row.number > number);
        let has = |field: &String| {
            landed.newest.get(field).is_some_and(|version| *version >= number)
                || rows.iter().any(|row| row.versions.get(field).is_some_and(|version| *version >= number))
        };
        deleted || entry.fields.iter().all(has) || self.is_moot(number, rows)
    }

    /// Whether a later delete of the same record was reached and is itself settled.
    fn is_moot(&self, number: u32, rows: &[&Row]) -> bool {
        let entry = &self.entries[&number];
        let later = self.entries.range(number + 1..);
        later
            .filter(|(_, other)| {
                other.delete && other.whole && other.key == entry.key && other.position.is_some()
            })
            .any(|(delete, _)| self.is_covered_by(*delete, rows))
    }

    /// Whether it waits in the ledger.
    pub(super) fn is_parked(&self, number: u32) -> bool {
        let entry = &self.entries[&number];
        let Some(shadow) = self.jobs.get(&entry.job) else { return false };
        let waits = |place| shadow.parked.contains(&place) && !shadow.job.is_settled(place);
        entry.position.is_some_and(waits)
    }

    /// Whether a newer run has the job that this run works on.
    pub(super) fn is_stale(&self, run: u32) -> bool {
        let Some(view) = self.runs.get(&run) else { return false };
        let newest = view.id.as_ref().and_then(|id| self.jobs.get(id)).map(|shadow| shadow.epoch);
        newest.is_some_and(|epoch| epoch > view.epoch)
    }

    /// Takes in what was seen.
    pub(super) fn apply(&mut self, seen: &Seen) {
        match seen {
            Seen::Queued { number, position } => self.queue(*number, *position),
            Seen::Deleted { job, sequence } => drop(self.queued.remove(&(job.clone(), *sequence))),
            Seen::Expired { job, sequence } => self.expire(job, *sequence),
            Seen::Began { run, kind, account, deadline } => {
                self.runs.insert(*run, RunView::new(*kind, account.clone(), *deadline));
            }
            Seen::Leased { run, lease, job, until, .. } => self.lease(*run, lease, job, *until),
            Seen::Landed(landing) => self.land(landing),
            Seen::Saved { run, id, job, until } => {
                let shadow = self.jobs.entry(id.clone()).or_default();
                (shadow.job, shadow.until) = ((**job).clone(), *until);
                self.run(*run).until = *until;
            }
            Seen::Parked { id, positions, .. } => {
                self.jobs.entry(id.clone()).or_default().parked.extend(positions);
            }
            Seen::Unparked { id, through, .. } => {
                self.jobs.entry(id.clone()).or_default().parked.retain(|place| place > through);
            }
            Seen::Logged { run, id, error, open, carried } => {
                let view = self.run(*run);
                view.logged += u32::from(!carried);
                view.learned |= !carried && error.crm_error().foretold_by.is_some();
                self.rows(id, open);
            }
            Seen::Closed { id, open, .. } => self.rows(id, open),
            Seen::Settings { run, pause, export, preflight } => {
                let view = self.run(*run);
                (view.pause, view.export, view.preflight) = (*pause, *export, *preflight);
            }
            Seen::Foretold { run, refused } => self.run(*run).foretell(refused),
            Seen::Called { run, .. } => self.run(*run).calls += 1,
            Seen::Answered { run, rows } => {
                let view = self.run(*run);
                view.learned |= rows.iter().any(|(_, answer)| *answer != Answer::Unavailable);
                view.answers.extend(rows.iter().cloned());
            }
            Seen::Quiet => self.quiet = true,
            Seen::Ended { .. } | Seen::Over { .. } => {}
        }
    }

    fn run(&mut self, run: u32) -> &mut RunView {
        self.runs.get_mut(&run).expect("a run begins before it does anything")
    }

    fn queue(&mut self, number: u32, position: Position) {
        let entry = self.entries.get_mut(&number).expect("a record is planned before it is queued");
        entry.position = Some(position);
        let job = entry.job.clone();
        self.queued.insert((job.clone(), position.sequence));
        self.order.entry(job).or_default().insert(position, number);
    }

    fn expire(&mut self, job: &JobId, sequence: u128) {
        self.queued.remove(&(job.clone(), sequence));
        let of = self.order.get(job).into_iter().flatten().filter(|(place, _)| place.sequence == sequence);
        let numbers: Vec<u32> = of.map(|(_, number)| *number).collect();
        self.expired.extend(numbers);
    }

    fn lease(&mut self, run: u32, lease: &Lease, job: &Job, until: Timestamp) {
        let shadow = self.jobs.entry(lease.job.clone()).or_default();
        (shadow.epoch, shadow.until, shadow.owner) = (lease.epoch, until, lease.owner.clone());
        let view = self.run(run);
        view.id = Some(lease.job.clone());
        (view.epoch, view.until, view.began_with) = (lease.epoch, until, job.clone());
        view.answers.clear();
        view.foretold.clear();
    }

    fn land(&mut self, landing: &Landing) {
        let stale = self.is_stale(landing.run);
        let landed = self.landed.entry(landing.key.clone()).or_default();
        landed.stale |= stale;
        if landing.delete {
            landed.deleted = landed.deleted.max(landing.number);
            landed.now.clear();
            landed.now.insert(DELETE.to_owned(), landing.number);
            return;
        }
        landed.now.remove(DELETE);
        landed.upserted = landed.upserted.max(landing.number);
        for (field, version) in &landing.fields {
            let newest = landed.newest.entry(field.clone()).or_default();
            *newest = (*newest).max(*version);
            landed.now.insert(field.clone(), *version);
        }
    }

    fn rows(&mut self, id: &JobId, open: &[ExportError]) {
        let row = |error: &ExportError| Row {
            position: error.position,
            key: (id.account.clone(), id.object.clone(), compared(&error.record.external_id.value)),
            number: self.number(id, &error.record).unwrap_or_default(),
            delete: error.record.operation == Operation::Delete,
            versions: versions(&error.record).into_iter().collect(),
        };
        let codes = open.iter().map(|error| error.crm_error().code.clone()).collect();
        let open = open.iter().map(row).collect();
        let shadow = self.jobs.entry(id.clone()).or_default();
        (shadow.open, shadow.open_codes) = (open, codes);
    }
}

impl RunView {
    fn new(kind: Kind, account: AccountName, deadline: bool) -> Self {
        Self {
            kind,
            account,
            deadline,
            id: None,
            epoch: 0,
            until: Timestamp::default(),
            began_with: Job::default(),
            pause: true,
            export: true,
            preflight: Preflight::Off,
            calls: 0,
            answers: BTreeMap::new(),
            foretold: BTreeSet::new(),
            learned: false,
            logged: 0,
        }
    }

    /// What the rules refuse counts only while preflight is enforced.
    fn foretell(&mut self, refused: &[(u32, String)]) {
        if self.preflight == Preflight::Enforce {
            self.foretold.extend(refused.iter().map(|(number, _)| *number));
            let said = |(number, code): &(u32, String)| (*number, Answer::RecordError(code.clone()));
            self.answers.extend(refused.iter().map(said));
        }
    }

    /// The place of the record at which the job was paused when this run took it.
    pub(super) fn head(&self) -> Option<Position> {
        match &self.began_with.hold {
            Some(Hold::RecordRefused(held)) => Some(held.position),
            _ => None,
        }
    }
}
