//! Many seeds, every invariant. More: `cargo run -p tests --bin simulate -- --seeds 200000`.

use tests::simulation::run_seeds;

const SEEDS: u64 = 2_000;

/// Faults that so many seeds must have met, each often enough to matter.
const MUST_BE_MET: [&str; 36] = [
    "CRM answered a collateral code",
    "CRM answered a lock or a limit to a row",
    "CRM away",
    "CRM away, said row by row",
    "CRM refused a record",
    "CRM refused a whole request",
    "CRM reply lost",
    "CRM request lost",
    "CRM took what enforced rules refuse",
    "batch with several groups",
    "clocks jumped",
    "deletion of a message lost",
    "deletion with an old receipt",
    "inherent: a write landed after its run lost the lease",
    "lease refused: another run has the job",
    "lease taken over after it ran out",
    "ledger away",
    "ledger call throttled",
    "ledger page cut short",
    "ledger reply lost",
    "parking cut short",
    "person asked for some errors to be retried",
    "person brought before the CRM what the rules refuse",
    "rules accepted what the CRM refuses",
    "rules answered too little",
    "rules did not answer",
    "rules failed",
    "rules foretold a code that says nothing of a record",
    "rules refused a record without a call",
    "rules refused what the CRM does not",
    "run frozen",
    "run killed",
    "run of a held job that stayed held",
    "run that went through while another job was held",
    "slow CRM call",
    "write refused: the lease was lost",
];

#[test]
fn every_invariant_holds_whatever_fails() {
    let summary = run_seeds(1, SEEDS, 2, 5);
    let failures: Vec<String> = summary.failures.iter().map(ToString::to_string).collect();
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
    println!("{} seeds met:\n{}", summary.seeds, summary.met);
    let never: Vec<&str> = MUST_BE_MET.into_iter().filter(|what| summary.met.of(what) < 5).collect();
    assert!(never.is_empty(), "hardly met in {SEEDS} seeds: {never:?}");
}
