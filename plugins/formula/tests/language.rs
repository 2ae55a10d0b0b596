//! The language's rules that single cases do not show: what is unknown, diagnostics, traces, contexts, depth.

use formula::{
    Blanks, Context, DateTime, Decimal, Environment, Fields, Lookup, Options, Outcome, Record, Records,
    Schema, Type, Value, Values, compile,
};

fn schema() -> Fields {
    Fields::new()
        .with("Amount", Type::NUMBER)
        .with("Name", Type::Text)
        .with("Active", Type::Boolean)
        .with("Status", Type::Picklist)
        .with("Colours", Type::MultiPicklist)
        .with("CloseDate", Type::Date)
        .with("CreatedDate", Type::DateTime)
        .with("OwnerId", Type::Id)
        .with("Account.Owner.Profile.Name", Type::Text)
        .with("Legacy__c", Type::Any)
}

fn environment() -> Environment<'static> {
    Environment::at(DateTime::from_ms(1_706_702_400_000).expect("2024-01-31T12:00:00Z"))
}

fn evaluate(source: &str, record: &Values) -> Outcome {
    let options = Options::new(Context::Rule, Blanks::AsBlank);
    let formula = compile(source, &schema(), &options).unwrap_or_else(|found| panic!("{source}: {found:?}"));
    formula.evaluate(record, &environment())
}

/// `value`, `unknown: subjects` or `error number`.
fn shown(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Value(Value::Null) => "null".to_owned(),
        Outcome::Value(value) => value.to_string(),
        Outcome::Unknown(reasons) => {
            let subjects: Vec<&str> = reasons.iter().map(|reason| reason.subject.as_str()).collect();
            format!("unknown: {}", subjects.join(" "))
        }
        Outcome::Error(error) => format!("error {}", error.kind.number()),
    }
}

#[test]
fn what_is_unknown_spreads_only_where_it_matters() {
    let record = Values::new()
        .with("Amount", Value::whole(5))
        .with("Active", Value::Boolean(true))
        .with("CloseDate", Value::Null);
    let check =
        |source: &str, expected: &str| assert_eq!(shown(&evaluate(source, &record)), expected, "{source}");
    check("Name = \"x\"", "unknown: Name");
    check("AND(Name = \"x\", Amount > 9)", "false");
    check("AND(Amount > 9, Name = \"x\")", "false");
    check("AND(Amount > 1, Name = \"x\")", "unknown: Name");
    check("OR(Name = \"x\", Active)", "true");
    check("OR(Name = \"x\", ISPICKVAL(Status, \"a\"))", "unknown: Name Status");
    check("Name = \"x\" && 1 / 0 = 1", "unknown: Name");
    check("1 / 0 = 1 && Name = \"x\"", "error F901");
    check("IF(Active, Amount, LEN(Name))", "5");
    check("IF(Name = \"x\", 1, 2)", "unknown: Name");
    check("CASE(Amount, 5, \"five\", 6, Name, Name)", "five");
    check("CASE(Amount, 6, \"six\", Name)", "unknown: Name");
    check("BLANKVALUE(Amount, LEN(Name))", "5");
    check("CloseDate + LEN(Name)", "null");
    check("LEN(Name) / 0", "unknown: Name");
    check("Amount / 0 + LEN(Name)", "error F901");
    check("IFERROR(LEN(Name), 1)", "unknown: Name");
    check("$User.Email = \"a\"", "unknown: $User.Email");
    check("NOT($Permission.Bypass)", "unknown: $Permission.Bypass");
    check("CURRENCYRATE(\"EUR\") * Amount", "unknown: CURRENCYRATE");
    check("GETSESSIONID()", "unknown: GETSESSIONID");
    check("Legacy__c = 5", "unknown: Legacy__c");
}

