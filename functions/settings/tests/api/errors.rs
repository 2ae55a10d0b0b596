//! Export errors: lists, pages, filters, one in full, causes, explanations, another try.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::world::World;

async fn logged() -> World {
    let world = World::new().await;
    world.logged("Contact", 1, &["bad-1", "C-1", "bad-2", "bad-3"]).await;
    world.logged("Lead", 1, &["bad-9"]).await;
    world
}

async fn id_of(world: &World, external_id: &str) -> String {
    let answer = world.get(&format!("/api/errors?state=all&text={external_id}")).await.json();
    answer["errors"][0]["id"].as_str().expect("an id").to_owned()
}

#[tokio::test]
async fn an_error_in_a_list_is_a_summary() {
    let world = logged().await;
    let answer = world.get("/api/errors?limit=1").await.json();
    let id = answer["errors"][0]["id"].clone();
    let expected = json!({
        "errors": [{
            "id": id, "object": "Contact", "externalId": {"field": "Ext__c", "value": "bad-1"}, "state": "open",
            "code": "RESTRICT_PICKLIST_VALUES_ENABLED", "crmCode": "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
            "message": "Tier: bad value for restricted picklist field: bad-1", "fields": ["Tier__c"],
            "foretoldBy": null, "attempts": 1, "firstFailedAt": "2026-11-23T12:00:00.000Z",
            "lastFailedAt": "2026-11-23T12:00:00.000Z", "closedAt": null, "position": "1.0", "source": "a.csv:bad-1",
        }],
        "next": id,
    });
    assert_eq!(answer, expected);
}

#[tokio::test]
async fn pages_show_each_error_once() {
    let world = logged().await;
    for limit in 1..=5 {
        let (mut after, mut seen, mut pages) = (String::new(), Vec::new(), 0);
        loop {
            let page = world.get(&format!("/api/errors?limit={limit}&after={after}")).await.json();
            let errors = page["errors"].as_array().expect("a list");
            seen.extend(errors.iter().map(|error| error["externalId"]["value"].clone()));
            pages += 1;
            match page["next"].as_str() {
                Some(next) => after = next.to_owned(),
                None => break,
            }
        }
        assert_eq!(
            (seen, pages),
            (vec![json!("bad-1"), json!("bad-2"), json!("bad-3"), json!("bad-9")], 4usize.div_ceil(limit))
        );
    }
    let behind_nothing = world.get("/api/errors?after=000000000000").await.json();
    assert_eq!(behind_nothing, json!({"errors": [], "next": null}));
}

#[tokio::test]
async fn filters_find_what_they_say() {
    let world = logged().await;
    let check = async |query: &str, found: &[&str]| {
        assert_eq!(world.error_ids(query).await, found, "{query}");
    };
    check("object=Contact", &["bad-1", "bad-2", "bad-3"]).await;
    check("object=contact", &[]).await;
    check("object=", &["bad-1", "bad-2", "bad-3", "bad-9"]).await;
    check("code=RESTRICT_PICKLIST_VALUES_ENABLED&object=Lead", &["bad-9"]).await;
    check("code=INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST&text=BAD-2", &["bad-2"]).await;
    check("code=UNKNOWN", &[]).await;
    check("text=A.csv%3Abad-3", &["bad-3"]).await;
    check("text=%25", &[]).await;
    check("state=resolved", &[]).await;
    world.crm.accept();
    world.post("/api/errors/retry", json!({"ids": [id_of(&world, "bad-2").await]})).await;
    check("state=resolved", &["bad-2"]).await;
    check("state=open&object=Contact", &["bad-1", "bad-3"]).await;
    check("state=all&object=Contact", &["bad-1", "bad-2", "bad-3"]).await;
}

#[tokio::test]
async fn a_filter_that_is_none_is_refused() {
    let world = logged().await;
    let long = "x".repeat(201);
    let queries = [
        "state=closed",
        "states=open",
        "limit=0",
        "limit=501",
        "limit=x",
        "limit=-1",
        "after=..%2F",
        "state=open&state=all",
        "account=other",
        &format!("text={long}"),
        "object=%ff",
    ];
    for query in queries {
        world.get(&format!("/api/errors?{query}")).await.problem(400, "bad-request");
    }
    let far = format!("/api/errors?text={}", "x".repeat(5_000));
    assert!(world.get(&far).await.problem(400, "bad-request").contains("4096"));
}

