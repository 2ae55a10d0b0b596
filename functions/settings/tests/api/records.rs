//! Records that come in by HTTP: all are taken, or none.

use reqwest::Method;
use serde_json::json;
use settings::Api;
use settings::auth::{Auth, Loopback};

use crate::world::{Answer, World};

async fn post(world: &World, kind: &str, body: impl Into<String>) -> Answer {
    let request = world.request(Method::POST, "/api/records").header("X-Requested-With", "crm-export");
    world.send(request.header("Content-Type", kind).body(body.into())).await
}

fn line(id: &str) -> String {
    json!({"object": "Contact", "externalId": {"field": "E__c", "value": id}, "fields": {}}).to_string()
        + "\n"
}

#[tokio::test]
async fn lines_and_messages_are_taken_in_order() {
    let world = World::new().await;
    let answer = post(&world, "application/x-ndjson", format!("{}\n{}", line("1"), line("2"))).await;
    assert_eq!((answer.status, &answer.json()["action"]), (202, &json!("export")));
    let record = json!({"externalId": {"field": "E__c", "value": 3}, "fields": {}});
    let message = json!({"account": "acme", "object": "Lead", "records": [record]}).to_string();
    assert_eq!(post(&world, "application/json; charset=utf-8", message).await.status, 202);
    assert_eq!(world.asked(), ["take 1 2", "take 3"]);
    let large: String = (0..50_000).map(|id| line(&id.to_string())).collect();
    assert!(large.len() > 65_536 && large.len() < 6_000_000);
    assert_eq!(
        post(&world, "application/x-ndjson", large).await.status,
        202,
        "more than the other routes take"
    );
}

#[tokio::test]
async fn one_record_that_does_not_fit_keeps_all_out() {
    let world = World::new().await;
    let check = async |kind: &str, body: String, status, problem, said: &str| {
        let detail = post(&world, kind, body).await.problem(status, problem);
        assert!(detail.contains(said), "{detail}");
    };
    let ndjson = "application/x-ndjson";
    check(ndjson, format!("{}{{", line("1")), 400, "bad-request", "line 2: ").await;
    check(ndjson, format!("{}{{}}", line("1")), 422, "unprocessable", "line 2: object: is missing").await;
    let huge = json!({"object": "A", "externalId": {"field": "E", "value": "1"}, "fields": {"T": "x".repeat(300_000)}});
    check(ndjson, huge.to_string(), 422, "unprocessable", "the most is 300000").await;
    check(ndjson, "\n".into(), 422, "unprocessable", "no record").await;
    check("application/json", "{".into(), 400, "bad-request", "read the body").await;
    check("application/json", "{}".into(), 422, "unprocessable", "account").await;
    let broken = json!({"account": "acme", "object": "A", "records": [{"fields": {}}]});
    check("application/json", broken.to_string(), 422, "unprocessable", "records[0]: externalId: is missing")
        .await;
    let other = json!({"account": "other", "object": "A", "records": []});
    check("application/json", other.to_string(), 403, "forbidden", "another account").await;
    check("text/plain", line("1"), 415, "unsupported-media-type", "x-ndjson").await;
    check(ndjson, "x".repeat(6_000_001), 413, "too-large", "too large").await;
    assert_eq!(world.asked(), Vec::<String>::new());
}

#[tokio::test]
async fn where_there_is_another_queue_the_route_is_not_there() {
    let world =
        World::with(|_, port| Auth::Loopback(Loopback::new(port)), |api| Api { intake: None, ..api }).await;
    post(&world, "application/x-ndjson", line("1")).await.problem(404, "not-found");
    let paths = world.get("/api/openapi.json").await.json()["paths"].clone();
    assert_eq!(paths.get("/api/records"), None);
}
