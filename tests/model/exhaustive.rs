//! Explores every state within stated bounds: no invariant breaks in any of them, and each breaks when its guard is gone.
//!
//! The numbers of states are printed. More faults or runs than here multiply them by ten each.

use stateright::{Checker, HasDiscoveries, Model};

use super::plan::{Bounds, Break, Plan};

/// Two external ids, one of them twice; the first record is refused until it is mended.
const REFUSED_FIRST: &[&str] = &["0 a AB refused", "0 b A", "1 a A"];
/// The refused one stands between two of one external id.
const REFUSED_BETWEEN: &[&str] = &["0 a AB", "0 b A refused", "1 a A"];
/// A refused record that is deleted later.
const DELETED_LATER: &[&str] = &["0 a AB refused", "1 a -", "1 a B"];
/// One that is worth one more try, one that fails every call that it shares.
const ODD_ANSWERS: &[&str] = &["0 a A once", "0 b A whole-call", "0 a B"];

const ONE_FAULT: Bounds =
    Bounds { runs: 3, faults: 1, toggles: 0, outages: 0, skips: 0, deadlines: false, locks: false };

/// Explores a plan to its end, and prints how much that was.
fn explore(name: &str, plan: Plan) -> usize {
    let checker = plan.checker().threads(2).spawn_bfs().join();
    let (states, depth) = (checker.unique_state_count(), checker.max_depth());
    println!("{name}: {states} states, {depth} steps deep");
    for (property, path) in checker.discoveries() {
        let reached = property == "every message is deleted";
        assert!(reached, "{name}: {property} breaks\n{}", told(path.into_actions()));
    }
    checker.assert_any_discovery("every message is deleted");
    states
}

fn told(actions: Vec<super::actions::Action>) -> String {
    actions.iter().map(|action| format!("    {action:?}\n")).collect()
}

#[test]
fn no_invariant_breaks_within_the_bounds() {
    let one = ONE_FAULT;
    let plans = [
        ("two faults", Plan::new(REFUSED_FIRST, Bounds { runs: 2, faults: 2, ..one })),
        ("an outage", Plan::new(REFUSED_BETWEEN, Bounds { outages: 1, ..one })),
        ("an outage, pause off", Plan::new(REFUSED_BETWEEN, Bounds { outages: 1, ..one }).passing()),
        ("two faults, pause off", Plan::new(REFUSED_FIRST, Bounds { runs: 2, faults: 2, ..one }).passing()),
        ("four runs, a skip", Plan::new(REFUSED_FIRST, Bounds { runs: 4, skips: 1, ..one })),
        (
            "four runs, the halt in between",
            Plan::new(REFUSED_BETWEEN, Bounds { runs: 4, ..one }).after_an_error(),
        ),
        ("settings change", Plan::new(REFUSED_BETWEEN, Bounds { toggles: 1, ..one })),
        ("settings change, pause off", Plan::new(REFUSED_FIRST, Bounds { toggles: 1, ..one }).passing()),
        ("a person retries, pause off", Plan::new(REFUSED_FIRST, Bounds { skips: 1, ..one }).passing()),
        ("deletes", Plan::new(DELETED_LATER, one)),
        ("deletes, pause off", Plan::new(DELETED_LATER, Bounds { runs: 4, ..one }).passing()),
        ("odd answers, locks", Plan::new(ODD_ANSWERS, Bounds { locks: true, ..one })),
        ("odd answers, locks, pause off", Plan::new(ODD_ANSWERS, Bounds { locks: true, ..one }).passing()),
        ("no time", Plan::new(REFUSED_FIRST, Bounds { deadlines: true, ..one })),
        ("no time, pause off", Plan::new(REFUSED_BETWEEN, Bounds { deadlines: true, ..one }).passing()),
    ];
    let states: usize = plans.into_iter().map(|(name, plan)| explore(name, plan)).sum();
    println!("{states} states in all");
    assert!(states > 100_000, "{states} states prove little");
}

/// The guard that is gone, the records, whether the pause is on, the bounds, and the invariant that must break.
type Broken = (Break, &'static [&'static str], bool, Bounds, &'static str);

#[test]
fn every_guard_is_needed() {
    let one = ONE_FAULT;
    let two = Bounds { faults: 2, ..one };
    let cases: [Broken; 12] = [
        (Break::NoEpoch, REFUSED_BETWEEN, true, two, "3"),
        (Break::CursorBeforeRow, REFUSED_FIRST, false, one, "1"),
        (Break::NoPark, REFUSED_FIRST, true, one, "1"),
        (Break::SendBehindHalt, REFUSED_FIRST, true, one, "2"),
        (Break::NoWindow, &["0 a A", "0 a A", "0 b A"], true, two, "3"),
        (
            Break::ParkBeforeCursor,
            &["0 a A", "0 b A refused", "0 a A"],
            true,
            Bounds { faults: 2, runs: 4, ..one },
            "3",
        ),
        (Break::NoJoin, REFUSED_FIRST, false, one, "1"),
        (Break::NoPrepare, REFUSED_FIRST, false, two, "3"),
        (Break::CollateralBlamed, REFUSED_BETWEEN, true, one, "4"),
        (Break::UnavailableBlamed, REFUSED_BETWEEN, true, Bounds { outages: 1, ..one }, "4"),
        (Break::UnparkBeforeCursor, &["0 a A refused", "0 b A"], false, two, "6"),
        (Break::NoRetry, &["0 a A refused", "0 b A"], false, one, "6"),
    ];
    for (broken, records, pause, bounds, invariant) in cases {
        let plan = Plan::new(records, bounds).broken(broken);
        // The job's first error saves the cursor on its own account, and hides the fault.
        let plan = if broken == Break::ParkBeforeCursor { plan.after_an_error() } else { plan };
        let plan = if pause { plan } else { plan.passing() };
        let names = plan.properties().into_iter().map(|property| property.name);
        let breaks = HasDiscoveries::AnyOf(names.filter(|name| name.starts_with(invariant)).collect());
        let checker = plan.checker().threads(2).finish_when(breaks).spawn_bfs().join();
        let found = checker.discoveries();
        let noticed = found.iter().find(|(property, _)| property.starts_with(invariant));
        let (property, path) = noticed.unwrap_or_else(|| {
            panic!("{broken:?}: {invariant} holds all the same; found is {:?}", found.keys())
        });
        println!("{broken:?}: breaks `{property}` after {} steps", path.clone().into_actions().len());
    }
}
