//! The loop: at each turn the one thing that is due first happens.

use std::collections::VecDeque;
use std::future::Future;
use std::sync::Arc;

use domain::JobId;
use domain::message::Message;
use jobs::Cause;
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
    engine.settle_down(plan.pause_at_last, plan.preflight_at_last);
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

pub(super) struct Engine {
    pub(super) world: Arc<World>,
    pub(super) jobs: Vec<JobId>,
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
    pub(super) fn run_idle(&mut self) {
        while !self.over() && self.turn() {}
    }

    pub(super) fn over(&self) -> bool {
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
        if task.was_frozen() {
            state.met.count("run frozen");
        }
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
                // A child cannot wait for a parent that is gone.
                state.stores.values_mut().for_each(|store| store.parents.clear());
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
            Act::RetrySome(account, even) => self.spawn(false, |worker| worker.retry_some(account, even)),
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
    pub(super) fn spawn<F>(&mut self, from_queue: bool, work: impl FnOnce(Worker) -> F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let slot =
            (0..).find(|slot| self.tasks.iter().all(|task| task.slot != *slot)).expect("numbers go on");
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
    let most = *state.fate_rng.pick(&[10, 20, 40, 80]);
    let at = u32::try_from(1 + state.fate_rng.below(most)).expect("small");
    let fate = if state.fate_rng.chance(faults.kill) {
        Fate::Dies { at }
    } else if state.fate_rng.chance(faults.freeze) {
        // Most often past the end of its lease and not past that of its function: then it comes back as a stranger.
        let (from, until) = *state.fate_rng.pick(&[(200_000, 1_400_000), (620_000, 880_000)]);
        Fate::Freezes { at, millis: state.fate_rng.between(from, until) }
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
