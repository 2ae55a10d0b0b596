//! What may happen in a state: the actions of workers, of the queue and the clock, of people, and of the CRM.
//!
//! Guards are here and in `run.rs` (which write is next); effects are in the files named after what is done.

use super::crm::Answer;
use super::plan::{Break, Plan};
use super::run::next_write;
use super::set::{Set, small};
use super::state::{Delivery, Hold, Message, Run, Stage, State, Step, WORKERS, Why};

/// One step.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Action {
    /// A worker takes the lease, reads the job and the settings.
    Begin {
        worker: u8,
        why: Why,
        tries: bool,
    },
    /// A write of the ledger or the queue, and whether its reply arrives.
    Do {
        worker: u8,
        write: Write,
        reply: bool,
    },
    /// A call of the ledger fails before its effect.
    Fail {
        worker: u8,
    },
    /// One call of the CRM with the records at these indexes of the chunk.
    Call {
        worker: u8,
        sent: Set,
        answer: Answer,
    },
    /// The run's time is over, or is not, before the next chunk.
    Time {
        worker: u8,
        over: bool,
    },
    /// The run is killed.
    Crash {
        worker: u8,
    },
    /// The run finds that another has its lease.
    Lost {
        worker: u8,
    },
    /// The lease runs out.
    RunOut,
    /// A message that was received shows again.
    Reappear(u8),
    /// People and the CRM.
    SetPause(bool),
    SetExport(bool),
    Mend,
    Away(bool),
}

/// A write.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Write {
    /// The job, keeping the lease or giving it back.
    Save { keep: bool },
    /// Parks these.
    Park(Set),
    /// Removes the parked records that the cursor passed.
    Unpark,
    /// Writes the open row of the record at this place.
    Put(u8),
    /// Closes the open row of this external id.
    Close(u8),
    /// Deletes a message from the queue.
    Delete(u8),
}

impl Plan {
    /// Every action that may happen.
    pub fn possible(&self, state: &State) -> Vec<Action> {
        let mut actions = Vec::new();
        for worker in 0..WORKERS {
            match &state.runs[usize::from(worker)] {
                // Workers are alike: the second begins only while the first is busy.
                None if worker == 0 || state.runs[0].is_some() => {
                    self.beginnings(state, worker, &mut actions)
                }
                None => {}
                Some(run) => self.steps(state, worker, run, &mut actions),
            }
        }
        self.surroundings(state, &mut actions);
        actions
    }

    fn beginnings(&self, state: &State, worker: u8, actions: &mut Vec<Action>) {
        let ledger = &state.ledger;
        let free = ledger.ran_out || ledger.owner.is_none_or(|owner| owner == worker);
        if !free || state.left.runs == 0 {
            return;
        }
        let hold = ledger.job.hold;
        let mut begin = |why, tries| actions.push(Action::Begin { worker, why, tries });
        let mut visible = Set::default();
        for message in
            (0..self.messages()).filter(|message| state.messages[usize::from(*message)] != Message::Gone)
        {
            if state.messages[usize::from(message)] != Message::Waiting {
                break;
            }
            visible = visible.with(message);
            begin(Why::Messages(visible), true);
            if hold != Hold::None {
                begin(Why::Messages(visible), false);
            }
        }
        let something = hold != Hold::None || !ledger.parked.is_empty();
        if something {
            begin(Why::Tick, true);
        }
        if ledger.epoch > 0 && state.left.skips > 0 {
            // Also when no record holds the job: then it does nothing.
            begin(Why::Skip, true);
        }
        if state.left.skips > 0 {
            // Those of one external id, and all of them.
            let rows: Set =
                (0..).zip(&ledger.rows).filter(|(_, row)| row.is_some()).map(|(id, _)| id).collect();
            let one: Set = rows.first().into_iter().collect();
            [one, rows].into_iter().take(rows.len()).for_each(|ids| begin(Why::Some(ids), true));
        }
        if something || ledger.job.errors_possible {
            begin(Why::Daily, true);
            if hold == Hold::Unavailable {
                begin(Why::Daily, false);
            }
        }
    }

