//! The invariants of the design (§4) that a state shows by itself. Those of a step are noted in `State::wrong` by the step.

use super::plan::Plan;
use super::set::{Set, small};
use super::state::{Hold, Message, State};

/// Invariant 1: every record is in the queue, parked behind the cursor, or settled.
pub fn nothing_lost(plan: &Plan, state: &State) -> bool {
    (0..small(plan.records.len())).all(|place| {
        let message = plan.records[usize::from(place)].message;
        let queued = state.messages[usize::from(message)] != Message::Gone;
        queued || is_parked(plan, state, place) || is_settled(plan, state, place)
    })
}

/// Invariant 1, of the cursor: what it passed is exported or an open export error.
pub fn cursor_passed_only_settled(plan: &Plan, state: &State) -> bool {
    (0..state.ledger.job.passed).all(|place| is_settled(plan, state, place))
}

/// Invariant 4: the record at which a job pauses has an open row. (It may be exported as well: a run that fails puts back
/// the hold that it found, though the head went out meanwhile.)
pub fn pause_has_its_row(plan: &Plan, state: &State) -> bool {
    let Hold::Refused(place) = state.ledger.job.hold else { return true };
    let row = state.ledger.rows[usize::from(plan.id_of(place))];
    row.is_some_and(|row| row.place == place) || state.crm.has(plan, place)
}

fn is_parked(plan: &Plan, state: &State, place: u8) -> bool {
    let one = Set::default().with(place);
    state.ledger.parked.has(place) && !plan.unsettled(state.ledger.job, one).is_empty()
}

/// Whether a record is exported, or what is missing of it stands in an open row, or a later delete made it moot.
fn is_settled(plan: &Plan, state: &State, place: u8) -> bool {
    let later_delete = |other: &u8| {
        let planned = plan.records[usize::from(*other)];
        planned.delete && planned.id == plan.id_of(place)
    };
    covered(plan, state, place)
        || (place + 1..small(plan.records.len()))
            .filter(later_delete)
            .any(|delete| covered(plan, state, delete))
}

fn covered(plan: &Plan, state: &State, place: u8) -> bool {
    if state.crm.has(plan, place) {
        return true;
    }
    let Some(row) = state.ledger.rows[usize::from(plan.id_of(place))] else { return false };
    let (content, kept) = (plan.content(place), state.crm.records[usize::from(plan.id_of(place))]);
    if content.delete || row.delete {
        return row.place >= place;
    }
    let has = |field: usize| {
        let version = content.fields[field];
        version == 0 || kept.fields[field] >= version || row.fields[field] >= version
    };
    (0..content.fields.len()).all(has)
}
