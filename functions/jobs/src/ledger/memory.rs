//! A ledger in memory, for tests and the simulation: the port's exact semantics, and nothing else. It has no clock and
//! no chance in it, every list has one order, and everything is gone with it.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use domain::{
    AccountName, ErrorState, ExportError, ExternalId, Figures, Job, JobId, Placed, Position, Record,
    Timestamp,
};
use serde_json::Value;

use super::{ErrorFilter, Lease, Ledger, LedgerError, LedgerErrorKind, Rejection, StoredSettings};

/// A ledger in memory.
#[derive(Debug, Default)]
pub struct MemoryLedger {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    settings: BTreeMap<AccountName, StoredSettings>,
    jobs: BTreeMap<JobId, Kept>,
    /// By instant, message and account: the same rejection again is the same item.
    rejections: BTreeMap<(Timestamp, String, Option<AccountName>), Rejection>,
    figures: BTreeMap<(AccountName, String), Figures>,
}

/// A job with all that belongs to it.
#[derive(Debug, Default)]
struct Kept {
    job: Job,
    owner: String,
    until: Timestamp,
    epoch: u64,
    parked: BTreeMap<Position, Record>,
    /// By external id and the error's own id; one at most is open for each external id.
    errors: BTreeMap<(ExternalId, String), ExportError>,
}

impl Kept {
    /// Stores an error in place of what is open for its external id and of its own earlier form.
    fn put(&mut self, error: &ExportError) {
        let external_id = &error.record.external_id;
        if let Some(open) = self.open_of(external_id).map(|open| open.id.clone()) {
            self.errors.remove(&(external_id.clone(), open));
        }
        self.errors.insert((external_id.clone(), error.id.clone()), error.clone());
    }

    /// The open error of an external id.
    fn open_of(&self, external_id: &ExternalId) -> Option<&ExportError> {
        let from = (external_id.clone(), String::new());
        let mut of = self.errors.range(from..).take_while(|((of, _), _)| of == external_id);
        of.find(|(_, error)| error.state == ErrorState::Open).map(|(_, error)| error)
    }

    /// The open errors by position.
    fn open(&self) -> Vec<&ExportError> {
        let mut open: Vec<_> = self.errors.values().filter(|error| error.state == ErrorState::Open).collect();
        open.sort_by_key(|error| (error.position, &error.id));
        open
    }
}

impl State {
    /// The job, when this lease is its newest.
    fn fenced(&mut self, lease: &Lease) -> Result<&mut Kept, LedgerError> {
        let newest = self
            .jobs
            .get_mut(&lease.job)
            .filter(|kept| kept.epoch == lease.epoch && kept.owner == lease.owner);
        newest.ok_or_else(|| LedgerErrorKind::LeaseLost { job: lease.job.clone() }.into())
    }

    /// An account's errors by object, position and id.
    fn errors_of(&self, account: &AccountName) -> Vec<&ExportError> {
        let jobs = self.jobs.iter().filter(|(id, _)| id.account == *account);
        let mut errors: Vec<_> = jobs.flat_map(|(_, kept)| kept.errors.values()).collect();
        errors.sort_by_key(|error| (&error.record.object, error.position, &error.id));
        errors
    }
}

impl MemoryLedger {
    /// Nothing in here panics half-way through a change, so a poisoned mutex guards a whole state.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Ledger for MemoryLedger {
    async fn settings(&self, account: &AccountName) -> Result<StoredSettings, LedgerError> {
        Ok(self.state().settings.get(account).cloned().unwrap_or_default())
    }

    async fn put_settings(
        &self,
        account: &AccountName,
        body: &Value,
        expected: u64,
    ) -> Result<(), LedgerError> {
        let mut state = self.state();
        let stored = state.settings.entry(account.clone()).or_default();
        if stored.version != expected {
            return Err(LedgerErrorKind::Conflict.into());
        }
        *stored = StoredSettings { body: Some(body.clone()), version: expected + 1 };
        Ok(())
    }

