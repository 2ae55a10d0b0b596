//! Holds a recorded sequence against the model: each write and call must be a step that the model allows in a state that
//! it can be in by then, and must leave the ledger and the CRM as the model has them.
//!
//! What cannot be seen from outside (whether the clock let the head be tried, whether time was over, when a message showed
//! again) may be either way: the check follows every state that explains what was seen so far.

use super::actions::{Action, Write};
use super::plan::{Content, Plan};
use super::seen::{Fared, Seen, Shown, Wrote};
use super::state::{Message, Stage, State};

/// Follows the sequence. `Err` tells the first step that the model does not allow.
pub fn refines(plan: &Plan, seen: &[(Seen, Option<Shown>)]) -> Result<(), String> {
    let mut states = vec![plan.beginning()];
    for (at, (step, shown)) in seen.iter().enumerate() {
        let next = follow(plan, &states, step, shown.as_ref());
        if next.is_empty() {
            let before: Vec<String> = seen[..at].iter().map(|(step, _)| format!("    {step:?}")).collect();
            let runs: Vec<String> = states.iter().map(|state| format!("{:?}", state.runs)).collect();
            return Err(format!(
                "step {at} is not allowed: {step:?} leaving {shown:?}\n  after\n{}\n  in any of {}",
                before.join("\n"),
                runs.join("\n  ")
            ));
        }
        states = next;
    }
    Ok(())
}

fn follow(plan: &Plan, states: &[State], step: &Seen, shown: Option<&Shown>) -> Vec<State> {
    let mut next = Vec::new();
    for state in with_hidden(plan, states) {
        if let Seen::Ended(worker) = step {
            if state.runs[usize::from(*worker)].is_none() {
                push(&mut next, state);
            }
            continue;
        }
        let actions = plan.possible(&state);
        for action in actions.iter().filter(|action| explains(plan, &state, step, **action)) {
            let after = plan.after(&state, *action);
            if shown.is_none_or(|shown| *shown == show(&after)) {
                push(&mut next, after);
            }
        }
    }
    next
}

/// These states, and those that they can be in without anything to be seen.
fn with_hidden(plan: &Plan, states: &[State]) -> Vec<State> {
    let mut all = states.to_vec();
    let mut at = 0;
    while at < all.len() {
        let state = all[at].clone();
        for action in plan.possible(&state) {
            let adrift = |message: u8| state.messages[usize::from(message)] == Message::Adrift;
            let hidden = match action {
                Action::Time { .. } => true,
                Action::Reappear(message) => adrift(message),
                _ => false,
            };
            if hidden {
                push(&mut all, plan.after(&state, action));
            }
        }
        at += 1;
    }
    all
}

fn push(states: &mut Vec<State>, state: State) {
    if !states.contains(&state) {
        states.push(state);
    }
}

/// Whether an action of the model is what was seen.
fn explains(plan: &Plan, state: &State, step: &Seen, action: Action) -> bool {
    match (step, action) {
        (Seen::Begun(by, because), Action::Begin { worker, why, .. }) => (*by, *because) == (worker, why),
        (Seen::Wrote(by, wrote, fared), Action::Do { worker, write, reply }) => {
            let reply_fits = *fared == if reply { Fared::Well } else { Fared::ReplyLost };
            *by == worker && reply_fits && told(state, worker, write).as_ref() == Some(wrote)
        }
        (Seen::Wrote(by, wrote, Fared::Failed), Action::Fail { worker }) => {
            let next = state.runs[usize::from(worker)].as_ref();
            let next = next.and_then(|run| super::run::next_write(plan, state, run));
            *by == worker && next.and_then(|write| told(state, worker, write)).as_ref() == Some(wrote)
        }
        (
            Seen::Called { worker: by, sent, all_or_none, answer: seen },
            Action::Call { worker, sent: indexes, answer },
        ) => {
            let Some(Stage::Deliver(delivery)) =
                state.runs[usize::from(worker)].as_ref().map(|run| &run.stage)
            else {
                return false;
            };
            let contents: Vec<Content> =
                indexes.iter().map(|index| delivery.chunk[usize::from(index)]).collect();
            let in_order =
                state.runs[usize::from(worker)].as_ref().is_some_and(|run| run.in_order(delivery.from));
            (*by, sent, *all_or_none, *seen) == (worker, &contents, in_order, answer)
        }
        (Seen::Lost(by), Action::Lost { worker }) | (Seen::Crashed(by), Action::Crash { worker }) => {
            *by == worker
        }
        (Seen::Outside(outside), action) => *outside == action,
        _ => false,
    }
}

/// What the port is told of a write of the model.
fn told(state: &State, worker: u8, write: Write) -> Option<Wrote> {
    Some(match write {
        Write::Save { keep } => Wrote::Save { keep },
        Write::Park(places) => Wrote::Park(places),
        Write::Unpark => Wrote::Unpark,
        Write::Close(id) => Wrote::Close(id),
        Write::Delete(message) => Wrote::Delete(message),
        Write::Put(place) => {
            let run = state.runs[usize::from(worker)].as_ref()?;
            let Stage::Deliver(delivery) = &run.stage else { return None };
            Wrote::Put(*delivery.chunk.iter().find(|content| content.place == place)?)
        }
    })
}

/// What the model's ledger and CRM hold.
fn show(state: &State) -> Shown {
    let mut rows: Vec<Content> = state.ledger.rows.iter().flatten().copied().collect();
    rows.sort_by_key(|row| row.place);
    Shown { job: state.ledger.job, parked: state.ledger.parked, rows, crm: state.crm.records.to_vec() }
}
