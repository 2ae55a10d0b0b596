//! The ledger of a run: the production memory ledger behind throttling, lost replies, outages, half-written parkings,
//! stale listings and short pages, with the planted faults of [`Mutant`] in between.
//!
//! It adds no meaning: what passes reaches [`jobs::ledger::MemoryLedger`] as it is.

use async_trait::async_trait;
use domain::{AccountName, ExportError, ExternalId, Figures, Job, JobId, Placed, Position, Timestamp};
use jobs::ledger::{ErrorFilter, Lease, Ledger, LedgerError, LedgerErrorKind, Rejection, StoredSettings};
use serde_json::Value;

use super::mutant::Mutant;
use super::port::Port;
use super::seen::Seen;

fn unavailable(why: &str) -> LedgerError {
    LedgerErrorKind::Unavailable(why.to_owned()).into()
}

impl Port {
    /// The way to the ledger.
    async fn before(&self, call: &'static str) -> Result<(), LedgerError> {
        let (delay, throttled) = {
            let mut state = self.world.state();
            let faults = if state.quiet { Default::default() } else { state.faults.clone() };
            let slow = state.ledger_rng.chance(faults.slow_ledger);
            let delay =
                if slow { state.ledger_rng.between(500, 8_000) } else { state.ledger_rng.between(1, 15) };
            (delay, state.ledger_rng.chance(faults.throttle))
        };
        self.pause(delay).await;
        let mut state = self.world.state();
        if state.is_scripted(call) {
            return Err(unavailable("the script says so"));
        }
        if state.ledger_is_down() {
            state.met.count("ledger away");
            return Err(unavailable("it is away"));
        }
        if throttled || (state.now < state.throttled_until && !state.quiet) {
            state.met.count("ledger call throttled");
            let burst = state.faults.burst;
            if throttled && state.ledger_rng.chance(burst) {
                state.met.count("ledger throttled for a while");
                state.throttled_until = state.now + state.ledger_rng.between(100, 5_000);
            }
            return Err(unavailable("throttled"));
        }
        Ok(())
    }

    /// The way back.
    async fn after<T>(&self, answer: Result<T, LedgerError>) -> Result<T, LedgerError> {
        let delay = self.world.state().ledger_rng.between(1, 10);
        self.pause(delay).await;
        let mut state = self.world.state();
        let rate = if state.quiet { 0 } else { state.faults.ledger_lost_reply };
        if answer.is_ok() && state.ledger_rng.chance(rate) {
            state.met.count("ledger reply lost");
            return Err(unavailable("the reply was lost"));
        }
        answer
    }

    fn has(&self, mutant: Mutant) -> bool {
        self.world.mutant == Some(mutant)
    }

    /// The lease that the ledger is shown.
    fn shown(&self, lease: &Lease) -> Lease {
        let newest = self.world.state().newest_leases.get(&lease.job).cloned();
        newest.filter(|_| self.has(Mutant::EpochsIgnored)).unwrap_or_else(|| lease.clone())
    }

    /// Writes an export error that waited for a write of its job (a planted fault).
    async fn write_late_errors(&self) -> Result<(), LedgerError> {
        let late = std::mem::take(&mut self.world.state().late_errors);
        for (run, lease, error) in late.into_iter().filter(|(run, ..)| *run == self.run) {
            self.pause(5).await;
            let before = self.open_rows(&lease.job).await;
            self.world.memory.put_open_error(&lease, &error).await?;
            self.see_logged(run, &lease.job, &error, &before).await;
        }
        Ok(())
    }

    /// Shows an open row that was written, with all that are open now. `before` were open until then.
    async fn see_logged(&self, run: u32, job: &JobId, error: &ExportError, before: &[ExportError]) {
        let same = |row: &ExportError| row.id == error.id && row.attempts == error.attempts;
        let carried = before.iter().any(same);
        let open = self.open_rows(job).await;
        let (id, error) = (job.clone(), Box::new(error.clone()));
        self.world.see(Seen::Logged { run, id, error, open, carried });
    }

    async fn open_rows(&self, job: &JobId) -> Vec<ExportError> {
        self.world.memory.open_errors(job, None, usize::MAX).await.unwrap_or_default()
    }

