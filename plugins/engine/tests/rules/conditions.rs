//! Validation rules, lookup filters and duplicate rules' filters.

use engine::{RuleKind, RuleName, Verdict, World};
use formula::Record;
use metadata::rules::{
    DuplicateAction, DuplicateRule, Filter, LookupFilter, RuleSet, UnknownRule, ValidationRule,
};

use crate::org::{BOTH, compiled, filter, place};
use crate::world::{Memory, change, new, words};

fn validation(name: &str, condition: &str, field: Option<&str>) -> ValidationRule {
    ValidationRule {
        object: "Account".into(),
        name: name.into(),
        condition: condition.into(),
        message: format!("{name}!"),
        field: field.map(str::to_owned),
        place: place(name),
    }
}

/// One validation rule, asked about a record: what both evaluators say.
fn check(condition: &str, world: &Memory, expected: &[&str]) {
    for evaluator in BOTH {
        let rules = RuleSet { validation: vec![validation("R", condition, None)], ..RuleSet::default() };
        let compiled = compiled(rules, evaluator);
        assert!(!compiled.report.errors.iter().any(|error| error.rule.name == "Account.R"), "{condition}");
        let verdict = compiled.rules.validate("account", world);
        assert_eq!(words(&verdict), expected, "{condition} by {evaluator:?}");
    }
}

const FIRES: &[&str] = &["FIELD_CUSTOM_VALIDATION_EXCEPTION [] R!"];

#[test]
fn a_rule_fires_when_it_is_true_and_not_when_it_is_null() {
    check("Score__c > 5", &new(&["Score__c:number=6"]), FIRES);
    check("Score__c > 5", &new(&["Score__c:number=5"]), &[]);
    check("Score__c > 5", &new(&["Score__c:number="]), &[]);
    check("NOT(Score__c > 5)", &new(&["Score__c:number="]), &[]);
    check("ISPICKVAL(Tier__c, \"Gold\") && ISBLANK(Name)", &new(&["Tier__c=Gold", "Name="]), FIRES);
    check("ISCHANGED(Name)", &change(&["Name=a"], &["Name=b"]), FIRES);
    check("ISCHANGED(Name)", &new(&["Name=b"]), &[]);
    check("Share__c = 0.5", &new(&["Share__c:percent=50"]), FIRES);
    check("TODAY() > Since__c", &new(&["Since__c:date=2024-01-30"]), FIRES);
    check(
        "NOT($Permission.Bypass) && Open__c",
        &new(&["$Permission.Bypass:boolean=", "Open__c:boolean=true"]),
        FIRES,
    );
}

#[test]
fn what_is_not_known_is_never_a_refusal() {
    check("Score__c > 5", &new(&[]), &["? Account.R: Score__c: the field was not sent"]);
    check("Score__c > 5 || Open__c", &new(&["Open__c:boolean=true"]), FIRES);
    let raised = "? Account.R: its formula raises an error (F901: division by zero), and what Salesforce does then is \
                  not confirmed";
    check("1 / Score__c > 5", &new(&["Score__c:number=0"]), &[raised]);
}

#[test]
fn paths_cross_objects_and_formula_fields_are_computed() {
    check("Parent.Owner.Name = \"Ada\"", &new(&["Parent.Owner.Name=Ada"]), FIRES);
    check("Double__c = 6", &new(&["Score__c:number=3"]), FIRES);
    check("Four__c = 0", &new(&["Score__c:number="]), FIRES);
    check("Parent.Four__c = 12", &new(&["ParentId=001000000000001", "Parent.Score__c:number=3"]), FIRES);
    check("Parent.Fixed__c = \"always\"", &new(&["ParentId=001000000000001"]), FIRES);
    check("Parent.Fixed__c = \"always\"", &new(&["ParentId="]), &[]);
    check("ISCHANGED(Double__c)", &change(&["Score__c:number=1"], &["Score__c:number=2"]), FIRES);
    let loops = "formula fields refer to each other more than 20 deep";
    let expected = format!("? Account.R: Loop__c: {}{loops}", "Loop__c: ".repeat(20));
    check("Loop__c > 1", &new(&[]), &[expected.as_str()]);
    let broken = "? Account.R: Bad__c: its formula does not compile (F201: no function is called LENN)";
    check("Bad__c > 1", &new(&[]), &[broken]);
}

