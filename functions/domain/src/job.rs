//! A job's state: how far it is, and why it does not move.

use serde::{Deserialize, Serialize};

use crate::classify::Refusal;
use crate::codes::Class;
use crate::export_error::ExportError;
use crate::position::Position;
use crate::record::ExternalId;
use crate::timestamp::Timestamp;

/// What the ledger keeps of a job, apart from its lease, parked records and export errors.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Job {
    /// The last position whose fate is settled.
    pub cursor: Option<Position>,
    /// Why the job does not move.
    pub hold: Option<Hold>,
    /// An open export error may exist. Set before the first is written, cleared only when none was found, so that a
    /// run may skip the look-up safely while it is false.
    pub errors_possible: bool,
    /// The daily job stopped before its time ran out; it goes on behind this position.
    pub retry_from: Option<Position>,
}

/// Why a job does not move.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Hold {
    /// Paused at a record.
    RecordRefused(RefusedRecord),
    /// Suspended until the CRM can be asked again.
    CrmUnavailable(Suspension),
}

/// The record at which a job is paused.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RefusedRecord {
    /// Its place.
    pub position: Position,
    /// Its external id.
    pub external_id: ExternalId,
    /// Where it came from.
    pub source: Option<String>,
    /// Id of its row in ExportErrors.
    pub error_id: String,
    /// Marketo Measure's code.
    pub code: String,
    /// The CRM's code.
    pub crm_code: String,
    /// The CRM's message.
    pub message: String,
    /// The fields that the CRM names.
    pub fields: Vec<String>,
    /// The rule that foretold it in preflight, when the CRM was not asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub foretold_by: Option<String>,
    /// How often the record was tried.
    pub attempts: u32,
    /// When the job came to rest here.
    pub since: Timestamp,
    /// Last try.
    pub last_try: Timestamp,
}

/// A job that waits for the CRM.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Suspension {
    /// Auth, limit, outage or lock.
    pub class: Class,
    /// The code: the CRM's, or the product's where it has one.
    pub code: String,
    /// What the CRM or the network said.
    pub message: String,
    /// How often the CRM was tried.
    pub attempts: u32,
    /// Since when.
    pub since: Timestamp,
    /// Not tried before this instant, but for a person who asks.
    pub until: Timestamp,
}

/// How a job is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum JobState {
    /// Nothing waits.
    Running,
    /// Held at a refused record.
    Paused,
    /// Waits for the CRM, or Export to CRM is off.
    Suspended,
    /// No hold, and parked records still go out.
    Draining,
}

impl Job {
    /// How the job is shown when `parked` records wait and export is on or off.
    pub fn state(&self, parked: u64, export_to_crm: bool) -> JobState {
        match &self.hold {
            Some(Hold::RecordRefused(_)) => JobState::Paused,
            Some(Hold::CrmUnavailable(_)) => JobState::Suspended,
            None if parked == 0 => JobState::Running,
            None if export_to_crm => JobState::Draining,
            None => JobState::Suspended,
        }
    }

    /// Whether this position's fate is settled.
    pub fn is_settled(&self, position: Position) -> bool {
        self.cursor.is_some_and(|cursor| position <= cursor)
    }

    /// Moves the cursor forward; it never goes back.
    pub fn settle(&mut self, position: Position) {
        self.cursor = self.cursor.max(Some(position));
    }
}

impl Hold {
    /// The hold at a refused record. A hold at the same record is carried on: since when, and how often.
    pub fn refused(error: &ExportError, before: Option<&Self>, now: Timestamp) -> Self {
        let same = match before {
            Some(Self::RecordRefused(held)) if held.position == error.position => Some(held),
            _ => None,
        };
        let crm_error = error.crm_error();
        Self::RecordRefused(RefusedRecord {
            position: error.position,
            external_id: error.record.external_id.clone(),
            source: error.record.source.clone(),
            error_id: error.id.clone(),
            code: error.code.clone(),
            crm_code: crm_error.code.clone(),
            message: crm_error.message.clone(),
            fields: crm_error.fields.clone(),
            foretold_by: crm_error.foretold_by.clone(),
            attempts: same.map_or(0, |held| held.attempts).saturating_add(1),
            since: same.map_or(now, |held| held.since),
            last_try: now,
        })
    }

    /// The hold while the CRM is unavailable. A suspension is carried on.
    pub fn unavailable(refusal: &Refusal, before: Option<&Self>, now: Timestamp, until: Timestamp) -> Self {
        let same = match before {
            Some(Self::CrmUnavailable(suspension)) => Some(suspension),
            _ => None,
        };
        Self::CrmUnavailable(Suspension {
            class: refusal.class,
            code: refusal.product_code.clone(),
            message: refusal.first().message.clone(),
            attempts: same.map_or(0, |suspension| suspension.attempts).saturating_add(1),
            since: same.map_or(now, |suspension| suspension.since),
            until,
        })
    }

    /// How often a suspended job has tried the CRM.
    pub fn suspension_attempts(hold: Option<&Self>) -> u32 {
        match hold {
            Some(Self::CrmUnavailable(suspension)) => suspension.attempts,
            _ => 0,
        }
    }

    /// Since when the job does not move.
    pub fn since(&self) -> Timestamp {
        match self {
            Self::RecordRefused(held) => held.since,
            Self::CrmUnavailable(suspension) => suspension.since,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classify::CrmError;

    #[test]
    fn the_cursor_never_goes_back() {
        let mut job = Job::default();
        job.settle(Position::new(5, 1));
        job.settle(Position::new(3, 0));
        assert_eq!(job.cursor, Some(Position::new(5, 1)));
        assert!(job.is_settled(Position::new(5, 1)) && !job.is_settled(Position::new(5, 2)));
    }

    #[test]
    fn a_suspension_is_carried_on_and_read_back() {
        let refusal =
            Refusal::new(vec![CrmError::new("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", &[])]);
        let at = Timestamp::from_millis;
        let first = Hold::unavailable(&refusal, None, at(1), at(10));
        let again = Hold::unavailable(&refusal, Some(&first), at(20), at(30));
        assert_eq!((Hold::suspension_attempts(Some(&again)), again.since()), (2, at(1)));
        let job = Job { hold: Some(again), ..Job::default() };
        assert_eq!(job.state(7, true), JobState::Suspended);
        let read: Job = serde_json::from_str(&serde_json::to_string(&job).expect("json")).expect("read back");
        assert_eq!(read, job);
    }
}
