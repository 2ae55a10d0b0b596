//! Composite requests: references, rollback, batch, graph, tree.

use serde_json::{Value, json};

use crate::crm::Crm;

fn step(method: &str, path: &str, reference: &str, body: Value) -> Value {
    json!({"method": method, "url": format!("/services/data/v59.0{path}"), "referenceId": reference, "body": body})
}

fn missing_name() -> Value {
    json!([{
        "message": "Required fields are missing: [Name]", "errorCode": "REQUIRED_FIELD_MISSING", "fields": ["Name"],
    }])
}

fn response(status: u16, reference: &str, body: Value) -> Value {
    json!({"body": body, "httpHeaders": {}, "httpStatusCode": status, "referenceId": reference})
}

fn halted(reference: &str) -> Value {
    let message = "The transaction was rolled back since another operation in the same transaction failed.";
    response(400, reference, json!([{"message": message, "errorCode": "PROCESSING_HALTED"}]))
}

#[tokio::test]
async fn later_calls_use_earlier_answers() {
    let crm = Crm::start("org").await;
    let body = json!({"allOrNone": false, "collateSubrequests": true, "compositeRequest": [
        step("POST", "/sobjects/Account", "a1", json!({"Name": "A"})),
        step("POST", "/sobjects/Contact", "c1", json!({"LastName": "L", "AccountId": "@{a1.id}"})),
        step("GET", "/sobjects/Contact/@{c1.id}?fields=AccountId", "g1", Value::Null),
        step("GET", "/query?q=SELECT+Name+FROM+Account+WHERE+Id='@{g1.AccountId}'", "q1", Value::Null),
        step("PATCH", "/sobjects/Account/@{a1.id}", "u1", json!({"Description": "was @{q1.records[0].Name}"})),
        step("POST", "/sobjects/Account", "bad", json!({})),
        step("PATCH", "/sobjects/Account/@{bad.id}", "no", json!({})),
    ]});
    let (status, answer) = crm.post("/composite", body).await;
    let (account, contact) = ("001sb0000000002AAA", "003sb0000000003AAA");
    let responses = &answer["compositeResponse"];
    assert_eq!(status, 200);
    let mut first = response(201, "a1", json!({"id": account, "success": true, "errors": []}));
    first["httpHeaders"] = json!({"Location": format!("/services/data/v59.0/sobjects/Account/{account}")});
    assert_eq!(responses[0], first);
    assert_eq!(
        (&responses[2]["body"]["AccountId"], &responses[2]["body"]["Id"]),
        (&json!(account), &json!(contact))
    );
    assert_eq!(responses[4], response(204, "u1", Value::Null));
    assert_eq!(responses[5], response(400, "bad", missing_name()));
    assert_eq!(
        (&responses[6]["httpStatusCode"], &responses[6]["body"][0]["errorCode"]),
        (&json!(400), &json!("PROCESSING_HALTED"))
    );
    assert_eq!(crm.value("Account", account, "Description").await, json!("was A"));
    crm.stop().await;
}

#[tokio::test]
async fn one_failure_undoes_all_when_it_shall() {
    let crm = Crm::start("org").await;
    let row = |name: Value| json!({"attributes": {"type": "Account"}, "Name": name});
    let inner = json!({"allOrNone": false, "records": [row(json!("B")), row(Value::Null)]});
    for (reference, failing) in [
        ("x", step("POST", "/sobjects/Account", "x", json!({}))),
        ("y", step("POST", "/composite/sobjects", "y", inner)),
    ] {
        let body = json!({"allOrNone": true, "compositeRequest": [
            step("POST", "/sobjects/Account", "a", json!({"Name": "A"})),
            failing,
            step("POST", "/sobjects/Account", "c", json!({"Name": "C"})),
        ]});
        let (status, answer) = crm.post("/composite", body).await;
        let responses = &answer["compositeResponse"];
        assert_eq!((status, &responses[0], &responses[2]), (200, &halted("a"), &halted("c")), "{reference}");
        assert_eq!(responses[1]["referenceId"], json!(reference));
        assert_eq!(crm.count("Account").await, json!(0), "{reference}");
    }
    let many: Vec<Value> =
        (0..26).map(|index| step("GET", "/limits", &format!("r{index}"), Value::Null)).collect();
    let (status, answer) = crm.post("/composite", json!({"compositeRequest": many})).await;
    assert_eq!((status, &answer[0]["errorCode"]), (400, &json!("LIMIT_EXCEEDED")));
    let large: Vec<Value> =
        (0..6).map(|index| step("GET", "/query?q=x", &format!("r{index}"), Value::Null)).collect();
    assert_eq!(crm.post("/composite", json!({"compositeRequest": large})).await.0, 400);
    crm.stop().await;
}

