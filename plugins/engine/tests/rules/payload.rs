//! Preflights: verdicts about payloads alone.

use engine::{Event, Payload, World};
use formula::{DateTime, Lookup, Value};
use metadata::rules::{RuleSet, UnknownRule, ValidationRule};
use serde_json::{Map, Value as Json, json};

use crate::org::{BOTH, compiled, place};
use crate::world::words;

fn validation(name: &str, condition: &str) -> ValidationRule {
    ValidationRule {
        object: "Account".into(),
        name: name.into(),
        condition: condition.into(),
        message: format!("{name}!"),
        field: None,
        place: place(name),
    }
}

fn now() -> DateTime {
    DateTime::read("2024-01-31 12:00:00").unwrap()
}

fn object(json: Json) -> Map<String, Json> {
    match json {
        Json::Object(object) => object,
        other => panic!("an object is expected: {other}"),
    }
}

fn check(condition: &str, payload: &Json, expected: &[&str]) {
    for evaluator in BOTH {
        let rules = RuleSet { validation: vec![validation("R", condition)], ..RuleSet::default() };
        let compiled = compiled(rules, evaluator);
        let verdict = compiled.rules.preflight("Account", &object(payload.clone()), now());
        assert_eq!(words(&verdict), expected, "{condition} {payload} by {evaluator:?}");
    }
}

const FIRES: &[&str] = &["FIELD_CUSTOM_VALIDATION_EXCEPTION [] R!"];

#[test]
fn what_is_sent_decides() {
    check("Score__c > 5 && ISPICKVAL(Tier__c, \"Gold\")", &json!({"score__c": 6, "Tier__c": "Gold"}), FIRES);
    check("ISBLANK(Name)", &json!({"Name": null}), FIRES);
    check("ISBLANK(Name)", &json!({"Name": ""}), FIRES);
    check("Share__c = 0.5", &json!({"Share__c": 50}), FIRES);
    check("Double__c = 6", &json!({"Score__c": 3}), FIRES);
    check("Score__c = 0.1", &json!({"Score__c": 0.1}), FIRES);
    check("Parent.Name = \"Acme\"", &json!({"Parent": {"Name": "Acme"}}), FIRES);
    check("ISBLANK(Parent.Name)", &json!({"ParentId": null}), FIRES);
    check("Since__c < TODAY()", &json!({"Since__c": "2024-01-30"}), FIRES);
    check("$Profile.Name = \"x\" || Open__c", &json!({"Open__c": true}), FIRES);
    check("Score__c > 5", &json!({"Score__c": 5}), &[]);
}

#[test]
fn what_is_not_sent_is_not_guessed() {
    check("Score__c > 5", &json!({}), &["? Account.R: Score__c: the field was not sent"]);
    check(
        "Parent.Name = \"x\"",
        &json!({"ParentId": "001000000000001AAA"}),
        &["? Account.R: Parent.Name: other records are not known here"],
    );
    check("ISNEW()", &json!({}), &["? Account.R: the record: whether the record is new is not known"]);
    check(
        "ISCHANGED(Name)",
        &json!({"Name": "a"}),
        &["? Account.R: Name: whether the record is new is not known"],
    );
    check("Score__c > 5", &json!({"Score__c": "six"}), &["? Account.R: Score__c: \"six\" is not a Number"]);
    check(
        "$RecordType.Name = \"x\"",
        &json!({}),
        &["? Account.R: $RecordType.Name: the org folder does not tell it"],
    );
}

#[test]
fn automation_that_metadata_does_not_tell_is_named() {
    let unknown = UnknownRule {
        kind: "Apex trigger".into(),
        name: "Sync".into(),
        object: Some("account".into()),
        reason: "what Apex does cannot be known from metadata".into(),
        file: "triggers/Sync.trigger".into(),
    };
    let rules = RuleSet { unknown: vec![unknown], ..RuleSet::default() };
    let compiled = compiled(rules, BOTH[1]);
    let verdict = |object: &str| words(&compiled.rules.preflight(object, &Map::new(), now()));
    assert_eq!(
        verdict("Account"),
        ["? Sync: Apex trigger Sync: what Apex does cannot be known from metadata"]
    );
    assert_eq!(verdict("Contact"), [""; 0]);
}

#[test]
fn a_caller_may_know_whether_the_record_is_new() {
    let compiled = compiled(RuleSet::default(), BOTH[0]);
    let json = object(json!({"Name": "a"}));
    let check = |event, expected| {
        let payload = Payload::new(&compiled.rules, "Account", &json, now()).during(event);
        assert_eq!(payload.record().is_new(), Some(expected), "{event:?}");
    };
    check(Event::Create, true);
    check(Event::Update, false);
    let mut payload = Payload::new(&compiled.rules, "Account", &json, now());
    assert_eq!(payload.record().is_new(), None);
    payload.set("NAME", Value::text("b")).unwrap();
    assert_eq!(payload.record().value("name"), Lookup::Known(Value::text("b")));
}
