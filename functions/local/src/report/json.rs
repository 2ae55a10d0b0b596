//! The JSON that scripts read. Its shape is a promise: members are added, never renamed.

use domain::nested::Nested;
use domain::{CrmError, ExportError, Hold};
use serde_json::{Value, json};

use super::outcome::{JobOutcome, Outcome};

/// What `export`, `resume`, `retry`, `skip` and `status` answer.
pub(crate) fn outcome(outcome: &Outcome) -> Value {
    let jobs: Vec<Value> = outcome.jobs.iter().map(job).collect();
    let found = &outcome.disagreements;
    json!({
        "jobs": jobs,
        "crmCalls": outcome.calls,
        "rejections": outcome.rejections,
        "disagreements": { "falseAlarms": found.false_alarms, "misses": found.misses },
    })
}

fn job(job: &JobOutcome) -> Value {
    let status = &job.status;
    json!({
        "account": status.job.account,
        "object": status.job.object,
        "state": status.state,
        "exported": job.exported,
        "errors": job.errors,
        "openErrors": status.open_errors,
        "parked": status.parked,
        "queued": job.queued,
        "cursor": status.cursor,
        "hold": status.hold.as_ref().map(hold),
    })
}

fn hold(hold: &Hold) -> Value {
    match hold {
        Hold::RecordRefused(held) => json!({
            "position": held.position,
            "externalId": held.external_id.value,
            "code": held.code,
            "crmCode": held.crm_code,
            "message": held.message,
            "fields": held.fields,
            "attempts": held.attempts,
            "since": held.since,
            "source": held.source,
            "errorId": held.error_id,
            "foretoldBy": held.foretold_by,
        }),
        Hold::CrmUnavailable(suspension) => json!({
            "position": null,
            "externalId": null,
            "code": suspension.code,
            "crmCode": null,
            "message": suspension.message,
            "fields": [],
            "attempts": suspension.attempts,
            "since": suspension.since,
            "source": null,
            "until": suspension.until,
            "foretoldBy": null,
        }),
    }
}

/// One item of `errors`.
pub(crate) fn error_item(error: &ExportError) -> Value {
    let crm = error.crm_error();
    json!({
        "id": error.id,
        "object": error.record.object,
        "externalId": error.record.external_id.value,
        "code": error.code,
        "crmCode": crm.code,
        "message": crm.message,
        "fields": crm.fields,
        "foretoldBy": crm.foretold_by,
        "state": error.state,
        "attempts": error.attempts,
        "firstFailedAt": error.first_failed_at,
        "lastFailedAt": error.last_failed_at,
        "position": error.position,
        "source": error.record.source,
    })
}

/// What `error ID` answers: the item with everything that is known.
pub(crate) fn error_whole(error: &ExportError) -> Value {
    let mut whole = error_item(error);
    let crm_error = |crm: &CrmError| json!({ "code": crm.code, "message": crm.message, "fields": crm.fields, "foretoldBy": crm.foretold_by, "nested": Nested::read(&crm.message) });
    if let Value::Object(members) = &mut whole {
        members.insert("account".into(), json!(error.account));
        members.insert("class".into(), json!(error.class));
        members.insert("closedAt".into(), json!(error.closed_at));
        members.insert("errors".into(), error.errors.iter().map(crm_error).collect());
        members.insert("record".into(), json!(error.record));
    }
    whole
}

/// What a command answers that failed.
pub(crate) fn failure(message: &str) -> Value {
    json!({ "error": { "message": message } })
}

#[cfg(test)]
mod tests {
    use super::super::outcome::samples;
    use super::*;

    #[test]
    fn a_paused_job_tells_its_hold() {
        let value = outcome(&samples::outcome(vec![samples::paused(samples::required())]));
        let id = samples::error(samples::required()).id;
        let expected = json!({"jobs": [{
            "account": "local", "object": "Contact", "state": "paused", "exported": 1204, "errors": 1,
            "openErrors": 1, "parked": 396, "queued": 0, "cursor": "7.3",
            "hold": {
                "position": "7.4", "externalId": "C-1205", "code": "MISSING_REQUIRED_FIELD",
                "crmCode": "REQUIRED_FIELD_MISSING", "message": "Required fields are missing: [LastName]",
                "fields": ["LastName"], "attempts": 1, "since": "2026-11-23T16:02:00.000Z",
                "source": "contacts.ndjson:1205", "errorId": id, "foretoldBy": null,
            },
        }], "crmCalls": 9, "rejections": 0, "disagreements": {"falseAlarms": 0, "misses": 0}});
        assert_eq!(value.to_string(), expected.to_string());
    }

    #[test]
    fn a_suspended_job_names_no_record() {
        let down = CrmError::new("SERVER_UNAVAILABLE", "down", &[]);
        let value = outcome(&samples::outcome(vec![samples::suspended(down)]));
        let hold = &value["jobs"][0]["hold"];
        assert_eq!((&hold["position"], &hold["externalId"]), (&Value::Null, &Value::Null));
        assert_eq!((&hold["code"], &hold["fields"]), (&json!("SERVER_UNAVAILABLE"), &json!([])));
    }

    #[test]
    fn what_preflight_foretold_names_its_rule() {
        let foretold = samples::required().foretold_by("Contact.Name_Needed");
        let value = outcome(&samples::outcome(vec![samples::paused(foretold.clone())]));
        assert_eq!(value["jobs"][0]["hold"]["foretoldBy"], "Contact.Name_Needed");
        let whole = error_whole(&samples::error(foretold));
        assert_eq!(
            (&whole["foretoldBy"], &whole["errors"][0]["foretoldBy"]),
            (&json!("Contact.Name_Needed"), &json!("Contact.Name_Needed"))
        );
        assert_eq!(error_whole(&samples::error(samples::required()))["foretoldBy"], Value::Null);
    }

    #[test]
    fn an_error_is_told_whole() {
        let message = "We can't save this record because the “Sync tier” process failed. This error occurred when the flow \
            tried to update records: FIELD_CUSTOM_VALIDATION_EXCEPTION: Tier is needed.";
        let error = samples::error(CrmError::new("CANNOT_EXECUTE_FLOW_TRIGGER", message, &[]));
        let whole = error_whole(&error);
        assert_eq!(whole["errors"][0]["nested"]["automation"], "Sync tier");
        assert_eq!(whole["record"]["externalId"], json!({"field": "Ext__c", "value": "C-1205"}));
        assert_eq!((&whole["class"], &whole["closedAt"]), (&json!("automation"), &Value::Null));
        assert_eq!(whole["externalId"], "C-1205");
    }
}
