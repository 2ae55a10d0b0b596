//! Export errors by cause: a thousand refusals are mostly three things to mend.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::response::IntoResponse;
use domain::{ExportError, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::answer::ok;
use crate::api::Api;
use crate::errors::FilterQuery;
use crate::extract::FromQuery;
use crate::mask::masked;
use crate::problem::Problem;

/// How many errors are read at a time.
const READ: usize = 500;

/// How many errors are looked at. A ledger with more has not that many causes more.
const ERRORS_MAX: usize = 50_000;

/// The most causes that are shown, the frequent ones first.
const CAUSES_MAX: usize = 200;

/// Which errors are grouped.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct CausesQuery {
    /// In this state: `open` (when left out), `resolved`, `superseded` or `all`.
    #[param(pattern = "^(open|resolved|superseded|all)?$", nullable = false)]
    state: Option<String>,
    /// Of this object, to the letter.
    #[param(example = "Contact", max_length = 200, nullable = false)]
    object: Option<String>,
}

/// The causes of export errors.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CauseList {
    /// The frequent ones first.
    causes: Vec<Cause>,
    /// Whether every error was looked at and every cause is shown.
    complete: bool,
}

/// Errors of one object with one code and one message, its values masked by `…`.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Cause {
    /// API name of the object.
    #[schema(example = "Contact")]
    object: String,
    /// Marketo Measure's code.
    #[schema(example = "RESTRICT_PICKLIST_VALUES_ENABLED")]
    code: String,
    /// The CRM's code.
    #[schema(example = "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST")]
    crm_code: String,
    /// The CRM's words, masked.
    #[schema(example = "Tier: bad value for restricted picklist field: …")]
    message: String,
    /// Fields that the CRM names.
    fields: Vec<String>,
    /// How many errors.
    #[schema(minimum = 1)]
    count: u64,
    /// The oldest first refusal among them.
    #[schema(value_type = String, format = DateTime)]
    first_failed_at: Timestamp,
    /// The newest refusal among them.
    #[schema(value_type = String, format = DateTime)]
    last_failed_at: Timestamp,
    /// Id of one of them.
    example: String,
}

/// Object, code, CRM code, masked message, fields.
type Key = (String, String, String, String, Vec<String>);

#[derive(Default)]
struct Causes(BTreeMap<Key, Cause>);

impl Causes {
    fn add(&mut self, error: ExportError) {
        let Some(crm) = error.errors.into_iter().next() else { return };
        let key = (error.record.object, error.code, crm.code, masked(&crm.message), crm.fields);
        let (first, last) = (error.first_failed_at, error.last_failed_at);
        let cause = self.0.entry(key.clone()).or_insert_with(|| {
            let (object, code, crm_code, message, fields) = key;
            let example = error.id;
            Cause {
                object,
                code,
                crm_code,
                message,
                fields,
                count: 0,
                first_failed_at: first,
                last_failed_at: last,
                example,
            }
        });
        cause.count += 1;
        cause.first_failed_at = cause.first_failed_at.min(first);
        cause.last_failed_at = cause.last_failed_at.max(last);
    }

    fn listed(self, all_read: bool) -> CauseList {
        let mut causes: Vec<Cause> = self.0.into_values().collect();
        let complete = all_read && causes.len() <= CAUSES_MAX;
        // Stable: equally frequent ones stay by object and code.
        causes.sort_by_key(|cause| std::cmp::Reverse(cause.count));
        causes.truncate(CAUSES_MAX);
        CauseList { causes, complete }
    }
}

/// Export errors by cause
#[utoipa::path(
    get, path = "/api/errors/causes", tag = "errors", operation_id = "listCauses", params(CausesQuery),
    responses((status = 200, description = "The causes", body = CauseList)),
)]
pub(crate) async fn list(
    State(api): State<Api>,
    FromQuery(CausesQuery { state, object }): FromQuery<CausesQuery>,
) -> Result<impl IntoResponse, Problem> {
    let filter = FilterQuery::of(state, object).filter()?;
    let mut causes = Causes::default();
    let (mut after, mut read) = (None::<String>, 0);
    loop {
        let page = api.jobs.ledger.errors(&api.account, &filter, after.as_deref(), READ).await?;
        read += page.len();
        let ended = page.len() < READ;
        after = page.last().map(|last| last.id.clone());
        page.into_iter().for_each(|error| causes.add(error));
        if ended || read >= ERRORS_MAX {
            return Ok(ok(causes.listed(ended)));
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::{AccountName, CrmError, JobId, Placed, Position, Record, Refusal};
    use serde_json::json;

    use super::*;

    #[test]
    fn errors_of_one_cause_are_one_line() {
        let account = AccountName::new("a").expect("fits");
        let mut causes = Causes::default();
        let mut add = |object: &str, id: u32, message: &str| {
            let job = JobId::new(account.clone(), object).expect("fits");
            let json = json!({"object": object, "externalId": {"field": "E__c", "value": id}, "fields": {}});
            let record = Record::from_json(json).expect("whole");
            let placed = Placed { position: Position::new(id.into(), 0), record };
            let refusal = Refusal::new(vec![CrmError::new("STRING_TOO_LONG", message, &["Name"])]);
            causes.add(ExportError::logged(&job, placed, &refusal, Timestamp::from_millis(id.into()), None));
        };
        add("Lead", 1, "Name: data value too large: aaa (max length=80)");
        add("Contact", 5, "Name: data value too large: bb (max length=80)");
        add("Contact", 3, "Name: data value too large: c (max length=40)");
        let CauseList { causes, complete } = causes.listed(true);
        let told: Vec<_> = causes.iter().map(|cause| (cause.object.as_str(), cause.count)).collect();
        assert_eq!((told, complete), (vec![("Contact", 2), ("Lead", 1)], true));
        let first = &causes[0];
        assert_eq!(first.message, "Name: data value too large: … (max length=…)");
        assert_eq!((first.first_failed_at.millis(), first.last_failed_at.millis()), (3, 5));
    }
}
