//! Runs seeds: one, many, or many with a planted fault; and tells a failing one.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use super::engine::simulate;
use super::met::Met;
use super::mutant::Mutant;
use super::outcome::{Outcome, Violation};
use super::plan::{Act, Plan};
use super::shrink::shrink;
use super::workload::draw;

/// What many seeds came to.
#[derive(Debug, Default)]
pub struct Summary {
    /// How many ran.
    pub seeds: u64,
    /// What they met together.
    pub met: Met,
    /// Those that broke an invariant, by seed.
    pub failures: Vec<Outcome>,
}

/// Runs one seed. With `keep_lines` its outcome tells everything that happened.
pub fn run_seed(seed: u64, mutant: Option<Mutant>, keep_lines: bool) -> Outcome {
    run_plan(&draw(seed), mutant, keep_lines)
}

/// Runs a plan; a panic of the code under test is a violation like any other.
pub(super) fn run_plan(plan: &Plan, mutant: Option<Mutant>, keep_lines: bool) -> Outcome {
    let ran = catch_unwind(AssertUnwindSafe(|| simulate(plan, mutant, keep_lines)));
    ran.unwrap_or_else(|panic| {
        let said = panic.downcast_ref::<String>().cloned();
        let said = said.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        let story = said.unwrap_or_else(|| "it panicked".to_owned());
        let violation = Some(Violation { check: "crash", story, at: 0 });
        Outcome { seed: plan.seed, violation, met: Met::default(), trace_hash: 0, lines: Vec::new() }
    })
}

/// Runs `seeds` seeds from `first` on `threads` threads; stops early after `failures_max` failures.
pub fn run_seeds(first: u64, seeds: u64, threads: usize, failures_max: usize) -> Summary {
    let next = AtomicU64::new(first);
    let summary = Mutex::new(Summary::default());
    let work = || {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= first + seeds {
                return;
            }
            let outcome = run_seed(seed, None, false);
            let mut summary = summary.lock().expect("no thread panics with it");
            summary.seeds += 1;
            summary.met.add(&outcome.met);
            if outcome.violation.is_some() {
                summary.failures.push(outcome);
            }
            if summary.failures.len() >= failures_max {
                return;
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(work);
        }
    });
    let mut summary = summary.into_inner().expect("no thread panics with it");
    summary.failures.sort_by_key(|outcome| outcome.seed);
    summary
}

/// The first seed (from 1) that finds a planted fault, and how. A seed that fails without it proves nothing.
pub fn find_mutant(mutant: Mutant, seeds: u64) -> Option<Outcome> {
    let found = |outcome: &Outcome| {
        outcome.violation.is_some() && run_seed(outcome.seed, None, false).violation.is_none()
    };
    (1..=seeds).map(|seed| run_seed(seed, Some(mutant), false)).find(found)
}

/// A failing seed told in full: its plan cut to what is needed, and all that happens then.
pub fn tell(seed: u64, mutant: Option<Mutant>) -> String {
    let plan = draw(seed);
    let Some(violation) = run_plan(&plan, mutant, false).violation else {
        return format!("seed {seed}: every invariant held");
    };
    let smallest = shrink(&plan, mutant, violation.check);
    let outcome = run_plan(&smallest, mutant, true);
    let mut told = format!("{outcome}\n\ncut to {} of {} steps; ", smallest.steps.len(), plan.steps.len());
    told += &format!(
        "{:?}\nledger away {:?}, outages {:?}\n",
        smallest.faults, smallest.ledger_down, smallest.outages
    );
    for step in &smallest.steps {
        told += &format!("  at {:>12}  {}\n", step.at, shown(&step.act));
    }
    told + "\n" + &outcome.lines.join("\n") + "\n"
}

fn shown(act: &Act) -> String {
    let Act::Send(job, items) = act else { return format!("{act:?}") };
    let items = items.iter().map(|item| {
        let what = if item.delete { "delete".to_owned() } else { item.fields.join(" ") };
        let parent = item.parent.as_ref().map_or(String::new(), |parent| format!(" of {parent}"));
        let whole = if item.whole { "" } else { " not whole" };
        format!("\n      {} {}{whole}{parent}: {what} {:?}", item.number, item.id, item.flaws)
    });
    format!("{job} gets{}", items.collect::<String>())
}
