//! One record: by id and by external id.

use reqwest::Method;
use serde_json::{Value, json};

use crate::crm::Crm;

fn missing() -> Value {
    json!([{"message": "The requested resource does not exist", "errorCode": "NOT_FOUND"}])
}

#[tokio::test]
async fn a_record_lives_and_dies() {
    let crm = Crm::start("org").await;
    let created = crm.post("/sobjects/Account/", json!({"Name": " Acme ", "NumberOfEmployees": 12})).await;
    let id = "001sb0000000002AAA";
    assert_eq!(created, (201, json!({"id": id, "success": true, "errors": []})));
    let path = format!("/sobjects/account/{id}");
    assert_eq!(
        crm.get(&format!("{path}?fields=name,NumberOfEmployees,OwnerId,CreatedDate")).await,
        (
            200,
            json!({
                "attributes": {"type": "Account", "url": format!("/services/data/v59.0/sobjects/Account/{id}")},
                "Name": "Acme",
                "NumberOfEmployees": 12,
                "OwnerId": "005sb0000000001AAA",
                "CreatedDate": "2026-11-23T10:00:00.000+0000",
                "Id": id,
            })
        )
    );
    crm.wait(time::Duration::MINUTE);
    assert_eq!(crm.patch(&path, json!({"BillingCity": "Oslo", "Name": "New"})).await, (204, Value::Null));
    let (_, whole) = crm.get(&path).await;
    let shown = |name: &str| whole[name].clone();
    assert_eq!((shown("Name"), shown("BillingAddress")["city"].clone()), (json!("New"), json!("Oslo")));
    assert_eq!(shown("CreatedDate"), json!("2026-11-23T10:00:00.000+0000"));
    assert_eq!(shown("LastModifiedDate"), json!("2026-11-23T10:01:00.000+0000"));
    assert_eq!(crm.value("Account", "001sb0000000002", "Name").await, json!("New"), "15 characters");

    assert_eq!(crm.delete(&path).await, (204, Value::Null));
    let deleted = json!([{"message": "entity is deleted", "errorCode": "ENTITY_IS_DELETED"}]);
    assert_eq!(crm.get(&path).await, (404, deleted.clone()));
    assert_eq!(crm.patch(&path, json!({"Name": "x"})).await, (404, deleted));
    assert_eq!(crm.get("/sobjects/Account/001sb0000000009AAA").await, (404, missing()));
    let malformed = json!([{
        "message": "Account ID: id value of incorrect type: 12", "errorCode": "MALFORMED_ID", "fields": ["Id"],
    }]);
    assert_eq!(crm.get("/sobjects/Account/12").await, (400, malformed));
    crm.stop().await;
}

#[tokio::test]
async fn a_created_record_has_an_address() {
    let crm = Crm::start("org").await;
    let url = format!("{}/services/data/v59.0/sobjects/Contact/Id", crm.running.url);
    let body = json!({"LastName": "Lee", "FirstName": "Ann"});
    let response = crm.client.post(url).bearer_auth("00Dx").json(&body).send().await.unwrap();
    let location = response.headers()["location"].to_str().unwrap().to_owned();
    assert_eq!(location, "/services/data/v59.0/sobjects/Contact/003sb0000000002AAA");
    assert_eq!(crm.value("Contact", "003sb0000000002AAA", "Name").await, json!("Ann Lee"));
    crm.stop().await;
}

#[tokio::test]
async fn upsert_by_external_id() {
    let crm = Crm::start("org").await;
    let path = "/sobjects/Account/Ext__c/A%2F1";
    let only = crm.patch(&format!("{path}?updateOnly=true"), json!({"Name": "x"})).await;
    assert_eq!(only, (404, missing()));
    let id = "001sb0000000002AAA";
    let created = json!({"id": id, "success": true, "errors": [], "created": true});
    assert_eq!(crm.patch(path, json!({"Name": "One"})).await, (201, created));
    let updated = json!({"id": id, "success": true, "errors": [], "created": false});
    assert_eq!(crm.patch("/sobjects/Account/ext__C/a%2f1", json!({"Name": "Two"})).await, (200, updated));
    let older = crm.call_at("v45.0", Method::PATCH, path, Some(json!({"Name": "Three"}))).await;
    assert_eq!(older, (204, Value::Null));
    let by_id = crm.patch(&format!("/sobjects/Account/Id/{id}"), json!({"Name": "Four"})).await;
    assert_eq!(by_id.0, 200);
    let (_, read) = crm.get(&format!("{path}?fields=Ext__c,Name")).await;
    assert_eq!((&read["Ext__c"], &read["Name"]), (&json!("A/1"), &json!("Four")));

    let in_body = json!([{
        "message": "The Ext__c field should not be specified in the sobject data.", "errorCode": "INVALID_FIELD",
        "fields": [],
    }]);
    assert_eq!(crm.patch(path, json!({"Name": "x", "Ext__c": "A/1"})).await, (400, in_body));
    let message = "Provided external ID field does not exist or is not accessible: Industry";
    let no_key = json!([{"message": message, "errorCode": "NOT_FOUND"}]);
    assert_eq!(crm.patch("/sobjects/Account/Industry/x", json!({"Name": "x"})).await, (404, no_key));
    assert_eq!(crm.delete(path).await, (204, Value::Null));
    assert_eq!(crm.get(path).await, (404, missing()));
    crm.stop().await;
}

#[tokio::test]
async fn several_matches_are_choices() {
    let crm = Crm::start("org").await;
    let first = crm.create("Account", json!({"Name": "1", "Group__c": "G"})).await;
    let second = crm.create("Account", json!({"Name": "2", "Group__c": "g"})).await;
    let address = |id: &str| format!("/services/data/v59.0/sobjects/Account/{id}");
    let choices = json!([address(&first), address(&second)]);
    assert_eq!(crm.patch("/sobjects/Account/Group__c/G", json!({"Name": "x"})).await, (300, choices));
    let body = json!({"records": [{"attributes": {"type": "Account"}, "Group__c": "G", "Name": "x"}]});
    let (status, answer) = crm.patch("/composite/sobjects/Account/Group__c", body).await;
    assert_eq!(
        (status, answer),
        (
            200,
            json!([{"success": false, "errors": [{
                "statusCode": "DUPLICATE_EXTERNAL_ID", "message": "The external ID provided matches more than one record",
                "fields": [],
            }]}])
        )
    );
    assert_eq!(crm.value("Account", &first, "Name").await, json!("1"));
    crm.stop().await;
}
