//! External ids of any text, end to end: what the jobs' client upserts into the sandbox it can delete again, by the
//! queries that it builds itself. One that is exported but not found would pass as deleted.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::sync::Arc;

use domain::decide::RowAnswer;
use domain::{Operation, Record, Timestamp};
use jobs::clock::ManualClock;
use jobs::crm::salesforce::{Credentials, Salesforce, SalesforceConfig};
use jobs::crm::{Chunk, Crm};
use sandbox::Running;
use serde_json::json;
use tokio::runtime::Runtime;

use crate::choices::Choices;
use crate::crm::config;
use crate::run::Target;

const TEXTS: [&str; 16] = [
    "A-1",
    "O'Neil",
    "a\\",
    "\\'",
    "' OR Name != '",
    "100%",
    "_",
    "\"",
    "42",
    "42.0",
    "-0",
    "1e5",
    "é",
    "ǅ",
    "a\tb\n",
    "\u{1F468}\u{200D}\u{1F469}",
];

#[test]
fn deletes() {
    Target {
        name: "deletes",
        inputs: 250,
        check,
        words: &["'", "\\", "%", "_", "\n", "\"", "é", "İ", "ß", " ", "\u{0}"],
        also: &[],
    }
    .run();
}

/// A sandbox that is served, and the client.
struct Served {
    runtime: Runtime,
    client: Salesforce,
    _running: Running,
}

thread_local! {
    /// None after a promise was broken: what is left in that sandbox would break the next one, too.
    static SERVED: RefCell<Option<Served>> = const { RefCell::new(None) };
}

impl Served {
    fn start() -> Self {
        let runtime = Runtime::new().expect("threads can be started");
        let config = sandbox::Config { daily_api_calls: u64::MAX, ..config() };
        let running = runtime.block_on(sandbox::start(config)).expect("a port is free");
        let credentials =
            Credentials::ClientCredentials { client_id: "3MVG".into(), client_secret: "x".into() };
        let clock = Arc::new(ManualClock::at(Timestamp::from_millis(1_000_000)));
        let client =
            Salesforce::new(SalesforceConfig::new(&running.url, credentials), clock).expect("it is sound");
        Self { runtime, client, _running: running }
    }

    fn send(&self, operation: Operation, records: &[Record]) -> Vec<RowAnswer> {
        let records: Vec<&Record> = records.iter().collect();
        let chunk = Chunk {
            object: "Account",
            external_id_field: "Ext__c",
            operation,
            records: &records,
            all_or_none: false,
        };
        self.runtime.block_on(self.client.send(chunk)).outcome.expect("the sandbox answers")
    }
}

fn check(bytes: &[u8]) {
    let mut choices = Choices::new(bytes);
    let (mut keys, mut records) = (BTreeSet::new(), Vec::new());
    for _ in 0..=choices.below(5) {
        let text = if choices.once_in(2) { choices.text(20) } else { choices.of(&TEXTS).to_owned() };
        let json = json!({"object": "Account", "externalId": {"field": "Ext__c", "value": text}, "fields": {"Name": "n"}});
        // A job never sends two of one folded key in one call.
        if let Ok(record) = Record::from_json(json)
            && keys.insert(record.external_id.folded())
        {
            records.push(record);
        }
    }
    if records.is_empty() {
        return;
    }
    let served = SERVED.take().unwrap_or_else(Served::start);
    check_served(&served, records);
    SERVED.set(Some(served));
}

/// What is written is found and deleted, and nothing else.
fn check_served(served: &Served, records: Vec<Record>) {
    let left = || {
        let counted = served.runtime.block_on(served.client.query("SELECT COUNT() FROM Account"));
        counted.expect("a query").total_size
    };
    let before = left();
    let answers = served.send(Operation::Upsert, &records);
    let written: Vec<Record> = records
        .into_iter()
        .zip(answers)
        .filter(|(_, answer)| *answer == RowAnswer::Done)
        .map(|(record, _)| record)
        .collect();
    let ids: Vec<&str> = written.iter().map(|record| record.external_id.value.as_str()).collect();
    assert_eq!(left() - before, written.len() as u64, "each is one record: {ids:?}");
    let answers = served.send(Operation::Delete, &written);
    assert!(answers.iter().all(|answer| *answer == RowAnswer::Done), "{ids:?}: {answers:?}");
    assert_eq!(left(), before, "a delete that says done has deleted: {ids:?}");
}
