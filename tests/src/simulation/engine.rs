//! The loop: at each turn the one thing that is due first happens. Then the liveness phase.

use std::collections::VecDeque;
use std::future::Future;
use std::sync::Arc;

use domain::message::Message;
use domain::{Hold, JobId};
use jobs::Cause;
use jobs::ledger::Ledger;
use serde_json::{Value, json};

use super::mutant::Mutant;
use super::outcome::Outcome;
use super::plan::{Act, Item, Plan, Step};
use super::port::Worker;
use super::seen::Seen;
use super::task::{Control, Fate, Polled, Task};
use super::world::World;

/// A Lambda function is killed after 15 minutes.
const FUNCTION_TIME: i64 = 15 * 60_000;

/// The most turns of one simulation. A loop in the code under test ends here.
const TURNS_MAX: u32 = 400_000;

/// Hours that the liveness phase waits at most: a day for an account's own limit, and what clocks jumped.
const TICKS_MAX: u32 = 40;

/// Runs a plan.
pub(super) fn simulate(plan: &Plan, mutant: Option<Mutant>, keep_lines: bool) -> Outcome {
    let world = World::new(plan, mutant, keep_lines);
    let mut engine = Engine {
        world: world.clone(),
        jobs: plan.jobs.clone(),
        steps: plan.steps.iter().cloned().collect(),
        tasks: Vec::new(),
        turns: 0,
    };
    engine.run_idle();
    engine.settle_down(plan.pause_at_last);
    drop(engine);
    let mut state = world.state();
    let trace = std::mem::replace(&mut state.trace, super::trace::Trace::new(false));
    Outcome {
        seed: plan.seed,
        violation: state.violation.clone(),
        met: state.met.clone(),
        trace_hash: trace.hash(),
        lines: trace.into_lines(),
    }
}

struct Engine {
    world: Arc<World>,
    jobs: Vec<JobId>,
    steps: VecDeque<Step>,
    tasks: Vec<Task>,
    turns: u32,
}

/// What is due.
enum Due {
    Step,
    Queue,
    Task(usize),
}

impl Engine {
    /// Turns until nothing is planned, running or waiting in the queue.
    fn run_idle(&mut self) {
        while !self.over() && self.turn() {}
    }

    fn over(&self) -> bool {
        self.world.state().violation.is_some()
    }

    fn turn(&mut self) -> bool {
        self.turns += 1;
        if self.turns > TURNS_MAX {
            let found = Err(format!("{TURNS_MAX} turns and no end"));
            self.world.state().blame("drains", found);
            return false;
        }
        let Some((at, due)) = self.next() else { return false };
        {
            let mut state = self.world.state();
            state.now = state.now.max(at);
        }
        match due {
            Due::Step => {
                let step = self.steps.pop_front().expect("it was there");
                self.act(step.act);
            }
            Due::Queue => self.receive(),
            Due::Task(at) => self.poll(at),
        }
        true
    }

    fn next(&self) -> Option<(i64, Due)> {
        let state = self.world.state();
        let step = self.steps.front().map(|step| (step.at, Due::Step));
        let pollers = self.tasks.iter().filter(|task| task.from_queue).count();
        let queue = if pollers < state.faults.pollers { state.queue.next_at() } else { None };
        let queue = queue.map(|at| (at.max(state.now), Due::Queue));
        let tasks = self.tasks.iter().enumerate().map(|(at, task)| (task.due(), Due::Task(at)));
        step.into_iter().chain(queue).chain(tasks).min_by_key(|(at, _)| *at)
    }

    fn poll(&mut self, at: usize) {
        let polled = self.tasks[at].poll();
        if polled == Polled::Goes {
            return;
        }
        let task = self.tasks.remove(at);
        let mut state = self.world.state();
        let now = state.now;
        match polled {
            Polled::Killed => state.met.count("run killed"),
            Polled::OutOfTime => state.met.count("run killed at its time limit"),
            _ => return,
        }
        state.trace.note(now, format_args!("worker {} is killed ({polled:?})", task.slot));
    }

