//! The org's rules on save: each in its step, with its errors, and nothing left behind by what is refused.

use reqwest::Method;
use serde_json::{Value, json};

use crate::crm::Crm;

/// A create's errors as `[code, message, fields]`; empty when it is accepted.
async fn errors(crm: &Crm, object: &str, body: &Value) -> Value {
    shown(crm.post(&format!("/sobjects/{object}"), body.clone()).await)
}

fn shown((status, answer): (u16, Value)) -> Value {
    let shown = |error: &Value| json!([error["errorCode"], error["message"], error["fields"]]);
    match status {
        400 => answer.as_array().unwrap().iter().map(shown).collect(),
        200..300 => json!([]),
        _ => panic!("{status}: {answer}"),
    }
}

const CUSTOM: &str = "FIELD_CUSTOM_VALIDATION_EXCEPTION";

#[tokio::test]
async fn validation_rules_are_reported_together_with_what_is_missing() {
    let crm = Crm::start("rules-org").await;
    let check = async |body: Value, expected: Value| {
        assert_eq!(errors(&crm, "Contact", &body).await, expected, "{body}");
    };
    let score = json!([CUSTOM, "A gold contact needs a score.", ["Score__c"]]);
    let stage = json!([CUSTOM, "This stage is forbidden.", []]);
    check(json!({"LastName": "L", "Tier__c": "Gold"}), json!([score])).await;
    check(json!({"LastName": "L", "Tier__c": "Gold", "Score__c": 1}), json!([])).await;
    check(json!({"LastName": "L", "Tier__c": "Gold", "Stage__c": "Forbidden"}), json!([score, stage])).await;
    let missing = json!(["REQUIRED_FIELD_MISSING", "Required fields are missing: [LastName]", ["LastName"]]);
    check(json!({"Tier__c": "Gold"}), json!([missing, score])).await;
    let long = json!([
        "STRING_TOO_LONG",
        "Stage: data value too large: longer than ten (max length=10)",
        ["Stage__c"]
    ]);
    check(json!({"Tier__c": "Gold", "Stage__c": "longer than ten"}), json!([missing, long])).await;

    let done = crm.create("Contact", json!({"LastName": "L", "Stage__c": "Done"})).await;
    let change = crm.patch(&format!("/sobjects/Contact/{done}"), json!({"Stage__c": "Open"})).await;
    assert_eq!(shown(change), json!([[CUSTOM, "What is done stays done.", ["Stage__c"]]]));
    assert_eq!(crm.count("Contact").await, json!(2));
    crm.stop().await;
}

#[tokio::test]
async fn a_rule_sees_what_a_flow_set_before_the_save_and_not_what_a_workflow_sets() {
    let crm = Crm::start("rules-org").await;
    let by_flow = errors(&crm, "Contact", &json!({"LastName": "L", "Note__c": "flow"})).await;
    assert_eq!(by_flow, json!([[CUSTOM, "This stage is forbidden.", []]]));
    let by_workflow = crm.create("Contact", json!({"LastName": "L", "Note__c": "workflow"})).await;
    assert_eq!(crm.value("Contact", &by_workflow, "Stage__c").await, json!("Forbidden"));

    let long = json!([[
        "STRING_TOO_LONG",
        "Stage: data value too large: longer than ten (max length=10)",
        ["Stage__c"]
    ]]);
    for note in ["long", "long workflow"] {
        assert_eq!(errors(&crm, "Contact", &json!({"LastName": "L", "Note__c": note})).await, long, "{note}");
    }
    assert_eq!(crm.count("Contact").await, json!(1), "what is refused after it was written is undone");
    crm.stop().await;
}

