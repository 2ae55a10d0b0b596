//! What runs cost: whole runs of `jobs` against DynamoDB Local, whose consumed units are counted. The numbers stand in
//! the ledger's own documentation and in `infra/README.md`; a change that makes a run dearer fails here.

use std::sync::Arc;

use domain::message::Message;
use domain::{CrmError, Record, Settings, Timestamp};
use jobs::clock::ManualClock;
use jobs::crm::{CrmWithRules, MemoryCrm};
use jobs::events::MemoryEvents;
use jobs::ledger::Ledger;
use jobs::rules::MemoryRules;
use jobs::{Cause, Jobs};
use serde_json::{Value, json};

use crate::dynamo_local::{Dynamo, Units, dynamo};
use crate::samples::*;

/// A job over the ledger, and what its runs cost.
struct Measured {
    jobs: Jobs,
    crm: Arc<MemoryCrm>,
    clock: Arc<ManualClock>,
    dynamo: Dynamo,
}

async fn measured() -> Measured {
    let dynamo = dynamo().await;
    let crm = Arc::new(MemoryCrm::default());
    let noon = Timestamp::parse("2026-11-23T12:00:00Z").expect("a time");
    let clock = Arc::new(ManualClock::at(noon));
    let jobs = Jobs {
        crm: Arc::new(CrmWithRules { crm: crm.clone(), rules: Arc::new(MemoryRules::default()) }),
        ledger: Arc::new(dynamo.ledger.clone()),
        events: Arc::new(MemoryEvents::default()),
        clock: clock.clone(),
        owner: "one".to_owned(),
        defaults: Settings::default(),
    };
    let measured = Measured { jobs, crm, clock, dynamo };
    measured
        .jobs
        .change_settings(&account("acme"), &serde_json::Map::new(), false, None)
        .await
        .expect("stored");
    measured.deliver(1, 600).await;
    measured
}

impl Measured {
    /// A batch of ten messages of 60 records of 1 KB, ids from `message` on.
    async fn deliver(&self, message: u128, records: usize) -> Units {
        self.dynamo.watch.take();
        let messages: Vec<Message> =
            (0..records.div_ceil(60)).map(|at| self.message(message + at as u128, records.min(60))).collect();
        let contact = job("acme/Contact");
        self.jobs.run(&contact, &messages, Cause::Message, None).await.expect("a run");
        self.dynamo.watch.take()
    }

    fn message(&self, sequence: u128, records: usize) -> Message {
        let record = |at: usize| {
            json!({
                "externalId": {"field": "Ext__c", "value": format!("{sequence}-{at}")},
                "fields": {"LastName": "Doe", "Note__c": "x".repeat(850)}
            })
        };
        let records: Vec<Value> = (0..records).map(record).collect();
        let body = json!({"account": "acme", "object": "Contact", "records": records}).to_string();
        Message::from_body("m", sequence, &body).expect("a message")
    }

    fn refuse(&self, id: &'static str) {
        self.crm.refuse(move |record: &Record| {
            let message = "Required fields are missing: [Email, Phone]";
            let error = CrmError::new("REQUIRED_FIELD_MISSING", message, &["Email", "Phone"]);
            (record.external_id.value == id).then(|| vec![error])
        });
    }
}

fn check(what: &str, units: Units, writes: f64, reads: f64) {
    println!("{what}: {} write units, {} read units, {} calls", units.writes, units.reads, units.calls);
    assert!(
        units.writes <= writes && units.reads <= reads,
        "{what}: {units:?}, at most {writes} and {reads}"
    );
}

#[tokio::test]
async fn a_batch_with_nothing_failing_takes_three_writes_and_three_reads() {
    let measured = measured().await;
    for sequence in [100, 200] {
        let units = measured.deliver(sequence, 600).await;
        assert_eq!(units, Units { writes: 3.0, reads: 3.0, calls: 6 });
    }
}

#[tokio::test]
async fn what_a_pause_costs() {
    let measured = measured().await;
    measured.refuse("100-7");
    let units = measured.deliver(100, 600).await;
    check("a batch of 600 with its 8th record refused, pause on", units, 1_350.0, 10.0);
    measured.clock.advance(std::time::Duration::from_secs(300));
    measured.dynamo.watch.take();
    measured.jobs.run(&job("acme/Contact"), &[], Cause::Schedule, None).await.expect("a tick");
    let tick = measured.dynamo.watch.take();
    check("a tick of the held job", tick, 16.0, 30.0);
    measured.jobs.status(&account("acme")).await.expect("a status");
    check("status with one held job", measured.dynamo.watch.take(), 0.0, 30.0);
    measured.crm.accept();
    measured.jobs.run(&job("acme/Contact"), &[], Cause::Person, None).await.expect("drained");
    check("593 records drained", measured.dynamo.watch.take(), 800.0, 1_500.0);
}

#[tokio::test]
async fn what_one_percent_costs_with_the_pause_off() {
    let measured = measured().await;
    let Value::Object(off) = json!({"pauseOnExportErrors": false}) else { panic!("an object") };
    measured.jobs.change_settings(&account("acme"), &off, true, None).await.expect("stored");
    measured.crm.refuse(|record: &Record| {
        let refused = record.external_id.value.ends_with("-7");
        refused.then(|| vec![CrmError::new("REQUIRED_FIELD_MISSING", "Required", &["Email"])])
    });
    check("600 records, 10 refused and passed, first", measured.deliver(100, 600).await, 150.0, 650.0);
    check("600 records, 10 refused and passed, next", measured.deliver(200, 600).await, 150.0, 650.0);
}

#[tokio::test]
async fn what_parking_costs() {
    let dynamo = dynamo().await;
    let (ledger, contact) = (&dynamo.ledger, job("acme/Contact"));
    let lease = leased(ledger, "acme/Contact").await;
    let record = |n: u32| {
        let mut placed = placed(&contact, &format!("{}.{}", n / 60 + 1, n % 60), &n.to_string());
        placed.record.fields.insert("Note__c".to_owned(), "x".repeat(840).into());
        placed
    };
    let records: Vec<_> = (0..2_000).map(record).collect();
    let bytes: usize = records.iter().map(|placed| placed.record.bytes()).sum();
    println!("2,000 records of {} bytes", bytes / 2_000);
    dynamo.watch.take();
    ledger.park(&lease, &records).await.expect("parked");
    check("parking 2,000 records of 1 KB", dynamo.watch.take(), 4_200.0, 2.0);
    ledger.count_parked(&contact).await.expect("counted");
    check("counting them", dynamo.watch.take(), 0.0, 20.0);
    ledger.parked(&contact, None, 1).await.expect("read");
    check("reading their head", dynamo.watch.take(), 0.0, 20.0);
    ledger.unpark(&lease, position("99.0")).await.expect("unparked");
    check("removing them", dynamo.watch.take(), 2_100.0, 600.0);
}
