//! Properties over many formulas: printing and parsing agree, nothing panics.

use formula::functions::all;
use formula::{
    Blanks, Context, DateTime, Environment, Fields, NumberStyle, Options, Outcome, Type, Value, Values,
    compile, parse, whole_match,
};
use proptest::prelude::*;

fn schema() -> Fields {
    Fields::new()
        .with("Amount", Type::NUMBER)
        .with("Rate", Type::Number(NumberStyle::Percent))
        .with("Name", Type::Text)
        .with("Active", Type::Boolean)
        .with("CloseDate", Type::Date)
        .with("CreatedDate", Type::DateTime)
        .with("Status", Type::Picklist)
        .with("Other", Type::Any)
}

/// Expressions that are well-formed, and mostly of the right types.
fn expression() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("Amount".to_owned()),
        Just("Rate".to_owned()),
        Just("Name".to_owned()),
        Just("Active".to_owned()),
        Just("CloseDate".to_owned()),
        Just("CreatedDate".to_owned()),
        Just("Status".to_owned()),
        Just("Other".to_owned()),
        Just("NULL".to_owned()),
        Just("TRUE".to_owned()),
        "[0-9]{1,4}(\\.[0-9]{1,3})?",
        "\"[a-z0-9 :%-]{0,6}\"",
    ];
    let names: Vec<&'static str> =
        all().map(|function| function.name).filter(|name| *name != "NOT").collect();
    let operators = ["+", "-", "*", "/", "^", "&", "=", "<>", "<", ">=", "&&", "||"];
    leaf.prop_recursive(4, 40, 4, move |inner| {
        let call = (proptest::sample::select(names.clone()), proptest::collection::vec(inner.clone(), 0..4));
        prop_oneof![
            (inner.clone(), proptest::sample::select(operators.to_vec()), inner.clone())
                .prop_map(|(left, operator, right)| format!("({left} {operator} {right})")),
            (proptest::sample::select(vec!["-", "NOT ", "!", "+"]), inner)
                .prop_map(|(sign, of)| format!("{sign}{of}")),
            call.prop_map(|(name, arguments)| format!("{name}({})", arguments.join(", "))),
        ]
    })
}

fn records() -> Vec<Values> {
    let full = Values::new()
        .with("Amount", Value::Number("-12.5".parse().expect("a number")))
        .with("Rate", Value::Number("0.5".parse().expect("a number")))
        .with("Name", Value::text("é😀 2024-01-01"))
        .with("Active", Value::Boolean(true))
        .with("CloseDate", Value::read(Type::Date, "2024-02-29").expect("a date"))
        .with("CreatedDate", Value::read(Type::DateTime, "2024-02-29T10:00:00Z").expect("a moment"))
        .with("Status", Value::text("Open"))
        .with("Other", Value::text("x"));
    let names = ["Amount", "Rate", "Name", "Active", "CloseDate", "CreatedDate", "Status", "Other"];
    let blank = names.iter().fold(Values::new(), |record, name| record.with(name, Value::Null));
    vec![full.clone(), blank.clone().changed_from(full), blank, Values::new()]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn printing_and_parsing_agree(source in expression()) {
        let parsed = parse(&source);
        prop_assert!(parsed.diagnostics.is_empty(), "{:?}", parsed.diagnostics);
        let printed = parsed.ast.to_string();
        let again = parse(&printed);
        prop_assert!(again.diagnostics.is_empty(), "{printed}: {:?}", again.diagnostics);
        prop_assert_eq!(again.ast.to_string(), printed);
        prop_assert_eq!(again.ast.nodes.len(), parsed.ast.nodes.len());
    }

    #[test]
    fn evaluation_never_panics_and_traces_agree(source in expression()) {
        let environment = Environment::at(DateTime::from_ms(1_706_702_400_000).expect("a moment"));
        for blanks in [Blanks::AsZero, Blanks::AsBlank] {
            let Ok(formula) = compile(&source, &schema(), &Options::new(Context::Rule, blanks)) else { continue };
            for record in records() {
                let outcome = formula.evaluate(&record, &environment);
                let trace = formula.trace(&record, &environment);
                prop_assert_eq!(trace.outcome(), Some(&outcome));
                if let Outcome::Error(error) = &outcome {
                    prop_assert!(!error.message.is_empty());
                }
            }
        }
    }

    #[test]
    fn any_text_is_parsed_without_a_panic(source in "\\PC{0,60}") {
        let parsed = parse(&source);
        let _ = parsed.ast.to_string();
        for found in &parsed.diagnostics {
            let _ = found.report(&source).to_string();
        }
        if let Err(found) = compile(&source, &schema(), &Options::RULE) {
            prop_assert!(found.iter().all(|found| !found.report(&source).to_string().is_empty()));
        }
    }

    #[test]
    fn broken_formulas_are_parsed_without_a_panic(source in "[(),+*/<>=&|!'\"a-cA-C0-9.$ {}\\\\NOTIF-]{0,40}") {
        let parsed = parse(&source);
        let _ = parsed.ast.to_string();
        let _ = compile(&source, &schema(), &Options::RULE);
    }

    #[test]
    fn any_pattern_ends(pattern in "[a-c\\\\dwsQEpP{}()\\[\\]^$|?*+.,:=!<>&~0-9-]{0,24}", text in "[a-c0-9-]{0,30}") {
        let _ = whole_match(&pattern, &text);
    }

    #[test]
    fn decimals_calculate_as_fractions_do(a in -1_000_000_i64..1_000_000, b in 1_i64..10_000) {
        let left = formula::Decimal::from(a);
        let right = formula::Decimal::from(b);
        let quotient = left.divide(&right).expect("no division by zero");
        let back = quotient.multiply(&right);
        prop_assert!(back.subtract(&left).abs() < "1e-30".parse().expect("a number"));
        let rest = left.remainder(&right).expect("no division by zero");
        prop_assert_eq!(rest.to_i64(), a % b);
        prop_assert_eq!(left.cmp(&right), a.cmp(&b));
        prop_assert_eq!(left.to_string().parse::<formula::Decimal>().expect("it reads back"), left);
    }
}
