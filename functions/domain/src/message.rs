//! A message: what the queue delivers, one job's records in order.

use serde_json::Value;
use thiserror::Error;

use crate::name::{AccountName, JobId};
use crate::position::Position;
use crate::record::{Placed, RECORD_BYTES_MAX, Record};

/// One delivered message, read.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// The queue's handle of it.
    pub id: String,
    /// Which job its records belong to.
    pub job: JobId,
    /// Its records, each with its place. One that is not whole carries its problem.
    pub records: Vec<Placed>,
}

/// Why a body is no message. It is kept as a rejection.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{reason}")]
pub struct MessageProblem {
    reason: String,
}

impl Message {
    /// Reads a body: `{"account", "object", "records": [...]}`. `object` may be left out of each record.
    ///
    /// # Errors
    /// Says what is wrong when no record can be told from the body at all. A record that is not whole is no error
    /// here: it becomes a record error of its job, so that order is kept.
    pub fn from_body(id: &str, sequence: u128, body: &str) -> Result<Self, MessageProblem> {
        let fail = |reason: String| MessageProblem { reason };
        let value: Value =
            serde_json::from_str(body).map_err(|error| fail(format!("the body is not JSON: {error}")))?;
        let text = |member: &str| value.get(member).and_then(Value::as_str).unwrap_or_default();
        let account = AccountName::new(text("account")).map_err(|error| fail(error.to_string()))?;
        let job = JobId::new(account, text("object")).map_err(|error| fail(error.to_string()))?;
        let Some(Value::Array(items)) = value.get("records") else {
            return Err(fail("records: must be a list of records".to_owned()));
        };
        let records = (0u32..).zip(items).map(|(index, item)| place(&job, sequence, index, item)).collect();
        Ok(Self { id: id.to_owned(), job, records })
    }
}

fn place(job: &JobId, sequence: u128, index: u32, item: &Value) -> Placed {
    let position = Position::new(sequence, index);
    let mut item = item.clone();
    if let Value::Object(members) = &mut item {
        members.entry("object").or_insert_with(|| Value::String(job.object.clone()));
    }
    let read = Record::from_json(item.clone()).and_then(|record| check(job, record));
    let record = read.unwrap_or_else(|problem| Record::incomplete(&job.object, position, &item, &problem));
    Placed { position, record }
}

fn check(job: &JobId, record: Record) -> Result<Record, crate::record::RecordProblem> {
    let refuse = |member: &str, reason: String| {
        Err(crate::record::RecordProblem { member: member.to_owned(), reason })
    };
    if record.object != job.object {
        return refuse("object", format!("is {}, but the message is for {}", record.object, job.object));
    }
    let bytes = record.bytes();
    if bytes > RECORD_BYTES_MAX {
        return refuse("record", format!("has {bytes} bytes, the most is {RECORD_BYTES_MAX}"));
    }
    Ok(record)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_get_their_places() {
        let body = r#"{"account":"acme","object":"Contact","records":[
            {"externalId":{"field":"Ext__c","value":"1"},"fields":{"LastName":"A"}},
            {"fields":{}}]}"#;
        let message = Message::from_body("m1", 7, body).expect("a message");
        assert_eq!(message.job.to_string(), "acme/Contact");
        assert_eq!(message.records[0].position, Position::new(7, 0));
        assert_eq!(message.records[0].record.object, "Contact");
        let broken = &message.records[1].record;
        assert_eq!(broken.external_id.value, "at 7.1");
        assert!(broken.problem.as_deref().expect("a problem").starts_with("externalId: is missing"));
    }

    #[test]
    fn a_body_that_is_no_message_is_refused() {
        let cases = [
            ("{", "the body is not JSON"),
            ("{}", "read the account name ``"),
            (r#"{"account":"a","object":"Contact"}"#, "records: must be a list"),
        ];
        for (body, reason) in cases {
            let problem = Message::from_body("m", 1, body).expect_err("no message").to_string();
            assert!(problem.starts_with(reason), "{problem}");
        }
    }
}