    async fn lease(
        &self,
        job: &JobId,
        owner: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<(Lease, Job), LedgerError> {
        let mut state = self.state();
        let kept = match state.jobs.entry(job.clone()) {
            Entry::Vacant(new) => new.insert(Kept::default()),
            Entry::Occupied(known) => {
                let kept = known.into_mut();
                if kept.owner != owner && kept.until > now {
                    return Err(LedgerErrorKind::LeaseHeld { job: job.clone(), until: kept.until }.into());
                }
                kept
            }
        };
        owner.clone_into(&mut kept.owner);
        kept.until = until;
        kept.epoch += 1;
        let lease = Lease { job: job.clone(), owner: owner.to_owned(), epoch: kept.epoch };
        Ok((lease, kept.job.clone()))
    }

    async fn save(&self, lease: &Lease, job: &Job, until: Timestamp) -> Result<(), LedgerError> {
        let mut state = self.state();
        let kept = state.fenced(lease)?;
        kept.job.clone_from(job);
        kept.until = until;
        Ok(())
    }

    async fn job(&self, job: &JobId) -> Result<Option<Job>, LedgerError> {
        Ok(self.state().jobs.get(job).map(|kept| kept.job.clone()))
    }

    async fn jobs(&self, account: &AccountName) -> Result<Vec<(JobId, Job)>, LedgerError> {
        let state = self.state();
        let jobs = state.jobs.iter().filter(|(id, _)| id.account == *account);
        Ok(jobs.map(|(id, kept)| (id.clone(), kept.job.clone())).collect())
    }

    async fn park(&self, lease: &Lease, records: &[Placed]) -> Result<(), LedgerError> {
        let mut state = self.state();
        let kept = state.fenced(lease)?;
        for Placed { position, record } in records {
            kept.parked.entry(*position).or_insert_with(|| record.clone());
        }
        Ok(())
    }

    async fn parked(
        &self,
        job: &JobId,
        after: Option<Position>,
        limit: usize,
    ) -> Result<Vec<Placed>, LedgerError> {
        let state = self.state();
        let parked = state.jobs.get(job).into_iter().flat_map(|kept| &kept.parked);
        let behind = parked.filter(|(position, _)| Some(**position) > after).take(limit);
        Ok(behind.map(|(position, record)| Placed { position: *position, record: record.clone() }).collect())
    }

    async fn unpark(&self, lease: &Lease, through: Position) -> Result<(), LedgerError> {
        let mut state = self.state();
        state.fenced(lease)?.parked.retain(|position, _| *position > through);
        Ok(())
    }

    async fn count_parked(&self, job: &JobId) -> Result<u64, LedgerError> {
        Ok(count(self.state().jobs.get(job).map_or(0, |kept| kept.parked.len())))
    }

    async fn open_errors_of(
        &self,
        job: &JobId,
        ids: &[&ExternalId],
    ) -> Result<Vec<ExportError>, LedgerError> {
        let state = self.state();
        let Some(kept) = state.jobs.get(job) else { return Ok(Vec::new()) };
        let ids: BTreeSet<&ExternalId> = ids.iter().copied().collect();
        let mut open: Vec<_> = ids.into_iter().filter_map(|id| kept.open_of(id)).cloned().collect();
        open.sort_by(|a, b| (a.position, &a.id).cmp(&(b.position, &b.id)));
        Ok(open)
    }

    async fn open_errors(
        &self,
        job: &JobId,
        after: Option<Position>,
        limit: usize,
    ) -> Result<Vec<ExportError>, LedgerError> {
        let state = self.state();
        let open = state.jobs.get(job).map(Kept::open).unwrap_or_default();
        Ok(open.into_iter().filter(|error| Some(error.position) > after).take(limit).cloned().collect())
    }

    async fn count_open_errors(&self, job: &JobId) -> Result<u64, LedgerError> {
        Ok(count(self.state().jobs.get(job).map_or(0, |kept| kept.open().len())))
    }

    async fn put_open_error(&self, lease: &Lease, error: &ExportError) -> Result<(), LedgerError> {
        self.state().fenced(lease)?.put(error);
        Ok(())
    }

    async fn close_error(&self, lease: &Lease, error: &ExportError) -> Result<(), LedgerError> {
        self.state().fenced(lease)?.put(error);
        Ok(())
    }

    async fn errors(
        &self,
        account: &AccountName,
        filter: &ErrorFilter,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<ExportError>, LedgerError> {
        let state = self.state();
        let mut errors = state.errors_of(account);
        if let Some(after) = after {
            // An id that is not there ends the list: to begin again would make a caller that pages run in circles.
            let place = errors.iter().position(|error| error.id == after).map_or(errors.len(), |at| at + 1);
            errors.drain(..place);
        }
        Ok(errors.into_iter().filter(|error| filter.matches(error)).take(limit).cloned().collect())
    }

    async fn error(&self, account: &AccountName, id: &str) -> Result<Option<ExportError>, LedgerError> {
        Ok(self.state().errors_of(account).into_iter().find(|error| error.id == id).cloned())
    }

    async fn reject(&self, rejection: &Rejection) -> Result<(), LedgerError> {
        let key = (rejection.at, rejection.message_id.clone(), rejection.account.clone());
        self.state().rejections.entry(key).or_insert_with(|| rejection.clone());
        Ok(())
    }

    async fn rejections(
        &self,
        account: Option<&AccountName>,
        limit: usize,
    ) -> Result<Vec<Rejection>, LedgerError> {
        let state = self.state();
        let visible = |rejection: &&Rejection| rejection.account.as_ref() == account;
        Ok(state.rejections.values().filter(visible).take(limit).cloned().collect())
    }

    async fn count(
        &self,
        account: &AccountName,
        day: &str,
        figures: &Figures,
    ) -> Result<Figures, LedgerError> {
        let mut state = self.state();
        let key = (account.clone(), day.to_owned());
        if figures.is_empty() {
            return Ok(state.figures.get(&key).cloned().unwrap_or_default());
        }
        let sums = state.figures.entry(key).or_default();
        sums.add(figures);
        Ok(sums.clone())
    }

    async fn figures(
        &self,
        account: &AccountName,
        from_day: &str,
    ) -> Result<Vec<(String, Figures)>, LedgerError> {
        let state = self.state();
        let days = state.figures.range((account.clone(), from_day.to_owned())..);
        let of_account = days.take_while(|((of, _), _)| of == account);
        Ok(of_account.map(|((_, day), figures)| (day.clone(), figures.clone())).collect())
    }
}

fn count(items: usize) -> u64 {
    u64::try_from(items).unwrap_or(u64::MAX)
}
