//! CRMExport_ExportError: the daily job.

use std::time::Duration;

use domain::CrmError;
use jobs::Cause;
use jobs::crm::CrmFailure;
use serde_json::json;

use crate::world::{World, noon, record};

async fn with_errors(ids: &'static [&'static str]) -> World {
    let world = World::new();
    world.set(json!({"pauseOnExportErrors": false, "batchSize": 25})).await;
    world.refuse(ids);
    world.deliver(1, ids).await;
    world.calls();
    world.events.take();
    world
}

#[tokio::test]
async fn open_errors_are_exported_in_position_order() {
    let world = with_errors(&["3", "1", "2"]).await;
    let report = world.retry().await;
    assert_eq!((report.exported, report.errors), (0, 3));
    assert_eq!(world.errors().await[0], "3 open MISSING_REQUIRED_FIELD 2");
    world.refuse(&["1"]);
    let report = world.retry().await;
    assert_eq!((report.exported, report.errors), (2, 1));
    assert_eq!(world.crm.written(), ["3", "2"]);
    world.crm.accept();
    world.retry().await;
    assert_eq!(world.shown().await, "running 1.2 0 0");
    world.calls();
    assert_eq!(
        world.jobs.retry(&world.job.account, None).await.expect("a retry"),
        [],
        "nothing is left to retry"
    );
    world.deliver(2, &["9"]).await;
    assert_eq!(world.calls(), ["9"]);
}

#[tokio::test]
async fn a_held_job_gets_one_attempt_and_its_older_errors_are_tried() {
    let world = with_errors(&["1"]).await;
    world.set(json!({"pauseOnExportErrors": true})).await;
    world.refuse(&["1", "2"]);
    world.deliver(2, &["2", "3"]).await;
    world.calls();
    world.refuse(&["2"]);
    let report = world.retry().await;
    assert_eq!(world.calls(), ["2", "1"]);
    assert_eq!((report.exported, report.errors), (1, 1));
    assert_eq!(world.shown().await, "paused 1.0 2 1");
}

#[tokio::test]
async fn it_stops_before_its_time_is_over_and_goes_on_there() {
    let world = World::new();
    world.set(json!({"pauseOnExportErrors": false, "batchSize": 25})).await;
    world
        .crm
        .refuse(|record| Some(vec![CrmError::new("X", format!("no {}", record.external_id.value), &[])]));
    let ids: Vec<String> = (0..60).map(|id| id.to_string()).collect();
    world.deliver(1, &ids.iter().map(String::as_str).collect::<Vec<_>>()).await;
    // Each full call takes a minute now; the deadline leaves room for two.
    let clock = world.clock.clone();
    world.crm.refuse(move |_| {
        clock.advance(Duration::from_millis(2400));
        None
    });
    let deadline = noon().plus(Duration::from_secs(130 + 60 + 30));
    world.jobs.retry(&world.job.account, Some(deadline)).await.expect("a retry");
    assert_eq!(world.shown().await, "running 1.59 0 10");
    world.retry().await;
    assert_eq!(world.shown().await, "running 1.59 0 0");
    assert_eq!(world.crm.written().len(), 60);
}

#[tokio::test]
async fn an_unavailable_crm_leaves_errors_as_they_are() {
    let world = with_errors(&["1", "2"]).await;
    let error = CrmError::new("SERVER_UNAVAILABLE", "down", &[]);
    world.crm.fail(CrmFailure::Unavailable { error, retry_after: None });
    let report = world.retry().await;
    assert_eq!((report.exported, report.errors), (0, 0));
    assert_eq!(world.errors().await, ["1 open MISSING_REQUIRED_FIELD 1", "2 open MISSING_REQUIRED_FIELD 1"]);
    assert_eq!(world.shown().await, "running 1.1 0 2");
}

#[tokio::test]
async fn a_child_goes_out_once_its_parent_is_there() {
    let world = World::new();
    world.refuse_with("INVALID_FIELD", &["child"]);
    world.deliver_records(1, vec![record("child", json!({"Account": {"Ext__c": "A-1"}}))]).await;
    assert_eq!(world.shown().await, "paused - 1 1");
    world.crm.accept();
    world.run(Cause::Schedule).await;
    assert_eq!(world.field("child", "Account"), Some(json!({"Ext__c": "A-1"})));
    assert_eq!(world.shown().await, "running 1.0 0 0");
}
