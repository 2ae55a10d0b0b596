//! The save path: what is refused and how, what is stored.

use serde_json::{Value, json};

use crate::crm::Crm;

/// The errors of a create that must be refused, as `[code, message, fields]`.
async fn errors(crm: &Crm, object: &str, body: Value) -> Value {
    let (status, answer) = crm.post(&format!("/sobjects/{object}"), body.clone()).await;
    assert_eq!(status, 400, "{body}: {answer}");
    let shown = |error: &Value| json!([error["errorCode"], error["message"], error["fields"]]);
    answer.as_array().unwrap().iter().map(shown).collect()
}

#[tokio::test]
async fn system_validation() {
    let crm = Crm::start("org").await;
    let check = async |body: Value, expected: Value| {
        let mut whole = json!({"Type__c": "Web"});
        whole.as_object_mut().unwrap().extend(body.as_object().unwrap().clone());
        assert_eq!(errors(&crm, "Touchpoint__c", whole).await, expected, "{body}");
    };
    let one = |code: &str, message: &str, field: &str| json!([[code, message, [field]]]);
    check(
        json!({"Type__c": ""}),
        one("REQUIRED_FIELD_MISSING", "Required fields are missing: [Type__c]", "Type__c"),
    )
    .await;
    let long = "Touchpoint Type: data value too large: Web Visit 12 (max length=10)";
    check(json!({"Type__c": "Web Visit 12"}), one("STRING_TOO_LONG", long, "Type__c")).await;
    let range = "Normalized Score: value outside of valid range on numeric field: 100.0";
    check(json!({"Score__c": 100}), one("NUMBER_OUTSIDE_VALID_RANGE", range, "Score__c")).await;
    let list = "Rating: bad value for restricted picklist field: Tepid";
    check(json!({"Rating__c": "Tepid"}), one("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", list, "Rating__c"))
        .await;
    let several = "Interests: bad value for restricted picklist field: Tepid";
    let code = "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST";
    check(json!({"Interests__c": "Hot;Tepid"}), one(code, several, "Interests__c")).await;
    check(json!({"Mail__c": "x"}), one("INVALID_EMAIL_ADDRESS", "Mail: invalid email address: x", "Mail__c"))
        .await;
    let bool = "Active: value not of required type: ";
    check(json!({"Active__c": null}), one("INVALID_TYPE_ON_FIELD_IN_RECORD", bool, "Active__c")).await;
    let column = "No such column 'Nope__c' on sobject of type Touchpoint__c";
    check(json!({"Nope__c": 1}), json!([["INVALID_FIELD", column, []]])).await;
    let read_only = "Unable to create/update fields: CreatedDate, Doubled__c, Name. Please check the security settings of \
                     this field and verify that it is read/write for your profile or permission set.";
    check(
        json!({"CreatedDate": "2026-01-01", "Doubled__c": 1, "Name": "x"}),
        json!([["INVALID_FIELD_FOR_INSERT_UPDATE", read_only, ["CreatedDate", "Doubled__c", "Name"]]]),
    )
    .await;
    check(
        json!({"Type__c": null, "Score__c": -100}),
        json!([
            ["REQUIRED_FIELD_MISSING", "Required fields are missing: [Type__c]", ["Type__c"]],
            ["NUMBER_OUTSIDE_VALID_RANGE", range.replace("100.0", "-100.0"), ["Score__c"]],
        ]),
    )
    .await;
    assert_eq!(crm.count("Touchpoint__c").await, json!(0));
    crm.stop().await;
}

#[tokio::test]
async fn lookups() {
    let crm = Crm::start("org").await;
    let account = crm.create("Account", json!({"Name": "A", "Ext__c": "42"})).await;
    let gone = crm.create("Account", json!({"Name": "B"})).await;
    crm.delete(&format!("/sobjects/Account/{gone}")).await;
    let check = async |lookup: Value, expected: Value| {
        let mut body = lookup.clone();
        body["Type__c"] = json!("Web");
        assert_eq!(errors(&crm, "Touchpoint__c", body).await, expected, "{lookup}");
    };
    let wrong = |id: &str| format!("Contact: id value of incorrect type: {id}");
    check(json!({"Contact__c": "003BAD"}), json!([["MALFORMED_ID", wrong("003BAD"), ["Contact__c"]]])).await;
    check(
        json!({"Contact__c": account}),
        json!([["FIELD_INTEGRITY_EXCEPTION", wrong(&account), ["Contact__c"]]]),
    )
    .await;
    let unknown = json!([["INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", []]]);
    check(json!({"Contact__c": "003sb0000000099AAA"}), unknown).await;
    check(json!({"Account__c": gone}), json!([["ENTITY_IS_DELETED", "entity is deleted", []]])).await;
    let message = "Foreign key external ID: 43 not found for field Ext__c in entity Account";
    check(json!({"Account__r": {"Ext__c": "43"}}), json!([["INVALID_FIELD", message, []]])).await;
    let message = "Field name provided, Industry does not match an External ID, Salesforce Id, or indexed field for Account";
    check(json!({"Account__r": {"Industry": "x"}}), json!([["INVALID_FIELD", message, []]])).await;
    let message = "No such column 'Nobody__r' on sobject of type Touchpoint__c";
    check(json!({"Nobody__r": {"Ext__c": "42"}}), json!([["INVALID_FIELD", message, []]])).await;

    let body = json!({"Type__c": "Web", "account__R": {"attributes": {"type": "Account"}, "ext__c": "42"}});
    let found = crm.create("Touchpoint__c", body).await;
    assert_eq!(crm.value("Touchpoint__c", &found, "Account__c").await, json!(account));
    crm.stop().await;
}

