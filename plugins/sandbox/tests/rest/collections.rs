//! sObject Collections: order, allOrNone, limits, bodies that cannot be read.

use reqwest::Method;
use serde_json::{Value, json};

use crate::crm::Crm;

fn account(values: Value) -> Value {
    let mut record = json!({"attributes": {"type": "Account"}});
    record.as_object_mut().unwrap().extend(values.as_object().unwrap().clone());
    record
}

fn refused(code: &str, message: &str, fields: Value) -> Value {
    json!({"success": false, "errors": [{"statusCode": code, "message": message, "fields": fields}]})
}

fn missing_name() -> Value {
    refused("REQUIRED_FIELD_MISSING", "Required fields are missing: [Name]", json!(["Name"]))
}

const UPSERT: &str = "/composite/sobjects/Account/Ext__c";

#[tokio::test]
async fn each_row_stands_for_itself() {
    let crm = Crm::start("org").await;
    crm.create("Account", json!({"Name": "Old", "Ext__c": "A"})).await;
    let records = [
        account(json!({"Ext__c": "A", "Name": "New"})),
        account(json!({"Ext__c": "B"})),
        account(json!({"ext__c": "C", "Name": "C"})),
        account(json!({"Ext__c": null, "Name": "D"})),
        account(json!({"Ext__c": "E", "Name": "E", "Nope__c": {"deep": true}})),
    ];
    let saved =
        |id: &str, created: bool| json!({"id": id, "success": true, "errors": [], "created": created});
    let expected = json!([
        saved("001sb0000000002AAA", false),
        missing_name(),
        saved("001sb0000000003AAA", true),
        refused("MISSING_ARGUMENT", "Ext__c not specified", json!([])),
        refused("INVALID_FIELD", "No such column 'Nope__c' on sobject of type Account", json!([])),
    ]);
    assert_eq!(crm.patch(UPSERT, json!({"allOrNone": false, "records": records})).await, (200, expected));
    assert_eq!(crm.value("Account", "001sb0000000002AAA", "Name").await, json!("New"));
    assert_eq!(crm.count("Account").await, json!(2));
    crm.stop().await;
}

#[tokio::test]
async fn all_or_none() {
    let crm = Crm::start("org").await;
    let records = [
        account(json!({"Ext__c": "A", "Name": "A"})),
        account(json!({"Ext__c": "B"})),
        account(json!({"Ext__c": "C", "Name": "C"})),
        account(json!({"Ext__c": "D"})),
    ];
    let message =
        "Record rolled back because not all records were valid and the request was using AllOrNone header";
    let innocent = refused("ALL_OR_NONE_OPERATION_ROLLED_BACK", message, json!([]));
    let expected = json!([innocent, missing_name(), innocent, missing_name()]);
    assert_eq!(crm.patch(UPSERT, json!({"allOrNone": true, "records": records})).await, (200, expected));
    assert_eq!(crm.count("Account").await, json!(0));
    crm.stop().await;
}

#[tokio::test]
async fn rows_that_share_an_external_id_are_refused() {
    let crm = Crm::start("org").await;
    let records = [
        account(json!({"Ext__c": "A", "Name": "1"})),
        account(json!({"Ext__c": "B", "Name": "2"})),
        account(json!({"Ext__c": "a", "Name": "3"})),
    ];
    let twice = |id: &str| {
        refused("DUPLICATE_VALUE", &format!("Duplicate external id specified: {id}"), json!(["Ext__c"]))
    };
    let saved = json!({"id": "001sb0000000002AAA", "success": true, "errors": [], "created": true});
    let expected = json!([twice("A"), saved, twice("a")]);
    assert_eq!(crm.patch(UPSERT, json!({"records": records})).await, (200, expected));
    crm.stop().await;
}

