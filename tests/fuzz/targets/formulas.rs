//! Formulas as they stand in metadata: read, checked, printed, evaluated with a trace.

use formula::{Blanks, Context, Formula, Options, Outcome, compile, parse};

use crate::choices::{Choices, as_text};
use crate::formula_text::{environment, formula, records, schema};
use crate::run::Target;

const WORDS: &[&str] = &[
    "AND(",
    "OR(",
    "NOT(",
    "IF(",
    "CASE(",
    "ISPICKVAL(Status, \"Open\")",
    "ISCHANGED(Name)",
    "PRIORVALUE(",
    "REGEX(Name, \"",
    "SUBSTITUTE(",
    "TEXT(",
    "VALUE(",
    "DATEVALUE(",
    "TODAY()",
    "NOW()",
    "LEN(",
    "RPAD(Name, 9999999)",
    "Amount",
    "Name",
    "Account.Name",
    "$Permission.Bypass",
    "{!$Record.Name}",
    "&&",
    "||",
    "^",
    "(",
    ")",
    ",",
    "\"",
    "'",
    "/*",
    "*/",
    "\\",
    "1e999",
    "ADDMONTHS(",
    "MOD(",
    "ROUND(",
    "HYPERLINK(",
    "VLOOKUP(",
    "JSON",
    "BLANKVALUE(",
    "-",
    "<>",
    "!",
];

#[test]
fn formulas() {
    Target { name: "formulas", inputs: 4_000, check, words: WORDS, also: &[] }.run();
}

fn check(bytes: &[u8]) {
    if let Some(text) = as_text(bytes) {
        check_text(text);
    }
    check_text(&formula(&mut Choices::new(bytes)));
}

fn check_text(source: &str) {
    let parsed = parse(source);
    for diagnostic in &parsed.diagnostics {
        assert!(source.get(diagnostic.span.start..diagnostic.span.end).is_some(), "{:?}", diagnostic.span);
        assert!(!diagnostic.report(source).to_string().is_empty());
    }
    if parsed.diagnostics.is_empty() {
        let printed = parsed.ast.to_string();
        let again = parse(&printed);
        assert!(again.diagnostics.is_empty(), "what is printed can be read: {printed}");
        assert_eq!(again.ast.to_string(), printed, "and is the same");
    }
    for (context, blanks) in [(Context::Rule, Blanks::AsZero), (Context::Rule, Blanks::AsBlank)] {
        match compile(source, &schema(), &Options::new(context, blanks)) {
            Ok(formula) => check_outcomes(&formula, &printed_again(&formula, &Options::new(context, blanks))),
            Err(diagnostics) => {
                for diagnostic in &diagnostics {
                    assert!(source.get(diagnostic.span.start..diagnostic.span.end).is_some(), "{diagnostic}");
                }
            }
        }
    }
}

/// The formula that its printed form is; none when printing makes it longer than a formula may be.
fn printed_again(formula: &Formula, options: &Options) -> Option<Formula> {
    let printed = formula.ast().to_string();
    (printed.encode_utf16().count() <= options.source_chars_max)
        .then(|| compile(&printed, &schema(), options).expect("what is printed compiles"))
}

/// The trace's result is the result, and the printed formula's is the same.
fn check_outcomes(formula: &Formula, printed: &Option<Formula>) {
    let environment = environment();
    for record in &records() {
        let outcome = formula.evaluate(record, &environment);
        let traced = formula.trace(record, &environment);
        assert_eq!(traced.outcome(), Some(&outcome));
        assert!(outcome.to_string().len() + traced.to_string().len() > 0);
        let Some(printed) = printed else { continue };
        match (outcome, printed.evaluate(record, &environment)) {
            (Outcome::Value(one), Outcome::Value(other)) => assert_eq!(one, other),
            // Reasons and errors carry the places of their source.
            (one, other) => assert_eq!(std::mem::discriminant(&one), std::mem::discriminant(&other)),
        }
    }
}
