//! CRMExport_ExportError: the daily job.

use std::time::Duration;

use domain::message::Message;
use domain::{CrmError, JobId};
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
async fn what_stood_before_the_place_where_it_stopped_is_tried_on_the_next_day() {
    let world = World::new();
    world.set(json!({"pauseOnExportErrors": false, "batchSize": 25})).await;
    let clock = world.clock.clone();
    world.crm.refuse(move |record| {
        clock.advance(Duration::from_millis(2400));
        Some(vec![CrmError::new("X", format!("no {}", record.external_id.value), &[])])
    });
    let ids: Vec<String> = (0..60).map(|id| id.to_string()).collect();
    world.deliver(1, &ids.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let deadline = world.jobs.clock.now().plus(Duration::from_secs(130 + 60 + 30));
    let reports = world.jobs.retry(&world.job.account, Some(deadline)).await.expect("a retry");
    assert_eq!(reports[0].errors, 50, "it stopped with ten errors left");
    world.crm.accept();
    world.retry().await;
    assert_eq!(world.shown().await, "running 1.59 0 0");
    let order: Vec<String> = (50..60).chain(0..50).map(|id: u32| id.to_string()).collect();
    assert_eq!(world.crm.written(), order);
}

#[tokio::test]
async fn a_job_that_had_no_turn_comes_first_on_the_next_day() {
    let world = World::new();
    world.set(json!({"pauseOnExportErrors": false})).await;
    world.refuse(&["1"]);
    world.deliver(1, &["1"]).await;
    let account = JobId::new(world.job.account.clone(), "Account").expect("fits");
    let body = json!({"account": "acme", "object": "Account", "records": [record("1", json!({}))]});
    let message = Message::from_body("m", 1, &body.to_string()).expect("a message");
    world.clock.advance(Duration::from_secs(1));
    world.jobs.run(&account, &[message], Cause::Message, None).await.expect("a run");

    // The call takes so long that there is no time for the other job.
    let clock = world.clock.clone();
    world.crm.refuse(move |_| {
        clock.advance(Duration::from_secs(60));
        Some(vec![CrmError::new("X", "no", &[])])
    });
    let tried = async || {
        let deadline = world.jobs.clock.now().plus(Duration::from_secs(130 + 30));
        let reports = world.jobs.retry(&world.job.account, Some(deadline)).await.expect("a retry");
        let shown = reports.iter().map(|report| format!("{} {}", report.job.object, report.errors));
        shown.collect::<Vec<_>>().join(", ")
    };
    assert_eq!(tried().await, "Account 1, Contact 0");
    assert_eq!(tried().await, "Contact 1, Account 0");
    assert_eq!(tried().await, "Account 1, Contact 0");
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
