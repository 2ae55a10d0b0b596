//! The description: it is OpenAPI 3.1, it has every route, and every route says what it may answer.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::world::World;

const ROUTES: [&str; 17] = [
    "get /api/errors",
    "get /api/errors.csv",
    "get /api/errors.ndjson",
    "get /api/errors/causes",
    "get /api/errors/{id}",
    "get /api/errors/{id}/explanation",
    "get /api/figures",
    "get /api/jobs",
    "get /api/openapi.json",
    "get /api/rejections",
    "get /api/session",
    "get /api/settings",
    "post /api/errors/retry",
    "post /api/jobs/resume",
    "post /api/jobs/{object}/resume",
    "post /api/jobs/{object}/skip",
    "post /api/records",
];

fn operations(api: &Value) -> Vec<(String, Value)> {
    let paths = api["paths"].as_object().expect("paths");
    let of = |(path, item): (&String, &Value)| -> Vec<(String, Value)> {
        let item = item.as_object().expect("an item");
        item.iter().map(|(method, operation)| (format!("{method} {path}"), operation.clone())).collect()
    };
    paths.iter().flat_map(of).collect()
}

#[tokio::test]
async fn it_describes_every_route() {
    let world = World::new().await;
    let api = world.get("/api/openapi.json").await.json();
    assert!(api["openapi"].as_str().expect("a version").starts_with("3.1"), "{}", api["openapi"]);
    let operations = operations(&api);
    let routes: BTreeSet<&str> = operations.iter().map(|(route, _)| route.as_str()).collect();
    let mut expected: BTreeSet<&str> = ROUTES.into_iter().collect();
    expected.insert("put /api/settings");
    assert_eq!(routes, expected);
    let ids: BTreeSet<&str> =
        operations.iter().map(|(_, operation)| operation["operationId"].as_str().expect("an id")).collect();
    assert_eq!(ids.len(), operations.len());
    for (route, operation) in &operations {
        assert!(operation["summary"].is_string(), "{route} has no summary");
        let responses = operation["responses"].as_object().expect("responses");
        for status in ["400", "401", "403", "500", "503"] {
            assert!(responses.contains_key(status), "{route} does not describe {status}");
        }
        for (status, response) in responses {
            assert!(response["description"].is_string(), "{route} {status}");
            let kinds: Vec<&String> =
                response["content"].as_object().map(|of| of.keys().collect()).unwrap_or_default();
            assert_eq!(
                kinds.contains(&&"application/problem+json".to_owned()),
                status.as_str() >= "400",
                "{route} {status}"
            );
        }
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            assert!(parameter["description"].is_string(), "{route}: {parameter}");
        }
    }
}

#[tokio::test]
async fn every_reference_leads_somewhere() {
    let world = World::new().await;
    let api = world.get("/api/openapi.json").await.json();
    let mut found = 0;
    check(&api, &api, &mut found);
    assert!(found > 50, "{found}");
}

fn check(api: &Value, value: &Value, found: &mut usize) {
    match value {
        Value::Object(members) => {
            if let Some(Value::String(reference)) = members.get("$ref") {
                let pointer = reference.strip_prefix('#').expect("a reference into the description");
                assert!(api.pointer(pointer).is_some(), "{reference} leads nowhere");
                *found += 1;
            }
            members.values().for_each(|value| check(api, value, found));
        }
        Value::Array(items) => items.iter().for_each(|value| check(api, value, found)),
        _ => {}
    }
}

#[tokio::test]
async fn it_says_what_writes_need() {
    let world = World::new().await;
    let api = world.get("/api/openapi.json").await.json();
    assert_eq!(api["paths"]["/api/jobs/resume"]["post"]["security"], json!([{"loopback": []}]));
    assert_eq!(api["paths"]["/api/jobs"]["get"].get("security"), None);
    assert_eq!(api["components"]["securitySchemes"]["loopback"]["name"], "X-Requested-With");
}