    /// What a run may do, and what may befall it.
    pub fn steps(&self, state: &State, worker: u8, run: &Run, actions: &mut Vec<Action>) {
        let ended = matches!(run.stage, Stage::Delete(_) | Stage::Over);
        if !ended && run.epoch != state.ledger.epoch && !self.is(Break::NoEpoch) {
            actions.push(Action::Lost { worker });
            return;
        }
        let faults = state.left.faults > 0;
        if let Some(write) = next_write(self, state, run) {
            actions.push(Action::Do { worker, write, reply: true });
            if faults && !ended && run.stage != Stage::GiveBack {
                actions.push(Action::Do { worker, write, reply: false });
            }
            if let (Write::Park(places), true) = (write, faults) {
                // Parking goes in order, and may stop half way.
                let starts = places.iter().skip(1).map(|end| places.minus((end..8).collect()));
                actions.extend(starts.map(|part| Action::Do {
                    worker,
                    write: Write::Park(part),
                    reply: false,
                }));
            }
        }
        if let Stage::Deliver(delivery) = &run.stage {
            self.delivery_steps(state, worker, (run, delivery), actions);
        }
        if faults {
            actions.push(Action::Crash { worker });
            if !ended && run.stage != Stage::GiveBack {
                actions.push(Action::Fail { worker });
            }
        }
    }

    fn delivery_steps(&self, state: &State, worker: u8, at: (&Run, &Delivery), actions: &mut Vec<Action>) {
        let (run, delivery) = at;
        if delivery.step == Step::Start {
            actions.extend([true, false].map(|over| Action::Time { worker, over }));
        }
        if delivery.step != Step::Send {
            return;
        }
        if state.ledger.ran_out || run.job != state.ledger.job {
            actions.push(Action::Do { worker, write: Write::Save { keep: true }, reply: true });
        }
        if state.ledger.ran_out && !self.is(Break::NoEpoch) {
            return;
        }
        for sent in delivery.calls(run) {
            actions.push(Action::Call { worker, sent, answer: Answer::Told });
            if state.left.faults > 0 && !state.crm.away {
                let rows = || (0..).take(sent.len());
                let lost = [Answer::RequestLost, Answer::ReplyLost].into_iter();
                let locks = rows().filter(|_| state.left.locks).map(Answer::Locked);
                let answers = lost.chain(rows().map(Answer::Limit)).chain(locks);
                actions.extend(answers.map(|answer| Action::Call { worker, sent, answer }));
            }
        }
    }

    fn surroundings(&self, state: &State, actions: &mut Vec<Action>) {
        let left = state.left;
        if let (Some(owner), false) = (state.ledger.owner, state.ledger.ran_out) {
            let alive =
                state.runs[usize::from(owner)].as_ref().is_some_and(|run| run.epoch == state.ledger.epoch);
            if !alive || left.faults > 0 {
                actions.push(Action::RunOut);
            }
        }
        for message in 0..self.messages() {
            match state.messages[usize::from(message)] {
                Message::Adrift => actions.push(Action::Reappear(message)),
                Message::With(_) if left.faults > 0 => actions.push(Action::Reappear(message)),
                _ => {}
            }
        }
        if left.toggles > 0 {
            actions.extend([Action::SetPause(!state.pause), Action::SetExport(!state.export)]);
        }
        if !state.crm.mended && self.records.iter().any(|record| record.flaw.is_some()) {
            actions.push(Action::Mend);
        }
        if state.crm.away || left.outages > 0 {
            actions.push(Action::Away(!state.crm.away));
        }
    }
}

impl Delivery {
    /// The calls that may be made now, as indexes of the chunk. The first carries the whole chunk.
    fn calls(&self, run: &Run) -> Vec<Set> {
        let unknown: Set = self.unknown();
        if !self.sent {
            return vec![unknown];
        }
        if !run.in_order(self.from) {
            return unknown.parts().collect();
        }
        let next = unknown.first().unwrap_or_default();
        let behind = self.blamed.map_or(small(self.chunk.len()), |(at, _)| at);
        let end = if self.alone { next + 1 } else { behind };
        (next + 1..=end).map(|end| (next..end).collect()).collect()
    }
}
