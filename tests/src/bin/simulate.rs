//! Runs the simulation: `simulate --seeds 200000 [--from 1] [--threads 2]`, or one seed in full: `simulate --seed 123`.

use std::process::ExitCode;

use tests::simulation::{run_seeds, tell};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name)?;
        arguments.get(at + 1)?.parse::<u64>().ok()
    };
    if let Some(seed) = number("--seed") {
        println!("{}", tell(seed, None));
        return ExitCode::SUCCESS;
    }
    let Some(seeds) = number("--seeds") else {
        eprintln!("usage: simulate --seeds N [--from 1] [--threads 2] [--failures 10] | --seed S");
        return ExitCode::FAILURE;
    };
    let small = |name: &str, default: usize| {
        number(name).and_then(|number| usize::try_from(number).ok()).unwrap_or(default)
    };
    let summary =
        run_seeds(number("--from").unwrap_or(1), seeds, small("--threads", 2), small("--failures", 10));
    for failure in &summary.failures {
        println!("{failure}");
    }
    println!("{} seeds, {} failures\n{}", summary.seeds, summary.failures.len(), summary.met);
    if summary.failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
