//! Pause on: exact halt, head-first resume, skip, suspension, export off.

use std::time::Duration;

use domain::{CrmError, Figures, Timestamp};
use jobs::crm::CrmFailure;
use jobs::events::Event;
use jobs::ledger::{Ledger, LedgerErrorKind};
use jobs::{Cause, Jobs};
use serde_json::json;

use crate::world::{World, noon, record};

#[tokio::test]
async fn records_go_in_order_and_a_repeated_id_waits_for_the_next_call() {
    let world = World::new();
    let report = world.deliver(1, &["1", "2", "1", "3"]).await;
    assert_eq!((report.exported, report.errors, report.calls), (4, 0, 2));
    assert_eq!(world.calls(), ["1,2", "1,3"]);
    assert_eq!(world.shown().await, "running 1.3 0 0");
}

#[tokio::test]
async fn a_refused_record_halts_the_job_exactly_there() {
    let world = World::new();
    world.refuse(&["3"]);
    let report = world.deliver(1, &["1", "2", "3", "4", "5"]).await;
    assert_eq!((report.exported, report.errors), (2, 1));
    assert_eq!(world.calls(), ["1,2,3,4,5", "1,2"]);
    assert_eq!(world.crm.written(), ["1", "2"], "nothing behind the halt reaches the CRM");
    assert_eq!(world.shown().await, "paused 1.1 3 1");
    assert_eq!(
        world.errors().await,
        ["3 open MISSING_REQUIRED_FIELD 1"],
        "collateral codes are never logged"
    );
    let paused = Event::ExportPaused {
        job: world.job.clone(),
        external_id: "Ext__c=3".into(),
        code: "MISSING_REQUIRED_FIELD".into(),
    };
    assert_eq!(world.events.take(), [paused]);
}

#[tokio::test]
async fn a_held_job_costs_one_call_and_then_goes_on_by_itself() {
    let world = World::new();
    world.refuse(&["3"]);
    world.deliver(1, &["1", "2", "3", "4"]).await;
    let many: Vec<String> = (10..1010).map(|id| id.to_string()).collect();
    world.deliver(2, &many.iter().map(String::as_str).collect::<Vec<_>>()).await;
    assert_eq!(world.shown().await, "paused 1.1 1002 1");
    world.calls();

    let report = world.run(Cause::Schedule).await;
    assert_eq!((report.exported, report.errors, report.calls), (0, 1, 1));
    assert_eq!(world.calls(), ["3"]);
    assert_eq!(world.errors().await, ["3 open MISSING_REQUIRED_FIELD 2"]);
    assert_eq!(world.attempts().await, 2);

    world.crm.accept();
    let report = world.run(Cause::Schedule).await;
    assert_eq!((report.exported, report.errors, report.calls), (1002, 0, 7));
    assert_eq!(world.shown().await, "running 2.999 0 0");
    assert_eq!(world.errors().await, ["3 resolved MISSING_REQUIRED_FIELD 2"]);
    let order: Vec<String> = ["1", "2", "3", "4"].map(String::from).into_iter().chain(many).collect();
    assert_eq!(world.crm.written(), order);
    assert_eq!(world.events.take().last(), Some(&Event::ExportResumed { job: world.job.clone() }));
}

#[tokio::test]
async fn messages_do_not_hammer_the_head() {
    let world = World::new();
    world.refuse(&["1"]);
    world.deliver(1, &["1"]).await;
    world.calls();
    world.deliver(2, &["2"]).await;
    assert_eq!(world.calls(), [""; 0], "the head was tried a moment ago");
    world.clock.advance(Duration::from_secs(61));
    world.deliver(3, &["3"]).await;
    assert_eq!(world.calls(), ["1"]);
    assert_eq!(world.shown().await, "paused - 3 1");
}

