//! `rules compile`: an org folder's rules to WASM, and what could not be compiled.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;

use engine::Report;
use serde_json::{Value, json};

use crate::context::Context;
use crate::exit::{Exit, Failure};
use crate::output;
use crate::paths::shown;
use crate::report::{DIM, STOP, STRONG, counted, grouped};
use crate::rules::read_org;

/// How many unknown rules are shown to people; `--json` has them all.
const UNKNOWN_SHOWN: usize = 30;

/// Compiles the rules of a folder, and writes them when asked.
pub(super) fn run(context: &Context, dir: &Path, out: Option<&Path>) -> Result<Exit, Failure> {
    let org = Arc::new(read_org(dir)?);
    let compiled = crate::rules::compile(dir, &org)?;
    if let Some(out) = out {
        crate::rules::write_artifact(&compiled, out)?;
    }
    let report = &compiled.report;
    if context.global.json {
        output::json(&as_json(report));
    } else {
        output::answer(&as_text(report, out));
    }
    Ok(if report.errors.is_empty() { Exit::Done } else { Exit::Failed })
}

fn as_json(report: &Report) -> Value {
    let unknown: Vec<Value> = report
        .unknown
        .iter()
        .map(|rule| json!({ "name": rule.name, "kind": rule.kind, "reason": rule.reason, "file": rule.file }))
        .collect();
    let errors: Vec<Value> = report
        .errors
        .iter()
        .map(|error| {
            json!({
                "file": error.file,
                "line": error.line,
                "code": error.code,
                "message": error.message,
                "rule": error.rule.name,
            })
        })
        .collect();
    json!({
        "compiled": report.compiled.len(),
        "unknown": unknown,
        "errors": errors,
        "formulas": report.sizes.formulas,
        "wasmBytes": report.sizes.wasm_bytes,
    })
}

fn as_text(report: &Report, out: Option<&Path>) -> String {
    let mut text = String::new();
    let mut kinds: BTreeMap<String, u64> = BTreeMap::new();
    for rule in &report.compiled {
        *kinds.entry(rule.kind.to_string()).or_default() += 1;
    }
    for (kind, count) in &kinds {
        let _ = writeln!(text, "{:>7} {kind}{}", grouped(*count), if *count == 1 { "" } else { "s" });
    }
    let sizes = &report.sizes;
    let _ = writeln!(
        text,
        "{STRONG}{} compiled{STRONG:#}: {} in {} bytes of WASM",
        counted(report.compiled.len() as u64, "rule"),
        counted(sizes.formulas as u64, "formula"),
        grouped(sizes.wasm_bytes as u64)
    );
    if let Some(out) = out {
        let _ = writeln!(text, "written to {}", shown(out));
    }
    if !report.unknown.is_empty() {
        let _ = writeln!(
            text,
            "\n{STRONG}{} not known here{STRONG:#}, so never refused and never said to be fine:",
            counted(report.unknown.len() as u64, "rule")
        );
    }
    for rule in report.unknown.iter().take(UNKNOWN_SHOWN) {
        let _ =
            writeln!(text, "  {} {}: {}\n    {DIM}{}{DIM:#}", rule.kind, rule.name, rule.reason, rule.file);
    }
    if report.unknown.len() > UNKNOWN_SHOWN {
        let _ = writeln!(text, "  ... and {} more; --json shows all", report.unknown.len() - UNKNOWN_SHOWN);
    }
    for error in &report.errors {
        let _ = writeln!(
            text,
            "\n{STOP}{}{STOP:#} in {} {}\n  {DIM}{}:{}{DIM:#}\n{}",
            error.code, error.rule.kind, error.rule.name, error.file, error.line, error.rendered
        );
    }
    if !report.errors.is_empty() {
        let _ = writeln!(
            text,
            "\n{} in the org's rules; the others compiled",
            counted(report.errors.len() as u64, "error")
        );
    }
    text
}
