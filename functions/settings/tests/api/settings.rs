//! Settings: shown, changed under a lock, refused with a reason.

use std::sync::Arc;

use ::jobs::events::Event;
use ::settings::Api;
use ::settings::auth::{Auth, Loopback};
use serde_json::{Value, json};

use crate::world::World;

fn shown(answer: &Value) -> Value {
    let mut shown = answer.clone();
    shown.as_object_mut().expect("an object").retain(|name, _| name != "warnings");
    shown
}

#[tokio::test]
async fn they_are_shown_and_changed() {
    let world = World::new().await;
    let answer = world.get("/api/settings").await;
    assert_eq!(
        (answer.status, answer.header("etag"), answer.header("cache-control")),
        (200, "\"0\"", "no-store")
    );
    let defaults = json!({
        "exportToCrm": true, "pauseOnExportErrors": true, "batchSize": 200, "dailyCrmApiLimit": 100_000,
        "preflight": "off", "retryHour": 3, "timeZone": "UTC", "warnings": [],
    });
    assert_eq!(answer.json(), defaults);

    let change = json!({"batchSize": 50, "retryHour": 5, "timeZone": "Europe/Berlin", "preflight": "report"});
    let answer = world.put_settings("\"0\"", change).await;
    assert_eq!((answer.status, answer.header("etag")), (200, "\"1\""), "{answer:?}");
    let changed = json!({
        "exportToCrm": true, "pauseOnExportErrors": true, "batchSize": 50, "dailyCrmApiLimit": 100_000,
        "preflight": "report", "retryHour": 5, "timeZone": "Europe/Berlin",
    });
    assert_eq!(shown(&answer.json()), changed);
    assert_eq!(world.get("/api/settings").await.json(), answer.json());
    assert_eq!(world.events.take(), [Event::SettingsChanged { account: "acme".into() }]);
}

#[tokio::test]
async fn the_pause_is_turned_off_only_by_who_accepts_the_warning() {
    let world = World::new().await;
    let off = json!({"pauseOnExportErrors": false});
    let answer = world.put_settings("\"0\"", off.clone()).await;
    let warning = answer.problem(409, "data-inconsistency");
    assert_eq!(json!(warning), world.get("/api/session").await.json()["warning"]);
    assert_eq!(world.get("/api/settings").await.header("etag"), "\"0\"", "nothing was changed");

    let not_accepted = json!({"pauseOnExportErrors": false, "acceptDataInconsistency": false});
    world.put_settings("\"0\"", not_accepted).await.problem(409, "data-inconsistency");
    let accepted = json!({"pauseOnExportErrors": false, "acceptDataInconsistency": true});
    let answer = world.put_settings("\"0\"", accepted).await;
    assert_eq!((answer.status, &answer.json()["pauseOnExportErrors"]), (200, &json!(false)));
}

#[tokio::test]
async fn the_pause_is_not_there_while_export_is_off() {
    let world = World::new().await;
    let answer = world.put_settings("\"0\"", json!({"exportToCrm": false})).await;
    assert_eq!((answer.status, answer.json().get("pauseOnExportErrors")), (200, None));
    assert_eq!(world.get("/api/settings").await.json().get("pauseOnExportErrors"), None);
    let answer = world.put_settings("\"1\"", json!({"pauseOnExportErrors": true})).await;
    assert!(answer.problem(409, "conflict").contains("exportToCrm=true"));
}

#[tokio::test]
async fn two_people_do_not_overwrite_each_other() {
    let world = World::new().await;
    assert_eq!(world.put_settings("\"0\"", json!({"batchSize": 100})).await.status, 200);
    let late = world.put_settings("\"0\"", json!({"batchSize": 25})).await;
    assert!(late.problem(412, "precondition-failed").contains("read them again"));
    let unlocked = world.write(reqwest::Method::PUT, "/api/settings", &json!({"batchSize": 25}));
    world.send(unlocked).await.problem(428, "precondition-required");
    assert_eq!(world.get("/api/settings").await.json()["batchSize"], 100);
    assert_eq!(world.put_settings("*", json!({"batchSize": 25})).await.status, 200);
}