#[test]
fn null_conditions_do_not_fire() {
    let record = Values::new().with("Amount", Value::Null).with("Name", Value::Null);
    let check =
        |source: &str, expected: &str| assert_eq!(shown(&evaluate(source, &record)), expected, "{source}");
    check("Amount < 5", "null");
    check("NOT(Amount > 5)", "null");
    check("OR(ISBLANK(Amount), Amount < 5)", "true");
    check("Amount <> 1", "null");
    check("Name <> \"a\"", "true");
    check("NOT(AND(Amount > 1))", "true");
    check("CONTAINS(Name, \"x\")", "null");
    check("ISNULL(Name)", "false");
    check("ISBLANK(Name)", "true");
    let zero =
        compile("Amount < 5", &schema(), &Options::new(Context::Rule, Blanks::AsZero)).expect("it compiles");
    assert!(zero.evaluate(&record, &environment()).is_true());
}

#[test]
fn changes_are_seen() {
    let before = Values::new().with("Amount", Value::whole(20)).with("Name", Value::text("a\r\nb"));
    let now = Values::new()
        .with("Amount", Value::Number("20.00".parse::<Decimal>().expect("a number")))
        .with("Name", Value::text("a\nb"))
        .with("Status", Value::text("Open"))
        .changed_from(before.clone().with("Status", Value::Null));
    let check = |record: &Values, source: &str, expected: &str| {
        assert_eq!(shown(&evaluate(source, record)), expected, "{source}");
    };
    check(&now, "ISCHANGED(Amount)", "false");
    check(&now, "ISCHANGED(Name)", "false");
    check(&now, "ISCHANGED(Status)", "true");
    check(&now, "ISPICKVAL(PRIORVALUE(Status), \"\")", "true");
    check(&now, "ISNEW()", "false");
    check(&now, "$Record__Prior.Amount + {!$Record.Amount}", "40");
    check(&now, "ISCHANGED(CloseDate)", "unknown: CloseDate");
    check(&before, "ISNEW() && NOT(ISCHANGED(Amount)) && PRIORVALUE(Amount) = 20", "true");
    check(&before.clone().cloned(), "ISCLONE()", "true");
}

#[test]
fn diagnostics_are_many_and_point_at_their_place() {
    let check = |source: &str, expected: &[(&str, &str)]| {
        let found = compile(source, &schema(), &Options::RULE).map(|_| ()).unwrap_err();
        let found: Vec<(&str, &str)> =
            found.iter().map(|found| (found.code.number, found.span.text(source))).collect();
        assert_eq!(found, expected, "{source}");
    };
    check("LENN(Nam) > 3", &[("F201", "LENN"), ("F202", "Nam")]);
    check("Amount", &[("F305", "Amount")]);
    check("Status = \"Open\"", &[("F304", "Status")]);
    check("ISBLANK(Status)", &[("F304", "Status")]);
    check("LEFT(Amount, Name) = \"\"", &[("F302", "Amount"), ("F302", "Name")]);
    check("CloseDate > CreatedDate", &[("F303", "CloseDate > CreatedDate")]);
    check("(Name & Amount) = Name", &[("F303", "Name & Amount")]);
    check("IF(Active, 1, \"a\") = 1", &[("F303", "IF(Active, 1, \"a\")")]);
    check("IF(Active, 1) = 1", &[("F301", "IF(Active, 1)")]);
    check("ISPICKVAL(Status, Name)", &[("F306", "Name")]);
    check("ISCHANGED(Account.Owner.Profile.Name)", &[("F307", "Account.Owner.Profile.Name")]);
    check("REGEX(Name, \"((\")", &[("F402", "\"((\"")]);
    check("DISTANCE(NULL, NULL, \"m\") > 1", &[("F403", "\"m\"")]);
    check("CASE(Status, Name, 1, 2) = 1", &[("F306", "Name")]);
    check("Month(CreatedDate) = 1", &[("F302", "CreatedDate")]);
    check("AND(Active, Amount > , 3 +", &[("F103", "("), ("F101", ","), ("F101", "")]);
    check("", &[("F006", "")]);
    check(&"1+".repeat(3000), &[("F001", &"1+".repeat(3000))]);
}