    /// A page may be shorter than asked for.
    fn cut<T>(&self, mut page: Vec<T>) -> Vec<T> {
        let mut state = self.world.state();
        if page.len() > 1 && !state.quiet && state.short_pages && state.ledger_rng.chance(500) {
            let keep = 1 + state.ledger_rng.below(page.len() as u64 - 1);
            page.truncate(usize::try_from(keep).expect("a length"));
            state.met.count("ledger page cut short");
        }
        page
    }
}

#[async_trait]
impl Ledger for Port {
    async fn settings(&self, account: &AccountName) -> Result<StoredSettings, LedgerError> {
        self.before("settings").await?;
        let mut stored = self.world.memory.settings(account).await?;
        self.world.state().see_settings(self.run, &stored);
        if self.has(Mutant::SettingsKept) {
            let mut state = self.world.state();
            stored = state.kept_settings.entry(account.clone()).or_insert(stored).clone();
        }
        self.after(Ok(stored)).await
    }

    async fn put_settings(
        &self,
        account: &AccountName,
        body: &Value,
        expected: u64,
    ) -> Result<(), LedgerError> {
        self.before("put_settings").await?;
        let answer = self.world.memory.put_settings(account, body, expected).await;
        self.after(answer).await
    }

    async fn lease(
        &self,
        job: &JobId,
        owner: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<(Lease, Job), LedgerError> {
        self.before("lease").await?;
        let shown_now =
            if self.has(Mutant::LeaseAlwaysGiven) { Timestamp::from_millis(i64::MAX) } else { now };
        let answer = self.world.memory.lease(job, owner, shown_now, until).await;
        match &answer {
            Ok((lease, stored)) => {
                self.world.state().newest_leases.insert(job.clone(), lease.clone());
                let (run, id, lease, job) = (self.run, job.clone(), lease.clone(), Box::new(stored.clone()));
                self.world.see(Seen::Leased { run, id, lease, job, now, until });
            }
            Err(_) => self.world.state().met.count("lease refused: another run has the job"),
        }
        self.after(answer).await
    }

    async fn save(&self, lease: &Lease, job: &Job, until: Timestamp) -> Result<(), LedgerError> {
        self.before("save").await?;
        let answer = self.world.memory.save(&self.shown(lease), job, until).await;
        match &answer {
            Ok(()) => {
                let (run, id, job) = (self.run, lease.job.clone(), Box::new(job.clone()));
                self.world.see(Seen::Saved { run, id, job, until });
                self.write_late_errors().await?;
            }
            Err(_) => self.world.state().met.count("write refused: the lease was lost"),
        }
        self.after(answer).await
    }

    async fn job(&self, job: &JobId) -> Result<Option<Job>, LedgerError> {
        self.before("job").await?;
        let answer = self.world.memory.job(job).await;
        self.after(answer).await
    }

    async fn jobs(&self, account: &AccountName) -> Result<Vec<(JobId, Job)>, LedgerError> {
        self.before("jobs").await?;
        let fresh = self.world.memory.jobs(account).await?;
        let listed = self.world.state().listed(account, fresh);
        self.after(Ok(listed)).await
    }

    async fn park(&self, lease: &Lease, records: &[Placed]) -> Result<(), LedgerError> {
        self.before("park").await?;
        let cut = self.world.state().cut_of_parking(records.len());
        let mut written = &records[..cut.unwrap_or(records.len())];
        if self.has(Mutant::ParkWithoutLast) {
            written = &written[..written.len().saturating_sub(1)];
        }
        let answer = self.world.memory.park(&self.shown(lease), written).await;
        if answer.is_ok() {
            let positions = written.iter().map(|placed| placed.position).collect();
            self.world.see(Seen::Parked { run: self.run, id: lease.job.clone(), positions });
        }
        if cut.is_some() {
            return Err(unavailable("some were written"));
        }
        self.after(answer).await
    }

    async fn parked(
        &self,
        job: &JobId,
        after: Option<Position>,
        limit: usize,
    ) -> Result<Vec<Placed>, LedgerError> {
        self.before("parked").await?;
        let mut page = self.world.memory.parked(job, after, limit).await?;
        if self.has(Mutant::PageWithoutSecond) && page.len() > 2 {
            page.remove(1);
        }
        if self.has(Mutant::PageWithoutLast) && limit > 1 {
            page.pop();
            return self.after(Ok(page)).await;
        }
        let page = self.cut(page);
        self.after(Ok(page)).await
    }

    async fn unpark(&self, lease: &Lease, through: Position) -> Result<(), LedgerError> {
        self.before("unpark").await?;
        let mut last = through;
        if self.has(Mutant::UnparkTooMuch) {
            let next = self.world.memory.parked(&lease.job, Some(through), 1).await?;
            last = next.first().map_or(through, |placed| placed.position);
        }
        let answer = self.world.memory.unpark(&self.shown(lease), last).await;
        if answer.is_ok() {
            self.world.see(Seen::Unparked { run: self.run, id: lease.job.clone(), through: last });
        }
        self.after(answer).await
    }

    async fn count_parked(&self, job: &JobId) -> Result<u64, LedgerError> {
        self.before("count_parked").await?;
        let answer = self.world.memory.count_parked(job).await;
        self.after(answer).await
    }

    async fn open_errors_of(
        &self,
        job: &JobId,
        ids: &[&ExternalId],
    ) -> Result<Vec<ExportError>, LedgerError> {
        self.before("open_errors_of").await?;
        let ids = if self.has(Mutant::OpenErrorsNotFound) { &[] } else { ids };
        let answer = self.world.memory.open_errors_of(job, ids).await;
        self.after(answer).await
    }

    async fn open_errors(
        &self,
        job: &JobId,
        after: Option<Position>,
        limit: usize,
    ) -> Result<Vec<ExportError>, LedgerError> {
        self.before("open_errors").await?;
        let page = self.world.memory.open_errors(job, after, limit).await?;
        let page = self.cut(page);
        self.after(Ok(page)).await
    }

    async fn count_open_errors(&self, job: &JobId) -> Result<u64, LedgerError> {
        self.before("count_open_errors").await?;
        let answer = self.world.memory.count_open_errors(job).await;
        self.after(answer).await
    }

    async fn put_open_error(&self, lease: &Lease, error: &ExportError) -> Result<(), LedgerError> {
        self.before("put_open_error").await?;
        let shown = self.shown(lease);
        if self.has(Mutant::CursorBeforeError) {
            self.world.state().late_errors.push((self.run, shown, error.clone()));
            return self.after(Ok(())).await;
        }
        if self.has(Mutant::ErrorForgotten) {
            return self.after(Ok(())).await;
        }
        let before = self.open_rows(&lease.job).await;
        let answer = self.world.memory.put_open_error(&shown, error).await;
        if answer.is_ok() {
            self.see_logged(self.run, &lease.job, error, &before).await;
        }
        self.after(answer).await
    }

    async fn close_error(&self, lease: &Lease, error: &ExportError) -> Result<(), LedgerError> {
        self.before("close_error").await?;
        if self.has(Mutant::CloseForgotten) {
            return self.after(Ok(())).await;
        }
        let answer = self.world.memory.close_error(&self.shown(lease), error).await;
        if answer.is_ok() {
            let open = self.open_rows(&lease.job).await;
            let (run, id, error) = (self.run, lease.job.clone(), Box::new(error.clone()));
            self.world.see(Seen::Closed { run, id, error, open });
        }
        self.after(answer).await
    }

    async fn errors(
        &self,
        account: &AccountName,
        filter: &ErrorFilter,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<ExportError>, LedgerError> {
        self.before("errors").await?;
        let answer = self.world.memory.errors(account, filter, after, limit).await;
        self.after(answer).await
    }

    async fn error(&self, account: &AccountName, id: &str) -> Result<Option<ExportError>, LedgerError> {
        self.before("error").await?;
        let answer = self.world.memory.error(account, id).await;
        self.after(answer).await
    }

    async fn reject(&self, rejection: &Rejection) -> Result<(), LedgerError> {
        self.before("reject").await?;
        let answer = self.world.memory.reject(rejection).await;
        self.after(answer).await
    }

    async fn rejections(
        &self,
        account: Option<&AccountName>,
        limit: usize,
    ) -> Result<Vec<Rejection>, LedgerError> {
        self.before("rejections").await?;
        let answer = self.world.memory.rejections(account, limit).await;
        self.after(answer).await
    }

    async fn count(
        &self,
        account: &AccountName,
        day: &str,
        figures: &Figures,
    ) -> Result<Figures, LedgerError> {
        self.before("count").await?;
        let answer = self.world.memory.count(account, day, figures).await;
        self.after(answer).await
    }

    async fn figures(
        &self,
        account: &AccountName,
        from_day: &str,
    ) -> Result<Vec<(String, Figures)>, LedgerError> {
        self.before("figures").await?;
        let answer = self.world.memory.figures(account, from_day).await;
        self.after(answer).await
    }
}
