//! Export errors as the API shows them: a summary for lists, the whole with its history for one.

use domain::nested::Nested;
use domain::{CrmError, ErrorState, ExportError, Operation, Position, Timestamp};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::jobs::ExternalIdView;

/// An export error in a list.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ErrorSummary {
    /// Its id.
    #[schema(example = "0f3a9c5d21be")]
    id: String,
    /// API name of the object.
    #[schema(example = "Contact")]
    object: String,
    /// Which record.
    external_id: ExternalIdView,
    /// `open`: not exported yet. `resolved`: exported since. `superseded`: a newer record made it moot.
    #[schema(value_type = String, pattern = "^(open|resolved|superseded)$")]
    state: ErrorState,
    /// Marketo Measure's code.
    #[schema(example = "MISSING_REQUIRED_FIELD")]
    code: String,
    /// The CRM's code.
    #[schema(example = "REQUIRED_FIELD_MISSING")]
    crm_code: String,
    /// The CRM's words.
    message: String,
    /// Fields that the CRM names.
    fields: Vec<String>,
    /// The rule that foretold it, when the CRM was not asked.
    foretold_by: Option<String>,
    /// How often it was tried and refused.
    attempts: u32,
    /// First refusal.
    #[schema(value_type = String, format = DateTime)]
    first_failed_at: Timestamp,
    /// Last refusal.
    #[schema(value_type = String, format = DateTime)]
    last_failed_at: Timestamp,
    /// When it was resolved or superseded.
    #[schema(value_type = Option<String>, format = DateTime)]
    closed_at: Option<Timestamp>,
    /// Its place in the job's order.
    #[schema(value_type = String, example = "7.4")]
    position: Position,
    /// Where the record came from.
    #[schema(example = "contacts.ndjson:812")]
    source: Option<String>,
}

/// An export error in full.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ErrorDetail {
    #[serde(flatten)]
    summary: ErrorSummary,
    /// `permission`, `validation`, `automation`, `data` or `duplicate`.
    #[schema(value_type = String, example = "data")]
    class: domain::codes::Class,
    /// Every answer of the CRM to the last try; the deciding one first.
    errors: Vec<CrmAnswer>,
    /// The record as it was last sent.
    record: RecordView,
    /// What became of it, oldest first.
    history: Vec<HistoryEntry>,
}

/// One answer of the CRM.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct CrmAnswer {
    /// Its code.
    code: String,
    /// Its words.
    message: String,
    /// Fields that it names.
    fields: Vec<String>,
    /// The rule that foretold it, when the CRM was not asked.
    foretold_by: Option<String>,
    /// What a trigger's or flow's message tells of the failure inside it.
    #[schema(value_type = Option<Object>)]
    nested: Option<Nested>,
}

/// A record. Its values are the customer's data.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Record)]
struct RecordView {
    /// API name of the object.
    object: String,
    /// Which record.
    external_id: ExternalIdView,
    /// `upsert` or `delete`.
    #[schema(value_type = String, pattern = "^(upsert|delete)$")]
    operation: Operation,
    /// Values by field; a parent may stand as an object with its external id.
    #[schema(value_type = Object)]
    fields: Map<String, Value>,
    /// Why it cannot be sent as it is.
    problem: Option<String>,
}

/// Something that became of an error.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct HistoryEntry {
    /// When.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// `firstFailed`, `lastFailed` (the newest of `attempts` tries), `resolved` or `superseded`.
    #[schema(pattern = "^(firstFailed|lastFailed|resolved|superseded)$")]
    what: &'static str,
    /// How often it had been tried by then.
    attempts: u32,
}

impl From<ExportError> for ErrorSummary {
    fn from(error: ExportError) -> Self {
        // A row without any error can only come from a hand in the store; it is shown all the same.
        let crm = error.errors.first().cloned().unwrap_or_else(|| CrmError::new("", "", &[]));
        Self {
            id: error.id,
            object: error.record.object,
            external_id: error.record.external_id.into(),
            state: error.state,
            code: error.code,
            crm_code: crm.code,
            message: crm.message,
            fields: crm.fields,
            foretold_by: crm.foretold_by,
            attempts: error.attempts,
            first_failed_at: error.first_failed_at,
            last_failed_at: error.last_failed_at,
            closed_at: error.closed_at,
            position: error.position,
            source: error.record.source,
        }
    }
}

impl From<ExportError> for ErrorDetail {
    fn from(error: ExportError) -> Self {
        let answer = |error: &CrmError| CrmAnswer {
            code: error.code.clone(),
            message: error.message.clone(),
            fields: error.fields.clone(),
            foretold_by: error.foretold_by.clone(),
            nested: Nested::read(&error.message),
        };
        let record = error.record.clone();
        Self {
            class: error.class,
            errors: error.errors.iter().map(answer).collect(),
            record: RecordView {
                object: record.object,
                external_id: record.external_id.into(),
                operation: record.operation,
                fields: record.fields,
                problem: record.problem,
            },
            history: history(&error),
            summary: error.into(),
        }
    }
}

fn history(error: &ExportError) -> Vec<HistoryEntry> {
    let mut history = vec![HistoryEntry { at: error.first_failed_at, what: "firstFailed", attempts: 1 }];
    let attempts = error.attempts;
    if attempts > 1 {
        history.push(HistoryEntry { at: error.last_failed_at, what: "lastFailed", attempts });
    }
    if let (Some(at), state @ (ErrorState::Resolved | ErrorState::Superseded)) =
        (error.closed_at, error.state)
    {
        history.push(HistoryEntry { at, what: state.as_str(), attempts });
    }
    history
}

#[cfg(test)]
mod tests {
    use domain::{AccountName, JobId, Placed, Record, Refusal};
    use serde_json::json;

    use super::*;

    #[test]
    fn the_history_tells_each_thing_once() {
        let at = Timestamp::from_millis;
        let job = JobId::new(AccountName::new("a").expect("fits"), "Contact").expect("fits");
        let json = json!({"object": "Contact", "externalId": {"field": "E__c", "value": "1"}, "fields": {}});
        let placed =
            Placed { position: Position::new(1, 0), record: Record::from_json(json).expect("whole") };
        let refusal = Refusal::new(vec![CrmError::new("STRING_TOO_LONG", "x", &[])]);
        let first = ExportError::logged(&job, placed.clone(), &refusal, at(1), None);
        let entry = |ms, what, attempts| HistoryEntry { at: at(ms), what, attempts };
        assert_eq!(history(&first), [entry(1, "firstFailed", 1)]);
        let again = ExportError::logged(&job, placed, &refusal, at(5), Some(&first));
        let closed = again.closed(ErrorState::Superseded, at(9));
        let expected = [entry(1, "firstFailed", 1), entry(5, "lastFailed", 2), entry(9, "superseded", 2)];
        assert_eq!(history(&closed), expected);
    }
}
