//! Formula cases by both evaluators.

use std::fs;
use std::path::Path;

use formula::DateTime;
use formula::cases::{CaseReport, read_cases, run_cases};

fn reports(file: &Path) -> [CaseReport; 2] {
    let cases = read_cases(&fs::read_to_string(file).unwrap()).unwrap();
    let now = DateTime::read("2024-01-31 12:00:00").unwrap();
    [run_cases(&cases, now), engine::run_cases(&cases, now)]
}

#[test]
fn wasm_gives_what_the_reference_gives() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../formula/tests/cases.json");
    let [reference, wasm] = reports(&file);
    assert!(reference.passed > 100 && reference.failed == 0, "{reference:?}");
    assert_eq!(reference, wasm);
}

#[test]
fn the_conformance_cases_fail_alike() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/conformance/formula-cases.json");
    if !file.exists() {
        return;
    }
    let [reference, wasm] = reports(&file);
    assert!(reference.passed > 1000, "{}", reference.passed);
    assert_eq!(reference, wasm);
}

#[test]
fn rules_are_shared_between_threads() {
    fn shared<T: Clone + Send + Sync>() {}
    shared::<engine::Rules>();
}
