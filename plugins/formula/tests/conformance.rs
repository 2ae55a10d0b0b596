//! Formula cases: ours, and Salesforce's where they lie beside the checkout.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use formula::cases::{Case, CaseReport, Mode, read_cases, run_cases, run_cases_with};
use formula::emit::FormulaId;
use formula::{DateTime, Environment, Formula, Outcome, Record};

use crate::runner::Runner;

/// The share of Salesforce's expectations that are met, in parts of ten thousand.
const MET_MIN: usize = 10_000;

fn cases(path: &Path) -> Vec<Case> {
    let json = fs::read_to_string(path).expect("the cases can be read");
    read_cases(&json).expect("they are cases")
}

fn now() -> DateTime {
    DateTime::from_ms(1_706_702_400_000).expect("2024-01-31T12:00:00Z")
}

fn ours() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases.json")
}

fn salesforces() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/conformance/formula-cases.json")
}

/// Runs cases through emitted code, each formula in a module of its own.
fn run_emitted(cases: &[Case]) -> CaseReport {
    let runners: RefCell<HashMap<String, (Runner, FormulaId)>> = RefCell::default();
    let engine = |formula: &Formula, record: &dyn Record, environment: &Environment<'_>| -> Outcome {
        let mut runners = runners.borrow_mut();
        let key = format!("{:?}", formula.typed());
        let (runner, id) = runners.entry(key).or_insert_with(|| Runner::of(formula));
        runner.evaluate(*id, record, environment)
    };
    run_cases_with(cases, now(), &engine)
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
    let cases = cases(&ours());
    for report in [run_cases(&cases, now()), run_emitted(&cases)] {
        assert_eq!(report.failed, 0, "\n{}", shown(&report));
        assert!(report.passed >= 200, "only {} expectations", report.passed);
    }
}

#[test]
fn salesforces_cases_are_met() {
    if !salesforces().exists() {
        return;
    }
    let report = run_cases(&cases(&salesforces()), now());
    for mode in Mode::ALL {
        println!("{mode}: {} not met", report.failed_in(mode));
    }
    println!("{} met, {} not met\n{}", report.passed, report.failed, shown(&report));
    let met = report.passed * 10_000 / (report.passed + report.failed);
    assert!(met >= MET_MIN, "only {met} of 10,000 are met\n{}", shown(&report));
}

#[test]
fn salesforces_cases_are_met_by_emitted_code() {
    if !salesforces().exists() {
        return;
    }
    let cases = cases(&salesforces());
    assert_eq!(run_emitted(&cases), run_cases(&cases, now()));
}
