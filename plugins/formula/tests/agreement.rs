//! Emitted code and the reference evaluator give the same outcomes, reasons and spans included, and ask the record for
//! the same that is not at hand.

use formula::emit::Emitter;
use formula::flat::{JsonWriter, Layout, State};
use formula::{
    Blanks, Context, DateTime, Decimal, Environment, Formula, Lookup, Options, Outcome, Records, Type, Value,
    Values, compile,
};
use proptest::prelude::*;

use crate::formulas::{FIELDS, condition, expression, schema};
use crate::records::{Asked, asked_record};
use crate::runner::Runner;

struct Zips;

impl Records for Zips {
    fn look_up(&self, _: &str, field: &str, _: &str, key: &Value) -> Lookup {
        match key {
            Value::Null => Lookup::Unknown("a key is needed".to_owned()),
            key => Lookup::Known(Value::text(format!("{field} {key}"))),
        }
    }
}

fn environment() -> Environment<'static> {
    let mut environment =
        Environment::at(DateTime::from_ms(1_706_702_400_000).expect("2024-01-31T12:00:00Z"));
    environment.offset_minutes = 13 * 60;
    environment.currency_rates.insert("EUR".to_owned(), Decimal::from(2_i64));
    environment.records = Some(&Zips);
    environment
}