#[tokio::test]
async fn flows_after_the_save_write_by_full_saves() {
    let crm = Crm::start("rules-org").await;
    let account = crm.create("Account", json!({"Name": "A"})).await;
    let contact = |note: &str| json!({"LastName": "L", "Note__c": note, "AccountId": account});
    crm.create("Contact", contact("close")).await;
    assert_eq!(crm.value("Account", &account, "State__c").await, json!("closed"));
    let closed = json!([[CUSTOM, "The account is closed.", ["AccountId"]]]);
    assert_eq!(errors(&crm, "Contact", &contact("")).await, closed, "a parent's field is seen");

    let itself = crm.create("Contact", json!({"LastName": "L", "Note__c": "itself"})).await;
    assert_eq!(crm.value("Contact", &itself, "Stage__c").await, json!("renamed"));

    let open = crm.create("Account", json!({"Name": "B"})).await;
    let spoil = json!({"LastName": "L", "Note__c": "spoil", "AccountId": open});
    let refused = errors(&crm, "Contact", &spoil).await;
    assert_eq!(
        (&refused[0][0], refused.as_array().unwrap().len()),
        (&json!("CANNOT_EXECUTE_FLOW_TRIGGER"), 1)
    );
    let message = refused[0][1].as_str().unwrap();
    assert!(message.contains("“Spoil account”") && message.contains("This state is bad."), "{message}");
    assert_eq!(crm.value("Account", &open, "State__c").await, Value::Null);
    assert_eq!(crm.count("Contact").await, json!(2));
    crm.stop().await;
}

#[tokio::test]
async fn what_is_not_known_refuses_nothing_and_is_counted() {
    let crm = Crm::start("rules-org").await;
    assert_eq!(crm.running.unknown(), []);
    for name in ["A", "B"] {
        crm.create("Account", json!({"Name": name})).await;
    }
    let counted = crm.running.unknown_counted();
    let shown: Vec<_> = counted.iter().map(|(unknown, count)| (unknown.rule.name.as_str(), *count)).collect();
    assert_eq!(shown, [("Account.Depends_On_User", 2)]);
    assert_eq!(crm.running.unknown().len(), 1);
    crm.stop().await;
}

#[tokio::test]
async fn a_refused_row_leaves_the_others_or_takes_them_along() {
    let crm = Crm::start("rules-org").await;
    let record = |name: &str, note: &str| json!({"attributes": {"type": "Contact"}, "LastName": name, "Note__c": note});
    let body = |all_or_none: bool| json!({"allOrNone": all_or_none, "records": [record("A", ""), record("B", "long workflow"), record("C", "")]});
    let (_, answer) = crm.post("/composite/sobjects", body(true)).await;
    let codes = |answer: &Value| -> Value {
        answer.as_array().unwrap().iter().map(|row| row["errors"][0]["statusCode"].clone()).collect()
    };
    let rolled_back = "ALL_OR_NONE_OPERATION_ROLLED_BACK";
    assert_eq!(codes(&answer), json!([rolled_back, "STRING_TOO_LONG", rolled_back]));
    assert_eq!(crm.count("Contact").await, json!(0));
    let (_, answer) = crm.post("/composite/sobjects", body(false)).await;
    assert_eq!(codes(&answer), json!([null, "STRING_TOO_LONG", null]));
    assert_eq!(crm.count("Contact").await, json!(2));
    crm.stop().await;
}

#[tokio::test]
async fn lookup_filters_and_before_delete_flows() {
    let crm = Crm::start("rules-org").await;
    let shut = crm.create("Account", json!({"Name": "A"})).await;
    let open = crm.create("Account", json!({"Name": "B", "Open__c": true})).await;
    let refused = json!([["FIELD_FILTER_VALIDATION_EXCEPTION", "Choose an open account.", ["Partner__c"]]]);
    let contact = |partner: &str| json!({"LastName": "L", "Partner__c": partner, "Note__c": "keep"});
    assert_eq!(errors(&crm, "Contact", &contact(&shut)).await, refused);
    let kept = crm.create("Contact", contact(&open)).await;
    let deleted = crm.delete(&format!("/sobjects/Contact/{kept}")).await;
    assert_eq!(shown(deleted)[0][1], json!("This contact is kept."));
    assert_eq!(crm.count("Contact").await, json!(1));
    crm.patch(&format!("/sobjects/Contact/{kept}"), json!({"Note__c": ""})).await;
    assert_eq!(crm.delete(&format!("/sobjects/Contact/{kept}")).await.0, 204);
    crm.stop().await;
}