    fn receive(&mut self) {
        let batch = {
            let mut state = self.world.state();
            let now = state.now;
            for (job, sequence) in state.queue.expire(now) {
                state.see(Seen::Expired { job, sequence });
            }
            let mut rng = state.queue_rng.clone();
            let batch = state.queue.receive(now, &mut rng);
            state.queue_rng = rng;
            if batch.iter().any(|delivery| delivery.message.job != batch[0].message.job) {
                state.met.count("batch with several groups");
            }
            batch
        };
        if !batch.is_empty() {
            self.spawn(true, |worker| worker.handle(batch));
        }
    }

    fn act(&mut self, act: Act) {
        match act {
            Act::Send(job, items) => self.send(&job, &items),
            Act::Tick(job) => self.spawn(false, |worker| worker.tick(job, Cause::Schedule)),
            Act::Ask(job) => self.spawn(false, |worker| worker.tick(job, Cause::Person)),
            Act::Skip(job) => self.spawn(false, |worker| worker.skip(job)),
            Act::Retry(account) => self.spawn(false, |worker| worker.retry(account)),
            Act::Set(account, changes) => self.spawn(false, |worker| worker.set(account, changes)),
            Act::Break(account, body) => self.spawn(false, |worker| worker.write_settings(account, body)),
            Act::Jump(by) => {
                let mut state = self.world.state();
                state.jumped += by;
                state.jumps += 1;
                state.met.count("clocks jumped");
                let now = state.now;
                state.trace.note(now, format_args!("clocks jump by {by} ms"));
            }
        }
    }

    fn send(&self, job: &JobId, items: &[Item]) {
        let mut state = self.world.state();
        let mut rng = state.queue_rng.clone();
        let sequence = state.queue.number(&mut rng);
        state.queue_rng = rng;
        let records: Vec<Value> = items.iter().map(record).collect();
        let body = json!({"account": job.account.as_str(), "object": job.object, "records": records});
        let message = Message::from_body("m", sequence, &body.to_string()).expect("a message");
        let places: Vec<_> = message.records.iter().map(|placed| placed.position).collect();
        for (item, position) in items.iter().zip(places) {
            state.see(Seen::Queued { number: item.number, position });
        }
        let now = state.now;
        state.queue.send(sequence, message, now);
    }

    /// Starts a worker in the first slot that is free, with the fate that chance has for it.
    fn spawn<F>(&mut self, from_queue: bool, work: impl FnOnce(Worker) -> F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let slot = (0..).find(|slot| self.tasks.iter().all(|task| task.slot != *slot)).expect("numbers go on");
        let (control, skew, deadline) = {
            let mut state = self.world.state();
            let (fate, skew) = draw_fate(&mut state);
            let now = state.now;
            let timed = from_queue || state.fate_rng.chance(500);
            let limit = if timed { now + FUNCTION_TIME } else { i64::MAX };
            let deadline = (timed && state.faults.deadline && !state.quiet).then_some(limit);
            (Arc::new(Control::new(fate, now, limit)), skew, deadline)
        };
        let owner = format!("worker-{slot}");
        let worker = Worker { world: self.world.clone(), control: control.clone(), owner, skew, deadline };
        self.tasks.push(Task::new(slot, from_queue, control, work(worker)));
    }
}

fn draw_fate(state: &mut super::world::State) -> (Fate, i64) {
    if state.quiet {
        return (Fate::Ends, 0);
    }
    let faults = state.faults.clone();
    let at = u32::try_from(1 + state.fate_rng.below(70)).expect("small");
    let fate = if state.fate_rng.chance(faults.kill) {
        Fate::Dies { at }
    } else if state.fate_rng.chance(faults.freeze) {
        state.met.count("run frozen");
        Fate::Freezes { at, millis: state.fate_rng.between(200_000, 800_000) }
    } else {
        Fate::Ends
    };
    let skew = if faults.skew > 0 { state.fate_rng.between(-faults.skew, faults.skew) } else { 0 };
    (fate, skew)
}

