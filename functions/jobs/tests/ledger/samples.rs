//! Jobs, records and export errors to try a ledger with.

use domain::{
    AccountName, CrmError, ErrorState, ExportError, Job, JobId, Placed, Position, Record, Refusal, Timestamp,
};
use jobs::ledger::{Lease, Ledger};
use serde_json::json;

/// Minutes after the epoch.
pub fn at(minutes: i64) -> Timestamp {
    Timestamp::from_millis(minutes * 60_000)
}

pub fn account(name: &str) -> AccountName {
    AccountName::new(name).expect("fits")
}

/// `acme/Contact`.
pub fn job(name: &str) -> JobId {
    let (account_name, object) = name.split_once('/').expect("account/Object");
    JobId::new(account(account_name), object).expect("fits")
}

/// The job's lease from minute 0 to 10, by the owner `run`.
pub async fn leased(ledger: &dyn Ledger, name: &str) -> Lease {
    ledger.lease(&job(name), "run", at(0), at(10)).await.expect("leased").0
}

pub fn position(text: &str) -> Position {
    Position::parse(text).expect("a position")
}

/// A record of the job at this position, `42.7`.
pub fn placed(job: &JobId, place: &str, external_id: &str) -> Placed {
    let json = json!({
        "object": job.object, "fields": {"LastName": "Doe", "Score__c": null}, "source": "contacts.ndjson:812",
        "externalId": {"field": "Ext__c", "value": "?"}
    });
    let mut record = Record::from_json(json).expect("whole");
    external_id.clone_into(&mut record.external_id.value);
    Placed { position: position(place), record }
}

/// An open error of that record, refused at minute 1.
pub fn refused(job: &JobId, place: &str, external_id: &str) -> ExportError {
    refused_again(job, place, external_id, None)
}

pub fn refused_again(job: &JobId, place: &str, external_id: &str, open: Option<&ExportError>) -> ExportError {
    let refusal = Refusal::new(vec![
        CrmError::new(
            "REQUIRED_FIELD_MISSING",
            "Required fields are missing: [Email, Phone]",
            &["Email", "Phone"],
        )
        .foretold_by("Contact.Reachable"),
    ]);
    let now = at(open.map_or(1, |_| 2));
    ExportError::logged(job, placed(job, place, external_id), &refusal, now, open)
}

pub fn resolved(error: &ExportError) -> ExportError {
    error.closed(ErrorState::Resolved, at(3))
}

/// The text of a failure.
#[cfg(feature = "sqlite")]
pub fn text<T: std::fmt::Debug>(answer: Result<T, jobs::ledger::LedgerError>) -> String {
    answer.expect_err("fails").to_string()
}

/// The places of parked records, in order.
pub fn places(parked: &[Placed]) -> Vec<String> {
    parked.iter().map(|placed| placed.position.to_string()).collect()
}

/// External id and state of errors, in order.
pub fn shown(errors: &[ExportError]) -> Vec<String> {
    let show = |error: &ExportError| format!("{} {}", error.record.external_id.value, error.state.as_str());
    errors.iter().map(show).collect()
}

/// A job that has come to rest at a record.
pub fn held(error: &ExportError) -> Job {
    Job {
        cursor: Some(position("41.0")),
        hold: Some(domain::Hold::refused(error, None, at(1))),
        errors_possible: true,
        retry_from: Some(position("340282366920938463463374607431768211455.3")),
    }
}
