//! The tick of the schedule, what a person asks for, and events that nobody knows.

use std::time::Duration;

use jobs::clock::Clock as _;
use jobs::ledger::Ledger as _;
use serde_json::{Value, json};

use crate::emf;
use crate::world::{World, message, refusing};

/// A world whose contacts are paused at `C-1`, with `C-2` behind it.
async fn paused() -> World {
    let mut world = World::new();
    world.crm.refuse(refusing("C-1"));
    assert_eq!(world.deliver(&[message("m1", "Contact", 10, &["C-1", "C-2"])]).await, [""; 0]);
    assert_eq!(world.shown("Contact").await, "Paused - 2 1");
    world.metrics.take();
    world
}

fn resume(job: Option<&str>) -> Value {
    json!({"cause": "person", "action": "resume", "job": job})
}

fn skip(error_id: &str) -> Value {
    json!({"cause": "person", "action": "skip", "job": "acme/Contact", "errorId": error_id})
}

/// The metrics of some lines, without their dimensions.
fn told(lines: &[String]) -> Vec<(String, f64)> {
    let all = lines.iter().flat_map(|line| emf::metrics(line));
    all.filter(|((dimensions, _), _)| dimensions == "Stack=crm-export")
        .map(|((_, name), value)| (name, value))
        .collect()
}

#[tokio::test]
async fn a_tick_tries_the_head_and_tells_where_jobs_stand() {
    let mut world = paused().await;
    world.clock.advance(Duration::from_secs(300));
    let answer = world.invoke(json!({"cause": "schedule"})).await.expect("a tick");
    assert_eq!(answer, json!({"jobs": 1, "exported": 0, "errors": 1, "calls": 1}));
    let stand = |held, oldest, open, parked| {
        [("HeldJobs", held), ("OldestHoldSeconds", oldest), ("OpenErrors", open), ("ParkedRecords", parked)]
            .map(|(name, value)| (name.to_owned(), value))
    };
    let found = told(&world.metrics.take());
    assert_eq!(found[1..], stand(1.0, 300.0, 1.0, 2.0));
    assert_eq!(found[0], ("RecordErrors".to_owned(), 1.0));
    world.crm.accept();
    let answer = world.invoke(json!({"cause": "schedule"})).await.expect("a tick");
    assert_eq!(answer["exported"], 2);
    let found = told(&world.metrics.take());
    assert_eq!(found[0], ("Exported".to_owned(), 2.0));
    assert_eq!(found[1..], stand(0.0, 0.0, 0.0, 0.0), "zeros tell rest from silence");
    assert_eq!(world.crm.written(), ["C-1", "C-2"]);
}

#[tokio::test]
async fn a_tick_without_a_ledger_fails() {
    let mut world = paused().await;
    world.ledger.fail(Some("jobs"));
    let error = world.invoke(json!({"cause": "schedule"})).await.expect_err("no ledger");
    assert_eq!(
        (error.error_type.as_str(), error.error_message.as_str()),
        ("Ledger", "failed to reach the ledger: throttled")
    );
}

#[tokio::test]
async fn a_tick_passes_a_job_that_another_run_has() {
    let mut world = paused().await;
    world.lease_elsewhere("Contact").await;
    let answer = world.invoke(json!({"cause": "schedule"})).await.expect("a tick");
    assert_eq!(answer, json!({"jobs": 1, "exported": 0, "errors": 0, "calls": 0}));
    assert_eq!(told(&world.metrics.take()).len(), 4);
}

#[tokio::test]
async fn a_person_resumes_one_job_or_all() {
    for job in [Some("acme/Contact"), None] {
        let mut world = paused().await;
        world.crm.accept();
        let answer = world.invoke(resume(job)).await.expect("a resume");
        assert_eq!(answer, json!({"jobs": 1, "exported": 2, "errors": 0, "calls": 2}), "{job:?}");
        assert_eq!(world.shown("Contact").await, "Running 10.1 0 0");
    }
}

#[tokio::test]
async fn a_person_waits_for_a_job_that_another_run_has() {
    let mut world = paused().await;
    world.crm.accept();
    world.lease_elsewhere("Contact").await;
    let before = world.clock.now();
    let answer = world.invoke(resume(Some("acme/Contact"))).await.expect("a resume");
    assert_eq!((&answer["exported"], world.clock.now().since(before).as_secs()), (&json!(2), 60));
}

#[tokio::test]
async fn a_person_skips_the_head_that_was_meant() {
    let mut world = paused().await;
    let head = world.head("Contact").await;
    assert_eq!(world.invoke(skip(&head)).await.expect("a skip"), json!({"skipped": true}));
    assert_eq!(world.shown("Contact").await, "Running 10.1 0 1");
    assert_eq!(world.crm.written(), ["C-2"]);
    assert_eq!(told(&world.metrics.take()), [("Exported".to_owned(), 1.0)]);
}

#[tokio::test]
async fn a_stale_head_is_not_skipped() {
    let mut world = paused().await;
    let stale = world.head("Contact").await;
    world.crm.refuse(refusing("C-2"));
    world.invoke(resume(None)).await.expect("a resume");
    assert_eq!(world.shown("Contact").await, "Paused 10.0 1 1");
    let no = |reason: &str| json!({"skipped": false, "reason": format!("nothing of acme/Contact was skipped: {reason}")});
    let other = no("another record or none is its head by now; look at its status");
    assert_eq!(world.invoke(skip(&stale)).await.expect("an answer"), other);
    assert_eq!(world.shown("Contact").await, "Paused 10.0 1 1", "nothing was passed");
    // The look gave its lease back: any other run may have the job at once.
    world.lease_elsewhere("Contact").await;
    world.clock.advance(Duration::from_secs(60));
    world.crm.accept();
    world.invoke(resume(None)).await.expect("a resume");
    assert_eq!(world.invoke(skip(&stale)).await.expect("an answer"), other, "no head at all");
    let unknown = json!({"cause": "person", "action": "skip", "job": "acme/Lead", "errorId": stale});
    let answer = world.invoke(unknown).await.expect("an answer");
    assert_eq!(answer["reason"], "nothing of acme/Lead was skipped: there is no such job");
    assert_eq!(world.ledger.job(&world.job("Lead")).await, Ok(None), "a question begins no job");
}

#[tokio::test]
async fn an_event_that_nobody_knows_is_an_error() {
    let mut world = World::new();
    for event in [json!({"cause": "daily"}), json!("hello"), json!({"Records": [{"body": "hush"}]})] {
        let error = world.invoke(event).await.expect_err("unknown");
        assert_eq!(error.error_type, "Event");
        assert!(error.error_message.starts_with("failed to read the event: "), "{error:?}");
        assert!(
            error.error_message.contains(r#"expected a batch of an SQS FIFO queue {"Records":[...]}"#),
            "{error:?}"
        );
        assert!(!error.error_message.contains("hush"), "{error:?}");
    }
}

#[tokio::test]
async fn each_invocation_takes_leases_in_its_own_name() {
    let mut world = paused().await;
    let invocation = |id: &str| cloud::Invocation { request_id: id.to_owned(), trace: None, deadline_ms: 0 };
    let owner = |id: &str| invocation(id).jobs(&world.export.jobs).owner;
    assert_eq!((owner("a"), owner("b")), ("environment/a".to_owned(), "environment/b".to_owned()));
    // And the next invocation need not wait for the last.
    world.crm.accept();
    assert_eq!(world.deliver(&[message("m2", "Contact", 11, &["C-3"])]).await, [""; 0]);
}
