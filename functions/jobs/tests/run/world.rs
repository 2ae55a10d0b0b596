//! A small world: memory CRM and ledger, a clock in hand, and words to say what happens in it.

use std::sync::Arc;

use domain::message::Message;
use domain::{AccountName, CrmError, ErrorState, Hold, JobId, JobState, Record, Settings, Timestamp};
use jobs::clock::ManualClock;
use jobs::crm::{CrmWithRules, MemoryCrm};
use jobs::events::MemoryEvents;
use jobs::ledger::{ErrorFilter, Ledger, MemoryLedger};
use jobs::rules::{Forecast, Foretold, MemoryRules};
use jobs::{Cause, JobStatus, Jobs, RunReport};
use serde_json::{Value, json};

pub struct World {
    pub jobs: Jobs,
    pub crm: Arc<MemoryCrm>,
    pub rules: Arc<MemoryRules>,
    pub ledger: Arc<MemoryLedger>,
    pub events: Arc<MemoryEvents>,
    pub clock: Arc<ManualClock>,
    pub job: JobId,
}

impl World {
    pub fn new() -> Self {
        let (crm, ledger) = (Arc::new(MemoryCrm::default()), Arc::new(MemoryLedger::default()));
        let rules = Arc::new(MemoryRules::default());
        let (events, clock) = (Arc::new(MemoryEvents::default()), Arc::new(ManualClock::at(noon())));
        let jobs = Jobs {
            crm: Arc::new(CrmWithRules { crm: crm.clone(), rules: rules.clone() }),
            ledger: ledger.clone(),
            events: events.clone(),
            clock: clock.clone(),
            owner: "one".to_owned(),
            defaults: Settings::default(),
        };
        let job = JobId::new(AccountName::new("acme").expect("fits"), "Contact").expect("fits");
        Self { jobs, crm, rules, ledger, events, clock, job }
    }

    pub async fn set(&self, changes: Value) {
        let Value::Object(changes) = changes else { panic!("an object") };
        self.jobs.change_settings(&self.job.account, &changes, true, None).await.expect("settings");
    }

    /// Runs a message of whole records with these external ids.
    pub async fn deliver(&self, sequence: u128, ids: &[&str]) -> RunReport {
        let records = ids.iter().map(|id| record(id, json!({"LastName": id})));
        self.deliver_records(sequence, records.collect()).await
    }

    pub async fn deliver_records(&self, sequence: u128, records: Vec<Value>) -> RunReport {
        let message = self.message(sequence, records);
        self.jobs.run(&self.job, &[message], Cause::Message, None).await.expect("a run")
    }

    pub fn message(&self, sequence: u128, records: Vec<Value>) -> Message {
        let body = json!({"account": "acme", "object": "Contact", "records": records}).to_string();
        Message::from_body("m", sequence, &body).expect("a message")
    }

    pub async fn run(&self, cause: Cause) -> RunReport {
        self.jobs.run(&self.job, &[], cause, None).await.expect("a run")
    }

    pub async fn retry(&self) -> RunReport {
        let mut reports = self.jobs.retry(&self.job.account, None).await.expect("a retry");
        reports.pop().expect("one job")
    }

    pub async fn status(&self) -> JobStatus {
        let mut statuses = self.jobs.status(&self.job.account).await.expect("a status");
        assert_eq!(statuses.len(), 1);
        statuses.pop().expect("one job")
    }

    /// State, cursor, parked, open errors: `paused 1.1 3 1`.
    pub async fn shown(&self) -> String {
        let status = self.status().await;
        let state = match status.state {
            JobState::Running => "running",
            JobState::Paused => "paused",
            JobState::Suspended => "suspended",
            JobState::Draining => "draining",
        };
        let cursor = status.cursor.map_or("-".to_owned(), |cursor| cursor.to_string());
        format!("{state} {cursor} {} {}", status.parked, status.open_errors)
    }

    /// External id, state, code and attempts of each row of ExportErrors.
    pub async fn errors(&self) -> Vec<String> {
        let rows =
            self.ledger.errors(&self.job.account, &ErrorFilter::default(), None, 1000).await.expect("errors");
        let shown = |state: ErrorState| state.as_str();
        rows.iter()
            .map(|row| {
                format!("{} {} {} {}", row.record.external_id.value, shown(row.state), row.code, row.attempts)
            })
            .collect()
    }

    pub async fn attempts(&self) -> u32 {
        match self.status().await.hold {
            Some(Hold::RecordRefused(held)) => held.attempts,
            Some(Hold::CrmUnavailable(suspension)) => suspension.attempts,
            None => 0,
        }
    }

    /// The calls since the last look, each as its external ids.
    pub fn calls(&self) -> Vec<String> {
        self.crm.take_calls().iter().map(|ids| ids.join(",")).collect()
    }

    /// Refuses these external ids as a missing field does.
    pub fn refuse(&self, ids: &'static [&'static str]) {
        self.refuse_with("REQUIRED_FIELD_MISSING", ids);
    }

    pub fn refuse_with(&self, code: &'static str, ids: &'static [&'static str]) {
        self.crm.refuse(move |record: &Record| {
            let refused = ids.contains(&record.external_id.value.as_str());
            refused.then(|| {
                vec![CrmError::new(code, format!("refused {}", record.external_id.value), &["LastName"])]
            })
        });
    }

    /// Lets the rules refuse these external ids, each by the rule of that name.
    pub fn foretell(&self, refused: &'static [(&'static str, &'static str)]) {
        self.rules.foretell(move |record: &Record| {
            let id = record.external_id.value.as_str();
            let by = refused.iter().filter(|(refused, _)| *refused == id);
            let foretold =
                by.map(|(_, rule)| Foretold::new(*rule, TIER_NEEDED, format!("no tier: {id}"), &["Tier__c"]));
            match foretold.collect::<Vec<_>>() {
                errors if errors.is_empty() => Forecast::Accept,
                errors => Forecast::Refuse(errors),
            }
        });
    }

    pub fn field(&self, id: &str, field: &str) -> Option<Value> {
        self.crm.record("Contact", id).and_then(|fields| fields.get(field).cloned())
    }
}

/// The code of what [`World::foretell`] refuses.
pub const TIER_NEEDED: &str = "FIELD_CUSTOM_VALIDATION_EXCEPTION";

pub fn record(id: &str, fields: Value) -> Value {
    json!({"externalId": {"field": "Ext__c", "value": id}, "fields": fields})
}

pub fn noon() -> Timestamp {
    Timestamp::parse("2026-11-23T12:00:00Z").expect("a time")
}
