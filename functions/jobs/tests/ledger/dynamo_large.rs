//! What is large or happens at once: thousands of parked records, records above an item's size, runs that race.

use std::sync::atomic::Ordering;

use domain::{ExportError, ExternalId, Placed, Position, Record};
use jobs::ledger::{ErrorFilter, Ledger, LedgerErrorKind, Rejection};
use serde_json::json;

use crate::dynamo_local::dynamo;
use crate::samples::*;

/// Records of 1 KB, 60 in a message.
fn messages(records: u128) -> Vec<Placed> {
    let contact = job("acme/Contact");
    let record = |n: u128| {
        let index = u32::try_from(n % 60).expect("small");
        let mut placed = placed(&contact, &Position::new(n / 60 + 1, index).to_string(), &n.to_string());
        placed.record.fields.insert("Note__c".to_owned(), "x".repeat(850).into());
        placed
    };
    (0..records).map(record).collect()
}

#[tokio::test]
async fn twenty_thousand_records_park_and_come_out_in_order() {
    let dynamo = dynamo().await;
    let (ledger, contact) = (&dynamo.ledger, job("acme/Contact"));
    let lease = leased(ledger, "acme/Contact").await;
    let all = messages(20_000);
    for batch in all.chunks(600) {
        ledger.park(&lease, batch).await.expect("parked");
    }
    ledger.park(&lease, &all[7_000..9_000]).await.expect("parked already");
    assert_eq!(ledger.count_parked(&contact).await, Ok(20_000));
    let mut after = None;
    let mut read = 0;
    loop {
        let page = ledger.parked(&contact, after, 800).await.expect("read");
        assert_eq!(page[..], all[read..all.len().min(read + 800)]);
        read += page.len();
        match page.last() {
            Some(last) => after = Some(last.position),
            None => break,
        }
    }
    assert_eq!(read, all.len());
    let through = all[12_344].position;
    ledger.unpark(&lease, through).await.expect("unparked");
    assert_eq!(ledger.count_parked(&contact).await, Ok(20_000 - 12_345));
    assert_eq!(ledger.parked(&contact, None, 1).await, Ok(vec![all[12_345].clone()]));
    ledger.unpark(&lease, all[19_999].position).await.expect("unparked");
    assert_eq!(ledger.count_parked(&contact).await, Ok(0));
}

#[tokio::test]
async fn a_park_that_is_interrupted_has_parked_the_first_ones() {
    let dynamo = dynamo().await;
    let (ledger, contact) = (&dynamo.ledger, job("acme/Contact"));
    let lease = leased(ledger, "acme/Contact").await;
    let all = messages(9_000);
    dynamo.watch.transactions_left.store(2, Ordering::Relaxed);
    let cut = ledger.park(&lease, &all).await.expect_err("the second transaction fails");
    assert!(matches!(cut.kind(), LedgerErrorKind::Unavailable(_)), "{cut}");
    let parked = ledger.parked(&contact, None, usize::MAX).await.expect("read");
    assert!((2_000..8_000).contains(&parked.len()), "{}", parked.len());
    assert_eq!(parked[..], all[..parked.len()]);
    assert_eq!(ledger.count_parked(&contact).await, Ok(parked.len() as u64));
    dynamo.watch.transactions_left.store(0, Ordering::Relaxed);
    ledger.park(&lease, &all).await.expect("the rest");
    assert_eq!(ledger.parked(&contact, None, usize::MAX).await, Ok(all));
    assert_eq!(ledger.count_parked(&contact).await, Ok(9_000));
}

/// A record of 300 KB, and what is kept of a message of 1 MB that holds no record.
fn large() -> [Record; 2] {
    let contact = job("acme/Contact");
    let mut whole = placed(&contact, "1.0", "large").record;
    whole.fields.insert("Note__c".to_owned(), "é".repeat(150_000).into());
    let raw = json!("\"\u{1}漢".repeat(200_000));
    let problem = Record::from_json(raw.clone()).expect_err("no record");
    [whole, Record::incomplete("Contact", position("1.1"), &raw, &problem)]
}

#[tokio::test]
async fn large_records_are_kept_whole() {
    let dynamo = dynamo().await;
    let (ledger, contact) = (&dynamo.ledger, job("acme/Contact"));
    let lease = leased(ledger, "acme/Contact").await;
    let [whole, raw] = large();
    assert!(raw.bytes() > 2_000_000, "{}", raw.bytes());
    let records = [whole, raw, placed(&contact, "1.2", "small").record];
    let parked: Vec<Placed> = (0..)
        .zip(records)
        .map(|(index, record)| Placed { position: Position::new(1, index), record })
        .collect();
    ledger.park(&lease, &parked).await.expect("parked");
    assert_eq!(ledger.parked(&contact, None, 9).await, Ok(parked.clone()));
    assert_eq!(ledger.count_parked(&contact).await, Ok(3));
    ledger.unpark(&lease, position("1.1")).await.expect("unparked");
    assert_eq!(ledger.parked(&contact, None, 9).await, Ok(parked[2..].to_vec()));
    let request = dynamo.client.scan().table_name(&dynamo.table).filter_expression("begins_with(sk, :part)");
    let part = aws_sdk_dynamodb::types::AttributeValue::S("PART#".to_owned());
    let left = request.expression_attribute_values(":part", part).send().await.expect("read");
    assert_eq!(left.items(), [], "nothing of them is left");
}

