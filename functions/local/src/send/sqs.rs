//! The queue itself: SQS, through AWS's own client. It decides nothing about order.

use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::config::retry::RetryConfig;
use aws_sdk_sqs::config::timeout::TimeoutConfig;
use aws_sdk_sqs::operation::send_message_batch::SendMessageBatchOutput;
use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use cloud::SdkConfig;
use thiserror::Error;

use super::post::{Letter, Outbox, Taken};
use crate::deployed::{Trouble, trouble};

/// How often a request that was throttled, or not answered, is made; with the waits in between about two minutes.
const ATTEMPTS: u32 = 12;

/// The longest of those waits.
const WAIT_MOST: Duration = Duration::from_secs(20);

/// A request has up to 1 MiB, and may leave over a slow line.
const CONNECT: Duration = Duration::from_secs(5);
const ATTEMPT: Duration = Duration::from_secs(60);

/// A request failed as a whole. Whether its messages went in is not known; sending them again is harmless.
#[derive(Debug, Error)]
pub(crate) enum SqsError {
    #[error("send to {url}: there is no such queue; check --queue, --region and --profile")]
    NoQueue { url: String },
    #[error("send to {url}: {reason}; attach the stack's SendPolicyArn to who sends, and check --profile")]
    Denied { url: String, reason: String },
    #[error("send to {url}: {reason}; run the command again, what SQS has already it drops")]
    Failed { url: String, reason: String },
}

impl SqsError {
    /// Whether what was given is wrong, and so nothing was sent. Rights may also end half way.
    pub(crate) fn is_usage(&self) -> bool {
        matches!(self, Self::NoQueue { .. })
    }
}

/// A queue.
pub(crate) struct Sqs {
    client: Client,
    url: String,
}

impl Sqs {
    /// The queue at a URL.
    pub(crate) fn new(config: &SdkConfig, url: &str) -> Self {
        let retry = RetryConfig::standard().with_max_attempts(ATTEMPTS).with_max_backoff(WAIT_MOST);
        let timeouts =
            TimeoutConfig::builder().connect_timeout(CONNECT).operation_attempt_timeout(ATTEMPT).build();
        let config = aws_sdk_sqs::config::Builder::from(config).retry_config(retry).timeout_config(timeouts);
        Self { client: Client::from_conf(config.build()), url: url.to_owned() }
    }

    fn error(&self, trouble: Trouble) -> SqsError {
        let url = self.url.clone();
        match trouble {
            Trouble::Denied(reason) => SqsError::Denied { url, reason },
            Trouble::Refused { code, .. }
                if code.contains("NonExistentQueue") || code.contains("QueueDoesNotExist") =>
            {
                SqsError::NoQueue { url }
            }
            Trouble::Refused { code, message } => {
                SqsError::Failed { url, reason: format!("{code}: {message}") }
            }
            Trouble::Unreachable(reason) => SqsError::Failed { url, reason },
        }
    }
}

#[async_trait]
impl Outbox for Sqs {
    async fn send(&self, batch: &[Letter]) -> Result<Vec<Taken>, SqsError> {
        let entry = |(index, letter): (usize, &Letter)| {
            SendMessageBatchRequestEntry::builder()
                .id(index.to_string())
                .message_body(&letter.parcel.body)
                .message_group_id(&letter.parcel.group)
                .message_deduplication_id(letter.parcel.deduplication_id(letter.again))
                .build()
                .expect("it has an id and a body")
        };
        let entries: Vec<_> = batch.iter().enumerate().map(entry).collect();
        let sent =
            self.client.send_message_batch().queue_url(&self.url).set_entries(Some(entries)).send().await;
        Ok(answers(&sent.map_err(|error| self.error(trouble(&error)))?, batch.len()))
    }
}

/// One answer for each message. One that SQS says nothing about is sent again.
fn answers(output: &SendMessageBatchOutput, count: usize) -> Vec<Taken> {
    let silent = Taken::No { for_good: false, reason: "SQS did not answer for it".to_owned() };
    let mut answers = vec![silent; count];
    let mut put = |id: &str, taken: Taken| {
        if let Some(answer) = id.parse().ok().and_then(|index: usize| answers.get_mut(index)) {
            *answer = taken;
        }
    };
    for taken in output.successful() {
        put(taken.id(), Taken::Yes(taken.sequence_number().and_then(|number| number.parse().ok())));
    }
    for failed in output.failed() {
        let reason = format!("{}: {}", failed.code(), failed.message().unwrap_or("no text"));
        // A key that is throttled counts as the sender's fault there.
        let for_good = failed.sender_fault() && !failed.code().contains("Throttl");
        put(failed.id(), Taken::No { for_good, reason });
    }
    answers
}

#[cfg(test)]
mod tests {
    use aws_sdk_sqs::types::{BatchResultErrorEntry, SendMessageBatchResultEntry};

    use super::*;

    #[test]
    fn every_message_has_its_answer() {
        let taken = |id: &str, number: &str| {
            SendMessageBatchResultEntry::builder()
                .id(id)
                .message_id("m")
                .md5_of_message_body("x")
                .sequence_number(number)
                .build()
                .expect("whole")
        };
        let failed = BatchResultErrorEntry::builder().id("1").sender_fault(true).code("Bad").build();
        let output = SendMessageBatchOutput::builder()
            .successful(taken("2", "00000000000000000007"))
            .successful(taken("0", "none"))
            .failed(failed.expect("whole"))
            .build()
            .expect("whole");
        let expected = [
            Taken::Yes(None),
            Taken::No { for_good: true, reason: "Bad: no text".to_owned() },
            Taken::Yes(Some(7)),
            Taken::No { for_good: false, reason: "SQS did not answer for it".to_owned() },
        ];
        assert_eq!(answers(&output, 4), expected);
    }
}
