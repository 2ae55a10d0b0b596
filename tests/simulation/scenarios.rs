//! Bugs that the simulation found, each as the shortest story that shows it. They stay found.

use tests::simulation::Flawed::{FailsCallsUntil, LockedUntil, No, RefusedOnceThenLocked, RefusedUntil};
use tests::simulation::Story;

/// Lets a story happen; every invariant must hold.
fn check(story: Story) {
    let outcome = story.run();
    assert_eq!(outcome.violation, None, "\n{}\n", outcome.lines.join("\n"));
}

/// A message parks behind a refused record, and its deletion is lost. It comes again after the record was mended: the run
/// drains what is parked and then took the message's records once more, the older value after the newer.
#[test]
fn a_parked_message_that_comes_again_is_not_sent_again() {
    check(Story::default().send(0, &[("e1", RefusedUntil(2)), ("e1", No)]).failing("delete", 1));
}

/// The same with the pause off, and worse: the record that was sent once more put its older value into the open row over
/// the newer one, and the newer record, whose second answer was lost, parked at a place that the cursor had passed, where
/// nothing is ever drained. Its value was nowhere any more.
#[test]
fn a_parked_message_that_comes_again_loses_nothing() {
    let story = Story::default().passing().send(0, &[("e1", RefusedUntil(90)), ("e1", RefusedUntil(90))]);
    check(story.failing("delete", 1).failing("crm reply", 1).failing("crm reply", 5));
}

/// A run that fails gave back the job as it had found it, whatever it had settled. Over a poor ledger a long message
/// then never came to its end, and the queue dropped it after 14 days.
#[test]
fn a_long_message_gets_on_over_a_poor_ledger() {
    let ids: Vec<String> = (0..70).map(|id| format!("e{id}")).collect();
    let records: Vec<(&str, _)> = ids.iter().map(|id| (id.as_str(), RefusedUntil(60 * 24 * 30))).collect();
    check(Story::default().passing().poor_ledger().send(0, &records));
}

/// Calls of a minute each, and a chunk that has to be cut into single records: the lease ran out in the middle of the
/// chunk, and the run went on sending.
#[test]
fn the_lease_is_kept_between_the_calls_of_one_chunk() {
    let ids: Vec<String> = (0..12).map(|id| format!("e{id}")).collect();
    let mut records: Vec<(&str, _)> = ids.iter().map(|id| (id.as_str(), No)).collect();
    records[11].1 = FailsCallsUntil(60);
    check(Story::default().slow_crm().send(0, &records).tick(8));
}

/// Pause off. The first error ever of a job saves the job in the middle of a chunk. That must not forget which records
/// were sent since the cursor was saved: the second value of `e2` went out before the cursor passed the first, the run
/// failed, and the first was sent after the second.
#[test]
fn the_first_error_of_a_job_forgets_nothing_that_was_sent() {
    let story = Story::default().passing().send(0, &[("e1", RefusedUntil(90)), ("e2", No), ("e2", No)]);
    check(story.failing("save", 2));
}

/// Pause off. A newer record went out joined with its open error, and the run failed before the error was closed. The
/// daily job came before the message did, and sent the older values of the row.
#[test]
fn the_daily_job_sends_nothing_older_than_what_a_failed_run_sent() {
    let story = Story::default().passing().send(0, &[("e1", RefusedUntil(2))]).send(3, &[("e1", No)]);
    check(story.failing("close_error", 1).retry(5));
}

/// The same, with a delete: the daily job brought the record back.
#[test]
fn the_daily_job_brings_back_nothing_that_was_deleted() {
    let story = Story::default().passing().send(0, &[("e1", RefusedUntil(2))]).send(3, &[("-e1", No)]);
    check(story.failing("close_error", 1).retry(5));
}

/// Pause off. A record is refused behind one that is locked: it was logged, but its place was never passed by the cursor,
/// so the daily job left it out for ever.
#[test]
fn an_error_behind_a_locked_record_is_retried() {
    check(Story::default().passing().send(0, &[("e1", LockedUntil(5)), ("e2", RefusedUntil(90))]));
}

/// Pause off. A record was exported behind one that is locked, so neither the cursor nor the ledger knew of it. When its
/// message came again it parked, and went out after the newer value that had been sent meanwhile.
#[test]
fn what_was_exported_behind_a_locked_record_does_not_come_late() {
    let story = Story::default().passing().send(0, &[("e1", LockedUntil(9)), ("e2", No), ("e2", No)]);
    check(story.failing("save", 1).tick(3));
}

/// A halt parks the rest of a message, and the run fails before the cursor is saved. The schedule sends the parked rest,
/// whose answer is lost; the message comes again, parks as a whole, and its first, older value goes out last.
#[test]
fn nothing_is_parked_before_the_cursor_is_saved() {
    let before = Story::default().send(0, &[("e9", RefusedUntil(1))]).tick(2);
    let story = before.send(3, &[("e1", No), ("e2", RefusedUntil(5)), ("e1", No)]).tick(8);
    check(story.failing("save", 6).failing("save", 7).failing("crm reply", 5));
}

/// A code that is worth one more try, and the try met a lock: the job paused at the old refusal, though nothing was said
/// of the record the second time.
#[test]
fn the_one_more_try_is_not_spent_on_a_lock() {
    check(Story::default().send(0, &[("e1", No), ("e2", RefusedOnceThenLocked), ("e3", No)]));
}
