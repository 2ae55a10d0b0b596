//! Cases of parked records.

use domain::{ExternalId, Placed, Record};
use jobs::ledger::Ledger;
use serde_json::Value;

use crate::samples::*;

pub async fn parking_twice_changes_nothing(ledger: &dyn Ledger) {
    let contact = job("acme/Contact");
    let lease = leased(ledger, "acme/Contact").await;
    let first = [placed(&contact, "1.0", "a"), placed(&contact, "1.1", "b")];
    ledger.park(&lease, &first).await.expect("parked");
    let again =
        [placed(&contact, "1.1", "another"), placed(&contact, "1.0", "a"), placed(&contact, "1.2", "c")];
    ledger.park(&lease, &again).await.expect("parked");
    ledger.park(&lease, &[]).await.expect("nothing to do");
    let [a, b] = first;
    assert_eq!(ledger.parked(&contact, None, 9).await, Ok(vec![a, b, placed(&contact, "1.2", "c")]));
    assert_eq!(ledger.count_parked(&contact).await, Ok(3));
}

pub async fn order_is_by_number_and_not_by_text(ledger: &dyn Ledger) {
    let contact = job("acme/Contact");
    let lease = leased(ledger, "acme/Contact").await;
    let ordered = [
        "0.0",
        "2.9",
        "2.10",
        "10.0",
        "18446744073709551615.0", // 2^64 - 1
        "18446744073709551616.0", // 2^64
        "99999999999999999999.1", // the largest number of 20 digits
        "340282366920938463463374607431768211455.0",
    ];
    let backwards: Vec<Placed> = ordered.iter().rev().map(|place| placed(&contact, place, place)).collect();
    ledger.park(&lease, &backwards).await.expect("parked");
    let parked = ledger.parked(&contact, None, 99).await.expect("read");
    assert_eq!(places(&parked), ordered);
    let behind = ledger.parked(&contact, Some(position("18446744073709551615.0")), 99).await.expect("read");
    assert_eq!(places(&behind), ordered[5..]);
}

pub async fn pages_go_on_behind_a_position(ledger: &dyn Ledger) {
    let contact = job("acme/Contact");
    let lease = leased(ledger, "acme/Contact").await;
    let all: Vec<Placed> =
        (0..500).map(|n| placed(&contact, &format!("{}.{}", n / 7, n % 7), &n.to_string())).collect();
    ledger.park(&lease, &all).await.expect("parked");
    assert_eq!(ledger.count_parked(&contact).await, Ok(500));
    let mut read: Vec<Placed> = Vec::new();
    for expected in [200, 200, 100, 0] {
        let after = read.last().map(|placed| placed.position);
        let page = ledger.parked(&contact, after, 200).await.expect("read");
        assert_eq!(page.len(), expected, "behind {after:?}");
        read.extend(page);
    }
    assert_eq!(read, all);
    assert_eq!(ledger.parked(&contact, None, 0).await, Ok(vec![]));
    let between = ledger.parked(&contact, Some(position("3.99")), 1).await.expect("read");
    assert_eq!(places(&between), ["4.0"], "a position that is not parked itself");
    assert_eq!(ledger.parked(&contact, None, usize::MAX).await.map(|all| all.len()), Ok(500));
}

pub async fn unpark_removes_through_a_position(ledger: &dyn Ledger) {
    let contact = job("acme/Contact");
    let lease = leased(ledger, "acme/Contact").await;
    let all = ["1.0", "1.1", "2.0", "10.0"].map(|place| placed(&contact, place, place));
    ledger.park(&lease, &all).await.expect("parked");
    for (through, left) in [
        ("0.9", &["1.0", "1.1", "2.0", "10.0"][..]),
        ("1.0", &["1.1", "2.0", "10.0"]),
        ("1.99", &["2.0", "10.0"]),
        ("1.99", &["2.0", "10.0"]),
        ("10.0", &[]),
    ] {
        ledger.unpark(&lease, position(through)).await.expect("unparked");
        assert_eq!(places(&ledger.parked(&contact, None, 9).await.expect("read")), left, "{through}");
        assert_eq!(ledger.count_parked(&contact).await, Ok(left.len() as u64), "{through}");
    }
}

pub async fn jobs_do_not_share_parked_records(ledger: &dyn Ledger) {
    for name in ["acme/Contact", "acme/Lead", "other/Contact"] {
        let lease = leased(ledger, name).await;
        ledger.park(&lease, &[placed(&job(name), "1.0", name)]).await.expect("parked");
    }
    let lease = leased(ledger, "acme/Lead").await;
    ledger.unpark(&lease, position("9.0")).await.expect("unparked");
    let (contact, other) = (job("acme/Contact"), job("other/Contact"));
    assert_eq!(ledger.parked(&contact, None, 9).await, Ok(vec![placed(&contact, "1.0", "acme/Contact")]));
    assert_eq!(ledger.parked(&other, None, 9).await, Ok(vec![placed(&other, "1.0", "other/Contact")]));
    assert_eq!(ledger.count_parked(&job("acme/Lead")).await, Ok(0));
    assert_eq!(ledger.parked(&job("acme/Nobody"), None, 9).await, Ok(vec![]));
}

pub async fn a_record_is_read_back_as_it_was_parked(ledger: &dyn Ledger) {
    let contact = job("acme/Contact");
    let lease = leased(ledger, "acme/Contact").await;
    let line = r#"{"object":"Contact","externalId":{"field":"Ext__c","value":"it's \"42\"; 漢\u0000字"},
        "operation":"delete","fields":{"Zeta__c":12345678901234567.890,"Alpha__c":"\u0000é\n","Account":{"Ext__c":"A-1"}}}"#;
    let whole = Record::from_json(serde_json::from_str(line).expect("json")).expect("whole");
    let problem = Record::from_json(Value::Null).expect_err("no record");
    let incomplete = Record::incomplete("Contact", position("1.1"), &Value::from("x"), &problem);
    let nameless =
        Record { external_id: ExternalId { field: String::new(), value: String::new() }, ..whole.clone() };
    let large = Record { source: Some("x".repeat(domain::record::RECORD_BYTES_MAX)), ..whole.clone() };
    let records = [whole, incomplete, nameless, large];
    let parked: Vec<Placed> = (0..)
        .zip(records)
        .map(|(index, record)| Placed { position: domain::Position::new(1, index), record })
        .collect();
    ledger.park(&lease, &parked).await.expect("parked");
    let read = ledger.parked(&contact, None, 9).await.expect("read");
    assert_eq!(read, parked);
    assert_eq!(read[0].record.fields["Zeta__c"].to_string(), "12345678901234567.890");
    let names: Vec<&String> = read[0].record.fields.keys().collect();
    assert_eq!(names, ["Zeta__c", "Alpha__c", "Account"], "in the order they came");
}