fn compiled(sources: &[String]) -> Vec<Formula> {
    let options = |blanks| Options::new(Context::Rule, blanks);
    let both = sources.iter().flat_map(|source| {
        [Blanks::AsZero, Blanks::AsBlank].map(|blanks| compile(source, &schema(), &options(blanks)))
    });
    both.filter_map(Result::ok).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn outcomes_are_equal(
        sources in proptest::collection::vec(prop_oneof![expression(), condition()], 6),
        records in proptest::collection::vec(asked_record(FIELDS), 5),
    ) {
        let formulas = compiled(&sources);
        prop_assert!(formulas.len() >= 2, "hardly any formula compiles: {sources:?}");
        let mut emitter = Emitter::new(&[]);
        let ids: Vec<_> = formulas.iter().map(|formula| emitter.add(formula)).collect();
        let mut runner = Runner::new(emitter.finish());
        let environment = environment();
        for record in &records {
            for (formula, id) in formulas.iter().zip(&ids) {
                let expected = formula.evaluate(record, &environment);
                let needed = record.take_asked();
                let found = runner.evaluate(*id, record, &environment);
                prop_assert_eq!(found, expected, "{}", formula.source());
                prop_assert_eq!(record.take_asked(), needed, "{}", formula.source());
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 50, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn batches_decide_as_the_reference_does(
        sources in proptest::collection::vec(condition(), 30),
        records in proptest::collection::vec(asked_record(FIELDS), 30),
    ) {
        let formulas = compiled(&sources);
        let (mut runner, layout) = batch(&formulas);
        let environment = environment();
        let mut bytes = Vec::new();
        for record in &records {
            layout.write(record, &environment, &mut bytes);
            prop_assert_eq!(record.take_asked(), Vec::<String>::new(), "what is not at hand is not asked for");
        }
        let found = table(&runner.states("batch", &layout, records.len(), &bytes), records.len(), formulas.len());
        for (record, found) in records.iter().zip(&found) {
            for (formula, state) in formulas.iter().zip(found) {
                let expected = formula.evaluate(record, &environment);
                prop_assert!(agrees(*state, &expected), "{}: {:?}, not {}", formula.source(), state, expected);
            }
        }
    }
}

fn batch(formulas: &[Formula]) -> (Runner, Layout) {
    let mut emitter = Emitter::new(&[]);
    let layout = emitter.add_batch("batch", &formulas.iter().collect::<Vec<_>>());
    (Runner::new(emitter.finish()), layout)
}

/// The states by record and condition.
fn table(states: &[(usize, usize, State)], records: usize, conditions: usize) -> Vec<Vec<State>> {
    let mut table = vec![vec![State::No; conditions]; records];
    for (record, condition, state) in states {
        table[*record][*condition] = *state;
    }
    table
}

fn agrees(state: State, outcome: &Outcome) -> bool {
    match state {
        State::Yes => outcome.is_true(),
        State::No => matches!(outcome, Outcome::Value(Value::Null | Value::Boolean(false))),
        State::Ask => true,
    }
}

/// What rules mostly say is decided in the batch, and by no call.
#[test]
fn batches_decide_most() {
    let record = Values::new()
        .with("Amount", Value::Number("1000.5".parse().expect("a number")))
        .with("Price", Value::Null)
        .with("Name", Value::text("Österreich"))
        .with("Code", Value::text("Österreich"))
        .with("Active", Value::Boolean(true))
        .with("Status", Value::text("Closed"))
        .with("CloseDate", Value::read(Type::Date, "2024-01-31").expect("a date"))
        .with("StartDate", Value::Null)
        .with("CreatedDate", Value::read(Type::DateTime, "2024-01-31T12:00:00Z").expect("a moment"));
    let cases = [
        ("AND(ISPICKVAL(Status, \"Closed\"), Amount > 1000)", State::Yes),
        ("AND(ISPICKVAL(Status, \"Closed\"), Amount > 1000.5)", State::No),
        ("ISNEW() && NOT(ISCHANGED(Status)) && NOT(Active = FALSE)", State::Yes),
        ("TEXT(Status) = \"Closed\" && Name = Code && Name <> \"x\"", State::Yes),
        ("LEN(Name) = 10 && Name = \"Österreich\"", State::Yes),
        ("ISBLANK(Price) || ISNULL(Amount)", State::Yes),
        ("NOT(Price > 5)", State::No),
        ("Price < Amount", State::No),
        ("StartDate > CloseDate", State::No),
        ("CloseDate > TODAY() - 3 && CloseDate - TODAY() > -1.5", State::Yes),
        ("CreatedDate <= NOW()", State::Yes),
        ("IF(Active, Amount + 0.000001 = 1000.500001, FALSE)", State::Yes),
        ("BLANKVALUE(Price, 7) = 7", State::Yes),
        ("AND(Amount < 5, REGEX(Name, \"x\"))", State::No),
        ("AND(Amount > 5, REGEX(Name, \"x\"))", State::Ask),
        ("ISPICKVAL(PRIORVALUE(Status), \"Closed\")", State::Yes),
        ("Rate > 1", State::Ask),
        ("OR(Active, Rate > 1)", State::Yes),
        ("Amount > 0.00000000001", State::Ask),
        ("NULL", State::No),
    ];
    let formulas: Vec<Formula> = cases
        .iter()
        .map(|(source, _)| {
            compile(source, &schema(), &Options::new(Context::Rule, Blanks::AsBlank)).expect(source)
        })
        .collect();
    let (mut runner, layout) = batch(&formulas);
    let mut bytes = Vec::new();
    layout.write(&record, &environment(), &mut bytes);
    let found = &table(&runner.states("batch", &layout, 1, &bytes), 1, cases.len())[0];
    for ((source, expected), found) in cases.iter().zip(found) {
        assert_eq!(found, expected, "{source}");
    }
}

/// A record of JSON text gives the states that its values give, whatever the order of its members.
#[test]
fn json_is_written_as_values_are() {
    let json = r#"{"Skipped": {"a": [1, {"b": 2}]}, "Amount": 12.5, "rate": 50, "Name": "a\u00e9\"b", "Code": "aé\"b",
        "Active": true, "CloseDate": "2024-02-29", "CreatedDate": "2024-02-29T10:00:00.000+0000", "Status": "Open",
        "OwnerId": "001D000000IRFmaIAH", "Price": "1e2", "StartDate": null, "Ready": null, "Other": 7, "Opens": "10:40"}"#;
    let moved = r#"{"Other": 7, "OwnerId": "001D000000IRFmaIAH", "Status": "Open", "Opens": "10:40", "Price": "1e2",
        "CreatedDate": "2024-02-29T10:00:00Z", "Active": true, "Ready": null, "StartDate": null, "Amount": 12.5,
        "CloseDate": "2024-02-29", "rate": 50, "Code": "aé\"b", "Name": "aé\"b"}"#;
    let mut record = Values::new();
    let members: serde_json::Map<String, serde_json::Value> = serde_json::from_str(json).expect("an object");
    for (path, given) in FIELDS {
        let member = members.iter().find(|(key, _)| key.eq_ignore_ascii_case(path));
        if let Some((_, value)) = member {
            record.set(path, Value::read_json(*given, value).expect("a value"));
        }
    }
    let sources = [
        "Amount = 12.5 && Rate = 0.5 && Price = 100",
        "Name = Code",
        "LEN(Name) = 4",
        "Active",
        "NOT(Ready)",
        "CloseDate - TODAY() = 29",
        "CreatedDate > NOW()",
        "ISPICKVAL(Status, \"Open\")",
        "OwnerId = \"001D000000IRFma\"",
        "ISBLANK(StartDate)",
        "ISNEW() && NOT(ISCHANGED(Amount)) && PRIORVALUE(Amount) = 12.5",
        "ISBLANK($Record__Prior.Amount)",
        "Account.Size > 5",
        "Other",
        "ISBLANK(TEXT(Status))",
        "Opens = Opens",
    ]
    .map(str::to_owned);
    let formulas = compiled(&sources);
    let (mut runner, layout) = batch(&formulas);
    let mut bytes = Vec::new();
    layout.write(&record, &environment(), &mut bytes);
    let mut expected = runner.states("batch", &layout, 1, &bytes);
    assert!(expected.len() > 20, "{expected:?}");
    let mut writer = JsonWriter::new(layout.clone());
    bytes.clear();
    for text in [json, moved, json, json] {
        writer.write(text, Some(true), &environment(), &mut bytes).expect("an object");
    }
    let length = bytes.len();
    assert!(writer.write("{\"Amount\": }", Some(true), &environment(), &mut bytes).is_err());
    assert_eq!(bytes.len(), length);
    let found = runner.states("batch", &layout, 4, &bytes);
    expected = (0..4)
        .flat_map(|at| expected.iter().map(move |(_, condition, state)| (at, *condition, *state)))
        .collect();
    assert_eq!(found, expected);
}

/// Whole numbers of any length are texts of text fields, whichever way they are read.
#[test]
fn long_numbers_are_texts() {
    let json = r#"{"Name": 9223372036854775808, "Code": "9223372036854775808"}"#;
    let formulas = compiled(&["Name = Code".to_owned()]);
    let (mut runner, layout) = batch(&formulas);
    let mut bytes = Vec::new();
    let written = JsonWriter::new(layout.clone()).write(json, Some(true), &environment(), &mut bytes);
    written.expect("it is an object");
    let states = runner.states("batch", &layout, 1, &bytes);
    assert_eq!(table(&states, 1, formulas.len()), [[State::Yes, State::Yes]]);
}

/// Most of what is generated compiles, and the outcomes are of all kinds: else the property above says little.
#[test]
fn what_is_generated_is_worth_comparing() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let (mut compiles, mut kinds) = (0, [0_usize; 4]);
    for _ in 0..500 {
        let source = expression().new_tree(&mut runner).expect("a formula").current();
        let record = asked_record(FIELDS).new_tree(&mut runner).expect("a record").current();
        for formula in compiled(&[source]) {
            compiles += 1;
            kinds[match formula.evaluate(&record, &environment()) {
                formula::Outcome::Value(Value::Null) => 0,
                formula::Outcome::Value(_) => 1,
                formula::Outcome::Unknown(_) => 2,
                formula::Outcome::Error(_) => 3,
            }] += 1;
        }
    }
    assert!(compiles > 800, "only {compiles} of 1,000 compile");
    assert!(kinds.iter().all(|count| *count > 30), "null, value, unknown, error: {kinds:?}");
}

