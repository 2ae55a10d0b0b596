//! What the export user may not do: objects and fields that are hidden or read-only.

use serde_json::{Value, json};

use crate::crm::Crm;

fn error(code: &str, message: &str, fields: Value) -> Value {
    json!([{"message": message, "errorCode": code, "fields": fields}])
}

#[tokio::test]
async fn objects() {
    let crm = Crm::start("limited-org").await;
    let id = crm.create("Account", json!({"Name": "A"})).await;
    let missing = json!([{"message": "The requested resource does not exist", "errorCode": "NOT_FOUND"}]);
    assert_eq!(crm.post("/sobjects/Contact", json!({"LastName": "L"})).await, (404, missing));
    let code = "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY";
    let message = "entity type cannot be inserted: Touchpoint__c";
    assert_eq!(crm.post("/sobjects/Touchpoint__c", json!({})).await, (400, error(code, message, json!([]))));
    let refused =
        error("INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id", json!([]));
    assert_eq!(crm.delete(&format!("/sobjects/Account/{id}")).await, (400, refused));

    let row = |object: &str| json!({"attributes": {"type": object}, "Ext__c": "1"});
    let body = json!({"records": [row("Contact"), row("Touchpoint__c")]});
    let row = |code: &str, message: &str| json!({"success": false, "errors": [{"statusCode": code, "message": message, "fields": []}]});
    let expected =
        json!([row("INVALID_TYPE", "sObject type 'Contact' is not supported."), row(code, message)]);
    assert_eq!(crm.post("/composite/sobjects", body).await, (200, expected));
    crm.stop().await;
}

#[tokio::test]
async fn fields() {
    let crm = Crm::start("limited-org").await;
    let hidden = "No such column 'Hidden__c' on sobject of type Account";
    let answer = crm.post("/sobjects/Account", json!({"Name": "A", "Hidden__c": "x"})).await;
    assert_eq!(answer, (400, error("INVALID_FIELD", hidden, json!([]))));
    let read_only = "Unable to create/update fields: Seen__c. Please check the security settings of this field and verify \
                     that it is read/write for your profile or permission set.";
    let answer = crm.post("/sobjects/Account", json!({"Name": "A", "Seen__c": "x"})).await;
    assert_eq!(answer, (400, error("INVALID_FIELD_FOR_INSERT_UPDATE", read_only, json!(["Seen__c"]))));
    let id = crm.create("Account", json!({"Name": "A", "Kept__c": "x"})).await;
    let (status, answer) = crm.get(&format!("/sobjects/Account/{id}?fields=Hidden__c")).await;
    assert_eq!((status, answer), (400, json!([{"message": hidden, "errorCode": "INVALID_FIELD"}])));

    let (_, described) = crm.get("/sobjects/Account/describe").await;
    let shown = |name: &str| {
        let fields = described["fields"].as_array().unwrap();
        let field = fields.iter().find(|field| field["name"] == name);
        field.map(|field| (field["createable"].clone(), field["updateable"].clone()))
    };
    assert_eq!(shown("Hidden__c"), None);
    assert_eq!(shown("Seen__c"), Some((json!(false), json!(false))));
    assert_eq!(shown("Kept__c"), Some((json!(true), json!(true))));
    crm.stop().await;
}
