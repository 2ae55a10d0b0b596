//! When messages that are not settled come again. Deleting and failing them is Lambda's own business.

use async_trait::async_trait;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::error::ProvideErrorMetadata;
use aws_sdk_sqs::types::ChangeMessageVisibilityBatchRequestEntry;
use cloud::SdkConfig;

use crate::input::Delivery;

/// When messages come again because another run had their job: soon, and all at the same time. (SQS holds back what is
/// behind a message in flight, not what is before it: reference aws §1.1.)
const SOON_SECONDS: i32 = 30;

/// The port to the queue's visibility time-outs.
#[async_trait]
pub trait Redelivery: Send + Sync {
    /// Has messages of one group come again soon. An adapter that cannot do it logs that: they come in the queue's own time.
    async fn soon(&self, deliveries: &[Delivery]);
}

/// Changes visibility time-outs in SQS.
pub struct SqsRedelivery {
    client: Client,
    endpoint: Option<String>,
}

impl SqsRedelivery {
    /// Connects to nothing.
    pub fn new(sdk: &SdkConfig) -> Self {
        Self { client: Client::new(sdk), endpoint: sdk.endpoint_url().map(str::to_owned) }
    }
}

#[async_trait]
impl Redelivery for SqsRedelivery {
    async fn soon(&self, deliveries: &[Delivery]) {
        let Some(first) = deliveries.first() else { return };
        let Some(url) = queue_url(&first.queue, self.endpoint.as_deref()) else {
            tracing::warn!(
                queue = first.queue,
                "the queue's ARN is not one of SQS; messages come again in its own time"
            );
            return;
        };
        // A batch of the queue has ten messages at most, as has this call.
        let mut call = self.client.change_message_visibility_batch().queue_url(url);
        for (index, delivery) in deliveries.iter().enumerate() {
            let entry = ChangeMessageVisibilityBatchRequestEntry::builder()
                .id(index.to_string())
                .receipt_handle(&delivery.receipt_handle)
                .visibility_timeout(SOON_SECONDS);
            call = call.entries(entry.build().expect("it has an id and a handle"));
        }
        match call.send().await {
            Ok(answer) if answer.failed.is_empty() => {}
            Ok(answer) => {
                let code = &answer.failed[0].code;
                tracing::warn!(
                    count = answer.failed.len(),
                    code,
                    "visibility was not changed for all; messages come later"
                );
            }
            Err(error) => {
                let code = error.code().unwrap_or("no answer");
                tracing::warn!(
                    code,
                    "visibility was not changed; messages come again in the queue's own time"
                );
            }
        }
    }
}

/// A queue's URL from its ARN, `arn:aws:sqs:region:number:name`.
fn queue_url(arn: &str, endpoint: Option<&str>) -> Option<String> {
    let parts: Vec<&str> = arn.split(':').collect();
    let ["arn", partition, "sqs", region, account, name] = parts[..] else { return None };
    let domain = if partition == "aws-cn" { "amazonaws.com.cn" } else { "amazonaws.com" };
    let host = match endpoint {
        Some(endpoint) => endpoint.trim_end_matches('/').to_owned(),
        None => format!("https://sqs.{region}.{domain}"),
    };
    Some(format!("{host}/{account}/{name}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_tells_the_url() {
        let check = |arn: &str, endpoint: Option<&str>, url: Option<&str>| {
            assert_eq!(queue_url(arn, endpoint).as_deref(), url, "{arn}");
        };
        let arn = "arn:aws:sqs:eu-central-1:123456789012:crm-export.fifo";
        check(arn, None, Some("https://sqs.eu-central-1.amazonaws.com/123456789012/crm-export.fifo"));
        check(
            arn,
            Some("http://127.0.0.1:5566/"),
            Some("http://127.0.0.1:5566/123456789012/crm-export.fifo"),
        );
        let china = "arn:aws-cn:sqs:cn-north-1:1:q.fifo";
        check(china, None, Some("https://sqs.cn-north-1.amazonaws.com.cn/1/q.fifo"));
        check("arn:aws:kinesis:eu-central-1:1:stream", None, None);
        check("", None, None);
    }
}
