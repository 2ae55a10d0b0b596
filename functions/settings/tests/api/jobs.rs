//! Jobs: where they stand, and what a person may ask of them.

use std::time::Duration;

use ::jobs::crm::CrmFailure;
use domain::CrmError;
use serde_json::{Value, json};

use crate::world::World;

async fn job(world: &World) -> Value {
    world.get("/api/jobs").await.json()["jobs"][0].clone()
}

async fn paused() -> World {
    let world = World::new().await;
    world.refuse_bad();
    world.deliver("Contact", 1, &["C-1", "bad-1", "C-2", "C-3"]).await;
    world
}

#[tokio::test]
async fn a_paused_job_shows_what_holds_it() {
    let world = paused().await;
    let job = job(&world).await;
    let error_id = job["hold"]["errorId"].clone();
    let expected = json!({
        "job": "acme/Contact", "name": "CRMExport_Contact", "object": "Contact", "state": "paused", "cursor": "1.0",
        "parked": 3, "openErrors": 1,
        "hold": {
            "kind": "recordRefused", "position": "1.1", "externalId": {"field": "Ext__c", "value": "bad-1"},
            "source": "a.csv:bad-1", "errorId": error_id, "code": "RESTRICT_PICKLIST_VALUES_ENABLED",
            "crmCode": "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
            "message": "Tier: bad value for restricted picklist field: bad-1", "fields": ["Tier__c"], "attempts": 1,
            "since": "2026-11-23T12:00:00.000Z", "lastTry": "2026-11-23T12:00:00.000Z",
        },
    });
    assert_eq!(job, expected);
}

#[tokio::test]
async fn a_suspended_job_shows_why() {
    let world = World::new().await;
    let error = CrmError::new("SERVER_UNAVAILABLE", "maintenance", &[]);
    world.crm.fail(CrmFailure::Unavailable { error, retry_after: Some(Duration::from_secs(7_200)) });
    world.deliver("Lead", 1, &["L-1"]).await;
    let job = job(&world).await;
    let hold = &job["hold"];
    assert_eq!(
        (&job["state"], &job["parked"], &hold["kind"]),
        (&json!("suspended"), &json!(1), &json!("crmUnavailable"))
    );
    let said = (&hold["class"], &hold["code"], &hold["message"], &hold["attempts"]);
    assert_eq!(said, (&json!("outage"), &json!("SERVER_UNAVAILABLE"), &json!("maintenance"), &json!(1)));
    assert!(hold["until"].as_str() > hold["since"].as_str(), "{hold}");
}

#[tokio::test]
async fn a_mended_job_is_resumed() {
    let world = paused().await;
    world.crm.accept();
    let answer = world.post("/api/jobs/Contact/resume", json!({})).await;
    assert_eq!(
        (answer.status, answer.json()),
        (202, json!({"action": "resume", "at": "2026-11-23T12:00:00.000Z"}))
    );
    assert_eq!(world.asked(), ["resume acme/Contact"]);
    let job = job(&world).await;
    assert_eq!(
        (&job["state"], &job["parked"], &job["openErrors"]),
        (&json!("running"), &json!(0), &json!(0))
    );
    assert_eq!(world.crm.written(), ["C-1", "bad-1", "C-2", "C-3"]);

    let empty =
        world.request(reqwest::Method::POST, "/api/jobs/resume").header("X-Requested-With", "crm-export");
    assert_eq!(world.send(empty).await.status, 202);
    assert_eq!(world.asked(), ["resume all"]);
}

#[tokio::test]
async fn only_the_head_that_was_seen_is_skipped() {
    let world = paused().await;
    let seen = job(&world).await["hold"]["errorId"].as_str().expect("an id").to_owned();
    let other = world.post("/api/jobs/Contact/skip", json!({"errorId": "000000000000"})).await;
    assert!(other.problem(409, "conflict").contains(&seen));
    assert_eq!(world.asked(), Vec::<String>::new());
    assert_eq!(world.post("/api/jobs/Contact/skip", json!({"errorId": seen})).await.status, 202);
    assert_eq!(world.asked(), [format!("skip acme/Contact {seen}")]);
    assert_eq!(world.crm.written(), ["C-1", "C-2", "C-3"]);
    let again = world.post("/api/jobs/Contact/skip", json!({"errorId": seen})).await;
    assert!(again.problem(409, "conflict").contains("not paused"));
}

#[tokio::test]
async fn a_job_that_is_not_there_is_not_run() {
    let world = paused().await;
    for path in [
        "/api/jobs/Lead/resume",
        "/api/jobs/contact/resume",
        "/api/jobs/Con%2Ftact/resume",
        "/api/jobs/%00/resume",
    ] {
        world.post(path, json!({})).await.problem(404, "not-found");
    }
    world.post("/api/jobs/Lead/skip", json!({"errorId": "x"})).await.problem(404, "not-found");
    world.post("/api/jobs/Contact/resume", json!({"force": true})).await.problem(400, "bad-request");
    world.post("/api/jobs/Contact/skip", json!({})).await.problem(422, "unprocessable");
    let extra = json!({"errorId": "x", "account": "other"});
    world.post("/api/jobs/Contact/skip", extra).await.problem(422, "unprocessable");
    assert_eq!(world.asked(), Vec::<String>::new());
}

#[tokio::test]
async fn work_that_is_not_taken_on_is_told() {
    let world = paused().await;
    *world.doing.broken.lock().expect("whole") = true;
    let answer = world.post("/api/jobs/Contact/resume", json!({})).await;
    assert_eq!(answer.header("retry-after"), "5");
    assert!(!answer.problem(503, "unavailable").contains("arn:"));
}

#[tokio::test]
async fn figures_and_rejections() {
    let world = paused().await;
    let days = world.get("/api/figures?days=2").await.json();
    let expected = json!({"days": [
        {"day": "2026-11-22", "calls": 0, "exported": 0, "errors": {}},
        {"day": "2026-11-23", "calls": days["days"][1]["calls"], "exported": 1,
            "errors": {"RESTRICT_PICKLIST_VALUES_ENABLED": 1}},
    ]});
    assert_eq!(days, expected);
    assert!(days["days"][1]["calls"].as_u64() >= Some(1));
    for query in ["days=0", "days=367", "days=x", "days=-1", "day=1", "days=1&days=2"] {
        world.get(&format!("/api/figures?{query}")).await.problem(400, "bad-request");
    }

    let rejection = ::jobs::ledger::Rejection {
        account: Some(world.account.clone()),
        message_id: "m-1".into(),
        reason: "the body is not JSON".into(),
        body: "é".repeat(5_000),
        at: crate::world::noon(),
    };
    world.jobs.ledger.reject(&rejection).await.expect("kept");
    let other = ::jobs::ledger::Rejection { account: None, message_id: "m-2".into(), ..rejection.clone() };
    world.jobs.ledger.reject(&other).await.expect("kept");
    let answer = world.get("/api/rejections").await.json();
    let expected = json!({"rejections": [{
        "messageId": "m-1", "at": "2026-11-23T12:00:00.000Z", "reason": "the body is not JSON",
        "body": "é".repeat(4_000), "bodyBytes": 10_000,
    }], "more": false});
    assert_eq!(answer, expected, "another's and the operators' are not shown");
    world.get("/api/rejections?limit=0").await.problem(400, "bad-request");
}
