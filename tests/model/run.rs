//! A run of the model: how it begins, which write is next, and what the write does. Chunks are in `deliver.rs`.
//!
//! Between two writes a run only reads and decides; [`Turn::go_on`] does that at once after each write, since nobody else
//! may write while the run has the lease. A run that lost it can do nothing any more.

use super::actions::Write;
use super::plan::{Break, Content, Plan};
use super::set::Set;
use super::state::{Delivery, From, Hold, Job, Message, Run, Stage, State, Step, Stopped, Then, Why};

/// A run that takes its turn.
pub struct Turn<'t> {
    pub plan: &'t Plan,
    pub state: &'t mut State,
    pub worker: u8,
    pub run: Box<Run>,
}

/// The write that is next, when a write is next.
pub fn next_write(plan: &Plan, state: &State, run: &Run) -> Option<Write> {
    let keep = Write::Save { keep: true };
    match &run.stage {
        Stage::Clear { saved, .. } => {
            let unpark = *saved != plan.is(Break::UnparkBeforeCursor);
            Some(if unpark { Write::Unpark } else { keep })
        }
        Stage::Deliver(delivery) => delivery_write(plan, state, run, delivery),
        Stage::Stop { saved, leftover, .. } => {
            let park = *saved || (plan.is(Break::ParkBeforeCursor) && !leftover.is_empty());
            Some(if park { Write::Park(*leftover) } else { keep })
        }
        Stage::Park(places) => Some(Write::Park(*places)),
        Stage::Finish | Stage::GiveBack => Some(Write::Save { keep: false }),
        Stage::Delete(messages) => messages.first().map(Write::Delete),
        Stage::Over => None,
    }
}

fn delivery_write(plan: &Plan, state: &State, run: &Run, delivery: &Delivery) -> Option<Write> {
    let content = |at: u8| delivery.chunk[usize::from(at)];
    match delivery.step {
        Step::Start | Step::Send => None,
        Step::Checkpoint => Some(Write::Save { keep: true }),
        Step::Prepare(at) => Some(Write::Put(content(at).place)),
        Step::Write(at) if delivery.logs(run, at) => {
            let flag_unsaved = run.job.errors_possible && !state.ledger.job.errors_possible;
            let cursor_first = plan.is(Break::CursorBeforeRow) && run.job.passed > state.ledger.job.passed;
            let save = flag_unsaved || cursor_first;
            Some(if save { Write::Save { keep: true } } else { Write::Put(content(at).place) })
        }
        Step::Write(at) => Some(Write::Close(plan.id_of(content(at).place))),
    }
}

