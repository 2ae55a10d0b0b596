//! Every code of the exporter's table, Marketo Measure's export codes among them, can be made: by the org, by what a
//! client sends, or by a fault.

use domain::codes::CODES;
use reqwest::Method;
use sandbox::Fault;
use serde_json::{Value, json};

use crate::crm::{Crm, org};

/// Codes that are the exporter's own: no CRM answers them.
const OURS: [&str; 5] = [
    domain::record::INCOMPLETE_RECORD,
    "CONNECTION_FAILED",
    "UNEXPECTED_ANSWER",
    "SIGN_IN_FAILED",
    "API_LIMIT_EXCEEDED",
];

/// What the org refuses: code, object, values. `{a}` is an account, `{gone}` a deleted one, `{c}` a contact.
fn by_org() -> Vec<(&'static str, &'static str, Value)> {
    let contact = |values: Value| {
        let mut record = json!({"LastName": "L"});
        record.as_object_mut().unwrap().extend(values.as_object().unwrap().clone());
        record
    };
    vec![
        ("FIELD_CUSTOM_VALIDATION_EXCEPTION", "Contact", contact(json!({"Tier__c": "Gold"}))),
        ("FIELD_FILTER_VALIDATION_EXCEPTION", "Contact", contact(json!({"Partner__c": "{a}"}))),
        ("CANNOT_EXECUTE_FLOW_TRIGGER", "Contact", contact(json!({"Note__c": "spoil", "AccountId": "{a}"}))),
        ("REQUIRED_FIELD_MISSING", "Contact", json!({})),
        ("INVALID_FIELD", "Contact", contact(json!({"Nothing__c": 1}))),
        ("INVALID_FIELD_FOR_INSERT_UPDATE", "Contact", contact(json!({"CreatedDate": "2026-01-01"}))),
        ("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "Contact", contact(json!({"Tier__c": "Lead"}))),
        ("STRING_TOO_LONG", "Contact", contact(json!({"Stage__c": "longer than ten"}))),
        ("NUMBER_OUTSIDE_VALID_RANGE", "Contact", contact(json!({"Score__c": 1000}))),
        ("INVALID_EMAIL_ADDRESS", "Contact", contact(json!({"Email": "x"}))),
        ("FIELD_INTEGRITY_EXCEPTION", "Contact", contact(json!({"AccountId": "{c}"}))),
        ("INVALID_CROSS_REFERENCE_KEY", "Contact", contact(json!({"AccountId": "001sb0000000zzzAAA"}))),
        ("MALFORMED_ID", "Contact", contact(json!({"AccountId": "001BAD"}))),
        ("ENTITY_IS_DELETED", "Contact", contact(json!({"AccountId": "{gone}"}))),
        ("DUPLICATE_VALUE", "Contact", contact(json!({"Ext__c": "taken"}))),
        ("DUPLICATES_DETECTED", "Contact", contact(json!({"Email": "taken@b.co"}))),
        ("INVALID_TYPE", "Nothing__c", json!({})),
    ]
}

fn code_of(answer: &Value) -> Value {
    let first = &answer[0];
    let nested = &first["errors"][0]["statusCode"];
    if nested.is_null() { first["errorCode"].clone() } else { nested.clone() }
}

async fn create(crm: &Crm, object: &str, values: &Value) -> Value {
    let mut record = values.clone();
    record["attributes"] = json!({"type": object});
    code_of(&crm.post("/composite/sobjects", json!({"records": [record]})).await.1)
}

/// The codes that the org and the form of a request decide.
async fn made_by_org(crm: &Crm) -> Vec<&'static str> {
    let account = crm.create("Account", json!({"Name": "A", "Group__c": "g"})).await;
    let gone = crm.create("Account", json!({"Name": "B", "Group__c": "g"})).await;
    let contact = json!({"LastName": "T", "Ext__c": "taken", "Email": "taken@b.co"});
    let contact = crm.create("Contact", contact).await;
    let many = json!({"records": [{"attributes": {"type": "Account"}, "Name": "C", "Group__c": "g"}]});
    let (_, answer) = crm.patch("/composite/sobjects/Account/Group__c", many).await;
    assert_eq!(code_of(&answer), "DUPLICATE_EXTERNAL_ID");
    crm.delete(&format!("/sobjects/Account/{gone}")).await;
    let mut made = vec!["DUPLICATE_EXTERNAL_ID"];
    for (code, object, values) in by_org() {
        let text =
            values.to_string().replace("{a}", &account).replace("{gone}", &gone).replace("{c}", &contact);
        let values: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(create(crm, object, &values).await, code, "{values}");
        made.push(code);
    }
    let bad = json!({"attributes": {"type": "Contact"}});
    let good = json!({"attributes": {"type": "Contact"}, "LastName": "L"});
    let path = "/composite/sobjects";
    let rolled_back = crm.post(path, json!({"allOrNone": true, "records": [good, bad]})).await.1;
    let no_key = json!({"records": [good]});
    let missing = crm.patch("/composite/sobjects/Contact/Ext__c", no_key).await.1;
    let steps = [json!({"LastName": "L"}), json!({})].map(|body| {
        let id = if body == json!({}) { "b" } else { "a" };
        json!({"method": "POST", "url": "/services/data/v59.0/sobjects/Contact", "referenceId": id, "body": body})
    });
    let composite = json!({"allOrNone": true, "compositeRequest": steps});
    let halted = crm.post("/composite", composite).await.1;
    let call = json!({"method": "GET", "url": "v59.0/sobjects/Nothing"});
    let batch = json!({"haltOnError": true, "batchRequests": [call, call]});
    let batch = crm.post("/composite/batch", batch).await.1;
    let unreadable = crm.post("/sobjects/Contact", json!({"LastName": "L", "Score__c": "abc"})).await.1;
    for (code, found) in [
        ("ALL_OR_NONE_OPERATION_ROLLED_BACK", code_of(&rolled_back)),
        ("MISSING_ARGUMENT", code_of(&missing)),
        ("PROCESSING_HALTED", code_of(&halted["compositeResponse"][0]["body"])),
        ("BATCH_PROCESSING_HALTED", code_of(&batch["results"][1]["result"])),
        ("NOT_FOUND", code_of(&batch["results"][0]["result"])),
        ("JSON_PARSER_ERROR", code_of(&unreadable)),
    ] {
        assert_eq!(found, code);
        made.push(code);
    }
    made
}

