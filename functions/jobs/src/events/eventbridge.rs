//! Events on an EventBridge bus, where people hang Slack or mail on them. The schemas are in `infra/schemas/events`.
//!
//! Telling never fails a run: what cannot be delivered is logged, by name and without its members (an external id may be
//! someone's mail address), and the run goes on.

use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::config::retry::RetryConfig;
use aws_sdk_eventbridge::config::timeout::TimeoutConfig;
use aws_sdk_eventbridge::error::ProvideErrorMetadata;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;

use super::{Event, Events};
use crate::clock::{Clock, SystemClock};

/// What subscribers filter by, with the event's name.
const SOURCE: &str = "crm-export";

/// How often an event that the bus turned away is tried, 100 ms, then 200 ms between.
const TRIES: u32 = 3;

/// An event that takes longer is not told: the run has better things to do.
const CALL_TIME: Duration = Duration::from_secs(10);

/// Events on a bus.
#[derive(Debug, Clone)]
pub struct EventBridgeEvents {
    client: Client,
    bus: String,
}

impl EventBridgeEvents {
    /// Tells events to this bus, by name or ARN. The client's own repeats and time-outs are replaced.
    pub fn new(client: Client, bus: impl Into<String>) -> Self {
        let retry = RetryConfig::standard().with_max_attempts(3);
        let timeout = TimeoutConfig::builder().operation_timeout(CALL_TIME).build();
        let config = client.config().to_builder().retry_config(retry).timeout_config(timeout).build();
        Self { client: Client::from_conf(config), bus: bus.into() }
    }

    /// Sends an entry once. A call can succeed and its entry fail.
    async fn send(&self, entry: PutEventsRequestEntry) -> Result<(), Refused> {
        match self.client.put_events().entries(entry).send().await {
            // The SDK has repeated what it can.
            Err(error) => Err(Refused { code: code(error), again: false }),
            Ok(answer) if answer.failed_entry_count() == 0 => Ok(()),
            Ok(answer) => {
                let entry = answer.entries().first();
                let code = entry.and_then(|entry| entry.error_code()).unwrap_or("unknown");
                // Throttled, or the bus had a failure of its own; the rest is refused for good.
                let again = ["ThrottlingException", "InternalFailure", "InternalException"].contains(&code);
                Err(Refused { code: code.to_owned(), again })
            }
        }
    }
}

/// Why an event was not told.
struct Refused {
    code: String,
    again: bool,
}

fn code(error: impl Into<aws_sdk_eventbridge::Error>) -> String {
    let error = error.into();
    match error.code() {
        Some(code) => code.to_owned(),
        None => std::error::Error::source(&error).map_or_else(|| error.to_string(), ToString::to_string),
    }
}

#[async_trait]
impl Events for EventBridgeEvents {
    async fn publish(&self, event: Event) {
        let name = event.name();
        let entry = PutEventsRequestEntry::builder()
            .event_bus_name(&self.bus)
            .source(SOURCE)
            .detail_type(name)
            .detail(event.detail().to_string())
            .build();
        for again in 1..=TRIES {
            match self.send(entry.clone()).await {
                Ok(()) => return,
                Err(refused) if refused.again && again < TRIES => {
                    SystemClock.sleep(Duration::from_millis(50 << again)).await;
                }
                Err(Refused { code, .. }) => {
                    tracing::error!(event = name, bus = %self.bus, %code, "the event was not told; see the job's status");
                    return;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_eventbridge::config::{BehaviorVersion, Config, Credentials, Region};
    use domain::{AccountName, JobId};
    use serde_json::{Value, json};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    /// Answers one call after the other with these replies, and tells what was asked. A bus that turns single entries
    /// away cannot be had locally.
    async fn asked(replies: &[(u16, Value)], event: Event) -> Vec<Value> {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("bound");
        let config = Config::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::new("us-east-1"))
            .credentials_provider(Credentials::new("local", "local", None, None, "tests"))
            .endpoint_url(format!("http://{address}"))
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .build();
        let events = EventBridgeEvents::new(Client::from_conf(config), "bus");
        let serve = async {
            let mut bodies = Vec::new();
            for (status, reply) in replies {
                let (mut stream, _) = listener.accept().await.expect("a call");
                bodies.push(read(&mut stream).await);
                let body = reply.to_string();
                let head = format!(
                    "HTTP/1.1 {status} X\r\ncontent-type: application/x-amz-json-1.1\r\nconnection: close\r\n\
                     content-length: {}\r\n\r\n",
                    body.len()
                );
                stream.write_all((head + &body).as_bytes()).await.expect("answered");
            }
            bodies
        };
        let (bodies, ()) = tokio::join!(serve, events.publish(event));
        bodies
    }

    async fn read(stream: &mut tokio::net::TcpStream) -> Value {
        let mut bytes = Vec::new();
        loop {
            let mut part = [0; 4096];
            let count = stream.read(&mut part).await.expect("read");
            assert!(count > 0, "the call is whole");
            bytes.extend_from_slice(&part[..count]);
            let text = String::from_utf8_lossy(&bytes).into_owned();
            let Some((_, body)) = text.split_once("\r\n\r\n") else { continue };
            if let Ok(body) = serde_json::from_str(body) {
                return body;
            }
        }
    }

    fn paused() -> Event {
        let job = JobId::new(AccountName::new("acme").expect("fits"), "Contact").expect("fits");
        Event::ExportPaused { job, external_id: "Ext__c=1".into(), code: "X".into() }
    }

    fn told() -> (u16, Value) {
        (200, json!({"FailedEntryCount": 0, "Entries": [{"EventId": "1"}]}))
    }

    fn turned_away(code: &str) -> (u16, Value) {
        (200, json!({"FailedEntryCount": 1, "Entries": [{"ErrorCode": code, "ErrorMessage": "no"}]}))
    }

    #[tokio::test]
    async fn an_event_is_one_entry_of_the_bus() {
        let asked = asked(&[told()], paused()).await;
        let entry = &asked[0]["Entries"][0];
        let members = ["Source", "DetailType", "EventBusName"].map(|name| entry[name].as_str());
        assert_eq!(members, [Some("crm-export"), Some("ExportPaused"), Some("bus")]);
        let detail: Value = serde_json::from_str(entry["Detail"].as_str().expect("text")).expect("json");
        assert_eq!(detail, paused().detail());
    }

    #[tokio::test]
    async fn an_entry_that_is_turned_away_is_told_again_and_then_given_up() {
        let throttled = || turned_away("ThrottlingException");
        let down = (500, json!({"__type": "InternalException"}));
        for (replies, why) in [
            (vec![throttled(), told()], "told the second time"),
            (vec![throttled(), throttled(), throttled()], "given up after the third"),
            (vec![turned_away("NotAuthorizedForSource")], "refused for good"),
            (vec![down.clone(), down.clone(), down], "the SDK's own repeats"),
        ] {
            assert_eq!(asked(&replies, paused()).await.len(), replies.len(), "{why}");
        }
    }
}