fn record(item: &Item) -> Value {
    let mut fields: serde_json::Map<String, Value> =
        item.fields.iter().map(|name| (name.clone(), json!(item.number))).collect();
    if let Some(parent) = &item.parent {
        fields.insert("Account".to_owned(), json!({"Ext__c": parent}));
    }
    if !item.whole {
        return json!({"fields": fields});
    }
    let operation = if item.delete { "delete" } else { "upsert" };
    json!({
        "externalId": {"field": "Ext__c", "value": item.id}, "operation": operation, "fields": fields,
        "source": format!("r{}", item.number),
    })
}

/// The liveness phase: nothing fails any more, and everything must come to its end in a bounded number of runs.
impl Engine {
    fn settle_down(&mut self, pause: bool) {
        if self.over() {
            return;
        }
        {
            let mut state = self.world.state();
            state.quiet = true;
            state.see(Seen::Quiet);
        }
        let accounts: std::collections::BTreeSet<_> = self.jobs.iter().map(|job| job.account.clone()).collect();
        for account in &accounts {
            let mended = json!({"pauseOnExportErrors": pause, "batchSize": 25});
            self.spawn(false, |worker| worker.write_settings(account.clone(), mended));
        }
        self.run_idle();
        let mut ticks = 0;
        while ticks < TICKS_MAX && !self.over() && self.waits() {
            ticks += 1;
            self.world.state().now += 3_600_000;
            for job in self.jobs.clone() {
                self.tick_or_skip(job);
            }
        }
        let mut retries = 0;
        while retries < 2 && !self.over() && self.needs_retry(retries) {
            retries += 1;
            self.world.state().now += 3_600_000;
            for account in accounts.clone() {
                self.spawn(false, |worker| worker.retry(account));
                self.run_idle();
            }
        }
        if !self.over() {
            self.world.see(Seen::Over { ticks, retries });
            self.compare_books();
        }
    }

    /// A record that is not whole holds its job until a person lets it pass.
    fn tick_or_skip(&mut self, job: JobId) {
        let held_at_incomplete = {
            let state = self.world.state();
            let hold = state.model.jobs.get(&job).and_then(|shadow| shadow.job.hold.as_ref());
            matches!(hold, Some(Hold::RecordRefused(held)) if held.crm_code == "INCOMPLETE_RECORD")
        };
        if held_at_incomplete {
            self.spawn(false, |worker| worker.skip(job));
        } else {
            self.spawn(false, |worker| worker.tick(job, Cause::Schedule));
        }
        self.run_idle();
    }

    fn waits(&self) -> bool {
        let state = self.world.state();
        let held = |shadow: &super::model::Shadow| shadow.job.hold.is_some() || !shadow.parked.is_empty();
        !state.queue.is_empty() || state.model.jobs.values().any(held)
    }

    /// One retry must do. A second is granted only to a job whose last retry stopped half way.
    fn needs_retry(&self, retries: u32) -> bool {
        let mut state = self.world.state();
        let half = state.model.jobs.values().any(|shadow| shadow.job.retry_from.is_some());
        match retries {
            0 => {
                state.model.retry_was_half = half;
                true
            }
            _ => state.model.retry_was_half,
        }
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
                found = Err(format!("{id}: the ledger says {:?}, seen was {believed:?}", (job, parked, open)));
            }
        }
        self.world.state().blame("the simulation's own books", found);
    }
}

/// The answer of a future that never waits.
fn now<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    match future.as_mut().poll(&mut std::task::Context::from_waker(std::task::Waker::noop())) {
        std::task::Poll::Ready(answer) => answer,
        std::task::Poll::Pending => unreachable!("the memory ledger never waits"),
    }
}
