//! What a command came to: every job of the account, what this run did, and the exit status that follows.

use jobs::{Disagreements, JobStatus};

use crate::exit::Exit;
use crate::queue::Unfinished;

/// One job after the run.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct JobOutcome {
    /// Where it stands.
    pub(crate) status: JobStatus,
    /// Records exported by this run.
    pub(crate) exported: u64,
    /// Export errors logged by this run.
    pub(crate) errors: u64,
    /// Records that still wait in the local queue, because a run was cut short.
    pub(crate) queued: u64,
}

impl JobOutcome {
    /// Records that wait, parked or in the queue.
    pub(crate) fn waiting(&self) -> u64 {
        self.status.parked + self.queued
    }
}

/// What a command came to.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Outcome {
    /// By object name.
    pub(crate) jobs: Vec<JobOutcome>,
    /// CRM calls of this run.
    pub(crate) calls: u64,
    /// Where the rules and the CRM differed in this run.
    pub(crate) disagreements: Disagreements,
    /// It ran jobs; otherwise it only looked.
    pub(crate) ran: bool,
    /// Messages that could not be read, ever.
    pub(crate) rejections: u64,
    /// Imports that were cut short.
    pub(crate) unfinished: Vec<Unfinished>,
    /// Export to CRM is on.
    pub(crate) export_to_crm: bool,
}

impl Outcome {
    /// 10 when a job is held or records wait, 11 when this run logged export errors, else 0.
    pub(crate) fn exit(&self) -> Exit {
        let held = |job: &JobOutcome| job.status.hold.is_some() || job.waiting() > 0;
        if self.jobs.iter().any(held) {
            Exit::Held
        } else if self.jobs.iter().any(|job| job.errors > 0) {
            Exit::ErrorsLogged
        } else {
            Exit::Done
        }
    }
}

#[cfg(test)]
pub(super) mod samples {
    use domain::{
        AccountName, CrmError, ExportError, ExternalId, Hold, JobId, JobState, Operation, Placed, Position,
        Record, Refusal, Timestamp,
    };
    use serde_json::{Map, json};

    use super::*;

    /// 2026-11-23 16:02 UTC.
    pub(crate) const AT: Timestamp = Timestamp::from_millis(1_795_449_720_000);

    pub(crate) fn job(object: &str) -> JobId {
        JobId::new(AccountName::new("local").expect("fits"), object).expect("fits")
    }

    /// The export error of a contact that the CRM refused for this reason.
    pub(crate) fn error(crm: CrmError) -> ExportError {
        let mut fields = Map::new();
        fields.insert("FirstName".into(), json!("Jo"));
        let record = Record {
            object: "Contact".into(),
            external_id: ExternalId { field: "Ext__c".into(), value: "C-1205".into() },
            operation: Operation::Upsert,
            fields,
            source: Some("contacts.ndjson:1205".into()),
            problem: None,
        };
        let placed = Placed { position: Position::new(7, 4), record };
        ExportError::logged(&job("Contact"), placed, &Refusal::new(vec![crm]), AT, None)
    }

    pub(crate) fn required() -> CrmError {
        CrmError::new("REQUIRED_FIELD_MISSING", "Required fields are missing: [LastName]", &["LastName"])
    }

    /// A job that is paused for this reason.
    pub(crate) fn paused(crm: CrmError) -> JobOutcome {
        let hold = Hold::refused(&error(crm), None, AT);
        let status = JobStatus {
            job: job("Contact"),
            state: JobState::Paused,
            hold: Some(hold),
            cursor: Some(Position::new(7, 3)),
            open_errors: 1,
            parked: 396,
        };
        JobOutcome { status, exported: 1_204, errors: 1, queued: 0 }
    }

    /// A job that waits for the CRM.
    pub(crate) fn suspended(crm: CrmError) -> JobOutcome {
        let until = AT.plus(std::time::Duration::from_secs(60));
        let hold = Hold::unavailable(&Refusal::new(vec![crm]), None, AT, until);
        let status = JobStatus {
            job: job("Lead"),
            state: JobState::Suspended,
            hold: Some(hold),
            cursor: None,
            open_errors: 0,
            parked: 5,
        };
        JobOutcome { status, exported: 0, errors: 0, queued: 0 }
    }

    /// A job with nothing to do.
    pub(crate) fn running() -> JobOutcome {
        let status = JobStatus {
            job: job("Account"),
            state: JobState::Running,
            hold: None,
            cursor: Some(Position::new(1, 299)),
            open_errors: 0,
            parked: 0,
        };
        JobOutcome { status, exported: 300, errors: 0, queued: 0 }
    }

    pub(crate) fn outcome(jobs: Vec<JobOutcome>) -> Outcome {
        Outcome { jobs, calls: 9, ran: true, export_to_crm: true, ..Outcome::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::samples::{outcome, paused, required, running, suspended};
    use super::*;

    #[test]
    fn the_exit_status_follows_from_the_jobs() {
        let check = |jobs: Vec<JobOutcome>, exit: Exit| assert_eq!(outcome(jobs).exit(), exit);
        check(vec![], Exit::Done);
        check(vec![running()], Exit::Done);
        check(vec![JobOutcome { errors: 1, ..running() }], Exit::ErrorsLogged);
        check(vec![running(), paused(required())], Exit::Held);
        check(vec![suspended(required()), JobOutcome { errors: 1, ..running() }], Exit::Held);
        check(vec![JobOutcome { queued: 1, ..running() }], Exit::Held);
    }
}
