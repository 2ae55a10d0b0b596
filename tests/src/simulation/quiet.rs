//! The liveness phase: nothing fails any more, and everything must come to its end in a bounded number of runs.

use std::collections::BTreeSet;
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use domain::{Hold, JobId};
use jobs::Cause;
use jobs::ledger::Ledger;
use serde_json::json;

use super::engine::Engine;
use super::model::Shadow;
use super::seen::Seen;

/// Hours that are waited at most: a day for an account's own limit, and what clocks jumped.
const TICKS_MAX: u32 = 40;

impl Engine {
    pub(super) fn settle_down(&mut self, pause: bool, preflight: &str) {
        if self.over() {
            return;
        }
        {
            let mut state = self.world.state();
            state.quiet = true;
            state.see(Seen::Quiet);
        }
        let accounts: BTreeSet<_> = self.jobs.iter().map(|job| job.account.clone()).collect();
        for account in &accounts {
            let mended = json!({"pauseOnExportErrors": pause, "batchSize": 25, "preflight": preflight});
            self.spawn(false, |worker| worker.write_settings(account.clone(), mended));
        }
        self.run_idle();
        let (mut ticks, mut retries) = (self.drain(), 0);
        let mut children_wait = self.children_wait();
        while retries == 0 || (retries == 1 && children_wait) {
            if self.over() {
                return;
            }
            retries += 1;
            self.world.state().now += 3_600_000;
            for account in accounts.clone() {
                self.spawn(false, |worker| worker.retry(account));
                self.run_idle();
            }
            ticks += self.drain();
            children_wait |= self.children_wait();
        }
        if !self.over() {
            self.world.see(Seen::Over { ticks, retries });
            self.compare_books();
        }
    }

    /// A record that is not whole holds its job until a person lets it pass; one that wrong rules refuse, until a person
    /// brings it before the CRM (or the daily job does).
    fn tick_or_skip(&mut self, job: JobId) {
        let hold = {
            let state = self.world.state();
            state.model.jobs.get(&job).and_then(|shadow| shadow.job.hold.clone())
        };
        match hold {
            Some(Hold::RecordRefused(held)) if held.crm_code == "INCOMPLETE_RECORD" => {
                self.spawn(false, |worker| worker.skip(job));
            }
            Some(Hold::RecordRefused(held)) if held.foretold_by.is_some() => {
                self.world.state().met.count("person brought before the CRM what the rules refuse");
                self.spawn(false, |worker| worker.tick(job, Cause::Person));
            }
            _ => self.spawn(false, |worker| worker.tick(job, Cause::Schedule)),
        }
        self.run_idle();
    }

    fn waits(&self) -> bool {
        let state = self.world.state();
        let held = |shadow: &Shadow| shadow.job.hold.is_some() || !shadow.parked.is_empty();
        !state.queue.is_empty() || state.model.jobs.values().any(held)
    }

    /// Ticks until nothing waits any more, and answers how many it took.
    fn drain(&mut self) -> u32 {
        let mut ticks = 0;
        while ticks < TICKS_MAX && !self.over() && self.waits() {
            ticks += 1;
            self.world.state().now += 3_600_000;
            for job in self.jobs.clone() {
                self.tick_or_skip(job);
            }
        }
        ticks
    }

    /// Whether a child waits for its parent. One daily run must do, but that one more is granted when a child waited for a
    /// parent that was itself an open error; whether it did may show in the first only.
    fn children_wait(&self) -> bool {
        let mut state = self.world.state();
        if state.model.jobs.values().any(|shadow| shadow.job.retry_from.is_some()) {
            state.met.count("daily run goes on where the one before stopped half way");
        }
        let waits = state.model.jobs.values().any(|shadow| {
            let refused = matches!(&shadow.job.hold, Some(Hold::RecordRefused(held)) if held.crm_code == "INVALID_FIELD");
            refused || shadow.open_codes.contains("INVALID_FIELD")
        });
        if waits {
            state.met.count("second daily run granted: a parent was an open error");
        }
        waits
    }

    /// What the checkers believed of the ledger must be what the ledger says.
    fn compare_books(&self) {
        let mut found = Ok(());
        let shadows: Vec<_> = self.world.state().model.jobs.clone().into_iter().collect();
        for (id, shadow) in shadows {
            let job = now(self.world.memory.job(&id)).ok().flatten();
            let parked = now(self.world.memory.count_parked(&id)).unwrap_or(u64::MAX);
            let open = now(self.world.memory.count_open_errors(&id)).unwrap_or(u64::MAX);
            let believed = (Some(shadow.job), shadow.parked.len() as u64, shadow.open.len() as u64);
            if found.is_ok() && (job.clone(), parked, open) != believed {
                found =
                    Err(format!("{id}: the ledger says {:?}, seen was {believed:?}", (job, parked, open)));
            }
        }
        self.world.state().blame("the simulation's own books", found);
    }
}

/// The answer of a future that never waits.
fn now<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(answer) => answer,
        Poll::Pending => unreachable!("the memory ledger never waits"),
    }
}