impl Turn<'_> {
    /// A run that has just taken the lease.
    pub fn begin(&mut self) {
        if self.run.why == Why::Skip {
            let Hold::Refused(head) = self.run.job.hold else { return self.stage(Stage::Finish) };
            self.plan.settle(&mut self.run.job, head);
            self.run.job.hold = Hold::None;
            return self.clear(Then::DrainIfOn);
        }
        if !self.run.export {
            let incoming = self.incoming();
            return self.park(incoming);
        }
        self.drain();
    }

    /// The effect of a write; the run goes on when its reply arrives.
    pub fn write(&mut self, write: Write, reply: bool) {
        let place = match write {
            Write::Put(place) => Some(place),
            _ => None,
        };
        match write {
            Write::Save { keep } => self.save(keep),
            Write::Park(places) => self.state.ledger.parked = self.state.ledger.parked.and(places),
            Write::Unpark => {
                let parked = self.state.ledger.parked;
                self.state.ledger.parked = self.plan.unsettled(self.run.job, parked);
            }
            Write::Put(_) => self.put(place.and_then(|place| self.sent_content(place))),
            Write::Close(id) => self.state.ledger.rows[usize::from(id)] = None,
            Write::Delete(message) => {
                let message = &mut self.state.messages[usize::from(message)];
                if *message == Message::With(self.worker) {
                    *message = Message::Gone;
                }
            }
        }
        if reply { self.written(write) } else { self.stage(Stage::GiveBack) }
    }

    fn save(&mut self, keep: bool) {
        let run = &self.run;
        let single = matches!(run.why, Why::Messages(_) | Why::Tick);
        let moved = run.logged || run.job.passed > run.began.passed;
        self.state.wrong.unavailable |= single && run.called && !run.learned && moved;
        let ledger = &mut self.state.ledger;
        (ledger.job, ledger.ran_out) = (run.job, false);
        ledger.owner = keep.then_some(self.worker);
    }

    fn put(&mut self, content: Option<Content>) {
        let content = content.expect("a row is written for a record of the chunk");
        self.state.ledger.rows[usize::from(self.plan.id_of(content.place))] = Some(content);
    }

    fn sent_content(&self, place: u8) -> Option<Content> {
        let Stage::Deliver(delivery) = &self.run.stage else { return None };
        delivery.chunk.iter().find(|content| content.place == place).copied()
    }

    /// The reply to a write arrived.
    fn written(&mut self, write: Write) {
        match (self.run.stage.clone(), write) {
            (Stage::Clear { saved: false, then }, _) => self.stage(Stage::Clear { saved: true, then }),
            (Stage::Clear { then, .. }, _) => self.cleared(then),
            (Stage::Deliver(delivery), write) => self.written_in_chunk(delivery, write),
            (Stage::Stop { leftover, hold, .. }, Write::Save { .. }) => self.stop(true, leftover, hold),
            (Stage::Stop { saved, hold, .. }, _) => self.stop(saved, Set::default(), hold),
            (Stage::Finish, _) => {
                let messages =
                    if let Why::Messages(messages) = self.run.why { messages } else { Set::default() };
                self.stage(if messages.is_empty() { Stage::Over } else { Stage::Delete(messages) });
            }
            (Stage::Delete(messages), Write::Delete(message)) => {
                let rest = messages.minus(Set::default().with(message));
                self.stage(if rest.is_empty() { Stage::Over } else { Stage::Delete(rest) });
            }
            (Stage::Park(_), _) => self.stage(Stage::Finish),
            _ => self.stage(Stage::Over),
        }
    }

    /// Looks at what is parked.
    fn drain(&mut self) {
        let Some(head) = self.state.ledger.parked.first() else {
            self.run.job.hold = Hold::None;
            return self.after_drain(false);
        };
        if self.plan.unsettled(self.run.job, Set::default().with(head)).is_empty() {
            return self.clear(Then::Drain);
        }
        match (self.run.job.hold, self.run.tries) {
            (Hold::None, _) => self.drain_rest(),
            (_, true) => self.deliver(From::Head, Set::default().with(head)),
            (_, false) => self.after_drain(true),
        }
    }

    /// Delivers what is parked, the head's try behind it.
    pub fn drain_rest(&mut self) {
        let waiting = self.plan.unsettled(self.run.job, self.state.ledger.parked);
        if waiting.is_empty() {
            return self.clear(Then::Incoming { held: false });
        }
        self.deliver(From::Parked, waiting);
    }

    /// Removes what the cursor passed, when it passed anything.
    pub fn clear(&mut self, then: Then) {
        if self.run.job.passed == 0 {
            return self.cleared(then);
        }
        self.stage(Stage::Clear { saved: false, then });
    }

    fn cleared(&mut self, then: Then) {
        match then {
            Then::DrainIfOn if !self.run.export => self.stage(Stage::Finish),
            Then::Drain | Then::DrainIfOn => self.drain(),
            Then::Incoming { held } => self.after_drain(held),
        }
    }

    /// Goes on with what came in, or with the open errors.
    pub fn after_drain(&mut self, held: bool) {
        match self.run.why {
            Why::Daily | Why::Some(_) if self.run.job.hold == Hold::Unavailable => self.stage(Stage::Finish),
            Why::Some(ids) => self.retry_these(ids),
            Why::Daily => self.retry(From::Errors { stopped_at: self.run.job.retry_from, second: false }),
            _ => {
                let incoming = self.incoming();
                if held && !self.plan.is(Break::SendBehindHalt) {
                    return self.park(incoming);
                }
                self.deliver(From::Incoming, incoming);
            }
        }
    }

    /// What came in and is not settled.
    fn incoming(&self) -> Set {
        let Why::Messages(messages) = self.run.why else { return Set::default() };
        let places = messages.iter().fold(Set::default(), |places, of| places.and(self.plan.places_of(of)));
        self.plan.unsettled(self.run.job, places)
    }

    fn park(&mut self, places: Set) {
        self.stage(if places.is_empty() { Stage::Finish } else { Stage::Park(places) });
    }

    /// What came in stops short.
    pub fn stop(&mut self, saved: bool, leftover: Set, hold: Hold) {
        let leftover = if self.plan.is(Break::NoPark) { Set::default() } else { leftover };
        if saved && leftover.is_empty() {
            self.run.job.hold = hold;
            return self.stage(Stage::Finish);
        }
        self.stage(Stage::Stop { saved, leftover, hold });
    }

    pub fn stage(&mut self, stage: Stage) {
        self.run.stage = stage;
    }

    /// The hold that a stop brings.
    pub fn hold_of(&self, stopped: Stopped, culprit: Option<Content>) -> Hold {
        let job: Job = self.run.job;
        match (stopped, culprit, job.hold) {
            (Stopped::Refused, Some(content), _) => {
                self.plan.held(job, content, &super::decisions::refusal("STRING_TOO_LONG", "x"))
            }
            // A job that is paused at a refused record stays so while the CRM is away.
            (Stopped::Unavailable, _, Hold::Refused(place)) => Hold::Refused(place),
            (Stopped::Unavailable, ..) => Hold::Unavailable,
            _ => job.hold,
        }
    }
}
