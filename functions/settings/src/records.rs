//! Records come in by HTTP, where there is no other queue (`crm-export serve`). They are checked as a whole and queued as a
//! whole; what becomes of them, the jobs say.

use axum::extract::{Request, State};
use axum::http::header;
use axum::response::IntoResponse;
use domain::Record;
use domain::message::Message;
use domain::record::RECORD_BYTES_MAX;
use serde_json::Value;

use crate::answer::Accepted;
use crate::api::Api;
use crate::extract::body_of;
use crate::jobs::not_taken;
use crate::problem::{Kind, Problem};

/// The largest body, in bytes: a file of a few thousand records. Larger ones are for `crm-export export`.
pub(crate) const BODY_BYTES_MAX: usize = 6_000_000;

/// Export records
///
/// `application/x-ndjson`: one record in each line. `application/json`: one message, `{"account", "object", "records"}`, as
/// the queue on AWS takes it. Every record is checked; when one does not fit, none is taken.
#[utoipa::path(
    post, path = "/api/records", tag = "records", operation_id = "postRecords",
    request_body(
        description = "Records in their order",
        content(
            (Value = "application/json", example = json!({"account": "local", "object": "Contact", "records": [
                {"externalId": {"field": "Ext__c", "value": "42"}, "fields": {"LastName": "Doe"}}
            ]})),
            (String = "application/x-ndjson", example = "{\"object\":\"Contact\",\"externalId\":{\"field\":\"Ext__c\",\"value\":\"42\"},\"fields\":{\"LastName\":\"Doe\"}}"),
        ),
    ),
    responses((status = 202, description = "Taken on", body = Accepted)),
)]
pub(crate) async fn post(State(api): State<Api>, request: Request) -> Result<impl IntoResponse, Problem> {
    let Some(intake) = api.intake.clone() else {
        return Err(Problem::new(Kind::NotFound, "records are not taken here: send them to the queue"));
    };
    let kind =
        request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let read: fn(&Api, &str) -> Result<Vec<Record>, Problem> = match kind.as_str() {
        "application/x-ndjson" => lines,
        "application/json" => message,
        _ => {
            let detail = "send records as application/x-ndjson, or a message as application/json";
            return Err(Problem::new(Kind::UnsupportedMediaType, detail));
        }
    };
    let body = body_of(request, &api).await?;
    let text =
        std::str::from_utf8(&body).map_err(|_| Problem::new(Kind::BadRequest, "send the body in UTF-8"))?;
    let records = read(&api, text)?;
    if records.is_empty() {
        return Err(Problem::new(Kind::Unprocessable, "there is no record in the body"));
    }
    intake.take(records).await.map_err(not_taken)?;
    Ok(Accepted::new("export", api.jobs.clock.now()))
}

fn lines(_: &Api, text: &str) -> Result<Vec<Record>, Problem> {
    let lines = (1u64..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
    let record = |(number, line): (u64, &str)| {
        let refused =
            |kind, why: String| Problem::new(kind, format!("line {number}: {why}; no record was taken"));
        let json: Value =
            serde_json::from_str(line).map_err(|error| refused(Kind::BadRequest, error.to_string()))?;
        let record =
            Record::from_json(json).map_err(|problem| refused(Kind::Unprocessable, problem.to_string()))?;
        let bytes = record.bytes();
        if bytes > RECORD_BYTES_MAX {
            let why = format!("the record has {bytes} bytes, the most is {RECORD_BYTES_MAX}");
            return Err(refused(Kind::Unprocessable, why));
        }
        Ok(record)
    };
    lines.map(record).collect()
}

fn message(api: &Api, text: &str) -> Result<Vec<Record>, Problem> {
    if let Err(error) = serde_json::from_str::<serde::de::IgnoredAny>(text) {
        return Err(Problem::new(Kind::BadRequest, format!("read the body: {error}")));
    }
    let message = Message::from_body("http", 0, text)
        .map_err(|problem| Problem::new(Kind::Unprocessable, format!("{problem}; no record was taken")))?;
    if message.job.account != api.account {
        return Err(Problem::new(Kind::Forbidden, "the message is for another account; no record was taken"));
    }
    let records = (0u32..).zip(message.records).map(|(index, placed)| match placed.record.problem {
        Some(problem) => {
            let detail = format!("records[{index}]: {problem}; no record was taken");
            Err(Problem::new(Kind::Unprocessable, detail))
        }
        None => Ok(placed.record),
    });
    records.collect()
}
