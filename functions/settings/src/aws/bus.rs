//! Work as an event on the bus, `WorkRequested`: a rule starts the function that does it. Schema: `infra/schemas/events`.

use async_trait::async_trait;
use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::error::DisplayErrorContext;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use domain::JobId;
use serde_json::{Value, json};

use crate::api::{SeamError, Work};

/// What rules filter by.
const SOURCE: &str = "crm-export";
const DETAIL_TYPE: &str = "WorkRequested";

/// Asks for work on a bus.
#[derive(Debug, Clone)]
pub struct BusWork {
    client: Client,
    bus: String,
}

impl BusWork {
    /// Asks on this bus, by name or ARN.
    pub fn new(client: Client, bus: impl Into<String>) -> Self {
        Self { client, bus: bus.into() }
    }

    /// Other than telling an event, this must not fail unseen: the person waits for what was asked.
    async fn ask(&self, detail: &Value) -> Result<(), SeamError> {
        let entry = PutEventsRequestEntry::builder()
            .event_bus_name(&self.bus)
            .source(SOURCE)
            .detail_type(DETAIL_TYPE)
            .detail(detail.to_string())
            .build();
        let failed = |why: String| SeamError(format!("ask for work on the bus {}: {why}", self.bus));
        let answer = self.client.put_events().entries(entry).send().await;
        let answer = answer.map_err(|error| failed(DisplayErrorContext(error).to_string()))?;
        // A call can succeed and its entry fail.
        match answer.entries().first().and_then(|entry| entry.error_code()) {
            None => Ok(()),
            Some(code) => Err(failed(code.to_owned())),
        }
    }
}

#[async_trait]
impl Work for BusWork {
    async fn resume(&self, job: Option<JobId>) -> Result<(), SeamError> {
        self.ask(&resume(job.as_ref())).await
    }

    async fn skip(&self, job: JobId, error_id: String) -> Result<(), SeamError> {
        self.ask(&skip(&job, &error_id)).await
    }

    async fn retry(&self, errors: Option<Vec<String>>) -> Result<(), SeamError> {
        self.ask(&retry(errors.as_deref())).await
    }
}

fn resume(job: Option<&JobId>) -> Value {
    let mut detail = json!({"cause": "person", "action": "resume"});
    if let Some(job) = job {
        detail["job"] = Value::from(job.to_string());
    }
    detail
}

fn skip(job: &JobId, error_id: &str) -> Value {
    json!({"cause": "person", "action": "skip", "job": job.to_string(), "errorId": error_id})
}

fn retry(errors: Option<&[String]>) -> Value {
    let mut detail = json!({"cause": "person", "action": "retry"});
    if let Some(errors) = errors {
        detail["errors"] = Value::from(errors.to_vec());
    }
    detail
}

#[cfg(test)]
mod tests {
    use domain::AccountName;

    use super::*;

    #[test]
    fn what_is_asked_is_what_the_functions_take() {
        let job = JobId::new(AccountName::new("acme").expect("fits"), "Contact").expect("fits");
        assert_eq!(resume(None).to_string(), r#"{"cause":"person","action":"resume"}"#);
        assert_eq!(
            resume(Some(&job)).to_string(),
            r#"{"cause":"person","action":"resume","job":"acme/Contact"}"#
        );
        let expected = r#"{"cause":"person","action":"skip","job":"acme/Contact","errorId":"0f3a"}"#;
        assert_eq!(skip(&job, "0f3a").to_string(), expected);
        assert_eq!(retry(None).to_string(), r#"{"cause":"person","action":"retry"}"#);
        let expected = r#"{"cause":"person","action":"retry","errors":["a"]}"#;
        assert_eq!(retry(Some(&["a".to_owned()])).to_string(), expected);
    }
}
