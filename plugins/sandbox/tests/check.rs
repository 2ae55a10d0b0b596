//! Checks without HTTP: which rule refuses, and what is not known.

use std::path::Path;

use engine::RuleKind;
use sandbox::{Check, Operation, Row, RowResult};
use serde_json::{Value, json};
use time::macros::datetime;

fn open() -> Check {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rules-org");
    Check::read(&folder, datetime!(2026-11-23 10:00 UTC)).unwrap()
}

fn row(operation: Operation, values: Value) -> Row {
    let Value::Object(values) = values else { panic!("an object") };
    Row { object: "Contact".into(), operation, values, text: false }
}

fn upsert(values: Value) -> Row {
    row(Operation::Upsert { key: "Ext__c".into() }, values)
}

/// Code and refusing rule of each error.
fn refusals(result: &RowResult) -> Vec<(&str, Option<&str>)> {
    let errors = result.errors.iter();
    errors.map(|error| (error.code.as_str(), error.rule.as_ref().map(|rule| rule.name.as_str()))).collect()
}

#[test]
fn an_error_names_the_rule_that_refused() {
    let mut check = open();
    let gold = check.save(&upsert(json!({"Ext__c": "1", "LastName": "L", "Tier__c": "Gold"}))).unwrap();
    let custom = "FIELD_CUSTOM_VALIDATION_EXCEPTION";
    assert_eq!(refusals(&gold), [(custom, Some("Contact.Gold_Needs_Score"))]);
    let rule = gold.errors[0].rule.clone().unwrap();
    let file = "objects/Contact/validationRules/Gold_Needs_Score.validationRule-meta.xml";
    assert_eq!((rule.kind, rule.file.as_str()), (RuleKind::Validation, file));
    let long =
        check.save(&upsert(json!({"Ext__c": "1", "LastName": "L", "Stage__c": "longer than ten"}))).unwrap();
    assert_eq!(refusals(&long), [("STRING_TOO_LONG", None)]);
    let saved = check.save(&upsert(json!({"Ext__c": "1", "LastName": "L"}))).unwrap();
    assert!(saved.success() && saved.created);
    assert_eq!(check.unknown(), []);
}

#[test]
fn what_was_there_before_is_given_and_seen() {
    let mut check = open();
    let before =
        json!({"Ext__c": "1", "LastName": "L", "Stage__c": "Done", "Double__c": 3, "Id": "003D000000IRFma"});
    let given = check.give(&row(Operation::Insert, before)).unwrap();
    assert_eq!((given.id.as_deref(), given.errors.as_slice()), (Some("003D000000IRFmaIAH"), [].as_slice()));
    let changed = check.save(&upsert(json!({"Ext__c": "1", "Stage__c": "Open"}))).unwrap();
    let custom = "FIELD_CUSTOM_VALIDATION_EXCEPTION";
    assert_eq!(refusals(&changed), [(custom, Some("Contact.Stage_Is_Kept"))]);
}

#[test]
fn a_record_that_is_not_there_is_stood_in_for() {
    let mut check = open();
    let child = upsert(json!({"Ext__c": "1", "LastName": "L", "Account": {"Ext__c": "A-1"}}));
    assert!(check.save(&child).unwrap().success());
    let unknown = check.unknown();
    let names: Vec<&str> = unknown.iter().map(|(unknown, _)| unknown.rule.name.as_str()).collect();
    assert_eq!(names, ["Contact.Closed_Account"]);
    let update = Operation::Update { id: "003sb00000000zzAAA".into() };
    assert!(check.save(&row(update, json!({"Note__c": "n"}))).unwrap().success());

    let mut strict = open().strict();
    assert_eq!(refusals(&strict.save(&child).unwrap()), [("INVALID_FIELD", None)]);
}
