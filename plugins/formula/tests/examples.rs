//! Every row of the function table: its example gives what it says, and the reference is up to date.

use std::fs;
use std::path::Path;

use formula::functions::{Body, Event, Function, Lazy, NullRule, all};
use formula::{
    Blanks, Context, DateTime, Environment, Fields, Options, Outcome, Type, Value, Values, compile, reference,
};

fn schema() -> Fields {
    Fields::new()
        .with("Amount", Type::NUMBER)
        .with("Status", Type::Picklist)
        .with("Colours", Type::MultiPicklist)
}

fn record() -> Values {
    Values::new()
        .with("Amount", Value::whole(100))
        .with("Status", Value::text("Open"))
        .with("Colours", Value::text("red;blue"))
}

fn gives(source: &str) -> String {
    let options = Options::new(Context::Rule, Blanks::AsBlank);
    let formula = match compile(source, &schema(), &options) {
        Ok(formula) => formula,
        Err(found) => return found.iter().map(|found| found.report(source).to_string()).collect(),
    };
    let now = DateTime::from_ms(1_706_702_400_000).expect("2024-01-31T12:00:00Z");
    match formula.evaluate(&record(), &Environment::at(now)) {
        Outcome::Value(value) => value.to_string(),
        Outcome::Unknown(_) => "unknown".to_owned(),
        Outcome::Error(error) => error.to_string(),
    }
}

#[test]
fn every_example_gives_what_it_says() {
    let wrong: Vec<String> = all()
        .filter(|function| gives(function.example) != function.gives)
        .map(|function| {
            format!("{} gives {}, not {}", function.example, gives(function.example), function.gives)
        })
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn null_rules_hold() {
    let checked = |function: &&Function| {
        function.nulls == NullRule::Propagate
            && matches!(function.body, Body::Strict(_))
            && !function.parameters.is_empty()
    };
    for function in all().filter(checked) {
        let count = (1..6).find(|count| function.takes(*count)).expect("it takes some arguments");
        let source = format!("{}({})", function.name, vec!["NULL"; count].join(", "));
        let literal = function
            .parameters
            .iter()
            .any(|parameter| parameter.form != formula::functions::Form::Expression);
        assert!(literal || gives(&source).is_empty(), "{source} gives {}", gives(&source));
    }
}

#[test]
fn every_lazy_function_and_event_has_a_row() {
    let lazies = all().filter(|function| matches!(function.body, Body::Lazy(_))).count();
    assert_eq!(lazies, 8, "AND OR IF IFS IFERROR CASE NULLVALUE BLANKVALUE");
    let has =
        |wanted: Event| all().any(|function| matches!(function.body, Body::Event(event) if event == wanted));
    assert!([Event::IsNew, Event::IsClone, Event::IsChanged, Event::PriorValue].into_iter().all(has));
    assert!(all().any(|function| matches!(function.body, Body::Lazy(Lazy::Case))));
}

#[test]
fn the_reference_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("reference.md");
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, reference()).expect("the reference can be written");
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert!(written == reference(), "reference.md is out of date: UPDATE=1 cargo test -p formula");
}
