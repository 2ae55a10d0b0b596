//! Replies that are lost, a table that is busy, and one that is not there.

use std::sync::atomic::Ordering;

use domain::Job;
use jobs::ledger::dynamo::DynamoLedger;
use jobs::ledger::{Ledger, LedgerErrorKind, Rejection};
use serde_json::json;

use crate::dynamo_local::{Dynamo, Scripted, dynamo};
use crate::samples::*;

#[tokio::test]
async fn a_write_whose_reply_is_lost_is_made_once() {
    let dynamo = dynamo().await;
    let (ledger, contact, acme) = (&dynamo.ledger, job("acme/Contact"), account("acme"));
    dynamo.watch.lose_replies.store(1, Ordering::Relaxed);
    let (lease, _) = ledger.lease(&contact, "run", at(0), at(10)).await.expect("leased");
    assert_eq!(lease.epoch, 2, "the repeat took it again, and its epoch is the one that holds");
    ledger.put_settings(&acme, &json!({"batchSize": 50}), 0).await.expect("stored");
    let waiting = ["1.0", "1.1", "2.0"].map(|place| placed(&contact, place, place));
    ledger.park(&lease, &waiting).await.expect("parked");
    let (open, closed) = (refused(&contact, "3.0", "a"), refused(&contact, "4.0", "b"));
    for error in [&open, &closed] {
        ledger.put_open_error(&lease, error).await.expect("logged");
    }
    ledger.close_error(&lease, &resolved(&closed)).await.expect("closed");
    ledger.unpark(&lease, position("1.0")).await.expect("unparked");
    let moved = Job { cursor: Some(position("1.0")), ..held(&open) };
    ledger.save(&lease, &moved, at(10)).await.expect("saved");
    let rejection = Rejection {
        account: Some(acme.clone()),
        message_id: "m1".to_owned(),
        reason: "x".to_owned(),
        body: "y".repeat(400_000),
        at: at(1),
    };
    ledger.reject(&rejection).await.expect("kept");

    dynamo.watch.lose_replies.store(0, Ordering::Relaxed);
    let stored = ledger.settings(&acme).await.expect("read");
    assert_eq!((stored.body, stored.version), (Some(json!({"batchSize": 50})), 1));
    assert_eq!(ledger.parked(&contact, None, 9).await, Ok(waiting[1..].to_vec()));
    assert_eq!(ledger.count_parked(&contact).await, Ok(2));
    assert_eq!(ledger.open_errors(&contact, None, 9).await, Ok(vec![open]));
    assert_eq!(ledger.error(&acme, &closed.id).await, Ok(Some(resolved(&closed))));
    assert_eq!(ledger.job(&contact).await, Ok(Some(moved)));
    assert_eq!(ledger.rejections(Some(&acme), 9).await, Ok(vec![rejection]));
}

/// What a busy table answers: an exception by its name, and the reason when it is a transaction's.
fn busy(operation: &'static str, exception: &str, reason: &str) -> Scripted {
    let reasons = [json!({"Code": "None"}), json!({"Code": reason, "Message": "busy"})];
    let body = json!({
        "__type": format!("com.amazonaws.dynamodb.v20120810#{exception}"), "message": "busy",
        "CancellationReasons": reasons
    });
    let status = if exception == "InternalServerError" { 500 } else { 400 };
    Scripted { operation, status, body: body.to_string() }
}

impl Dynamo {
    fn script(&self, replies: impl IntoIterator<Item = Scripted>) {
        self.watch.script.lock().expect("whole").extend(replies);
    }

    fn is_played(&self) -> bool {
        self.watch.script.lock().expect("whole").is_empty()
    }
}

const CANCELLED: &str = "TransactionCanceledException";

#[tokio::test]
async fn a_busy_table_is_waited_for() {
    let dynamo = dynamo().await;
    let (ledger, contact) = (&dynamo.ledger, job("acme/Contact"));
    let lease = leased(ledger, "acme/Contact").await;
    dynamo.script([
        busy("TransactWriteItems", CANCELLED, "TransactionConflict"),
        busy("TransactWriteItems", CANCELLED, "ThrottlingError"),
        busy("TransactWriteItems", "ThrottlingException", ""),
        busy("UpdateItem", "TransactionConflictException", ""),
        busy("UpdateItem", "ProvisionedThroughputExceededException", ""),
        busy("GetItem", "RequestLimitExceeded", ""),
        busy("Query", "InternalServerError", ""),
        busy("BatchGetItem", "ThrottlingException", ""),
        busy("BatchWriteItem", "ProvisionedThroughputExceededException", ""),
    ]);
    let waiting = [placed(&contact, "1.0", "a"), placed(&contact, "2.0", "b")];
    ledger.park(&lease, &waiting).await.expect("parked");
    let error = refused(&contact, "3.0", "c");
    ledger.put_open_error(&lease, &error).await.expect("logged");
    ledger.unpark(&lease, position("1.0")).await.expect("unparked");
    ledger.save(&lease, &held(&error), at(10)).await.expect("saved");
    assert!(dynamo.is_played());
    assert_eq!(ledger.job(&contact).await, Ok(Some(held(&error))));
    assert_eq!(ledger.parked(&contact, None, 9).await, Ok(waiting[1..].to_vec()));
    assert_eq!(ledger.count_parked(&contact).await, Ok(1), "counted once");
    assert_eq!(ledger.open_errors(&contact, None, 9).await, Ok(vec![error]));
}