#[tokio::test]
async fn one_error_is_shown_whole_with_its_history() {
    let world = logged().await;
    let id = id_of(&world, "bad-1").await;
    world.clock.advance(std::time::Duration::from_secs(60));
    world.post("/api/errors/retry", json!({"ids": [id]})).await;
    world.clock.advance(std::time::Duration::from_secs(60));
    world.crm.accept();
    world.post("/api/errors/retry", json!({"ids": [id]})).await;
    let whole = world.get(&format!("/api/errors/{id}")).await.json();
    let history = json!([
        {"at": "2026-11-23T12:00:00.000Z", "what": "firstFailed", "attempts": 1},
        {"at": "2026-11-23T12:01:00.000Z", "what": "lastFailed", "attempts": 2},
        {"at": "2026-11-23T12:02:00.000Z", "what": "resolved", "attempts": 2},
    ]);
    assert_eq!(
        (&whole["history"], &whole["state"], &whole["class"]),
        (&history, &json!("resolved"), &json!("data"))
    );
    let record = json!({
        "object": "Contact", "externalId": {"field": "Ext__c", "value": "bad-1"}, "operation": "upsert",
        "fields": {"Name": "<b>bad-1</b>"}, "problem": null,
    });
    assert_eq!(whole["record"], record);
    let answers = json!([{
        "code": "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
        "message": "Tier: bad value for restricted picklist field: bad-1", "fields": ["Tier__c"], "foretoldBy": null,
        "nested": null,
    }]);
    assert_eq!(whole["errors"], answers);
    for id in ["000000000000", "causes2", "%2e%2e", &"a".repeat(65)] {
        world.get(&format!("/api/errors/{id}")).await.problem(404, "not-found");
    }
}

#[tokio::test]
async fn causes_are_grouped() {
    let world = logged().await;
    let answer = world.get("/api/errors/causes").await.json();
    let causes = answer["causes"].as_array().expect("a list");
    let told: Vec<Value> =
        causes.iter().map(|cause| json!([cause["object"], cause["count"], cause["message"]])).collect();
    let message = "Tier: bad value for restricted picklist field: …";
    assert_eq!(told, [json!(["Contact", 3, message]), json!(["Lead", 1, message])]);
    assert_eq!(answer["complete"], true);
    let example = causes[0]["example"].as_str().expect("an id");
    assert_eq!(world.get(&format!("/api/errors/{example}")).await.json()["object"], "Contact");
    let of_lead = world.get("/api/errors/causes?object=Lead&state=all").await.json();
    assert_eq!(of_lead["causes"].as_array().map(Vec::len), Some(1));
    world.get("/api/errors/causes?text=x").await.problem(400, "bad-request");
}

#[tokio::test]
async fn an_explanation_is_handed_on_or_said_to_be_missing() {
    let world = logged().await;
    let contact = world.get(&format!("/api/errors/{}/explanation", id_of(&world, "bad-1").await)).await;
    assert_eq!((contact.status, contact.json()), (200, json!({"object": "Contact", "externalId": "bad-1"})));
    let lead = world.get(&format!("/api/errors/{}/explanation", id_of(&world, "bad-9").await)).await;
    assert!(lead.problem(404, "not-found").contains("no such object"));
    world.get("/api/errors/000000000000/explanation").await.problem(404, "not-found");

    let world = World::with(
        |_, port| settings::auth::Auth::Loopback(settings::auth::Loopback::new(port)),
        |api| settings::Api { explain: None, ..api },
    )
    .await;
    world.logged("Contact", 1, &["bad-1"]).await;
    let id = id_of(&world, "bad-1").await;
    assert!(
        world
            .get(&format!("/api/errors/{id}/explanation"))
            .await
            .problem(404, "not-found")
            .contains("reproduce")
    );
    assert_eq!(world.get("/api/session").await.json()["features"]["explain"], false);
}

#[tokio::test]
async fn errors_are_tried_again() {
    let world = logged().await;
    let ids: Vec<String> = vec![id_of(&world, "bad-1").await, id_of(&world, "bad-3").await];
    world.crm.accept();
    let answer = world.post("/api/errors/retry", json!({"ids": [ids[0], ids[1], ids[0]]})).await;
    assert_eq!((answer.status, &answer.json()["action"]), (202, &json!("retry")));
    let named: BTreeSet<String> =
        world.asked()[0].trim_start_matches("retry ").split(' ').map(str::to_owned).collect();
    assert_eq!(named, ids.iter().cloned().collect(), "each once");
    assert_eq!(world.error_ids("state=resolved").await, ["bad-1", "bad-3"]);

    world.post("/api/errors/retry", json!({"ids": ids})).await.problem(409, "conflict");
    assert_eq!(world.post("/api/errors/retry", json!({})).await.status, 202);
    assert_eq!(world.asked(), ["retry all"]);
    assert_eq!(world.error_ids("state=open").await, Vec::<String>::new());
}

#[tokio::test]
async fn a_retry_of_what_is_not_there_tries_nothing() {
    let world = logged().await;
    let there = id_of(&world, "bad-1").await;
    let unknown = json!({"ids": [there, "000000000000"]});
    world.post("/api/errors/retry", unknown).await.problem(404, "not-found");
    for ids in [json!([]), json!(vec!["a"; 501]), json!("a"), json!([1]), json!(null)] {
        world.post("/api/errors/retry", json!({"ids": ids})).await.problem(422, "unprocessable");
    }
    world.post("/api/errors/retry", json!({"id": there})).await.problem(422, "unprocessable");
    assert_eq!(world.asked(), Vec::<String>::new());
}
