//! The tie: what the production code writes, in every script and with every mishap at every write and call, is what the
//! model allows. And sequences that were tampered with are not.

use jobs::Cause;

use super::refine::refines;
use super::scripts::{Do, Script};
use super::seen::{Mishap, Seen, Shown, Wrote};

const ALL: [Do; 1] = [Do::Messages(&[0, 1])];

const SCRIPTS: [Script; 15] = [
    Script { name: "clean", records: &["0 a A", "0 b A", "1 a B"], passing: false, steps: &ALL },
    Script {
        name: "halt",
        records: &["0 a A", "0 b A refused", "1 a B"],
        passing: false,
        steps: &[
            Do::Messages(&[0]),
            Do::Messages(&[1]),
            Do::Wait(2),
            Do::Tick(Cause::Schedule),
            Do::Mend,
            Do::Tick(Cause::Schedule),
        ],
    },
    Script {
        name: "halt at the first",
        records: &["0 a AB refused", "0 b A", "1 a A"],
        passing: false,
        steps: &[Do::Messages(&[0, 1]), Do::Tick(Cause::Person), Do::Mend, Do::Daily { hurried: false }],
    },
    Script {
        name: "pass",
        records: &["0 a AB refused", "0 b A", "1 a A"],
        passing: true,
        steps: &[Do::Messages(&[0]), Do::Messages(&[1]), Do::Mend, Do::Daily { hurried: false }],
    },
    Script {
        name: "pass, and a delete",
        records: &["0 a AB refused", "0 b A refused", "1 a -"],
        passing: true,
        steps: &[Do::Messages(&[0, 1]), Do::Daily { hurried: false }],
    },
    Script {
        name: "unavailable",
        records: &["0 a A", "0 b A", "1 a B"],
        passing: false,
        steps: &[
            Do::Away(true),
            Do::Messages(&[0]),
            Do::Messages(&[1]),
            Do::Tick(Cause::Schedule),
            Do::Tick(Cause::Person),
            Do::Away(false),
            Do::Wait(70),
            Do::Tick(Cause::Schedule),
        ],
    },
    Script {
        name: "unavailable while paused",
        records: &["0 a A refused", "0 b A", "1 a B"],
        passing: false,
        steps: &[
            Do::Messages(&[0]),
            Do::Away(true),
            Do::Wait(5),
            Do::Messages(&[1]),
            Do::Daily { hurried: false },
            Do::Away(false),
        ],
    },
    Script {
        name: "drain",
        records: &["0 a A", "0 b A", "0 a B", "1 b B", "1 a A"],
        passing: false,
        steps: &[Do::Export(false), Do::Messages(&[0]), Do::Export(true), Do::Messages(&[1])],
    },
    Script {
        name: "drain to the next halt",
        records: &["0 a A refused", "0 b A", "1 a B refused", "1 b A"],
        passing: false,
        steps: &[Do::Messages(&[0, 1]), Do::Skip, Do::Skip],
    },
    Script {
        name: "skip",
        records: &["0 a AB refused", "0 b A", "1 a A"],
        passing: false,
        steps: &[Do::Messages(&[0]), Do::Skip, Do::Messages(&[1]), Do::Daily { hurried: false }],
    },
    Script {
        name: "skip with export off",
        records: &["0 a A refused", "0 b A", "1 a A"],
        passing: false,
        steps: &[
            Do::Messages(&[0]),
            Do::Export(false),
            Do::Skip,
            Do::Messages(&[1]),
            Do::Export(true),
            Do::Tick(Cause::Schedule),
        ],
    },
    Script {
        name: "retry in two rounds",
        records: &["0 a A refused", "0 b A refused", "1 a B"],
        passing: true,
        steps: &[
            Do::Messages(&[0]),
            Do::Daily { hurried: true },
            Do::Daily { hurried: false },
            Do::Mend,
            Do::Daily { hurried: false },
        ],
    },
    Script {
        name: "toggles",
        records: &["0 a AB refused", "0 b A refused", "1 a A", "1 b B"],
        passing: false,
        steps: &[
            Do::Messages(&[0]),
            Do::Pause(false),
            Do::Tick(Cause::Person),
            Do::Pause(true),
            Do::Messages(&[1]),
        ],
    },
    Script {
        name: "errors that a person asks for",
        records: &["0 a A refused", "0 b A refused", "1 a B"],
        passing: true,
        steps: &[Do::Messages(&[0]), Do::Some(&[0]), Do::Mend, Do::Some(&[0, 1]), Do::Messages(&[1])],
    },
    Script {
        name: "one more try, a call that fails as a whole, no time",
        records: &["0 a A once", "0 b A whole-call", "1 a B"],
        passing: false,
        steps: &[Do::Hurried(&[0]), Do::Messages(&[0, 1]), Do::Tick(Cause::Person)],
    },
];

