//! Scripts of what happens to one job, one for each way that a run can go, and how the production code is driven through
//! them by hand: every future is polled here, so that it can be dropped or left standing at any write.

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use domain::message::Message;
use domain::{ExportError, Settings, Timestamp};
use jobs::clock::Clock;
use jobs::events::MemoryEvents;
use jobs::ledger::Ledger;
use jobs::{Cause, Jobs};
use serde_json::json;

use super::actions::Action;
use super::decisions::job_id;
use super::plan::{Bounds, Plan};
use super::record::{Recorder, Tape};
use super::seen::{Fared, Mishap, Seen, Wrote};
use super::set::Set;
use super::state::Why;

/// What happens next.
#[derive(Clone, Copy, Debug)]
pub enum Do {
    /// These messages come, or come again.
    Messages(&'static [u8]),
    /// The schedule, or a person asks.
    Tick(Cause),
    Skip,
    /// A person asks for the open errors of these external ids.
    Some(&'static [u8]),
    /// The daily job, whose time is over at once, or not.
    Daily {
        hurried: bool,
    },
    /// A run whose time is over before its first chunk.
    Hurried(&'static [u8]),
    Pause(bool),
    Export(bool),
    Mend,
    Away(bool),
    /// Minutes pass.
    Wait(u64),
}

/// One script.
pub struct Script {
    pub name: &'static str,
    pub records: &'static [&'static str],
    pub passing: bool,
    pub steps: &'static [Do],
}

/// Enough of everything: a recorded sequence is finite by itself.
const BOUNDS: Bounds =
    Bounds { runs: 60, faults: 20, toggles: 20, outages: 20, skips: 20, deadlines: true, locks: true };

/// The production code on its way through a script.
struct Drive {
    tape: Arc<Tape>,
    gone: Set,
}

impl Script {
    pub fn plan(&self) -> Plan {
        let plan = Plan::new(self.records, BOUNDS);
        if self.passing { plan.passing() } else { plan }
    }

    /// Lets it happen, with at most one mishap; then everything is mended, and comes to its end.
    pub fn record(&self, mishap: Option<(u32, Mishap)>) -> Arc<Tape> {
        let mut drive = Drive { tape: Arc::new(Tape::new(self.plan(), mishap)), gone: Set::default() };
        if self.passing {
            drive.settings(json!({"pauseOnExportErrors": false}));
        }
        for step in self.steps {
            drive.step(*step);
        }
        drive.come_to_rest();
        drive.tape
    }
}

impl Drive {
    fn step(&mut self, step: Do) {
        match step {
            Do::Messages(messages) => self.messages(0, messages, None),
            Do::Hurried(messages) => self.messages(0, messages, Some(self.tape.clock.now())),
            Do::Tick(cause) => self.tick(0, cause),
            Do::Skip => self.run(0, Why::Skip, async |jobs| jobs.skip(&job_id()).await.is_ok()),
            Do::Some(ids) => self.some(ids.iter().copied().collect()),
            Do::Daily { hurried } => {
                let deadline = hurried.then(|| self.tape.clock.now());
                let account = job_id().account;
                self.run(0, Why::Daily, async |jobs| jobs.retry(&account, deadline).await.is_ok());
            }
            Do::Pause(on) => {
                self.settings(json!({"pauseOnExportErrors": on}));
                self.tape.outside(Action::SetPause(on));
            }
            Do::Export(on) => {
                self.settings(json!({"exportToCrm": on}));
                self.tape.outside(Action::SetExport(on));
            }
            Do::Mend => self.tape.outside(Action::Mend),
            Do::Away(away) => self.tape.outside(Action::Away(away)),
            Do::Wait(minutes) => self.tape.clock.advance(Duration::from_secs(60 * minutes)),
        }
    }

    /// Nothing fails any more: what came again, what is parked, and the open errors go out. A mishap that waits until now
    /// is granted one more round.
    fn come_to_rest(&mut self) {
        let met = self.tape.mishap_was_met();
        self.round();
        if !met && self.tape.mishap_was_met() {
            self.round();
        }
        let job = now(self.tape.memory.job(&job_id())).expect("memory").expect("it ran");
        let parked = now(self.tape.memory.parked(&job_id(), job.cursor, 1)).expect("memory");
        let open = now(self.tape.memory.count_open_errors(&job_id())).expect("memory");
        let seen = || self.tape.seen().into_iter().map(|(step, _)| format!("{step:?}\n")).collect::<String>();
        assert_eq!((job.hold, parked.len(), open), (None, 0, 0), "everything comes to rest:\n{}", seen());
    }

    fn round(&mut self) {
        let everything: &[u8] = match self.tape.plan.messages() {
            1 => &[0],
            _ => &[0, 1],
        };
        self.tape.clock.advance(Duration::from_secs(3 * 3600));
        self.step(Do::Away(false));
        self.step(Do::Mend);
        for step in [Do::Messages(everything), Do::Tick(Cause::Person), Do::Daily { hurried: false }] {
            self.step(step);
        }
    }

    fn messages(&mut self, worker: u8, messages: &[u8], deadline: Option<Timestamp>) {
        // Those before them come too, when they are still there: a queue keeps the order of a group.
        let last = messages.iter().max().map_or(0, |last| last + 1);
        let numbers: Set = (0..last).filter(|message| !self.gone.has(*message)).collect();
        if numbers.is_empty() {
            return;
        }
        let messages: Vec<Message> = numbers.iter().map(|message| self.message(message)).collect();
        let run = async |jobs: Jobs| jobs.run(&job_id(), &messages, Cause::Message, deadline).await.is_ok();
        self.run(worker, Why::Messages(numbers), run);
    }

    fn message(&self, message: u8) -> Message {
        let plan = &self.tape.plan;
        let records = plan.places_of(message).iter().map(|place| plan.placed(plan.content(place))).collect();
        Message { id: message.to_string(), job: job_id(), records }
    }

    fn tick(&mut self, worker: u8, cause: Cause) {
        if self.something_waits() {
            let run = async |jobs: Jobs| jobs.run(&job_id(), &[], cause, None).await.is_ok();
            self.run(worker, Why::Tick, run);
        }
    }

    fn some(&mut self, ids: Set) {
        let open = now(self.tape.memory.open_errors(&job_id(), None, usize::MAX)).expect("memory");
        let of = |error: &ExportError| self.tape.plan.id_of(self.tape.plan.content_of(&error.record).place);
        let asked: Vec<String> =
            open.iter().filter(|error| ids.has(of(error))).map(|error| error.id.clone()).collect();
        let ids: Set = open.iter().map(of).filter(|id| ids.has(*id)).collect();
        let account = job_id().account;
        let run = async |jobs: Jobs| jobs.retry_errors(&account, &asked, None).await.is_ok();
        self.run(0, Why::Some(ids), run);
    }

    fn something_waits(&self) -> bool {
        let job = now(self.tape.memory.job(&job_id())).expect("memory");
        let parked = now(self.tape.memory.count_parked(&job_id())).expect("memory");
        parked > 0 || job.is_some_and(|job| job.hold.is_some())
    }

    /// One run, polled until it ends, is dropped, or stands still and is overtaken by another.
    fn run(&mut self, worker: u8, why: Why, work: impl AsyncFnOnce(Jobs) -> bool) {
        let port = Arc::new(Recorder::new(&self.tape, worker, why));
        let jobs = Jobs {
            crm: port.clone(),
            ledger: port,
            events: Arc::new(MemoryEvents::default()),
            clock: Arc::new(TapeClock(self.tape.clone())),
            owner: format!("worker-{worker}"),
            defaults: Settings::default(),
        };
        let before = self.tape.seen().len();
        let mut future = pin!(work(jobs));
        let done = match poll(future.as_mut()) {
            Some(done) => done,
            None if matches!(self.tape.seen().last(), Some((Seen::Crashed(_), _))) => return,
            None => {
                self.overtake(why);
                poll(future.as_mut()).expect("it stands still once")
            }
        };
        if self.tape.seen().len() == before {
            // Nothing was due.
            return;
        }
        if let (true, Why::Messages(messages)) = (done, why) {
            for message in messages.iter() {
                now(self.tape.note(Seen::Wrote(worker, Wrote::Delete(message), Fared::Well)));
                self.gone = self.gone.with(message);
            }
        }
        now(self.tape.note(Seen::Ended(worker)));
    }

    /// The lease of a run that stands still runs out, its messages come again, and another run has the job.
    fn overtake(&mut self, why: Why) {
        self.tape.clock.advance(Duration::from_secs(601));
        self.tape.outside(Action::RunOut);
        match why {
            Why::Messages(messages) => {
                let messages: Vec<u8> = messages.iter().collect();
                messages.iter().for_each(|message| self.tape.outside(Action::Reappear(*message)));
                self.messages(1, &messages, None);
            }
            _ => self.tick(1, Cause::Person),
        }
    }

    fn settings(&self, changes: serde_json::Value) {
        let account = job_id().account;
        let stored = now(self.tape.memory.settings(&account)).expect("memory");
        let mut body = stored.body.unwrap_or_else(|| json!({}));
        for (name, value) in changes.as_object().expect("an object") {
            body[name] = value.clone();
        }
        now(self.tape.memory.put_settings(&account, &body, stored.version)).expect("memory");
    }
}

/// The tape's clock, as the jobs hold it.
struct TapeClock(Arc<Tape>);

#[async_trait::async_trait]
impl Clock for TapeClock {
    fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    async fn sleep(&self, duration: Duration) {
        self.0.clock.sleep(duration).await;
    }
}

fn poll<T>(future: Pin<&mut impl Future<Output = T>>) -> Option<T> {
    match future.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(answer) => Some(answer),
        Poll::Pending => None,
    }
}

/// The answer of a future that never waits.
pub fn now<T>(future: impl Future<Output = T>) -> T {
    poll(pin!(future)).expect("memory never waits")
}