#[test]
fn hints_help() {
    let hint = |source: &str| {
        let found = compile(source, &schema(), &Options::RULE).map(|_| ()).unwrap_err();
        found[0].hint.clone().unwrap_or_default()
    };
    assert_eq!(hint("LENN(Name) > 3"), "did you mean LEN?");
    assert_eq!(hint("Amont > 3"), "did you mean Amount?");
    assert_eq!(
        hint("Status = \"a\""),
        "use ISPICKVAL(field, \"value\") or TEXT(field); for many values INCLUDES"
    );
    assert_eq!(hint("CloseDate > CreatedDate"), "make the moment a date with DATEVALUE()");
}

#[test]
fn contexts_differ() {
    let compiles =
        |source: &str, context| compile(source, &schema(), &Options::new(context, Blanks::AsBlank)).is_ok();
    assert!(!compiles("ISNEW()", Context::FormulaField));
    assert!(compiles("ISNEW()", Context::Rule));
    assert!(compiles("{!$Record.Status} = \"Open\" && ISBLANK({!$Record.Name})", Context::Flow));
    assert!(compiles(
        "TEXT({!$Record.Status}) = \"Open\" && BEGINS({!$Record.Status}, \"O\")",
        Context::Flow
    ));
    assert!(!compiles("BEGINS(Status, \"O\")", Context::Rule));
}

#[test]
fn ids_have_15_characters() {
    let mut record = Values::new();
    record.read("OwnerId", Type::Id, "001D000000IRFmaIAH").expect("an id");
    assert_eq!(shown(&evaluate("OwnerId = \"001D000000IRFma\"", &record)), "true");
    assert_eq!(shown(&evaluate("CASESAFEID(OwnerId)", &record)), "001D000000IRFmaIAH");
}

#[test]
fn the_users_zone_and_other_records_are_asked() {
    struct Zips;
    impl Records for Zips {
        fn look_up(&self, object: &str, field: &str, key_field: &str, key: &Value) -> Lookup {
            Lookup::Known(Value::text(format!("{object} {field} {key_field} {key}")))
        }
    }
    let mut environment = environment();
    environment.offset_minutes = 13 * 60;
    environment.records = Some(&Zips);
    let gives = |source: &str| {
        let formula =
            compile(source, &schema(), &Options::new(Context::Rule, Blanks::AsBlank)).expect("it compiles");
        shown(&formula.evaluate(&Values::new(), &environment))
    };
    assert_eq!(gives("TODAY()"), "2024-02-01");
    assert_eq!(gives("DATEVALUE(NOW())"), "2024-02-01");
    assert_eq!(gives("TEXT(NOW())"), "2024-01-31 12:00:00Z");
    assert_eq!(
        gives("VLOOKUP($ObjectType.Zip__c.Fields.State__c, $ObjectType.Zip__c.Fields.Name, \"94105\")"),
        "Zip__c State__c Name 94105"
    );
}

#[test]
fn a_trace_shows_each_part_and_what_was_not_needed() {
    let source = "AND(Active, (Amount > 1000), Name = \"x\")";
    let formula = compile(source, &schema(), &Options::RULE).expect("it compiles");
    let record = Values::new().with("Active", Value::Boolean(true)).with("Amount", Value::whole(7));
    let trace = formula.trace(&record, &environment());
    let expected = "AND(Active, (Amount > 1000), Name = \"x\") = false
  Active = true
  (Amount > 1000) = false
    Amount = 7
  Name = \"x\" : not needed
    Name : not needed
";
    assert_eq!(trace.to_string(), expected);
    assert_eq!(trace.outcome(), Some(&Outcome::Value(Value::Boolean(false))));
    assert_eq!(trace.steps[0].children, [1, 2, 5]);
}