#[tokio::test]
async fn what_a_batch_leaves_over_is_asked_again() {
    let dynamo = dynamo().await;
    let (ledger, contact, table) = (&dynamo.ledger, job("acme/Contact"), &dynamo.table);
    let lease = leased(ledger, "acme/Contact").await;
    let errors = ["a", "b"].map(|id| refused(&contact, if id == "a" { "1.0" } else { "2.0" }, id));
    for error in &errors {
        ledger.put_open_error(&lease, error).await.expect("logged");
    }
    ledger.park(&lease, &[placed(&contact, "9.0", "x")]).await.expect("parked");
    let key = |sk: &str| json!({"pk": {"S": "JOB#acme#Contact"}, "sk": {"S": sk}});
    let keys = [key("ERROR#Ext__c=a"), key("ERROR#Ext__c=b")];
    let left = json!({"Responses": {}, "UnprocessedKeys": {table: {"Keys": keys, "ConsistentRead": true}}});
    dynamo.script([Scripted { operation: "BatchGetItem", status: 200, body: left.to_string() }]);
    let ids = [&errors[0].record.external_id, &errors[1].record.external_id];
    assert_eq!(ledger.open_errors_of(&contact, &ids).await, Ok(errors.to_vec()));
    let parked = format!("PARKED#{}", position("9.0").sort_key());
    let left = json!({"UnprocessedItems": {table: [{"DeleteRequest": {"Key": key(&parked)}}]}});
    dynamo.script([Scripted { operation: "BatchWriteItem", status: 200, body: left.to_string() }]);
    dynamo.watch.take();
    ledger.unpark(&lease, position("9.0")).await.expect("unparked");
    assert!(dynamo.is_played());
    assert_eq!(dynamo.watch.take().calls, 6, "lease, two queries, two deletions, the count");
}

#[tokio::test]
async fn a_table_that_stays_busy_is_unavailable() {
    let dynamo = dynamo().await;
    let (ledger, contact) = (&dynamo.ledger, job("acme/Contact"));
    let lease = leased(ledger, "acme/Contact").await;
    dynamo.script((0..99).map(|_| busy("TransactWriteItems", CANCELLED, "TransactionConflict")));
    let parked = ledger.park(&lease, &[placed(&contact, "1.0", "a")]).await.expect_err("busy");
    let expected = format!("table {}: TransactionConflict; the table is busy; try again", dynamo.table);
    assert_eq!(*parked.kind(), LedgerErrorKind::Unavailable(expected));
}

#[tokio::test]
async fn a_table_that_is_not_there_is_named() {
    let dynamo = dynamo().await;
    let ledger = DynamoLedger::new(dynamo.client.clone(), "nowhere", 90);
    let missing = ledger.job(&job("acme/Contact")).await.expect_err("no table");
    let text = missing.to_string();
    assert!(text.starts_with("reach the ledger: table nowhere: ResourceNotFoundException: "), "{text}");
    assert!(text.ends_with("; check the table's name, the region and the account"), "{text}");
}

#[tokio::test]
async fn a_service_that_is_away_is_unavailable_in_bounded_time() {
    let dynamo = dynamo().await;
    let config = dynamo.client.config().to_builder().endpoint_url("http://127.0.0.1:1").build();
    let ledger = DynamoLedger::new(aws_sdk_dynamodb::Client::from_conf(config), "ledger", 90);
    let contact = job("acme/Contact");
    let call = ledger.job(&contact);
    let away = tokio::time::timeout(std::time::Duration::from_secs(40), call).await.expect("bounded");
    let away = away.expect_err("nobody listens there");
    assert!(matches!(away.kind(), LedgerErrorKind::Unavailable(_)), "{away}");
    assert!(away.to_string().starts_with("reach the ledger: table ledger: "), "{away}");
    assert!(away.to_string().contains("refused"), "the cause is told: {away}");
}
