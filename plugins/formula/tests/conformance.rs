//! Formula cases: ours, and Salesforce's where they lie beside the checkout.

use std::fs;
use std::path::Path;

use formula::DateTime;
use formula::cases::{CaseReport, Mode, read_cases, run_cases};

/// The share of Salesforce's expectations that are met, in parts of ten thousand.
const MET_MIN: usize = 10_000;

fn run(path: &Path) -> CaseReport {
    let json = fs::read_to_string(path).expect("the cases can be read");
    let cases = read_cases(&json).expect("they are cases");
    run_cases(&cases, DateTime::from_ms(1_706_702_400_000).expect("2024-01-31T12:00:00Z"))
}

fn shown(report: &CaseReport) -> String {
    let lines = report.failures.iter().take(60).map(|failure| {
        format!(
            "{} row {} {}: expected {}, got {}",
            failure.name, failure.row, failure.mode, failure.expected, failure.got
        )
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn our_cases_are_met() {
    let report = run(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases.json"));
    assert_eq!(report.failed, 0, "\n{}", shown(&report));
    assert!(report.passed >= 200, "only {} expectations", report.passed);
}

#[test]
fn salesforces_cases_are_met() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/conformance/formula-cases.json");
    if !path.exists() {
        return;
    }
    let report = run(&path);
    for mode in Mode::ALL {
        println!("{mode}: {} not met", report.failed_in(mode));
    }
    println!("{} met, {} not met\n{}", report.passed, report.failed, shown(&report));
    let met = report.passed * 10_000 / (report.passed + report.failed);
    assert!(met >= MET_MIN, "only {met} of 10,000 are met\n{}", shown(&report));
}