#[tokio::test]
async fn what_is_stored() {
    let crm = Crm::start("org").await;
    let id = crm
        .create("Touchpoint__c", json!({
            "Type__c": "  Web ", "Score__c": 1.005, "Moment__c": "2026-11-23T11:30:00+01:00", "Day__c": "2026-11-23",
            "Interests__c": "Hot; Cold",
        }))
        .await;
    let fields = "Type__c,Score__c,Moment__c,Day__c,Interests__c,Active__c,Rating__c,Name,Doubled__c";
    let (_, mut stored) = crm.get(&format!("/sobjects/Touchpoint__c/{id}?fields={fields}")).await;
    stored["attributes"].take();
    assert_eq!(
        stored,
        json!({
            "attributes": null, "Type__c": "Web", "Score__c": 1.01, "Moment__c": "2026-11-23T10:30:00.000+0000",
            "Day__c": "2026-11-23", "Interests__c": "Hot;Cold", "Active__c": false, "Rating__c": "Warm", "Name": "TP-0001",
            "Doubled__c": 2.02, "Id": id,
        })
    );
    let path = format!("/sobjects/Touchpoint__c/{id}");
    assert_eq!(
        crm.patch(&path, json!({"Score__c": null, "Rating__c": "", "Active__c": "true"})).await.0,
        204
    );
    let (_, read) = crm.get(&format!("{path}?fields=Score__c,Rating__c,Active__c")).await;
    assert_eq!(
        (&read["Score__c"], &read["Rating__c"], &read["Active__c"]),
        (&Value::Null, &Value::Null, &json!(true))
    );
    crm.stop().await;
}

#[tokio::test]
async fn unique_values() {
    let crm = Crm::start("org").await;
    let first = crm.create("Touchpoint__c", json!({"Type__c": "Web", "Ext__c": "A", "Code__c": "X"})).await;
    let taken = |field: &str| {
        let message = format!("duplicate value found: {field} duplicates value on record with id: {first}");
        json!([["DUPLICATE_VALUE", message, []]])
    };
    let refused = errors(&crm, "Touchpoint__c", json!({"Type__c": "Web", "Ext__c": "a"})).await;
    assert_eq!(refused, taken("Ext__c"), "case does not matter");
    assert_eq!(
        errors(&crm, "Touchpoint__c", json!({"Type__c": "Web", "Code__c": "X"})).await,
        taken("Code__c")
    );
    crm.create("Touchpoint__c", json!({"Type__c": "Web", "Code__c": "x"})).await;
    let path = format!("/sobjects/Touchpoint__c/{first}");
    assert_eq!(crm.patch(&path, json!({"Ext__c": "A", "Code__c": "X"})).await.0, 204, "its own values");
    assert_eq!(crm.delete(&path).await.0, 204);
    crm.create("Touchpoint__c", json!({"Type__c": "Web", "Ext__c": "A", "Code__c": "X"})).await;
    crm.stop().await;
}

#[tokio::test]
async fn deleting_a_parent() {
    let crm = Crm::start("org").await;
    let account = crm.create("Account", json!({"Name": "A"})).await;
    let contact = crm.create("Contact", json!({"LastName": "L"})).await;
    let body = json!({"Type__c": "Web", "Account__c": account, "Contact__c": contact});
    let touchpoint = crm.create("Touchpoint__c", body).await;
    let part = crm.create("Part__c", json!({"Name": "P", "Touchpoint__c": touchpoint})).await;

    let message = format!(
        "Your attempt to delete A could not be completed because it is associated with the following Touchpoints: \
         {touchpoint}"
    );
    let held = json!([{"message": message, "errorCode": "DELETE_FAILED", "fields": []}]);
    assert_eq!(crm.delete(&format!("/sobjects/Account/{account}")).await, (400, held));
    assert_eq!(crm.delete(&format!("/sobjects/Contact/{contact}")).await.0, 204);
    assert_eq!(crm.value("Touchpoint__c", &touchpoint, "Contact__c").await, Value::Null);
    assert_eq!(crm.delete(&format!("/sobjects/Touchpoint__c/{touchpoint}")).await.0, 204);
    assert_eq!(crm.get(&format!("/sobjects/Part__c/{part}")).await.0, 404, "details go with their master");
    assert_eq!(crm.delete(&format!("/sobjects/Account/{account}")).await.0, 204);
    crm.stop().await;
}
