//! Versions, resources, limits, describe, and paths that are not there.

use reqwest::Method;
use serde_json::{Value, json};

use crate::crm::Crm;

#[tokio::test]
async fn versions_and_resources() {
    let crm = Crm::start("org").await;
    let versions = crm.client.get(format!("{}/services/data/", crm.running.url)).send().await.unwrap();
    let versions: Value = versions.json().await.unwrap();
    let newest = json!({"label": "Winter '27", "url": "/services/data/v68.0", "version": "68.0"});
    assert_eq!((versions.as_array().unwrap().len(), &versions[37]), (38, &newest));
    assert_eq!(
        crm.call_at("v64.0", Method::GET, "/", None).await,
        (
            200,
            json!({
                "composite": "/services/data/v64.0/composite",
                "jobs": "/services/data/v64.0/jobs",
                "limits": "/services/data/v64.0/limits",
                "query": "/services/data/v64.0/query",
                "queryAll": "/services/data/v64.0/queryAll",
                "sobjects": "/services/data/v64.0/sobjects",
                "identity": "/id/00Dsb0000000001AAA/005sb0000000001AAA",
            })
        )
    );
    let jobs = crm.get("/jobs/ingest/").await;
    assert_eq!((jobs.0, &jobs.1["records"]), (200, &json!([])), "the Bulk API is mounted");
    crm.stop().await;
}

#[tokio::test]
async fn what_is_not_there() {
    let crm = Crm::start("org").await;
    let missing = json!([{"message": "The requested resource does not exist", "errorCode": "NOT_FOUND"}]);
    for path in ["/sobjects/Nothing__c", "/sobjects/Nothing__c/describe", "/nothing", "/jobs/nothing"] {
        assert_eq!(crm.get(path).await, (404, missing.clone()), "{path}");
    }
    assert_eq!(crm.call_at("v69.0", Method::GET, "/limits", None).await, (404, missing.clone()));
    assert_eq!(crm.call_at("v30.0", Method::GET, "/limits", None).await.0, 410);
    let method = json!([{
        "message": "HTTP Method 'PUT' not allowed. Allowed are GET,POST", "errorCode": "METHOD_NOT_ALLOWED",
    }]);
    assert_eq!(crm.call(Method::PUT, "/sobjects/Account", None).await, (405, method));
    let url = format!("{}/services/data/v59.0/sobjects/Account", crm.running.url);
    let xml =
        crm.client.post(url).bearer_auth("00Dx").header("Content-Type", "application/xml").body("<Account/>");
    assert_eq!(xml.send().await.unwrap().status().as_u16(), 415);
    crm.stop().await;
}

#[tokio::test]
async fn describe_tells_fields_and_relationships() {
    let crm = Crm::start("org").await;
    let (status, global) = crm.get("/sobjects").await;
    let names: Vec<_> = global["sobjects"].as_array().unwrap().iter().map(|object| &object["name"]).collect();
    assert_eq!((status, &global["maxBatchSize"]), (200, &json!(200)));
    assert!(names.contains(&&json!("Touchpoint__c")) && names.contains(&&json!("Account")), "{names:?}");

    let (status, touchpoint) = crm.get("/sobjects/touchpoint__C/describe/").await;
    assert_eq!((status, &touchpoint["name"]), (200, &json!("Touchpoint__c")));
    let field = |name: &str, members: &[&str]| -> Value {
        let fields = touchpoint["fields"].as_array().unwrap();
        let field = fields.iter().find(|field| field["name"] == name).unwrap();
        members.iter().map(|member| field[*member].clone()).collect()
    };
    let flags = ["type", "createable", "updateable", "nillable", "defaultedOnCreate", "externalId", "unique"];
    let check = |name: &str, expected: Value| assert_eq!(field(name, &flags), expected, "{name}");
    check("Id", json!(["id", false, false, false, true, false, false]));
    check("Ext__c", json!(["string", true, true, true, false, true, true]));
    check("Type__c", json!(["string", true, true, false, false, false, false]));
    check("Score__c", json!(["double", true, true, true, false, false, false]));
    check("Active__c", json!(["boolean", true, true, false, true, false, false]));
    check("Name", json!(["string", false, false, false, true, false, false]));
    check("Doubled__c", json!(["double", false, false, true, false, false, false]));
    check("OwnerId", json!(["reference", true, true, false, true, false, false]));
    assert_eq!(field("Score__c", &["precision", "scale", "soapType"]), json!([4, 2, "xsd:double"]));
    assert_eq!(field("Contact__c", &["referenceTo", "relationshipName"]), json!([["Contact"], "Contact__r"]));
    assert_eq!(
        field("Rating__c", &["restrictedPicklist", "picklistValues"])[1][1],
        json!({
            "active": true, "defaultValue": true, "label": "Warm", "validFor": null, "value": "Warm",
        })
    );
    assert_eq!(
        touchpoint["childRelationships"],
        json!([{
            "cascadeDelete": true, "childSObject": "Part__c", "deprecatedAndHidden": false, "field": "Touchpoint__c",
            "relationshipName": "Parts__r", "restrictedDelete": false,
        }])
    );
    crm.stop().await;
}

#[tokio::test]
async fn calls_are_counted_and_the_day_has_a_limit() {
    let crm = Crm::with(crate::crm::org("org"), |config| config.daily_api_calls = 3).await;
    let url = format!("{}/services/data/v59.0/limits", crm.running.url);
    let call = async || {
        let response = crm.client.get(&url).bearer_auth("00Dx").send().await.unwrap();
        let info = response.headers()["sforce-limit-info"].to_str().unwrap().to_owned();
        (response.status().as_u16(), info, response.json::<Value>().await.unwrap())
    };
    let (status, info, limits) = call().await;
    assert_eq!((status, info.as_str()), (200, "api-usage=1/3"));
    assert_eq!(limits["DailyApiRequests"], json!({"Max": 3, "Remaining": 2}));
    assert_eq!(crm.get("/nothing").await.0, 404);
    assert_eq!(call().await.1, "api-usage=3/3", "a failed call counts too");
    let exceeded =
        json!([{"message": "TotalRequests Limit exceeded.", "errorCode": "REQUEST_LIMIT_EXCEEDED"}]);
    assert_eq!(call().await, (403, "api-usage=3/3".into(), exceeded));
    crm.wait(time::Duration::hours(14));
    assert_eq!(call().await.1, "api-usage=1/3", "a new day");
    crm.stop().await;
}