#[tokio::test]
async fn duplicate_rules() {
    let crm = Crm::start("rules-org").await;
    let first = crm.create("Contact", json!({"LastName": "Lee", "Email": "a@b.co", "Phone": "123"})).await;
    let (status, answer) = crm.post("/sobjects/Contact", json!({"LastName": "Ray", "Email": "A@b.co"})).await;
    assert_eq!(status, 400, "{answer}");
    let result = json!({
        "allowSave": false, "duplicateRule": "Same_Email", "duplicateRuleEntityType": "Contact",
        "errorMessage": "This address is taken.",
        "matchResults": [{
            "entityType": "Contact", "errors": [], "matchEngine": "ExactMatchEngine", "rule": "Email", "size": 1,
            "success": true,
            "matchRecords": [{
                "additionalInformation": [], "fieldDiffs": [], "matchConfidence": 100.0,
                "record": {"attributes": {"type": "Contact"}, "Id": first},
            }],
        }],
    });
    assert_eq!(
        answer,
        json!([{
            "message": "This address is taken.", "errorCode": "DUPLICATES_DETECTED", "fields": [], "duplicateResult": result,
        }])
    );

    let code = async |body: &Value, header: &str| {
        let url = format!("{}/services/data/v59.0/composite/sobjects", crm.running.url);
        let request = crm.client.request(Method::POST, url).bearer_auth("00Dtest");
        let request = request.header("Sforce-Duplicate-Rule-Header", header).json(body);
        let answer: Value = request.send().await.unwrap().json().await.unwrap();
        let error = &answer[0]["errors"][0];
        json!([error["statusCode"], error["message"], error["duplicateResult"]["allowSave"]])
    };
    let one = |values: Value| {
        let mut record = values;
        record["attributes"] = json!({"type": "Contact"});
        json!({"records": [record]})
    };
    let same_phone = one(json!({"LastName": "LEE", "Phone": "123", "Note__c": "x"}));
    let alerted = json!(["DUPLICATES_DETECTED", "Use one of these records?", true]);
    assert_eq!(code(&same_phone, "includeRecordDetails=true").await, alerted);
    assert_eq!(code(&same_phone, "allowSave=true").await, json!([null, null, null]));
    let same_mail = one(json!({"LastName": "Ray", "Email": "a@b.co"}));
    let blocked = json!(["DUPLICATES_DETECTED", "This address is taken.", false]);
    assert_eq!(code(&same_mail, "allowSave=true").await, blocked);
    let other_name = one(json!({"LastName": "Ray", "Phone": "123", "Note__c": "other"}));
    assert_eq!(code(&other_name, "").await, json!([null, null, null]), "1 AND (2 OR 3)");
    let blanks = one(json!({"LastName": "Kay", "Phone": "123"}));
    assert_eq!(code(&blanks, "").await, alerted, "two blank notes match");

    let path = format!("/sobjects/Contact/{first}");
    assert_eq!(crm.patch(&path, json!({"Stage__c": "x"})).await.0, 204, "nothing that is matched changes");
    assert_eq!(shown(crm.patch(&path, json!({"Note__c": "x"})).await)[0][0], json!("DUPLICATES_DETECTED"));
    crm.stop().await;
}

#[tokio::test]
async fn computed_fields_are_shown_filtered_sorted_and_summed() {
    let crm = Crm::start("rules-org").await;
    for (name, score) in [("A", json!(3)), ("B", json!(1.25)), ("C", Value::Null)] {
        crm.create("Contact", json!({"LastName": name, "Score__c": score})).await;
    }
    let names = async |soql: &str| -> Value {
        let (status, answer) = crm.get(&format!("/query?q={}", soql.replace(' ', "+"))).await;
        assert_eq!(status, 200, "{answer}");
        let shown = |record: &Value| json!([record["LastName"], record["Double__c"]]);
        answer["records"].as_array().unwrap().iter().map(shown).collect()
    };
    let all = names("SELECT LastName,Double__c FROM Contact ORDER BY Double__c DESC").await;
    assert_eq!(all, json!([["C", null], ["A", 6.0], ["B", 2.5]]));
    let few = names("SELECT LastName,Double__c FROM Contact WHERE Double__c<3").await;
    assert_eq!(few, json!([["B", 2.5]]));
    let (_, sum) = crm.get("/query?q=SELECT+SUM(Double__c)+total+FROM+Contact").await;
    assert_eq!(sum["records"][0]["total"], json!(8.5));
    let (_, since) = crm.get("/query?q=SELECT+Since__c+FROM+Contact+LIMIT+1").await;
    assert_eq!(since["records"][0]["Since__c"], json!("2026-11-22"), "a default formula");
    crm.stop().await;
}