#[test]
fn an_error_in_one_rule_leaves_the_others() {
    let rules = RuleSet {
        validation: vec![
            validation("Good", "Score__c > 5", Some("Score__c")),
            validation("Bad", "AND(\n  Open__c,\n  LENN(Name) > 3)", None),
            validation("Also", "Name = \"x\"", None),
        ],
        unknown: vec![UnknownRule {
            kind: "Apex trigger".into(),
            name: "Sync".into(),
            object: Some("Account".into()),
            reason: "what Apex does cannot be known from metadata".into(),
            file: "triggers/Sync.trigger".into(),
        }],
        ..RuleSet::default()
    };
    for evaluator in BOTH {
        let compiled = compiled(rules.clone(), evaluator);
        let report = &compiled.report;
        let name = |kind, name: &str, file: &str| RuleName { kind, name: name.into(), file: file.into() };
        let good = |rule: &str| name(RuleKind::Validation, &format!("Account.{rule}"), &place(rule).file);
        let validation: Vec<_> =
            report.compiled.iter().filter(|rule| rule.kind == RuleKind::Validation).cloned().collect();
        assert_eq!(validation, [good("Good"), good("Also")]);
        let [error] =
            report.errors.iter().filter(|error| error.rule.name == "Account.Bad").collect::<Vec<_>>()[..]
        else {
            panic!("{:?}", report.errors)
        };
        assert_eq!((error.line, error.code.as_str()), (9, "F201"));
        assert!(error.rendered.contains("3 |   LENN(Name) > 3)\n  |   ^^^^"), "{}", error.rendered);
        assert_eq!(report.unknown.len(), 1);
        assert_eq!(report.unknown[0].reason, "what Apex does cannot be known from metadata");

        let world = new(&["Score__c:number=6", "Name=x", "Open__c:boolean=true"]);
        let verdict = compiled.rules.validate("Account", &world);
        assert_eq!(
            words(&verdict),
            [
                "FIELD_CUSTOM_VALIDATION_EXCEPTION [] Also!",
                "FIELD_CUSTOM_VALIDATION_EXCEPTION [Score__c] Good!",
                "? Account.Bad: its formula does not compile (F201: no function is called LENN)",
            ]
        );
        assert_eq!(verdict.refusals[0].rule, good("Also"));
        assert_eq!(compiled.rules.validate("Contact", &world), engine::Verdict::default());
    }
}

/// Records that are decided flat, that must be asked one by one, and that do not fit into a batch.
#[test]
fn many_records_are_judged_as_each_alone() {
    let conditions = [
        "Score__c > 5",
        "Double__c = 6",
        "ISPICKVAL(Tier__c, \"Gold\") && ISBLANK(Parent.Name)",
        "LENN(Name) > 3",
        "ISCHANGED(Name)",
        "CONTAINS(LOWER(Name), \"x\")",
        "NOT($Permission.Bypass)",
    ];
    let named = |(at, condition)| validation(&format!("R{at}"), condition, None);
    let validation: Vec<_> = conditions.into_iter().enumerate().map(named).collect();
    let long = format!("Name={}", "x".repeat(70_000));
    let worlds: Vec<Memory> = (0..450)
        .map(|at| match at % 6 {
            0 => new(&["Score__c:number=6", "Name=Xx"]),
            1 => change(&["Name=a"], &["Name=b", "Score__c:number=3", "Tier__c=Gold", "Parent.Name="]),
            2 => new(&["Tier__c=Gold", "Parent.Name=a", "$Permission.Bypass:boolean=true"]),
            3 => new(&[]),
            4 => new(&["Score__c:number=0.0000001", "Name="]),
            _ => new(&[&long, "Score__c:number=7"]),
        })
        .collect();
    let records: Vec<&dyn Record> = worlds.iter().map(World::record).collect();
    let environment = worlds[0].environment();
    let mut answers = Vec::new();
    for evaluator in BOTH {
        let compiled = compiled(RuleSet { validation: validation.clone(), ..RuleSet::default() }, evaluator);
        let sorted = |mut verdict: Verdict| {
            verdict.unknown.sort_by(|left, right| left.rule.cmp(&right.rule));
            verdict
        };
        let alone: Vec<_> =
            worlds.iter().map(|world| sorted(compiled.rules.validate("Account", world))).collect();
        let together = compiled.rules.validate_batch("Account", &records, &environment);
        let together: Vec<_> = together.into_iter().map(sorted).collect();
        assert_eq!(together, alone, "by {evaluator:?}");
        assert!(alone[0].refusals.len() == 2 && alone[1].refusals.len() == 3, "{:?}", &alone[..2]);
        answers.push(alone);
    }
    assert_eq!(answers[0], answers[1]);
    let none = compiled(RuleSet::default(), BOTH[1]).rules.validate_batch("Gone__c", &records, &environment);
    assert_eq!(none, vec![Verdict::default(); records.len()]);
}