#[test]
fn what_is_not_at_hand_is_fetched_only_when_needed() {
    let record = Asked::new()
        .with("Amount", Lookup::Known(Value::whole(5)))
        .with("Account.Name", Lookup::Known(Value::text("Acme")))
        .with("Account.Type", Lookup::Known(Value::text("Customer")));
    let check = |source: &str, expected: &str, asked: &[&str]| {
        let formula =
            compile(source, &schema(), &Options::new(Context::Rule, Blanks::AsBlank)).expect(source);
        let (mut runner, id) = Runner::of(&formula);
        let outcome = runner.evaluate(id, &record, &environment());
        assert_eq!(outcome.to_string(), expected, "{source}");
        assert_eq!(record.take_asked(), asked, "{source}");
    };
    check("AND(Amount > 9, Account.Name = \"Acme\")", "false", &[]);
    check("AND(Amount > 1, Account.Name = \"Acme\")", "true", &["Account.Name"]);
    check(
        "Account.Name & TEXT(Account.Type) & Account.Name",
        "\"AcmeCustomerAcme\"",
        &["Account.Name", "Account.Type"],
    );
    check("IF(Account.Name = \"Acme\", Amount, LEN(TEXT(Account.Type)))", "5", &["Account.Name"]);
}

#[test]
fn the_work_limit_is_the_same() {
    let record = Values::new().with("Name", Value::text("a".repeat(10_000))).with("Amount", Value::whole(9));
    let doubled = |times: usize, by: &str| {
        format!("LEN({}Name{})", "SUBSTITUTE(".repeat(times), format!(", \"a\", \"{by}\")").repeat(times))
    };
    let compared = |times: usize| format!("AND({})", vec!["Name = Name & \"\""; times].join(", "));
    for source in [doubled(40, "aaaa"), doubled(70, "b"), doubled(3, "aa"), compared(100), compared(120)] {
        let formula =
            compile(&source, &schema(), &Options::new(Context::Rule, Blanks::AsBlank)).expect("it compiles");
        let (mut runner, id) = Runner::of(&formula);
        let expected = formula.evaluate(&record, &environment());
        for _ in 0..2 {
            assert_eq!(runner.evaluate(id, &record, &environment()), expected, "{source:.80}");
        }
    }
}

