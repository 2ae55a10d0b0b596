//! The protocol as stateright sees it: where it begins, which actions may happen, what each does, what must hold.

use stateright::{Model, Property};

use super::actions::Action;
use super::calm::comes_to_rest;
use super::invariants::{cursor_passed_only_settled, nothing_lost, pause_has_its_row};
use super::plan::{Bounds, Plan};
use super::run::Turn;
use super::set::{Set, small};
use super::state::{Crm, Job, Ledger, MESSAGES, Message, Run, Stage, State, Why, Wrong};

impl Plan {
    /// Every message waits in the queue, and nothing was ever done.
    pub fn beginning(&self) -> State {
        let waits = |message| if small(message) < self.messages() { Message::Waiting } else { Message::Gone };
        State {
            messages: std::array::from_fn::<_, MESSAGES, _>(waits),
            ledger: Ledger {
                job: Job { errors_possible: self.errors_before, ..Job::default() },
                owner: None,
                ran_out: false,
                epoch: 0,
                parked: Set::default(),
                rows: Default::default(),
            },
            crm: Crm { records: Default::default(), tried: Set::default(), mended: false, away: false },
            pause: self.pause,
            export: self.export,
            runs: Default::default(),
            left: self.bounds,
            wrong: Wrong::default(),
        }
    }

    /// The state after an action.
    pub fn after(&self, state: &State, action: Action) -> State {
        let mut next = state.clone();
        match action {
            Action::Begin { worker, why, tries } => self.begin(&mut next, worker, why, tries),
            Action::Do { worker, write, reply } => {
                spend(&mut next.left.faults, !reply);
                self.turn(&mut next, worker, |turn| turn.write(write, reply));
            }
            Action::Fail { worker } => {
                spend(&mut next.left.faults, true);
                self.turn(&mut next, worker, |turn| turn.stage(Stage::GiveBack));
            }
            Action::Call { worker, sent, answer } => {
                spend(&mut next.left.faults, answer != super::crm::Answer::Told);
                self.turn(&mut next, worker, |turn| {
                    let Stage::Deliver(delivery) = turn.run.stage.clone() else { return };
                    turn.call(delivery, sent, answer);
                });
            }
            Action::Time { worker, over } => self.turn(&mut next, worker, |turn| {
                let Stage::Deliver(delivery) = turn.run.stage.clone() else { return };
                turn.time(delivery, over);
            }),
            Action::Crash { worker } => {
                spend(&mut next.left.faults, true);
                vanish(&mut next, worker);
            }
            Action::Lost { worker } => vanish(&mut next, worker),
            Action::RunOut => {
                let owner = next.ledger.owner.expect("someone has it");
                let epoch = next.ledger.epoch;
                let alive = next.runs[usize::from(owner)].as_ref().is_some_and(|run| run.epoch == epoch);
                spend(&mut next.left.faults, alive);
                next.ledger.ran_out = true;
            }
            Action::Reappear(message) => {
                let message = &mut next.messages[usize::from(message)];
                let early = matches!(message, Message::With(_));
                *message = Message::Waiting;
                spend(&mut next.left.faults, early);
            }
            Action::SetPause(on) => (next.pause, next.left.toggles) = (on, next.left.toggles - 1),
            Action::SetExport(on) => (next.export, next.left.toggles) = (on, next.left.toggles - 1),
            Action::Mend => next.crm.mended = true,
            Action::Away(away) => {
                spend(&mut next.left.outages, away);
                next.crm.away = away;
            }
        }
        next
    }

    fn begin(&self, state: &mut State, worker: u8, why: Why, tries: bool) {
        spend(&mut state.left.runs, true);
        spend(&mut state.left.skips, matches!(why, Why::Skip | Why::Some(_)));
        if let Why::Messages(messages) = why {
            for message in messages.iter() {
                state.messages[usize::from(message)] = Message::With(worker);
            }
        }
        let ledger = &mut state.ledger;
        ledger.epoch += 1;
        (ledger.owner, ledger.ran_out) = (Some(worker), false);
        let (job, epoch) = (ledger.job, ledger.epoch);
        let run = Run {
            epoch,
            why,
            tries,
            pause: state.pause,
            export: state.export,
            job,
            began: job,
            window: Set::default(),
            stage: Stage::Over,
            called: false,
            learned: false,
            logged: false,
        };
        state.runs[usize::from(worker)] = Some(Box::new(run));
        self.turn(state, worker, |turn| turn.begin());
    }

    fn turn(&self, state: &mut State, worker: u8, what: impl FnOnce(&mut Turn<'_>)) {
        let run = state.runs[usize::from(worker)].take().expect("a worker that acts has a run");
        let mut turn = Turn { plan: self, state, worker, run };
        what(&mut turn);
        let run = turn.run;
        let over = run.stage == Stage::Over;
        state.runs[usize::from(worker)] = Some(run);
        if over {
            vanish(state, worker);
        }
    }
}

/// A run is no more; what it received shows again some day.
fn vanish(state: &mut State, worker: u8) {
    state.runs[usize::from(worker)] = None;
    for message in &mut state.messages {
        if *message == Message::With(worker) {
            *message = Message::Adrift;
        }
    }
}

fn spend(left: &mut u8, really: bool) {
    // The calm end of `calm.rs` has nothing left to spend, and spends nothing.
    *left -= u8::from(really);
}

impl Bounds {
    /// Nothing goes wrong, and nobody touches anything.
    pub fn none(runs: u8) -> Self {
        Self { runs, faults: 0, toggles: 0, outages: 0, skips: 0, deadlines: false, locks: false }
    }
}

impl Model for Plan {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![self.beginning()]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        actions.extend(self.possible(state));
    }

    fn next_state(&self, state: &State, action: Action) -> Option<State> {
        Some(self.after(state, action))
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always("1 nothing is lost", nothing_lost),
            Property::always("1 the cursor passes only what is settled", cursor_passed_only_settled),
            Property::always("2 nothing behind a halt reaches the CRM", |_, state: &State| {
                !state.wrong.behind
            }),
            Property::always("3 the CRM never goes back to older values", |_, state: &State| {
                !state.wrong.older
            }),
            Property::always("4 only what the CRM refused is logged", |_, state: &State| {
                !state.wrong.unfounded
            }),
            Property::always("4 a job that pauses has its row", pause_has_its_row),
            Property::always("5 an unavailable CRM touches nothing", |_, state: &State| {
                !state.wrong.unavailable
            }),
            Property::always("6 when faults stop everything drains", comes_to_rest),
            Property::sometimes("every message is deleted", |_, state: &State| {
                state.messages.iter().all(|message| *message == Message::Gone)
            }),
        ]
    }
}
