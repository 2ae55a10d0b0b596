//! Which event it is. Nothing is done about it here.

use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use cloud::FunctionError;
use domain::{AccountName, JobId, Timestamp};
use serde_json::{Map, Value};

/// What the function takes, for errors.
const EXPECTED: &str = r#"a batch of an SQS FIFO queue {"Records":[...]}, {"cause":"schedule"}, {"cause":"person","action":"resume"} with or without "job":"account/Object", or {"cause":"person","action":"skip","job":"account/Object","errorId":"..."}"#;

/// Enough of a wrong word to recognise it.
const SHOWN: usize = 40;

/// An event, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// Messages of the queue.
    Batch(Vec<Delivery>),
    /// The tick of the resume schedule.
    Schedule,
    /// A person asks.
    Person(Request),
}

/// What a person asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// Try a held job now; every held job when none is named.
    Resume(Option<JobId>),
    /// Pass the head of a paused job, if it still is the one that was meant.
    Skip {
        /// Which job.
        job: JobId,
        /// Id of the head's export error.
        error_id: String,
    },
}

/// One message as the queue delivers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// The queue's id of the message.
    pub id: String,
    /// The queue's handle of this delivery.
    pub receipt_handle: String,
    /// Message group.
    pub group: String,
    /// Place in the group.
    pub sequence: u128,
    /// When it was sent.
    pub sent: Timestamp,
    /// Its body.
    pub body: String,
    /// ARN of the queue.
    pub queue: String,
}

impl Input {
    /// Reads an event of this account's stack.
    ///
    /// # Errors
    /// Says what is wrong and what would be right, without a value of a record.
    pub fn read(event: Value, account: &AccountName) -> Result<Self, FunctionError> {
        let read = match event {
            Value::Object(members) if members.contains_key("Records") => batch(members),
            Value::Object(members) => asked(&members, account),
            _ => Err("it is not a JSON object".to_owned()),
        };
        read.map_err(|found| FunctionError::Event { found, expected: EXPECTED })
    }
}

fn batch(members: Map<String, Value>) -> Result<Input, String> {
    // What serde says of a broken event may quote it.
    let event: SqsEvent = serde_json::from_value(Value::Object(members))
        .map_err(|_| "its Records are no messages of SQS".to_owned())?;
    let read =
        |(index, message)| delivery(message).map_err(|missing| format!("Records[{index}] has no {missing}"));
    event.records.into_iter().enumerate().map(read).collect::<Result<_, _>>().map(Input::Batch)
}

/// One message. A missing member fails the whole event: a queue that is not FIFO would break every job's order.
fn delivery(message: SqsMessage) -> Result<Delivery, &'static str> {
    let attribute = |name| message.attributes.get(name);
    let sequence = attribute("SequenceNumber").and_then(|number| number.parse().ok());
    let sent = attribute("SentTimestamp").and_then(|millis| millis.parse().ok());
    let group = attribute("MessageGroupId").cloned();
    Ok(Delivery {
        id: message.message_id.filter(|id| !id.is_empty()).ok_or("messageId")?,
        receipt_handle: message.receipt_handle.ok_or("receiptHandle")?,
        group: group.ok_or("attributes.MessageGroupId")?,
        sequence: sequence.ok_or("attributes.SequenceNumber")?,
        sent: Timestamp::from_millis(sent.ok_or("attributes.SentTimestamp")?),
        body: message.body.unwrap_or_default(),
        queue: message.event_source_arn.ok_or("eventSourceARN")?,
    })
}

fn asked(members: &Map<String, Value>, account: &AccountName) -> Result<Input, String> {
    let text = |name: &str| members.get(name).and_then(Value::as_str);
    let job = || text("job").map(|name| job(name, account)).transpose();
    match (text("cause"), text("action")) {
        (Some("schedule"), _) => Ok(Input::Schedule),
        (Some("person"), Some("resume")) => {
            // A job that is no text must not be read as every job.
            if members.get("job").is_some_and(|job| !job.is_string() && !job.is_null()) {
                return Err("its job is no text".to_owned());
            }
            Ok(Input::Person(Request::Resume(job()?)))
        }
        (Some("person"), Some("skip")) => {
            let job = job()?.ok_or("it has no job to skip a record of")?;
            let error_id = text("errorId").ok_or("it has no errorId, the head that is meant")?.to_owned();
            Ok(Input::Person(Request::Skip { job, error_id }))
        }
        (Some("person"), action) => Err(format!("its action is {}", shown(action))),
        (cause, _) => Err(format!("its cause is {}", shown(cause))),
    }
}