#[tokio::test]
async fn a_second_refusal_behind_the_first_halts_again() {
    let world = World::new();
    world.refuse(&["2", "4"]);
    world.deliver(1, &["1", "2", "3", "4", "5"]).await;
    assert_eq!(world.shown().await, "paused 1.0 4 1");
    world.refuse(&["4"]);
    world.run(Cause::Person).await;
    assert_eq!(world.crm.written(), ["1", "2", "3"]);
    assert_eq!(world.shown().await, "paused 1.2 2 1");
}

#[tokio::test]
async fn skip_passes_the_head_and_keeps_its_error() {
    let world = World::new();
    world.refuse(&["2"]);
    world.deliver(1, &["1", "2", "3"]).await;
    let report = world.jobs.skip(&world.job).await.expect("skipped");
    assert_eq!((report.exported, report.errors), (1, 0));
    assert_eq!(world.shown().await, "running 1.2 0 1");
    assert_eq!(world.crm.written(), ["1", "3"]);
    let refused = world.jobs.skip(&world.job).await.expect_err("nothing is held");
    assert_eq!(
        refused.to_string(),
        "skip the head of acme/Contact: no refused record holds it; see `status`"
    );
}

#[tokio::test]
async fn crm_unavailable_says_nothing_about_a_record() {
    let world = World::new();
    let error = CrmError::new("CONNECTION_FAILED", "connection refused", &[]);
    world.crm.fail(CrmFailure::Unavailable { error, retry_after: None });
    let report = world.deliver(1, &["1", "2"]).await;
    assert_eq!((report.exported, report.errors), (0, 0));
    assert_eq!(world.shown().await, "suspended - 2 0");
    assert_eq!(
        world.events.take(),
        [Event::CrmUnavailable { job: world.job.clone(), code: "CONNECTION_FAILED".into() }]
    );
    world.calls();
    world.run(Cause::Schedule).await;
    assert_eq!(world.calls(), [""; 0], "the backoff is kept");
    world.clock.advance(Duration::from_secs(61));
    world.run(Cause::Schedule).await;
    assert_eq!((world.attempts().await, world.calls()), (2, vec!["1".to_owned()]));
    world.crm.accept();
    world.run(Cause::Person).await;
    assert_eq!(world.shown().await, "running 1.1 0 0");
    assert_eq!(world.crm.written(), ["1", "2"]);
}

#[tokio::test]
async fn a_row_lock_is_tried_again_and_then_suspends() {
    let world = World::new();
    world.refuse_with("UNABLE_TO_LOCK_ROW", &["2"]);
    world.deliver(1, &["1", "2", "3"]).await;
    assert_eq!(world.calls(), ["1,2,3"; 3], "two quick retries");
    assert_eq!(world.shown().await, "suspended - 3 0");
    assert_eq!(world.errors().await, [""; 0]);
}

#[tokio::test]
async fn while_export_is_off_everything_parks() {
    let world = World::new();
    world.set(json!({"exportToCrm": false})).await;
    world.deliver(1, &["1", "2"]).await;
    assert_eq!((world.calls(), world.shown().await), (vec![], "suspended - 2 0".to_owned()));
    world.set(json!({"exportToCrm": true})).await;
    assert_eq!(world.shown().await, "draining - 2 0");
    world.deliver(2, &["3"]).await;
    assert_eq!(world.crm.written(), ["1", "2", "3"]);
}

#[tokio::test]
async fn what_came_twice_is_written_once() {
    let world = World::new();
    world.deliver(1, &["1", "2"]).await;
    world.deliver(1, &["1", "2"]).await;
    assert_eq!(world.crm.written(), ["1", "2"]);
    world.refuse(&["3"]);
    world.deliver(2, &["3", "4"]).await;
    world.deliver(2, &["3", "4"]).await;
    assert_eq!(world.shown().await, "paused 1.1 2 1");
}