#[tokio::test]
async fn what_does_not_fit_is_named_and_changes_nothing() {
    let world = World::new().await;
    let check = async |body: Value, status, kind, said: &str| {
        let detail = world.put_settings("\"0\"", body.clone()).await.problem(status, kind);
        assert!(detail.contains(said), "{body}: {detail}");
    };
    check(json!({"batchSize": 10}), 422, "unprocessable", "use 200, 100, 50 or 25").await;
    check(json!({"batchSize": 25, "retryHour": 24}), 422, "unprocessable", "an hour from 0 to 23").await;
    check(json!({"timeZone": "Mars/Base"}), 422, "unprocessable", "Europe/Berlin").await;
    check(json!({"timeZone": 7}), 422, "unprocessable", "IANA").await;
    check(json!({"colour": 1}), 422, "unprocessable", "colour is no setting").await;
    check(json!({"acceptDataInconsistency": "yes"}), 422, "unprocessable", "true or false").await;
    check(json!([]), 422, "unprocessable", "invalid type").await;
    let broken =
        world.request(reqwest::Method::PUT, "/api/settings").header("X-Requested-With", "crm-export");
    let broken = broken.header("Content-Type", "application/json").header("If-Match", "\"0\"").body("{");
    world.send(broken).await.problem(400, "bad-request");
    let form = world.request(reqwest::Method::PUT, "/api/settings").header("X-Requested-With", "crm-export");
    let form =
        form.header("Content-Type", "text/plain").header("If-Match", "\"0\"").body("{\"batchSize\":25}");
    world.send(form).await.problem(415, "unsupported-media-type");
    assert_eq!(world.get("/api/settings").await.header("etag"), "\"0\"");
}

#[tokio::test]
async fn damaged_settings_read_as_safe_and_say_so() {
    let world = World::new().await;
    let damaged = json!({"pauseOnExportErrors": "no", "batchSize": 50});
    world.jobs.ledger.put_settings(&world.account, &damaged, 0).await.expect("stored");
    let answer = world.get("/api/settings").await.json();
    assert_eq!((&answer["pauseOnExportErrors"], &answer["batchSize"]), (&json!(true), &json!(50)));
    let warnings = answer["warnings"].as_array().expect("a list");
    assert!(warnings.len() == 1 && warnings[0].as_str().expect("a text").contains("damaged"), "{answer}");
}

#[tokio::test]
async fn the_schedule_follows_and_a_failure_is_told() {
    let mut doing = None;
    let world = World::with(
        |_, port| Auth::Loopback(Loopback::new(port)),
        |api| {
            let schedule = Arc::new(crate::world::Doing {
                jobs: api.jobs.clone(),
                account: api.account.clone(),
                asked: Default::default(),
                broken: Default::default(),
            });
            doing = Some(schedule.clone());
            Api { schedule, ..api }
        },
    )
    .await;
    let schedule = doing.expect("made");
    world.put_settings("\"0\"", json!({"retryHour": 7})).await;
    assert_eq!(*schedule.asked.lock().expect("whole"), ["schedule 7 UTC"]);
    *schedule.broken.lock().expect("whole") = true;
    let answer = world.put_settings("\"1\"", json!({"timeZone": "Asia/Tokyo"})).await;
    assert_eq!((answer.status, &answer.json()["timeZone"]), (200, &json!("Asia/Tokyo")));
    let warnings = answer.json()["warnings"].to_string();
    assert!(warnings.contains("save them again") && !warnings.contains("arn:"), "{warnings}");
    *schedule.broken.lock().expect("whole") = false;
    world.put_settings("\"2\"", json!({"batchSize": 25})).await;
    let asked = schedule.asked.lock().expect("whole").clone();
    assert_eq!(asked, ["schedule 7 UTC", "schedule 7 Asia/Tokyo"], "put right with the next change");
}