#[tokio::test]
async fn summaries_follow_the_children() {
    let crm = Crm::start("rules-org").await;
    let account = crm.create("Account", json!({"Name": "A"})).await;
    let other = crm.create("Account", json!({"Name": "B"})).await;
    let check = async |account: &str, expected: Value| {
        let path = format!("/sobjects/Account/{account}?fields=Items__c,Total__c,Largest__c");
        let (_, found) = crm.get(&path).await;
        assert_eq!(json!([found["Items__c"], found["Total__c"], found["Largest__c"]]), expected);
    };
    check(&account, json!([0.0, 0.0, null])).await;
    let item = |amount: f64, kind: &str| json!({"Account__c": account, "Amount__c": amount, "Kind__c": kind});
    let first = crm.create("Item__c", item(10.5, "")).await;
    let second = crm.create("Item__c", item(20.0, "gift")).await;
    check(&account, json!([2.0, 10.5, 20.0])).await;
    let path = format!("/sobjects/Item__c/{first}");
    assert_eq!(crm.patch(&path, json!({"Amount__c": 12})).await.0, 204);
    check(&account, json!([2.0, 12.0, 20.0])).await;
    assert_eq!(crm.patch(&path, json!({"Account__c": other})).await.0, 204);
    check(&account, json!([1.0, 0.0, 20.0])).await;
    check(&other, json!([1.0, 12.0, 12.0])).await;
    crm.delete(&format!("/sobjects/Item__c/{second}")).await;
    check(&account, json!([0.0, 0.0, null])).await;

    let large = errors(&crm, "Item__c", &item(2000.0, "")).await;
    assert_eq!(large, json!([[CUSTOM, "The total is too large.", []]]), "the parent's own rules");
    check(&account, json!([0.0, 0.0, null])).await;
    assert_eq!(crm.count("Item__c").await, json!(1));
    crm.stop().await;
}

#[tokio::test]
async fn record_types() {
    let crm = Crm::start("rules-org").await;
    let (_, found) =
        crm.get("/query?q=SELECT+Id,SobjectType+FROM+RecordType+WHERE+DeveloperName='Partner'").await;
    assert_eq!(found["records"][0]["SobjectType"], json!("Contact"));
    let id = found["records"][0]["Id"].as_str().unwrap().to_owned();
    let check = async |body: Value, expected: Value| {
        assert_eq!(errors(&crm, "Contact", &body).await, expected, "{body}");
    };
    let wrong = "012000000000001AAA";
    let message = format!("Record Type ID: this ID value isn't valid for the user: {wrong}");
    check(
        json!({"LastName": "L", "RecordTypeId": wrong}),
        json!([["INVALID_CROSS_REFERENCE_KEY", message, ["RecordTypeId"]]]),
    )
    .await;
    check(json!({"LastName": "L", "RecordTypeId": "012000000000000AAA"}), json!([])).await;
    let partner = |values: Value| {
        let mut body = json!({"LastName": "L", "RecordTypeId": id});
        body.as_object_mut().unwrap().extend(values.as_object().unwrap().clone());
        body
    };
    check(partner(json!({})), json!([[CUSTOM, "A partner needs a note.", ["Note__c"]]])).await;
    let tier = "Tier: bad value for restricted picklist field: Gold";
    check(
        partner(json!({"Note__c": "n", "Tier__c": "Gold", "Score__c": 1})),
        json!([["INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", tier, ["Tier__c"]]]),
    )
    .await;
    check(partner(json!({"Note__c": "n", "Tier__c": "Silver"})), json!([])).await;
    crm.stop().await;
}