#[tokio::test]
async fn a_batch_is_independent_calls() {
    let crm = Crm::start("org").await;
    let id = crm.create("Account", json!({"Name": "A"})).await;
    let calls = json!([
        {"method": "PATCH", "url": format!("v59.0/sobjects/Account/{id}"), "richInput": {"Name": "B"}},
        {"method": "POST", "url": "v59.0/sobjects/Account", "richInput": {}},
        {"method": "GET", "url": format!("v59.0/sobjects/Account/{id}?fields=Name")},
    ]);
    let done = json!({"statusCode": 204, "result": null});
    let failed = json!({"statusCode": 400, "result": missing_name()});
    let (status, answer) =
        crm.post("/composite/batch", json!({"haltOnError": true, "batchRequests": calls})).await;
    let halted = json!({"statusCode": 412, "result": [{
        "message": "Batch processing was halted by request", "errorCode": "BATCH_PROCESSING_HALTED",
    }]});
    assert_eq!((status, answer), (200, json!({"hasErrors": true, "results": [done, failed, halted]})));
    let (_, answer) = crm.post("/composite/batch", json!({"batchRequests": calls})).await;
    assert_eq!(answer["results"][2]["result"]["Name"], json!("B"));
    crm.stop().await;
}

#[tokio::test]
async fn each_graph_is_all_or_none() {
    let crm = Crm::start("org").await;
    let good = [step("POST", "/sobjects/Account", "a", json!({"Name": "A"}))];
    let bad = [
        step("POST", "/sobjects/Account", "a", json!({"Name": "A"})),
        step("POST", "/sobjects/Account", "b", json!({})),
    ];
    let body = json!({"graphs": [
        {"graphId": "1", "compositeRequest": bad}, {"graphId": "2", "compositeRequest": good},
    ]});
    let (status, answer) = crm.post("/composite/graph", body).await;
    assert_eq!(
        (status, &answer["graphs"][0]),
        (
            200,
            &json!({
                "graphId": "1",
                "graphResponse": {"compositeResponse": [halted("a"), response(400, "b", missing_name())]},
                "isSuccessful": false,
            })
        )
    );
    assert_eq!(
        (&answer["graphs"][1]["graphId"], &answer["graphs"][1]["isSuccessful"]),
        (&json!("2"), &json!(true))
    );
    assert_eq!(crm.count("Account").await, json!(1));
    crm.stop().await;
}

#[tokio::test]
async fn a_tree_of_new_records() {
    let crm = Crm::start("org").await;
    let tree = |last_name: Value| {
        json!({"records": [{
            "attributes": {"type": "Account", "referenceId": "r1"}, "Name": "A",
            "Contacts": {"records": [
                {"attributes": {"type": "Contact", "referenceId": "r2"}, "LastName": last_name},
            ]},
        }]})
    };
    let missing = "Required fields are missing: [LastName]";
    let refused = json!({"hasErrors": true, "results": [{"referenceId": "r2", "errors": [
        {"statusCode": "REQUIRED_FIELD_MISSING", "message": missing, "fields": ["LastName"]},
    ]}]});
    assert_eq!(crm.post("/composite/tree/Account", tree(Value::Null)).await, (400, refused));
    assert_eq!(crm.count("Account").await, json!(0));
    let (account, contact) = ("001sb0000000002AAA", "003sb0000000003AAA");
    let saved = json!({"hasErrors": false, "results": [
        {"referenceId": "r1", "id": account}, {"referenceId": "r2", "id": contact},
    ]});
    assert_eq!(crm.post("/composite/tree/Account", tree(json!("L"))).await, (201, saved));
    assert_eq!(crm.value("Contact", contact, "AccountId").await, json!(account));
    crm.stop().await;
}