#[test]
fn emission_is_linear_however_deep() {
    let options = Options { source_chars_max: usize::MAX, ..Options::new(Context::Rule, Blanks::AsBlank) };
    let shapes: [fn(usize) -> String; 9] = [
        |depth| format!("{}Active{}", "NOT(".repeat(depth), ")".repeat(depth)),
        |depth| format!("{}Amount", "-".repeat(depth)),
        |depth| format!("{}1{}", "IF(Amount = 2, 0, ".repeat(depth), ")".repeat(depth)),
        |depth| format!("{}1{}", "IF(Active, ".repeat(depth), ", 0)".repeat(depth)),
        |depth| format!("Amount{}", " + Amount".repeat(depth)),
        |depth| format!("AND(Active{})", ", Active".repeat(depth)),
        |depth| format!("Active{}", " && Active".repeat(depth)),
        |depth| format!("{}Active{}", "OR(Active, ".repeat(depth), ")".repeat(depth)),
        |depth| format!("CASE(Amount{}, 3)", ", 2, 4".repeat(depth)),
    ];
    let bytes = |source: &str| {
        let mut emitter = Emitter::new(&[]);
        emitter.add(&compile(source, &schema(), &options).expect("it compiles"));
        emitter.finish().wasm.len()
    };
    for shape in shapes {
        let (once, eightfold) = (bytes(&shape(2_500)), bytes(&shape(20_000)));
        assert!(eightfold < once * 10, "{:.40}: {once} bytes, then {eightfold}", shape(3));
    }
}

/// As deep as a source of 3,900 characters can be, machine code is made and runs.
#[test]
fn the_deepest_formulas_run() {
    let record = Values::new().with("Amount", Value::whole(1)).with("Active", Value::Boolean(true));
    let deep = [
        format!("{}Active{}", "NOT(".repeat(778), ")".repeat(778)),
        format!("{}Amount", "-".repeat(3_894)),
        format!("{}1{}", "IF(Active,".repeat(290), ",0)".repeat(290)),
        format!("{}1{}", "IF(!Active,0,".repeat(275), ")".repeat(275)),
        format!("{}Active{}", "OR(!Active,".repeat(320), ")".repeat(320)),
        format!("1{}", "+1".repeat(1_949)),
        format!("{}1{}", "1+(".repeat(900), ")".repeat(900)),
    ];
    for source in deep {
        let formula =
            compile(&source, &schema(), &Options::new(Context::Rule, Blanks::AsBlank)).expect("it compiles");
        let (mut runner, id) = Runner::of(&formula);
        let expected = formula.evaluate(&record, &environment());
        assert_eq!(runner.evaluate(id, &record, &environment()), expected, "{source:.40}");
    }
}
