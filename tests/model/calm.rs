//! Invariant 6, of every state in which no run is in progress: from here on nothing fails, the CRM is mended, and a bounded
//! number of runs must bring everything to its end.
//!
//! A run in progress may be killed at any moment, so a state with one is no better than the state behind its end.

use super::actions::{Action, Write};
use super::crm::Answer;
use super::plan::{Bounds, Plan};
use super::set::{Set, small};
use super::state::{Hold, Message, State, Why};

/// One run for what waits in the queue, one for what is parked then, and one of the daily job.
const RUNS: [Option<Why>; 3] = [None, Some(Why::Tick), Some(Why::Daily)];

/// More steps than any run of so few records takes.
const STEPS_MAX: usize = 200;

/// Whether everything drains and every open error closes.
pub fn comes_to_rest(plan: &Plan, state: &State) -> bool {
    if state.runs.iter().any(Option::is_some) {
        return true;
    }
    let mut state = state.clone();
    state.left = Bounds::none(small(RUNS.len()));
    (state.crm.mended, state.crm.away, state.export) = (true, false, true);
    for message in state.messages.iter_mut().filter(|message| **message != Message::Gone) {
        *message = Message::Waiting;
    }
    (state.ledger.owner, state.ledger.ran_out) = (None, false);
    for why in RUNS {
        let waiting = (0..plan.messages()).filter(|of| state.messages[usize::from(*of)] == Message::Waiting);
        let waiting: Set = waiting.collect();
        let why = why.unwrap_or(if waiting.is_empty() { Why::Tick } else { Why::Messages(waiting) });
        state = plan.after(&state, Action::Begin { worker: 0, why, tries: true });
        let mut steps = 0;
        while let Some(next) = next_step(plan, &state) {
            state = plan.after(&state, next);
            steps += 1;
            if steps > STEPS_MAX {
                return false;
            }
        }
    }
    is_at_rest(plan, &state)
}

/// What a run does when nothing fails: its write, or the largest call.
fn next_step(plan: &Plan, state: &State) -> Option<Action> {
    let run = state.runs[0].as_ref()?;
    let mut actions = Vec::new();
    plan.steps(state, 0, run, &mut actions);
    let call = |action: &&Action| matches!(action, Action::Call { answer: Answer::Told, .. });
    let largest = actions.iter().filter(call).max_by_key(|action| match action {
        Action::Call { sent, .. } => sent.len(),
        _ => 0,
    });
    let write =
        actions.iter().find(|action| !matches!(action, Action::Do { write: Write::Save { keep: true }, .. }));
    largest.or(write).or(actions.first()).copied()
}

fn is_at_rest(plan: &Plan, state: &State) -> bool {
    let job = plan.job(state.ledger.job);
    let waiting = plan.unsettled(state.ledger.job, state.ledger.parked);
    let shown = job.state(waiting.len() as u64, state.export);
    state.messages.iter().all(|message| *message == Message::Gone)
        && shown == domain::JobState::Running
        && state.ledger.job.hold == Hold::None
        && state.ledger.rows.iter().all(Option::is_none)
        && (0..plan.records.len()).all(|place| state.crm.has(plan, small(place)))
}
