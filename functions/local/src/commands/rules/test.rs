//! `rules test`: formula cases, as people keep them for their own rules.

use std::path::Path;

use formula::DateTime;
use formula::cases::{CaseReport, Mode, read_cases, run_cases};
use jobs::clock::{Clock, SystemClock};
use serde_json::json;

use crate::args::FormulaEngine;
use crate::context::Context;
use crate::exit::{Exit, Failure};
use crate::output;
use crate::paths::shown;

/// How many failures are shown to people; `--json` has them all.
const FAILURES_SHOWN: usize = 20;

/// Runs the cases of a file.
pub(super) fn run(context: &Context, cases: &Path, engine: FormulaEngine) -> Result<Exit, Failure> {
    let report = test(cases, engine)?;
    if context.global.json {
        output::json(&json!(report));
    } else {
        output::answer(&text(&report));
    }
    Ok(if report.failed == 0 { Exit::Done } else { Exit::Failed })
}

fn test(path: &Path, engine: FormulaEngine) -> Result<CaseReport, Failure> {
    let usage = |why: String| Failure::Usage(format!("read the cases {}: {why}", shown(path)));
    let json = std::fs::read_to_string(path).map_err(|error| usage(error.to_string()))?;
    let cases = read_cases(&json).map_err(|error| usage(error.to_string()))?;
    let now =
        DateTime::from_ms(SystemClock.now().millis()).expect("the present is a date that formulas know");
    Ok(match engine {
        FormulaEngine::Reference => run_cases(&cases, now),
        FormulaEngine::Wasm => engine::run_cases(&cases, now),
    })
}

fn text(report: &CaseReport) -> String {
    let mut text = String::new();
    for failure in report.failures.iter().take(FAILURES_SHOWN) {
        text.push_str(&format!(
            "{} row {} ({}): expected {}, got {}\n",
            failure.name, failure.row, failure.mode, failure.expected, failure.got
        ));
    }
    if report.failures.len() > FAILURES_SHOWN {
        text.push_str(&format!(
            "... and {} more; --json shows all\n",
            report.failures.len() - FAILURES_SHOWN
        ));
    }
    for mode in Mode::ALL.into_iter().filter(|mode| report.failed_in(*mode) > 0) {
        text.push_str(&format!("{} failed with {mode}\n", report.failed_in(mode)));
    }
    text.push_str(&format!("{} passed, {} failed\n", report.passed, report.failed));
    text
}
