//! An export error: a row of ExportErrors. One record, refused; open until it is exported or moot.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::classify::{CrmError, Refusal};
use crate::codes::Class;
use crate::name::{AccountName, JobId};
use crate::position::Position;
use crate::record::{ExternalId, Placed, Record};
use crate::timestamp::Timestamp;

/// Where a row stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ErrorState {
    /// Not exported; the daily job tries it.
    Open,
    /// Exported since.
    Resolved,
    /// A newer record made it moot, for example a delete.
    Superseded,
}

impl ErrorState {
    /// `open`, `resolved`, `superseded`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Resolved => "resolved",
            Self::Superseded => "superseded",
        }
    }

    /// Reads the written form.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Open, Self::Resolved, Self::Superseded].into_iter().find(|state| state.as_str() == text)
    }
}

/// A row of ExportErrors.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExportError {
    /// Short id for people and commands; the same for the same failure however often it is written.
    pub id: String,
    /// Whose record.
    pub account: AccountName,
    /// The record as it was last sent, joined with what was open before.
    pub record: Record,
    /// Its place in the job's order (of the newest record joined in it).
    pub position: Position,
    /// Marketo Measure's code.
    pub code: String,
    /// Class of the deciding error.
    pub class: Class,
    /// Every error of the last attempt as the CRM gave it, or as preflight foretold it; the deciding one first.
    pub errors: Vec<CrmError>,
    /// Where it stands.
    pub state: ErrorState,
    /// How often it was tried and refused.
    pub attempts: u32,
    /// First refusal.
    pub first_failed_at: Timestamp,
    /// Last refusal.
    pub last_failed_at: Timestamp,
    /// When it was resolved or superseded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<Timestamp>,
}

impl ExportError {
    /// The row for a record that was refused now. `open` is the open row of its external id, which this one carries on.
    pub fn logged(
        job: &JobId,
        placed: Placed,
        refusal: &Refusal,
        now: Timestamp,
        open: Option<&Self>,
    ) -> Self {
        let Placed { position, record } = placed;
        Self {
            id: open.map_or_else(|| id(job, &record.external_id, position), |open| open.id.clone()),
            account: job.account.clone(),
            position,
            code: refusal.product_code.clone(),
            class: refusal.class,
            errors: refusal.errors.clone(),
            state: ErrorState::Open,
            attempts: open.map_or(0, |open| open.attempts).saturating_add(1),
            first_failed_at: open.map_or(now, |open| open.first_failed_at),
            last_failed_at: now,
            closed_at: None,
            record,
        }
    }

    /// The row once it is resolved or superseded.
    pub fn closed(&self, state: ErrorState, now: Timestamp) -> Self {
        Self { state, closed_at: Some(now), ..self.clone() }
    }

    /// Its job.
    pub fn job(&self) -> JobId {
        JobId { account: self.account.clone(), object: self.record.object.clone() }
    }

    /// The deciding error, as the CRM gave it or preflight foretold it.
    pub fn crm_error(&self) -> &CrmError {
        &self.errors[0]
    }
}

/// Twelve hexadecimal digits out of job, external id and position: a repeated write after a crash finds its own row.
fn id(job: &JobId, external_id: &ExternalId, position: Position) -> String {
    let digest = Sha256::digest(format!("{job}\n{external_id}\n{position}"));
    digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_row_is_carried_on() {
        let job = JobId::new(AccountName::new("a").expect("fits"), "Contact").expect("fits");
        let json = json!({"object": "Contact", "externalId": {"field": "E__c", "value": "1"}, "fields": {}});
        let placed =
            Placed { position: Position::new(3, 1), record: Record::from_json(json).expect("whole") };
        let refusal = Refusal::new(vec![CrmError::new("REQUIRED_FIELD_MISSING", "x", &["Name"])]);
        let first = ExportError::logged(&job, placed.clone(), &refusal, Timestamp::from_millis(1), None);
        assert_eq!((first.id.len(), first.attempts, first.code.as_str()), (12, 1, "MISSING_REQUIRED_FIELD"));
        let later = Placed { position: Position::new(9, 0), ..placed.clone() };
        let again = ExportError::logged(&job, later, &refusal, Timestamp::from_millis(2), Some(&first));
        assert_eq!((again.id.clone(), again.attempts), (first.id.clone(), 2));
        assert_eq!((again.first_failed_at.millis(), again.last_failed_at.millis()), (1, 2));
        let closed = again.closed(ErrorState::Resolved, Timestamp::from_millis(3));
        let read_back = |error: &ExportError| -> ExportError {
            serde_json::from_str(&serde_json::to_string(error).expect("json")).expect("read back")
        };
        assert_eq!(read_back(&closed), closed);
        let foretold = vec![CrmError::new("X", "x", &[]).foretold_by("Tier_Needed")];
        let foretold = ExportError::logged(&job, placed, &Refusal::new(foretold), Timestamp::default(), None);
        assert_eq!(read_back(&foretold).crm_error().foretold_by.as_deref(), Some("Tier_Needed"));
    }
}