#[tokio::test]
async fn a_record_that_is_not_whole_holds_until_it_is_skipped() {
    let world = World::new();
    let report = world
        .deliver_records(1, vec![record("1", json!({})), json!({"fields": {}}), record("2", json!({}))])
        .await;
    assert_eq!((report.exported, report.errors, report.calls), (1, 1, 1));
    assert_eq!(world.errors().await, ["at 1.1 open INCOMPLETE_RECORD 1"]);
    world.jobs.skip(&world.job).await.expect("skipped");
    assert_eq!(world.crm.written(), ["1", "2"]);
}

#[tokio::test]
async fn a_request_refused_whole_is_cut_until_the_record_is_found() {
    let world = World::new();
    world.crm.refuse_whole_calls(|record| {
        (record.external_id.value == "7").then(|| vec![CrmError::new("JSON_PARSER_ERROR", "no double", &[])])
    });
    let ids: Vec<String> = (0..20).map(|id| id.to_string()).collect();
    world.deliver(1, &ids.iter().map(String::as_str).collect::<Vec<_>>()).await;
    assert_eq!(world.crm.written(), ids[..7]);
    assert_eq!(world.errors().await, ["7 open JSON_PARSER_ERROR 1"]);
    assert_eq!(world.shown().await, "paused 1.6 13 1");
}

#[tokio::test]
async fn the_accounts_daily_limit_suspends_until_the_next_day() {
    let world = World::new();
    world.set(json!({"dailyCrmApiLimit": 2, "batchSize": 25})).await;
    let ids: Vec<String> = (0..75).map(|id| id.to_string()).collect();
    world.deliver(1, &ids.iter().map(String::as_str).collect::<Vec<_>>()).await;
    assert_eq!((world.calls().len(), world.shown().await), (2, "suspended 1.49 25 0".to_owned()));
    world.clock.advance(Duration::from_secs(12 * 3600));
    world.run(Cause::Schedule).await;
    assert_eq!(world.shown().await, "running 1.74 0 0");
}

#[tokio::test]
async fn at_midnight_a_new_days_calls_begin_inside_a_run() {
    let world = World::new();
    world.set(json!({"dailyCrmApiLimit": 2, "batchSize": 25})).await;
    world.clock.set(Timestamp::parse("2026-11-23T23:59:30Z").expect("a time"));
    // A full call takes 25 seconds now: the third begins at 20 seconds past midnight.
    let clock = world.clock.clone();
    world.crm.refuse(move |_| {
        clock.advance(Duration::from_secs(1));
        None
    });
    let ids: Vec<String> = (0..125).map(|id| id.to_string()).collect();
    world.deliver(1, &ids.iter().map(String::as_str).collect::<Vec<_>>()).await;
    assert_eq!((world.calls().len(), world.shown().await), (4, "suspended 1.99 25 0".to_owned()));
    for day in ["2026-11-23", "2026-11-24"] {
        let figures = world.ledger.count(&world.job.account, day, &Figures::default()).await;
        assert_eq!(figures.map(|figures| (figures.calls, figures.exported)), Ok((2, 50)), "{day}");
    }
}

#[tokio::test]
async fn another_runs_lease_is_respected() {
    let world = World::new();
    world.deliver(1, &["1"]).await;
    let until = noon().plus(Duration::from_secs(60));
    world.ledger.lease(&world.job, "other", noon(), until).await.expect("a lease");
    let message = world.message(2, vec![record("2", json!({}))]);
    let error = world.jobs.run(&world.job, &[message], Cause::Message, None).await.expect_err("held");
    assert_eq!(*error.kind(), LedgerErrorKind::LeaseHeld { job: world.job.clone(), until });
    let late = Jobs { owner: "two".into(), ..world.jobs.clone() };
    world.clock.advance(Duration::from_secs(61));
    late.run(&world.job, &[world.message(2, vec![record("2", json!({}))])], Cause::Message, None)
        .await
        .expect("a run");
    assert_eq!(world.crm.written(), ["1", "2"]);
}
