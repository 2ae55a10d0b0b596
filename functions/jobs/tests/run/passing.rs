//! Pause off: errors are logged and passed, newer data joins older, locks leave no hole.

use domain::CrmError;
use jobs::Cause;
use jobs::events::Event;
use serde_json::json;

use crate::world::{World, record};

async fn passing() -> World {
    let world = World::new();
    world.set(json!({"pauseOnExportErrors": false})).await;
    world.events.take();
    world
}

#[tokio::test]
async fn refused_records_are_logged_and_passed() {
    let world = passing().await;
    world.refuse(&["2", "4"]);
    let report = world.deliver(1, &["1", "2", "3", "4", "5"]).await;
    assert_eq!((report.exported, report.errors, report.calls), (3, 2, 1));
    assert_eq!(world.shown().await, "running 1.4 0 2");
    assert_eq!(world.errors().await, ["2 open MISSING_REQUIRED_FIELD 1", "4 open MISSING_REQUIRED_FIELD 1"]);
    assert_eq!(world.events.take(), [Event::ExportErrorsLogged { job: world.job.clone(), count: 2 }]);
}

#[tokio::test]
async fn newer_data_joins_the_open_error_and_closes_it() {
    let world = passing().await;
    world.refuse(&["1"]);
    world.deliver_records(1, vec![record("1", json!({"A": "old", "B": "old"}))]).await;
    world.crm.accept();
    world.deliver_records(2, vec![record("1", json!({"B": "new"}))]).await;
    assert_eq!((world.field("1", "A"), world.field("1", "B")), (Some(json!("old")), Some(json!("new"))));
    assert_eq!(world.errors().await, ["1 resolved MISSING_REQUIRED_FIELD 1"]);
    world.calls();
    world.retry().await;
    assert_eq!(world.calls(), [""; 0], "a late retry cannot overwrite newer data");
}

#[tokio::test]
async fn a_joined_record_that_is_refused_keeps_one_open_row() {
    let world = passing().await;
    world.refuse(&["1"]);
    world.deliver_records(1, vec![record("1", json!({"A": 1, "B": 1}))]).await;
    world.deliver_records(2, vec![record("1", json!({"B": 2}))]).await;
    assert_eq!(world.errors().await, ["1 open MISSING_REQUIRED_FIELD 2"]);
    world.crm.accept();
    world.retry().await;
    assert_eq!((world.field("1", "A"), world.field("1", "B")), (Some(json!(1)), Some(json!(2))));
}

#[tokio::test]
async fn a_delete_supersedes_an_open_error() {
    let world = passing().await;
    world.refuse(&["1"]);
    world.deliver(1, &["1"]).await;
    world.crm.accept();
    let mut delete = record("1", json!({}));
    delete["operation"] = json!("delete");
    world.deliver_records(2, vec![delete]).await;
    assert_eq!(world.errors().await, ["1 superseded MISSING_REQUIRED_FIELD 1"]);
    world.retry().await;
    assert_eq!(world.crm.record("Contact", "1"), None);
}

#[tokio::test]
async fn a_locked_record_parks_with_what_is_behind_it() {
    let world = passing().await;
    world.refuse_with("UNABLE_TO_LOCK_ROW", &["2"]);
    world.deliver(1, &["1", "2", "3"]).await;
    assert_eq!(world.calls(), ["1,2,3", "2", "2"]);
    assert_eq!(
        world.shown().await,
        "suspended 1.0 2 0",
        "the third is written, but not settled: it goes again in order"
    );
    world.deliver(2, &["4"]).await;
    world.crm.accept();
    world.run(Cause::Person).await;
    assert_eq!(world.crm.written(), ["1", "3", "2", "3", "4"]);
    assert_eq!(world.shown().await, "running 2.0 0 0");
}

#[tokio::test]
async fn the_same_text_in_every_row_is_split_before_blaming() {
    let world = passing().await;
    world.crm.refuse_whole_calls(|record| {
        (record.external_id.value == "5")
            .then(|| vec![CrmError::new("CANNOT_EXECUTE_FLOW_TRIGGER", "it failed", &[])])
    });
    world.deliver(1, &["1", "2", "3", "4", "5", "6", "7", "8"]).await;
    assert_eq!(world.errors().await, ["5 open CANNOT_EXECUTE_FLOW_TRIGGER 1"]);
    assert_eq!(world.crm.written().len(), 7);
}

#[tokio::test]
async fn when_records_fail_alone_too_the_call_is_not_split_to_the_end() {
    let world = passing().await;
    world.crm.refuse(|_| {
        Some(vec![CrmError::new("INVALID_FIELD", "No such column 'X' on sobject of type Contact", &[])])
    });
    let ids: Vec<String> = (0..200).map(|id| id.to_string()).collect();
    let report = world.deliver(1, &ids.iter().map(String::as_str).collect::<Vec<_>>()).await;
    assert_eq!(report.errors, 200);
    assert!(report.calls < 25, "{} calls for one cause", report.calls);
}

#[tokio::test]
async fn turning_the_pause_off_lets_a_held_job_pass_by_itself() {
    let world = World::new();
    world.refuse(&["2"]);
    world.deliver(1, &["1", "2", "3"]).await;
    world.set(json!({"pauseOnExportErrors": false})).await;
    world.run(Cause::Schedule).await;
    assert_eq!(world.shown().await, "running 1.2 0 1");
    assert_eq!(world.crm.written(), ["1", "3"]);
    world.set(json!({"pauseOnExportErrors": true})).await;
    world.crm.accept();
    world.retry().await;
    assert_eq!(world.shown().await, "running 1.2 0 0", "turned on again, later exports are complete");
    assert_eq!(world.crm.written(), ["1", "3", "2"]);
}
