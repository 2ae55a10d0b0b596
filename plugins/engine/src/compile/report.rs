//! What came of a compilation: what compiled, what is not known and why, and what is wrong.

use formula::Diagnostic;
use metadata::rules::Place;
use serde::Serialize;

use crate::verdict::RuleName;

/// The report of a compilation.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Every rule that compiled.
    pub compiled: Vec<RuleName>,
    /// Every rule that may refuse or change a record, but what it does is not known.
    pub unknown: Vec<UnknownEntry>,
    /// Every error, in the order of the rules.
    pub errors: Vec<CompileError>,
    /// How large the code is.
    pub sizes: Sizes,
    /// Why the rules run without WASM, when they do though they should not.
    pub without_wasm: Option<String>,
}

/// A rule that is not known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UnknownEntry {
    /// What it is, as shown: `Apex trigger`, `lookup filter`.
    pub kind: String,
    /// API name, with its object where it has one.
    pub name: String,
    /// Why, as the end of a sentence.
    pub reason: String,
    /// Path relative to the org folder.
    pub file: String,
}

/// An error in a rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CompileError {
    /// Which rule.
    pub rule: RuleName,
    /// Path relative to the org folder.
    pub file: String,
    /// Line in the file, from 1; 0 when it is not known.
    pub line: u32,
    /// The diagnostic's stable number: `F202`.
    pub code: String,
    /// What is wrong, in one line.
    pub message: String,
    /// The same for people: the formula's line with a mark under the place, and what to do.
    pub rendered: String,
}

/// Sizes of the code, in bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Sizes {
    /// How many formulas there are.
    pub formulas: usize,
    /// The WASM of all formulas.
    pub wasm_bytes: usize,
}

impl CompileError {
    /// A formula's diagnostic.
    pub(super) fn new(rule: &RuleName, place: &Place, source: &str, found: &Diagnostic) -> Self {
        let before = source.get(..found.span.start).unwrap_or(source);
        let line_in_formula = u32::try_from(before.matches('\n').count()).unwrap_or(0);
        Self {
            rule: rule.clone(),
            file: place.file.clone(),
            line: if place.line == 0 { 0 } else { place.line + line_in_formula },
            code: found.code.to_string(),
            message: found.message.clone(),
            rendered: found.report(source).to_string(),
        }
    }
}