#[tokio::test]
async fn create_update_retrieve_delete() {
    let crm = Crm::start("org").await;
    let contact = json!({"attributes": {"type": "Contact"}, "LastName": "L"});
    let (status, answer) =
        crm.post("/composite/sobjects", json!({"records": [account(json!({"Name": "A"})), contact]})).await;
    let (first, second) = ("001sb0000000002AAA", "003sb0000000003AAA");
    let saved = |id: &str| json!({"id": id, "success": true, "errors": []});
    assert_eq!((status, answer), (200, json!([saved(first), saved(second)])));

    let absent = "001sb0000000099AAA";
    let mut unknown = refused("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", json!([]));
    unknown["id"] = json!(absent);
    let records =
        json!([account(json!({"id": first, "Name": "B"})), account(json!({"Id": absent, "Name": "x"}))]);
    assert_eq!(
        crm.patch("/composite/sobjects", json!({"records": records})).await,
        (200, json!([saved(first), unknown]))
    );

    let shown = json!([
        {"attributes": {"type": "Account", "url": format!("/services/data/v59.0/sobjects/Account/{first}")},
         "Name": "B", "Id": first},
        null,
    ]);
    let query = format!("/composite/sobjects/Account?ids={first},{absent}&fields=Name");
    assert_eq!(crm.get(&query).await, (200, shown.clone()));
    let body = json!({"ids": [first, second], "fields": ["Name"]});
    assert_eq!(crm.post("/composite/sobjects/Account", body).await, (200, shown));

    let ids = format!("/composite/sobjects?ids={first},{absent}");
    assert_eq!(crm.delete(&format!("{ids}&allOrNone=true")).await.1[0]["success"], json!(false));
    assert_eq!(crm.delete(&ids).await, (200, json!([saved(first), unknown])));
    assert_eq!(crm.count("Account").await, json!(0));
    crm.stop().await;
}

#[tokio::test]
async fn limits() {
    let crm = Crm::start("org").await;
    let many: Vec<Value> =
        (0..201).map(|index| account(json!({"Ext__c": index.to_string(), "Name": "x"}))).collect();
    let message = "record limit reached. cannot submit more than 200 records into this call";
    let limit = json!([{"message": message, "errorCode": "EXCEEDED_ID_LIMIT"}]);
    assert_eq!(crm.patch(UPSERT, json!({"records": many})).await, (400, limit));
    let (status, answer) = crm.patch(UPSERT, json!({"records": many[..200]})).await;
    let good = answer.as_array().unwrap().iter().filter(|row| row["success"] == true).count();
    assert_eq!((status, good), (200, 200));

    let contact = json!({"attributes": {"type": "Contact"}, "LastName": "L"});
    let mixed = |chunks: usize| -> Value {
        let kinds = [account(json!({"Name": "x"})), contact.clone()];
        (0..chunks).map(|index| kinds[index % 2].clone()).collect()
    };
    assert_eq!(crm.post("/composite/sobjects", json!({"records": mixed(10)})).await.0, 200);
    let chunks = json!([{
        "message": "Cannot have more than 10 chunks in a single operation", "errorCode": "LIMIT_EXCEEDED",
    }]);
    assert_eq!(crm.post("/composite/sobjects", json!({"records": mixed(11)})).await, (400, chunks));
    crm.stop().await;
}

#[tokio::test]
async fn a_wrong_type_anywhere_refuses_the_request() {
    let crm = Crm::start("org").await;
    let check = async |value: Value, expected: &str| {
        let row = |values: Value| {
            let mut record = json!({"attributes": {"type": "Touchpoint__c"}, "Type__c": "Web"});
            record.as_object_mut().unwrap().extend(values.as_object().unwrap().clone());
            record
        };
        let body = json!({"records": [row(json!({"Ext__c": "good"})), row(value.clone())]});
        let (status, answer) = crm.patch("/composite/sobjects/Touchpoint__c/Ext__c", body).await;
        let message = answer[0]["message"].as_str().unwrap_or_default();
        let message = message.split(" or request").next().unwrap_or_default();
        let expected = format!("Cannot deserialize instance of {expected}");
        assert_eq!(
            (status, answer[0]["errorCode"].as_str(), message),
            (400, Some("JSON_PARSER_ERROR"), expected.as_str())
        );
    };
    check(json!({"Ext__c": "1", "Score__c": "abc"}), "double from VALUE_STRING value abc").await;
    check(json!({"Ext__c": "1", "Active__c": "abc"}), "boolean from VALUE_STRING value abc").await;
    check(json!({"Ext__c": "1", "Day__c": "soon"}), "date from VALUE_STRING value soon").await;
    check(json!({"Ext__c": {"a": 1}}), "string from START_OBJECT value {").await;
    check(json!({"Ext__c": "1", "Account__r": "x"}), "Account from value \"x\"").await;
    check(json!({"Ext__c": "1", "Account__r": {"Ext__c": [1]}}), "string from START_ARRAY value [").await;
    assert_eq!(crm.count("Touchpoint__c").await, json!(0));

    let url = format!("{}/services/data/v59.0{UPSERT}", crm.running.url);
    let request = crm.client.request(Method::PATCH, url).bearer_auth("00Dx").body("{\"records\": [}");
    let response = request.send().await.unwrap();
    let body =
        json!([{"message": "expected value at [line:1, column:14]", "errorCode": "JSON_PARSER_ERROR"}]);
    assert_eq!((response.status().as_u16(), response.json::<Value>().await.unwrap()), (400, body));
    crm.stop().await;
}
