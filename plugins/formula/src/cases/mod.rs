//! Formula cases: formulas with records and what they must give, in the format of the conformance files.

mod format;
mod judge;
mod run;

pub use format::{Case, CaseField, CaseRow, CasesError, Expected, read_cases};
pub use run::{CaseFailure, CaseReport, Engine, Mode, run_cases, run_cases_with};
