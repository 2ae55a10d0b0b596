//! Who enters the production code: the queue's handler, the schedule, the daily job, and people.
//!
//! The handler does what `functions/export` will do: one run per job of the batch; what a run settled or parked is
//! deleted, what it did not stays in the queue and comes back when its visibility time-out is over.

use domain::message::Message;
use domain::{AccountName, JobId};
use jobs::ledger::{ErrorFilter, Ledger};
use jobs::{Cause, SkipError};
use serde_json::Value;

use super::mutant::Mutant;
use super::port::{Port, Worker};
use super::queue::Delivery;
use super::seen::{Kind, Seen};

impl Worker {
    /// Takes a batch to its jobs.
    pub(super) async fn handle(self, batch: Vec<Delivery>) {
        let mut groups: Vec<(JobId, Vec<Delivery>)> = Vec::new();
        for delivery in batch {
            match groups.iter_mut().find(|(job, _)| *job == delivery.message.job) {
                Some((_, group)) => group.push(delivery),
                None => groups.push((delivery.message.job.clone(), vec![delivery])),
            }
        }
        for (job, group) in groups {
            let (jobs, port) = self.begin(&job.account, Kind::Message);
            let early = self.world.mutant == Some(Mutant::DeletedBeforeRun);
            if early {
                port.delete(&group).await;
            }
            let messages: Vec<Message> = group.iter().map(|delivery| delivery.message.clone()).collect();
            let outcome = jobs.run(&job, &messages, Cause::Message, self.deadline()).await;
            let done = outcome.is_ok();
            port.end(done, outcome.map_or_else(|error| error.to_string(), |report| format!("{report:?}")));
            if done && !early {
                port.delete(&group).await;
            }
        }
    }

    /// Runs a job without messages.
    pub(super) async fn tick(self, job: JobId, cause: Cause) {
        let kind = if cause == Cause::Person { Kind::Person } else { Kind::Schedule };
        let (jobs, port) = self.begin(&job.account, kind);
        let outcome = jobs.run(&job, &[], cause, self.deadline()).await;
        port.end(
            outcome.is_ok(),
            outcome.map_or_else(|error| error.to_string(), |report| format!("{report:?}")),
        );
    }

    /// Lets a job pass its head.
    pub(super) async fn skip(self, job: JobId) {
        let (jobs, port) = self.begin(&job.account, Kind::Skip);
        let outcome = jobs.skip(&job).await;
        let ok = matches!(outcome, Ok(_) | Err(SkipError::NotPaused(_)));
        port.end(ok, outcome.map_or_else(|error| error.to_string(), |report| format!("{report:?}")));
    }

    /// The daily job of an account.
    pub(super) async fn retry(self, account: AccountName) {
        let (jobs, port) = self.begin(&account, Kind::Retry);
        let outcome = jobs.retry(&account, self.deadline()).await;
        port.end(
            outcome.is_ok(),
            outcome.map_or_else(|error| error.to_string(), |reports| format!("{reports:?}")),
        );
    }

    /// Some open errors, as a person asks for them. What the page showed may be closed by now.
    pub(super) async fn retry_some(self, account: AccountName, even: bool) {
        let (jobs, port) = self.begin(&account, Kind::Retry);
        let shown = self.world.memory.errors(&account, &ErrorFilter::default(), None, usize::MAX).await;
        let ids = shown.unwrap_or_default().into_iter().map(|error| error.id);
        let digit = |id: &String| id.bytes().next().is_some_and(|digit| (digit % 2 == 0) == even);
        let ids: Vec<String> = ids.filter(digit).collect();
        if !ids.is_empty() {
            self.world.state().met.count("person asked for some errors to be retried");
        }
        let outcome = jobs.retry_errors(&account, &ids, self.deadline()).await;
        port.end(
            outcome.is_ok(),
            outcome.map_or_else(|error| error.to_string(), |reports| format!("{reports:?}")),
        );
    }

    /// Changes settings as the API does.
    pub(super) async fn set(self, account: AccountName, changes: Value) {
        let (jobs, port) = self.begin(&account, Kind::Settings);
        let Value::Object(changes) = changes else { return };
        let outcome = jobs.change_settings(&account, &changes, true, None).await;
        port.end(
            outcome.is_ok(),
            outcome.map_or_else(|error| error.to_string(), |settings| format!("{settings:?}")),
        );
    }

    /// Writes settings into the table by hand.
    pub(super) async fn write_settings(self, account: AccountName, body: Value) {
        let stored = self.world.memory.settings(&account).await;
        let version = stored.map_or(0, |stored| stored.version);
        let written = self.world.memory.put_settings(&account, &body, version).await;
        let mut state = self.world.state();
        let now = state.now;
        state.trace.note(now, format_args!("table: {account} settings {body} {}", written.is_ok()));
    }
}

impl Port {
    fn end(&self, ok: bool, said: String) {
        self.world.see(Seen::Ended { run: self.run, ok, said });
    }

    /// Deletes messages from the queue, if that works.
    async fn delete(&self, group: &[Delivery]) {
        self.pause(15).await;
        let mut state = self.world.state();
        for delivery in group {
            let rate = if state.quiet { 0 } else { state.faults.delete_lost };
            if state.queue_rng.chance(rate) || state.is_scripted("delete") {
                state.met.count("deletion of a message lost");
                continue;
            }
            if state.queue.delete(delivery) {
                let (job, sequence) = (delivery.message.job.clone(), delivery.sequence);
                state.see(Seen::Deleted { job, sequence });
            } else {
                state.met.count("deletion with an old receipt");
            }
        }
    }
}
