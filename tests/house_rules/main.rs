//! The house rules of CONTRIBUTING.md, held by a test: sizes, docs, banned words, who may depend on whom.
//!
//! Formatting and lints are held by `tests/run`.

mod dependencies;
mod files;
mod words;

use tests::source::rust_files;

/// Fails with every finding of a rule, so that one run shows them all.
fn check(rule: impl Fn(&tests::source::SourceFile) -> Vec<String>) {
    let findings: Vec<String> = rust_files().iter().flat_map(rule).collect();
    assert!(findings.is_empty(), "\n{}\n", findings.join("\n"));
}
