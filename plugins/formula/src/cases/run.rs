//! Runs cases with an engine and reports what differs.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use super::format::{Case, CaseField, CaseRow, Expected};
use super::judge::{expected_shown, meets, shown};
use crate::calendar::DateTime;
use crate::check::{Blanks, Context, Options};
use crate::environment::Environment;
use crate::formula::{Formula, compile};
use crate::outcome::Outcome;
use crate::record::{Lookup, Record};
use crate::schema::Fields;
use crate::value::Value;

/// What blank numbers are in a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Zeros.
    BlankAsZero,
    /// Nulls.
    BlankAsBlank,
}

impl Mode {
    /// Both modes.
    pub const ALL: [Self; 2] = [Self::BlankAsZero, Self::BlankAsBlank];

    /// How formulas are compiled in this mode.
    pub fn options(self) -> Options {
        let blanks = match self {
            Self::BlankAsZero => Blanks::AsZero,
            Self::BlankAsBlank => Blanks::AsBlank,
        };
        Options::new(Context::Rule, blanks)
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::BlankAsZero => "blank_as_zero",
            Self::BlankAsBlank => "blank_as_blank",
        })
    }
}

/// What came of a run; an expectation is one row in one mode.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct CaseReport {
    /// Expectations that were met.
    pub passed: usize,
    /// Expectations that were not.
    pub failed: usize,
    /// Those that were not.
    pub failures: Vec<CaseFailure>,
}

/// An expectation that was not met.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CaseFailure {
    /// The case.
    pub name: String,
    /// The row, from 0.
    pub row: usize,
    /// The mode.
    pub mode: Mode,
    /// What was expected.
    pub expected: String,
    /// What came.
    pub got: String,
}

impl CaseReport {
    /// How many expectations of a mode were not met.
    pub fn failed_in(&self, mode: Mode) -> usize {
        self.failures.iter().filter(|failure| failure.mode == mode).count()
    }
}

/// What evaluates a formula: the reference evaluator, or generated code that must agree with it.
pub type Engine<'e> = &'e dyn Fn(&Formula, &dyn Record, &Environment<'_>) -> Outcome;

/// Runs cases in both modes with the reference evaluator; the time is `now`, the zone GMT.
pub fn run_cases(cases: &[Case], now: DateTime) -> CaseReport {
    run_cases_with(cases, now, &|formula, record, environment| formula.evaluate(record, environment))
}

/// Runs cases in both modes with an engine. Formula fields of a case are always evaluated by the reference.
pub fn run_cases_with(cases: &[Case], now: DateTime, engine: Engine<'_>) -> CaseReport {
    let environment = Environment::at(now);
    let mut report = CaseReport::default();
    for case in cases {
        for mode in Mode::ALL {
            run_case(case, mode, &environment, engine, &mut report);
        }
    }
    report
}

fn run_case(
    case: &Case,
    mode: Mode,
    environment: &Environment<'_>,
    engine: Engine<'_>,
    report: &mut CaseReport,
) {
    let compiled = Compiled::of(case, mode);
    for (at, row) in case.rows.iter().enumerate() {
        let expected = match mode {
            Mode::BlankAsZero => &row.blank_as_zero,
            Mode::BlankAsBlank => &row.blank_as_blank,
        };
        let Some(expected) = expected else { continue };
        let got = judge(case, &compiled, row, expected, (environment, engine));
        match got {
            None => report.passed += 1,
            Some(got) => {
                report.failed += 1;
                let (name, expected) = (case.name.clone(), expected_shown(expected));
                report.failures.push(CaseFailure { name, row: at, mode, expected, got });
            }
        }
    }
}

/// What came instead of what was expected; none when it was that. A formula that does not compile is an error.
fn judge(
    case: &Case,
    compiled: &Result<Compiled<'_>, String>,
    row: &CaseRow,
    expected: &Expected,
    (environment, engine): (&Environment<'_>, Engine<'_>),
) -> Option<String> {
    let compiled = match (compiled, expected) {
        (Ok(compiled), _) => compiled,
        (Err(_), Expected::Error(_)) => return None,
        (Err(message), _) => return Some(message.clone()),
    };
    let record = CaseRecord { compiled, row, environment };
    let outcome = engine(&compiled.formula, &record, environment);
    if meets(&outcome, expected, case.returns) { None } else { Some(shown(&outcome, case.returns)) }
}

/// A case's formula and its formula fields.
struct Compiled<'c> {
    formula: Formula,
    fields: BTreeMap<String, (&'c CaseField, Option<Formula>)>,
}

impl<'c> Compiled<'c> {
    fn of(case: &'c Case, mode: Mode) -> Result<Self, String> {
        let mut schema = Fields::new();
        for field in &case.fields {
            schema.add(&field.name, field.given);
        }
        let options = mode.options();
        let compile = |source: &str| {
            compile(source, &schema, &options)
                .map_err(|found| found.iter().map(|found| found.to_string()).collect::<Vec<_>>().join("; "))
        };
        let mut fields = BTreeMap::new();
        for field in &case.fields {
            let formula = field.formula.as_deref().map(compile).transpose()?;
            fields.insert(field.name.to_ascii_lowercase(), (field, formula));
        }
        Ok(Self { formula: compile(&case.formula)?, fields })
    }
}

struct CaseRecord<'c> {
    compiled: &'c Compiled<'c>,
    row: &'c CaseRow,
    environment: &'c Environment<'c>,
}

impl CaseRecord<'_> {
    fn stored(&self, values: &BTreeMap<String, Option<String>>, path: &str) -> Lookup {
        let Some((field, formula)) = self.compiled.fields.get(&path.to_ascii_lowercase()) else {
            return Lookup::Unknown("the field is not declared".to_owned());
        };
        if let Some(formula) = formula {
            return self.computed(formula);
        }
        match values.get(&field.name) {
            None => Lookup::Unknown("the field was not sent".to_owned()),
            Some(text) => match Value::read(field.given, text.as_deref().unwrap_or_default()) {
                Ok(value) => Lookup::Known(value),
                Err(error) => Lookup::Unknown(error.to_string()),
            },
        }
    }

    /// A formula field's value.
    fn computed(&self, formula: &Formula) -> Lookup {
        match formula.evaluate(self, self.environment) {
            Outcome::Value(value) => Lookup::Known(value),
            Outcome::Unknown(reasons) => Lookup::Unknown(reasons.to_string()),
            Outcome::Error(error) => Lookup::Error(error),
        }
    }
}

impl Record for CaseRecord<'_> {
    fn value(&self, path: &str) -> Lookup {
        self.stored(&self.row.record, path)
    }

    fn prior_value(&self, path: &str) -> Lookup {
        match &self.row.prior {
            Some(prior) => self.stored(prior, path),
            None => self.value(path),
        }
    }

    fn is_new(&self) -> Option<bool> {
        Some(self.row.prior.is_none())
    }
}
