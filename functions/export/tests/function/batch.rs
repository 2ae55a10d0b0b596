//! Batches of the queue.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jobs::crm::{Chunk, Crm, CrmFailure, MemoryCrm, Reply};
use serde_json::json;
use tokio::sync::Barrier;

use crate::emf;
use crate::world::{World, body, message, raw, refusing};

#[tokio::test]
async fn a_batch_is_exported_in_order() {
    let mut world = World::new();
    // The queue may give a batch in any order; within a group the sequence numbers count.
    let batch = [
        message("m3", "Contact", 12, &["C-3"]),
        message("m1", "Contact", 10, &["C-1"]),
        message("m2", "Contact", 11, &["C-2"]),
    ];
    assert_eq!(world.deliver(&batch).await, [""; 0]);
    assert_eq!(world.crm.written(), ["C-1", "C-2", "C-3"]);
    assert_eq!(world.shown("Contact").await, "Running 12.0 0 0");
    let lines = world.metrics.take();
    assert_eq!(lines.len(), 1, "{lines:?}");
    let exported = ("Stack=crm-export".to_owned(), "Exported".to_owned());
    assert_eq!(emf::metrics(&lines[0]).into_iter().collect::<Vec<_>>(), [(exported, 3.0)]);
}

#[tokio::test]
async fn what_comes_again_is_not_exported_again() {
    let mut world = World::new();
    let batch = [message("m1", "Contact", 10, &["C-1", "C-2"])];
    assert_eq!(world.deliver(&batch).await, [""; 0]);
    world.metrics.take();
    assert_eq!(world.deliver(&batch).await, [""; 0]);
    // The same message once more, behind a newer one that was settled meanwhile.
    let newer = [message("m2", "Contact", 11, &["C-3"])];
    assert_eq!(world.deliver(&newer).await, [""; 0]);
    world.metrics.take();
    assert_eq!(world.deliver(&batch).await, [""; 0]);
    assert_eq!(world.crm.written(), ["C-1", "C-2", "C-3"]);
    assert_eq!(world.metrics.take(), [""; 0], "nothing was done, so nothing is told");
}

#[tokio::test]
async fn a_refused_record_parks_what_is_behind_it() {
    let mut world = World::new();
    world.crm.refuse(refusing("C-2"));
    let batch = [
        message("m1", "Contact", 10, &["C-1", "C-2"]),
        message("m2", "Contact", 11, &["C-3"]),
        message("m3", "Lead", 20, &["L-1"]),
    ];
    assert_eq!(world.deliver(&batch).await, [""; 0], "it waits in the ledger, not in the queue");
    assert_eq!(world.shown("Contact").await, "Paused 10.0 2 1");
    assert_eq!(world.shown("Lead").await, "Running 20.0 0 0");
    let errors = ("Stack=crm-export,Code=MISSING_REQUIRED_FIELD".to_owned(), "RecordErrors".to_owned());
    let found: Vec<f64> =
        world.metrics.take().iter().filter_map(|line| emf::metrics(line).get(&errors).copied()).collect();
    assert_eq!(found, [1.0]);
}

#[tokio::test]
async fn an_unavailable_crm_sends_nothing_back() {
    let mut world = World::new();
    let error = domain::CrmError::new("CONNECTION_FAILED", "no route", &[]);
    world.crm.fail(CrmFailure::Unavailable { error, retry_after: None });
    assert_eq!(world.deliver(&[message("m1", "Contact", 10, &["C-1"])]).await, [""; 0]);
    assert_eq!(world.shown("Contact").await, "Suspended - 1 0");
    assert_eq!(world.metrics.take(), [""; 0]);
}

#[tokio::test]
async fn poison_is_kept_and_harms_nothing() {
    let mut world = World::new();
    let batch = [
        message("m1", "Contact", 10, &["C-1"]),
        raw("m2", "acme/Contact", 11, "{ this is not JSON"),
        message("m3", "Contact", 12, &["C-3"]),
        raw("m4", "acme/Contact", 13, &body("globex", "Contact", &["C-4"])),
        raw("m5", "globex/Contact", 14, "no JSON either"),
        raw("m6", "acme/Lead", 15, &body("acme", "Contact", &["C-6"])),
    ];
    let kept = [
        (true, "m2", "the body is not JSON: key must be a string at line 1 column 3"),
        (true, "m6", "the message group is `acme/Lead`; send it in its job's group, acme/Contact"),
        (false, "m4", "the message is for account globex, this stack exports acme only"),
        (false, "m5", "the body is not JSON: expected ident at line 1 column 2"),
    ];
    let kept = kept.map(|(ours, id, reason)| (ours, id.to_owned(), reason.to_owned()));
    for _ in 0..2 {
        assert_eq!(world.deliver(&batch).await, [""; 0]);
        assert_eq!(world.crm.written(), ["C-1", "C-3"]);
        assert_eq!(world.rejections().await, kept, "once, however often it comes");
        world.clock.advance(Duration::from_secs(60));
    }
}