fn job(name: &str, account: &AccountName) -> Result<JobId, String> {
    let unfit = || format!("its job `{}` is none of {account}", name.chars().take(SHOWN).collect::<String>());
    let (of, object) = name.split_once('/').ok_or_else(unfit)?;
    if of != account.as_str() {
        return Err(unfit());
    }
    JobId::new(account.clone(), object).map_err(|_| unfit())
}

fn shown(word: Option<&str>) -> String {
    word.map_or("missing".to_owned(), |word| format!("`{}`", word.chars().take(SHOWN).collect::<String>()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(event: Value) -> Result<Input, String> {
        Input::read(event, &AccountName::new("acme").expect("fits")).map_err(|error| error.to_string())
    }

    fn contact() -> JobId {
        JobId::new(AccountName::new("acme").expect("fits"), "Contact").expect("fits")
    }

    #[test]
    fn what_is_asked_is_read() {
        let check = |event: Value, input: Input| assert_eq!(read(event.clone()), Ok(input), "{event}");
        check(json!({"cause": "schedule"}), Input::Schedule);
        let resume = json!({"cause": "person", "action": "resume"});
        check(resume, Input::Person(Request::Resume(None)));
        let resume = json!({"cause": "person", "action": "resume", "job": "acme/Contact"});
        check(resume, Input::Person(Request::Resume(Some(contact()))));
        let skip = json!({"cause": "person", "action": "skip", "job": "acme/Contact", "errorId": "0a"});
        check(skip, Input::Person(Request::Skip { job: contact(), error_id: "0a".to_owned() }));
        check(json!({"Records": []}), Input::Batch(Vec::new()));
    }

    #[test]
    fn the_sample_batch_is_read() {
        let sample: Value =
            serde_json::from_str(include_str!("../../../infra/events/sqs-batch.json")).expect("JSON");
        let Ok(Input::Batch(batch)) = read(sample) else { panic!("no batch") };
        assert_eq!(batch.len(), 3);
        assert_eq!(batch[0].id, "00000000-0000-4000-8000-000000000001");
        assert_eq!(
            (batch[0].group.as_str(), batch[0].sequence),
            ("acme/Account", 18_849_496_460_467_696_128)
        );
        assert_eq!(batch[2].sent, Timestamp::from_millis(1_795_465_689_079));
        assert_eq!(batch[2].body, "{ this is not JSON, Contact");
    }

    #[test]
    fn an_unknown_event_is_told_what_was_expected() {
        let check = |event: Value, found: &str| {
            assert_eq!(read(event), Err(format!("read the event: {found}; expected {EXPECTED}")));
        };
        check(json!([1]), "it is not a JSON object");
        check(json!({}), "its cause is missing");
        check(json!({"cause": "daily"}), "its cause is `daily`");
        check(json!({"cause": "person"}), "its action is missing");
        check(json!({"cause": "person", "action": "retry"}), "its action is `retry`");
        check(json!({"cause": "person", "action": "resume", "job": 7}), "its job is no text");
        check(
            json!({"cause": "person", "action": "resume", "job": "Contact"}),
            "its job `Contact` is none of acme",
        );
        check(
            json!({"cause": "person", "action": "resume", "job": "b/Lead"}),
            "its job `b/Lead` is none of acme",
        );
        check(
            json!({"cause": "person", "action": "skip", "errorId": "0a"}),
            "it has no job to skip a record of",
        );
        check(
            json!({"cause": "person", "action": "skip", "job": "acme/Contact"}),
            "it has no errorId, the head that is meant",
        );
        check(json!({"Records": "hush"}), "its Records are no messages of SQS");
        check(json!({"Records": [{"body": "hush"}]}), "Records[0] has no messageId");
        let standard = json!({"messageId": "1", "receiptHandle": "h", "body": "hush", "eventSourceARN": "arn",
            "attributes": {"MessageGroupId": "acme/Contact", "SentTimestamp": "1"}});
        check(json!({"Records": [standard]}), "Records[0] has no attributes.SequenceNumber");
    }
}