fn check_lookup(found: Filter, world: &Memory, expected: &[&str]) {
    for evaluator in BOTH {
        let lookup = LookupFilter {
            object: "Contact".into(),
            field: "AccountId".into(),
            filter: found.clone(),
            message: None,
            place: place("lookup"),
        };
        let compiled = compiled(RuleSet { lookup_filters: vec![lookup], ..RuleSet::default() }, evaluator);
        let verdict = compiled.rules.lookup_filters("Contact", world);
        assert_eq!(words(&verdict), expected, "{found:?} by {evaluator:?}");
    }
}

#[test]
fn a_looked_up_record_must_pass_the_filter() {
    const REFUSED: &[&str] =
        &["FIELD_FILTER_VALIDATION_EXCEPTION [AccountId] Value does not exist or does not match \
                                filter criteria."];
    let id = "AccountId=001000000000001";
    let gold = || filter(None, &["Account.Tier__c equals Gold,Silver"]);
    check_lookup(gold(), &new(&[id, "Account.Tier__c=Silver"]), &[]);
    check_lookup(gold(), &new(&[id, "Account.Tier__c=Bronze"]), REFUSED);
    check_lookup(gold(), &new(&["AccountId="]), &[]);
    check_lookup(gold(), &new(&[id]), &["? Contact.AccountId: Account.Tier__c: the field was not sent"]);
    check_lookup(gold(), &new(&[]), &["? Contact.AccountId: AccountId: the field was not sent"]);
    let same = || filter(None, &["Account.Score__c greaterOrEqual @$Source.Score__c"]);
    check_lookup(same(), &new(&[id, "Account.Score__c:number=2", "Score__c:number=2"]), &[]);
    check_lookup(same(), &new(&[id, "Account.Score__c:number=", "Score__c:number=2"]), REFUSED);
    let logic = || {
        filter(
            Some("1 AND (2 OR 3)"),
            &["Account.Open__c equals True", "Account.Name startsWith ACME", "$User.Email equals -"],
        )
    };
    check_lookup(logic(), &new(&[id, "Account.Open__c:boolean=true", "Account.Name=Acme Ltd"]), &[]);
    check_lookup(
        logic(),
        &new(&[id, "Account.Open__c:boolean=true", "Account.Name=Bcme", "$User.Email=a@b.c"]),
        REFUSED,
    );
    check_lookup(logic(), &new(&[id, "Account.Open__c:boolean=false"]), REFUSED);
    let owner = || filter(None, &["Account.OwnerId equals Ada Lovelace"]);
    check_lookup(owner(), &new(&[id, "Account.Owner.Name=ada lovelace"]), &[]);
    check_lookup(
        filter(None, &["Account.Since__c equals THIS_WEEK"]),
        &new(&[id]),
        &["? Contact.AccountId: the dates that its value \"THIS_WEEK\" means are not known"],
    );
    check_lookup(
        filter(None, &["Account.Gone__c equals 1"]),
        &new(&[id]),
        &["? Contact.AccountId: Account.Gone__c: the field was not sent"],
    );
}

#[test]
fn duplicate_rules_concern_the_records_that_pass_their_filter() {
    let rule = |name: &str, filter: Filter| DuplicateRule {
        object: "Account".into(),
        name: name.into(),
        on_insert: DuplicateAction::Block,
        on_update: DuplicateAction::Allow,
        alert_on_insert: false,
        alert_on_update: false,
        alert_text: None,
        filter,
        matches: vec![],
        sort_order: 1,
        place: place(name),
    };
    let duplicates = vec![
        rule("All", Filter::default()),
        rule("Others", filter(None, &["User.ProfileName notEqual Integration"])),
        rule("Red", filter(None, &["Account.Colours__c includes Red", "Account.Name notContain test"])),
    ];
    for evaluator in BOTH {
        let rules = RuleSet { duplicates: duplicates.clone(), ..RuleSet::default() };
        let compiled = compiled(rules, evaluator);
        let asked = |fields: &[&str]| {
            let world = new(fields);
            let (found, unknown) = compiled.rules.duplicate_rules("Account", &world);
            let names: Vec<_> = found.iter().map(|rule| rule.name.clone()).collect();
            (
                names.join(" "),
                unknown.iter().map(|unknown| unknown.reason.clone()).collect::<Vec<_>>().join("; "),
            )
        };
        let integration = asked(&["$Profile.Name=integration", "Colours__c=Blue;Red", "Name="]);
        assert_eq!(integration, ("All Red".into(), String::new()));
        let other = asked(&["$Profile.Name=Sales", "Name=A Test"]);
        assert_eq!(other, ("All Others".into(), String::new()), "what is false beats what is unknown");
        let unknown = asked(&["$Profile.Name=Sales", "Name=A"]);
        assert_eq!(unknown, ("All Others".into(), "Colours__c: the field was not sent".into()));
    }
}