#[test]
fn the_production_code_writes_what_the_model_allows() {
    let (mut sequences, mut steps) = (0, 0);
    for script in &SCRIPTS {
        let whole = script.record(None);
        let mut check = |mishap: Option<(u32, Mishap)>| {
            let tape = script.record(mishap);
            if mishap.is_some() && !tape.mishap_was_met() {
                return;
            }
            let seen = tape.seen();
            let found = refines(&tape.plan, &seen);
            assert_eq!(found, Ok(()), "{} with {mishap:?}", script.name);
            (sequences, steps) = (sequences + 1, steps + seen.len());
        };
        check(None);
        for nth in 0..whole.counted() {
            Mishap::ALL.into_iter().for_each(|mishap| check(Some((nth, mishap))));
        }
    }
    println!("{sequences} recorded sequences, {steps} steps: each is allowed by the model");
    assert!(sequences > 400, "{sequences} sequences");
}

/// A way to tamper with a sequence: it answers whether it could.
type Drift = fn(&mut Vec<Seen>) -> bool;

/// Moves the first step that `what` names in front of the last one before it that `of` names.
fn move_before(seen: &mut Vec<Seen>, what: fn(&Wrote) -> bool, of: fn(&Wrote) -> bool) -> bool {
    let named =
        |step: &Seen, name: fn(&Wrote) -> bool| matches!(step, Seen::Wrote(_, wrote, _) if name(wrote));
    for at in 0..seen.len() {
        let Some(to) = (0..at).rev().find(|to| named(&seen[*to], of)) else { continue };
        let same_run = seen[to..at].iter().all(|step| !matches!(step, Seen::Ended(_)));
        if named(&seen[at], what) && same_run {
            let step = seen.remove(at);
            seen.insert(to, step);
            return true;
        }
    }
    false
}

fn drop_first(seen: &mut Vec<Seen>, what: fn(&Seen) -> bool) -> bool {
    let at = seen.iter().position(what);
    at.map(|at| seen.remove(at)).is_some()
}

fn is_save(wrote: &Wrote) -> bool {
    matches!(wrote, Wrote::Save { .. })
}

fn is_put(wrote: &Wrote) -> bool {
    matches!(wrote, Wrote::Put(_))
}

fn is_park(wrote: &Wrote) -> bool {
    matches!(wrote, Wrote::Park(_))
}

const DRIFTS: [(&str, usize, Drift); 8] = [
    ("the cursor is saved before the error row", 3, |seen| move_before(seen, is_save, is_put)),
    ("the rest parks before the cursor is saved", 1, |seen| move_before(seen, is_park, is_save)),
    ("a message is deleted before its records park", 1, |seen| {
        move_before(seen, |wrote| matches!(wrote, Wrote::Delete(_)), is_park)
    }),
    ("a message is deleted before the job is saved", 0, |seen| {
        move_before(seen, |wrote| matches!(wrote, Wrote::Delete(_)), is_save)
    }),
    ("parked records are removed before the cursor is saved", 7, |seen| {
        move_before(seen, |wrote| *wrote == Wrote::Unpark, is_save)
    }),
    ("the error row is not written", 1, |seen| {
        drop_first(seen, |step| matches!(step, Seen::Wrote(_, Wrote::Put(_), _)))
    }),
    ("what is left over does not park", 1, |seen| {
        drop_first(seen, |step| matches!(step, Seen::Wrote(_, Wrote::Park(_), _)))
    }),
    ("an external id is sent again before the cursor is saved", 7, |seen| {
        let second = seen.iter().enumerate().filter(|(_, step)| matches!(step, Seen::Called { .. })).nth(1);
        let Some((called, _)) = second else { return false };
        let saved = seen[called - 1].clone();
        seen.remove(called - 1);
        matches!(saved, Seen::Wrote(_, Wrote::Save { .. }, _))
    }),
];

#[test]
fn a_sequence_that_was_tampered_with_is_refused() {
    for (name, script, drift) in DRIFTS {
        let tape = SCRIPTS[script].record(None);
        let mut seen: Vec<Seen> = tape.seen().into_iter().map(|(step, _)| step).collect();
        let bare = |seen: &[Seen]| -> Vec<(Seen, Option<Shown>)> {
            seen.iter().map(|step| (step.clone(), None)).collect()
        };
        assert_eq!(refines(&tape.plan, &bare(&seen)), Ok(()), "{name}: as it was recorded");
        assert!(drift(&mut seen), "{name}: there is something to tamper with");
        assert!(refines(&tape.plan, &bare(&seen)).is_err(), "{name}: the model allows it");
    }
}