#[test]
fn depth_and_length_cost_no_stack_and_linear_work() {
    let options = Options { source_chars_max: usize::MAX, ..Options::new(Context::Rule, Blanks::AsBlank) };
    let record = Values::new().with("Amount", Value::whole(1)).with("Active", Value::Boolean(true));
    let depth = 20_000;
    let nested = [
        (format!("{}Amount{}", "(".repeat(depth), ")".repeat(depth)), "1"),
        (format!("{}Active{}", "NOT(".repeat(depth), ")".repeat(depth)), "true"),
        (format!("{}Amount", "-".repeat(depth)), "1"),
        (format!("{}1{}", "IF(Amount = 2, 0, ".repeat(depth), ")".repeat(depth)), "1"),
        (format!("{}1{}", "IF(Active, ".repeat(depth), ", 0)".repeat(depth)), "1"),
        (format!("{}Amount{}", "ABS(".repeat(depth), ")".repeat(depth)), "1"),
        (format!("Amount{}", " + Amount".repeat(depth)), "20001"),
        (format!("AND(Active{})", ", Active".repeat(depth)), "true"),
        (format!("Active{}", " && Active".repeat(depth)), "true"),
        (format!("CASE(Amount{}, 3)", ", 2, 4".repeat(depth)), "3"),
    ];
    for (source, expected) in nested {
        let formula = compile(&source, &schema(), &options).expect("it compiles");
        let trace = formula.trace(&record, &environment());
        assert_eq!(trace.outcome().map(shown).as_deref(), Some(expected), "{}", &source[..40]);
        assert_eq!(shown(&formula.evaluate(&record, &environment())), expected);
    }
}

#[test]
fn hostile_formulas_end() {
    let record = Values::new().with("Name", Value::text("a".repeat(10_000))).with("Amount", Value::whole(9));
    let check =
        |source: &str, expected: &str| assert_eq!(shown(&evaluate(source, &record)), expected, "{source}");
    let doubled = format!("{}Name{}", "SUBSTITUTE(".repeat(40), ", \"a\", \"aaaa\")".repeat(40));
    check(&format!("LEN({doubled})"), "error F911");
    check("LEN(LPAD(Name, 2000000000))", "error F911");
    check("VALUE(\"1e999999999\")", "error F904");
    check("VALUE(\"9e9999\") * VALUE(\"9e9999\")", "error F902");
    check("LEN(TEXT(VALUE(\"9e9999\")))", "10000");
    check("Amount ^ 1000000", "error F902");
    check("REGEX(Name, \"(a|aa)+\\\\1c\")", "error F906");
    check("DATE(2024, 1, 1) + 99999999999", "error F903");
    check("ADDMONTHS(DATE(2024, 1, 1), 999999999999)", "error F903");
}

#[test]
fn a_schema_may_say_that_a_field_is_not_described() {
    struct Everything;
    impl Schema for Everything {
        fn field(&self, _: &str) -> Option<Type> {
            Some(Type::Any)
        }
    }
    struct Fixed(Value);
    impl Record for Fixed {
        fn value(&self, _: &str) -> Lookup {
            Lookup::Known(self.0.clone())
        }
        fn is_new(&self) -> Option<bool> {
            None
        }
    }
    let gives = |source: &str, value: Value| {
        let formula = compile(source, &Everything, &Options::RULE).expect("it compiles");
        shown(&formula.evaluate(&Fixed(value), &environment()))
    };
    assert_eq!(gives("X > 3 && LEN(TEXT(X)) = 1", Value::whole(5)), "true");
    assert_eq!(gives("ISPICKVAL(X, \"a\")", Value::text("a")), "true");
    assert_eq!(gives("X > 3", Value::text("a")), "error F909");
    assert_eq!(gives("ISNEW()", Value::Null), "unknown: the record");
}