#[tokio::test]
async fn large_errors_and_rejections_are_kept_whole() {
    let dynamo = dynamo().await;
    let (ledger, contact, acme) = (&dynamo.ledger, job("acme/Contact"), account("acme"));
    let lease = leased(ledger, "acme/Contact").await;
    for (record, place) in large().into_iter().zip(["3.0", "3.1"]) {
        let small = refused(&contact, place, &record.external_id.value);
        let error = ExportError { record, ..small };
        ledger.put_open_error(&lease, &error).await.expect("logged");
        let again = ExportError { attempts: 2, ..error.clone() };
        ledger.put_open_error(&lease, &again).await.expect("logged");
        let id = &error.record.external_id;
        assert_eq!(ledger.open_errors_of(&contact, &[id]).await, Ok(vec![again.clone()]));
        ledger.close_error(&lease, &resolved(&again)).await.expect("closed");
        assert_eq!(ledger.error(&acme, &error.id).await, Ok(Some(resolved(&again))));
        assert_eq!(ledger.open_errors(&contact, None, 9).await, Ok(vec![]));
    }
    let rejection = Rejection {
        account: Some(acme.clone()),
        message_id: "m1".to_owned(),
        reason: "the body is not JSON".to_owned(),
        body: "漢".repeat(350_000),
        at: at(1),
    };
    ledger.reject(&rejection).await.expect("kept");
    ledger.reject(&rejection).await.expect("kept already");
    assert_eq!(ledger.rejections(Some(&acme), 9).await, Ok(vec![rejection]));
}

#[tokio::test]
async fn an_external_id_longer_than_a_key_has_its_own_error() {
    let dynamo = dynamo().await;
    let (ledger, contact) = (&dynamo.ledger, job("acme/Contact"));
    let lease = leased(ledger, "acme/Contact").await;
    let values = ["a".repeat(5_000), "a".repeat(5_001), "a".repeat(4_999) + "b"];
    let errors: Vec<ExportError> =
        (1..).zip(&values).map(|(n, value)| refused(&contact, &format!("{n}.0"), value)).collect();
    for error in &errors {
        ledger.put_open_error(&lease, error).await.expect("logged");
    }
    let ids: Vec<&ExternalId> = errors.iter().map(|error| &error.record.external_id).collect();
    assert_eq!(ledger.open_errors_of(&contact, &ids).await, Ok(errors.clone()));
    ledger.close_error(&lease, &resolved(&errors[1])).await.expect("closed");
    assert_eq!(ledger.open_errors_of(&contact, &ids).await.map(|open| open.len()), Ok(2));
}

#[tokio::test]
async fn many_errors_are_listed_counted_and_found() {
    let dynamo = dynamo().await;
    let (ledger, contact, acme) = (&dynamo.ledger, job("acme/Contact"), account("acme"));
    let lease = leased(ledger, "acme/Contact").await;
    let errors: Vec<ExportError> =
        (0..120).map(|n| refused(&contact, &format!("{n}.0"), &format!("id {n}"))).collect();
    for (n, error) in errors.iter().enumerate() {
        ledger.put_open_error(&lease, error).await.expect("logged");
        if n % 2 == 0 {
            ledger.close_error(&lease, &resolved(error)).await.expect("closed");
        }
    }
    assert_eq!(ledger.count_open_errors(&contact).await, Ok(60));
    let ids: Vec<&ExternalId> = errors.iter().map(|error| &error.record.external_id).collect();
    let open = ledger.open_errors_of(&contact, &ids).await.expect("two calls of 100 keys at most");
    assert_eq!(open.len(), 60);
    assert_eq!(ledger.open_errors(&contact, None, 999).await, Ok(open));
    let mut listed: Vec<ExportError> = Vec::new();
    loop {
        let after = listed.last().map(|error| error.id.clone());
        let page = ledger.errors(&acme, &ErrorFilter::default(), after.as_deref(), 50).await.expect("read");
        if page.is_empty() {
            break;
        }
        listed.extend(page);
    }
    let expected: Vec<ExportError> = errors
        .iter()
        .enumerate()
        .map(|(n, error)| if n % 2 == 0 { resolved(error) } else { error.clone() })
        .collect();
    assert_eq!(listed, expected, "open and closed in one order");
}

#[tokio::test]
async fn of_two_runs_that_race_one_gets_the_lease_and_one_can_write() {
    let dynamo = dynamo().await;
    let (ledger, contact) = (dynamo.ledger.clone(), job("acme/Contact"));
    for round in 0..5 {
        // Each finds the lease of the round before run out.
        let now = at(round * 100);
        let race = ["a", "b", "c", "d"].map(|owner| {
            let (ledger, contact) = (ledger.clone(), contact.clone());
            tokio::spawn(async move { ledger.lease(&contact, owner, now, at(round * 100 + 10)).await })
        });
        let mut won = Vec::new();
        for run in race {
            match run.await.expect("no panic") {
                Ok((lease, _)) => won.push(lease),
                Err(held) => assert!(matches!(held.kind(), LedgerErrorKind::LeaseHeld { .. }), "{held}"),
            }
        }
        assert_eq!(won.len(), 1, "round {round}");
    }
    // A machine whose clock is ahead takes the lease too early: whoever had it can write nothing more.
    let (early, _) = ledger.lease(&contact, "early", at(1_000), at(1_010)).await.expect("free");
    let (ahead, _) =
        ledger.lease(&contact, "ahead", at(1_011), at(1_021)).await.expect("run out on its clock");
    let lost = ledger.park(&early, &[placed(&contact, "1.0", "a")]).await.expect_err("a newer epoch");
    assert_eq!(*lost.kind(), LedgerErrorKind::LeaseLost { job: contact.clone() });
    ledger.park(&ahead, &[placed(&contact, "1.0", "b")]).await.expect("parked");
    assert_eq!(ledger.parked(&contact, None, 9).await, Ok(vec![placed(&contact, "1.0", "b")]));
}