/// One fault for each code that is left, for the contact of that last name; sign-ins one after the other.
fn faults(codes: &[&str]) -> Vec<Fault> {
    let mut sign_ins = 0;
    let fault = |code: &&str| {
        let signs_in = ["INVALID_LOGIN", "LOGIN_MUST_USE_SECURITY_TOKEN", "PASSWORD_LOCKOUT"].contains(code);
        sign_ins += u32::from(signs_in);
        let when = if signs_in { sign_ins.to_string() } else { format!("Contact.LastName={code}") };
        format!("{code}:{when}").parse().unwrap_or_else(|error| panic!("{error}"))
    };
    codes.iter().map(fault).collect()
}

#[tokio::test]
async fn every_code_can_be_made() {
    let crm = Crm::start("rules-org").await;
    let made = made_by_org(&crm).await;
    crm.stop().await;
    let listed: Vec<&str> = CODES.iter().map(|code| code.crm).filter(|code| !OURS.contains(code)).collect();
    assert_eq!(made.iter().find(|code| !listed.contains(code)), None, "made, but not in the table");
    let left: Vec<&str> = listed.into_iter().filter(|code| !made.contains(code)).collect();
    let crm = Crm::with(org("rules-org"), |config| config.faults = faults(&left)).await;
    for code in left {
        let found = match code {
            "INVALID_LOGIN" | "LOGIN_MUST_USE_SECURITY_TOKEN" | "PASSWORD_LOCKOUT" => login(&crm).await,
            _ => create(&crm, "Contact", &json!({"LastName": code})).await,
        };
        assert_eq!(found, code);
    }
    assert_eq!(crm.count("Contact").await, json!(0), "nothing of it was stored");
    crm.stop().await;
}

/// The code of a fault at SOAP's login.
async fn login(crm: &Crm) -> Value {
    let envelope = "<e:Envelope xmlns:e=\"http://schemas.xmlsoap.org/soap/envelope/\"><e:Body>\
        <login xmlns=\"urn:partner.soap.sforce.com\"><username>u</username><password>p</password></login>\
        </e:Body></e:Envelope>";
    let url = format!("{}/services/Soap/u/59.0", crm.running.url);
    let answer = crm.client.post(url).header("Content-Type", "text/xml").body(envelope).send().await.unwrap();
    let text = answer.text().await.unwrap();
    let code = text.split("<sf:exceptionCode>").nth(1).and_then(|rest| rest.split('<').next());
    json!(code.unwrap_or(&text))
}

#[tokio::test]
async fn requests_fail_as_ordered() {
    let faults =
        ["SERVER_UNAVAILABLE:1", "INVALID_SESSION_ID:2", "DISCONNECT:3", "LOST_ANSWER:4", "SLOW=20:5"];
    let faults: Vec<Fault> = faults.iter().map(|fault| fault.parse().unwrap()).collect();
    let crm = Crm::with(org("rules-org"), |config| config.faults = faults).await;
    let send = async || {
        let url = format!("{}/services/data/v59.0/sobjects/Contact", crm.running.url);
        let request = crm.client.request(Method::POST, url).bearer_auth("00Dtest");
        let answer = request.json(&json!({"LastName": "L"})).send().await;
        answer.map(|answer| answer.status().as_u16()).map_err(|_| ())
    };
    assert_eq!(send().await, Ok(503));
    assert_eq!(send().await, Ok(401));
    assert_eq!(send().await, Err(()));
    assert_eq!(crm.count("Contact").await, json!(0), "reading meets no fault");
    assert_eq!(send().await, Err(()));
    assert_eq!(crm.count("Contact").await, json!(1), "only the answer was lost");
    assert_eq!(send().await, Ok(201));
    crm.stop().await;
}
