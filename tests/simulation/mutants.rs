//! Planted faults: the simulation finds each within so many seeds, or it proves little.

use tests::simulation::{Mutant, find_mutant};

/// Within how many seeds each must be found.
const SEEDS: u64 = 50;

#[test]
fn every_planted_fault_is_found() {
    let found = std::sync::Mutex::new(Vec::new());
    let halves = Mutant::ALL.split_at(Mutant::ALL.len() / 2);
    std::thread::scope(|scope| {
        for half in [halves.0, halves.1] {
            let found = &found;
            scope.spawn(move || {
                for mutant in half {
                    let outcome = find_mutant(*mutant, SEEDS);
                    found.lock().expect("no thread panics with it").push((*mutant, outcome));
                }
            });
        }
    });
    let mut found = found.into_inner().expect("no thread panics with it");
    found.sort_by_key(|(mutant, _)| *mutant);
    for (mutant, outcome) in &found {
        let violation = outcome.as_ref().and_then(|outcome| outcome.violation.as_ref());
        match (outcome, violation) {
            (Some(outcome), Some(violation)) => {
                println!("{mutant:?}: seed {}, {}: {}", outcome.seed, violation.check, violation.story);
            }
            _ => println!("{mutant:?}: not found in {SEEDS} seeds"),
        }
    }
    let missed: Vec<Mutant> =
        found.iter().filter(|(_, outcome)| outcome.is_none()).map(|(mutant, _)| *mutant).collect();
    assert_eq!(missed, [], "not found in {SEEDS} seeds");
}