#[tokio::test]
async fn poison_that_cannot_be_kept_comes_again_with_what_is_behind_it() {
    let mut world = World::new();
    world.ledger.fail(Some("reject"));
    let batch = [
        message("m1", "Contact", 10, &["C-1"]),
        raw("m2", "acme/Contact", 11, "{"),
        message("m3", "Contact", 12, &["C-3"]),
        message("m4", "Lead", 20, &["L-1"]),
    ];
    assert_eq!(world.deliver(&batch).await, ["m2", "m3"]);
    let mut written = world.crm.written();
    written.sort();
    assert_eq!(written, ["C-1", "C-3", "L-1"]);
    world.ledger.fail(None);
    assert_eq!(world.deliver(&batch[1..3]).await, [""; 0]);
    assert_eq!((world.crm.written().len(), world.rejections().await.len()), (3, 1));
}

#[tokio::test]
async fn a_ledger_that_is_down_sends_that_group_back() {
    let mut world = World::new();
    world.ledger.fail(Some("Contact"));
    let batch = [
        message("m1", "Contact", 10, &["C-1"]),
        message("m2", "Lead", 20, &["L-1"]),
        message("m3", "Contact", 11, &["C-2"]),
    ];
    assert_eq!(world.deliver(&batch).await, ["m1", "m3"]);
    assert_eq!(world.crm.written(), ["L-1"]);
    assert_eq!(world.soon.take(), Vec::<Vec<String>>::new(), "an outage is not made worse");
    world.ledger.fail(None);
    assert_eq!(world.deliver(&[batch[0].clone(), batch[2].clone()]).await, [""; 0]);
    assert_eq!(world.crm.written(), ["L-1", "C-1", "C-2"]);
}

#[tokio::test]
async fn a_job_that_another_run_has_comes_again_soon() {
    let mut world = World::new();
    world.lease_elsewhere("Contact").await;
    let batch = [
        message("m1", "Contact", 10, &["C-1"]),
        message("m2", "Contact", 11, &["C-2"]),
        message("m3", "Lead", 20, &["L-1"]),
    ];
    assert_eq!(world.deliver(&batch).await, ["m1", "m2"]);
    assert_eq!(world.soon.take(), [["m1", "m2"]], "all of the group at the same time");
    assert_eq!(world.crm.written(), ["L-1"]);
    world.clock.advance(Duration::from_secs(60));
    assert_eq!(world.deliver(&batch[..2]).await, [""; 0]);
    assert_eq!(world.crm.written(), ["L-1", "C-1", "C-2"]);
}

#[tokio::test]
async fn without_time_records_park_and_go_out_later() {
    let mut world = World::new();
    world.seconds = 100;
    assert_eq!(world.deliver(&[message("m1", "Contact", 10, &["C-1", "C-2"])]).await, [""; 0]);
    assert_eq!(
        (world.crm.take_calls().len(), world.shown("Contact").await),
        (0, "Draining - 2 0".to_owned())
    );
    world.seconds = 300;
    world.invoke(json!({"cause": "schedule"})).await.expect("a tick");
    assert_eq!((world.crm.written().len(), world.shown("Contact").await), (2, "Running 10.1 0 0".to_owned()));
}

/// Answers only once as many calls wait as it was told.
struct Together(Arc<dyn Crm>, Barrier);

#[async_trait]
impl Crm for Together {
    async fn send(&self, chunk: Chunk<'_>) -> Reply {
        self.1.wait().await;
        self.0.send(chunk).await
    }
}

#[tokio::test]
async fn groups_run_at_the_same_time() {
    let crm = Arc::new(MemoryCrm::default());
    let mut world = World::with(crm, |crm| Arc::new(Together(crm, Barrier::new(3))));
    let batch = ["Account", "Contact", "Lead"].map(|object| message(object, object, 1, &[object]));
    let delivered = tokio::time::timeout(Duration::from_secs(20), world.deliver(&batch)).await;
    assert_eq!(delivered.expect("no group waits for another"), [""; 0]);
    assert_eq!(world.crm.written().len(), 3);
}

/// Panics at contacts.
struct Broken(Arc<dyn Crm>);

#[async_trait]
impl Crm for Broken {
    async fn send(&self, chunk: Chunk<'_>) -> Reply {
        assert_ne!(chunk.object, "Contact");
        self.0.send(chunk).await
    }
}

#[tokio::test]
async fn a_panic_in_one_group_fails_no_other() {
    let mut world = World::with(Arc::new(MemoryCrm::default()), |crm| Arc::new(Broken(crm)));
    let batch = [message("m1", "Contact", 1, &["C-1"]), message("m2", "Lead", 1, &["L-1"])];
    assert_eq!(world.deliver(&batch).await, ["m1"]);
    assert_eq!(world.crm.written(), ["L-1"]);
}

#[tokio::test]
async fn an_empty_batch_and_an_empty_message_are_nothing() {
    let mut world = World::new();
    assert_eq!(world.deliver(&[]).await, [""; 0]);
    assert_eq!(world.deliver(&[message("m1", "Contact", 1, &[])]).await, [""; 0]);
    assert_eq!(world.metrics.take(), [""; 0]);
}
