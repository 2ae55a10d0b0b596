//! The function's handler: reads the event, retries, tells the metrics, answers.

use std::sync::Arc;

use cloud::{Config, FunctionError, Invocation, Metrics, Summary};
use domain::AccountName;
use jobs::Jobs;
use jobs::clock::SystemClock;
use lambda_runtime::{Context, Diagnostic, LambdaEvent};
use serde_json::Value;
use tracing::Instrument as _;

use crate::input::Input;

/// The function `retry`.
#[derive(Clone)]
pub struct Retry {
    /// The use cases. Each invocation takes leases in a name of its own that begins with their owner.
    pub jobs: Jobs,
    /// The one account of this stack.
    pub account: AccountName,
    /// What CloudWatch is told.
    pub metrics: Metrics,
}

impl Retry {
    /// The function over AWS. Connects to nothing.
    pub fn on_aws(config: &Config) -> Self {
        let clock = Arc::new(SystemClock);
        let sdk = cloud::sdk::of_function(config);
        Self {
            jobs: cloud::ports(config, &sdk, clock.clone(), config.environment.as_str()),
            account: config.account.clone(),
            metrics: Metrics::new(&config.stack, clock),
        }
    }

    /// Answers one event with what came of it.
    ///
    /// # Errors
    /// The event is unknown, or the ledger cannot be used: Lambda tries again, which repeats nothing that succeeded.
    pub async fn handle(&self, event: LambdaEvent<Value>) -> Result<Summary, Diagnostic> {
        let (payload, Context { request_id, deadline, xray_trace_id, .. }) = event.into_parts();
        let invocation = Invocation { request_id, trace: xray_trace_id, deadline_ms: deadline };
        let span = invocation.span();
        let answer = async {
            let answer = self.retry(&payload, &invocation).await;
            answer.inspect_err(|error| tracing::error!(%error, "the invocation failed"))
        };
        answer.instrument(span).await.map_err(|error| Diagnostic {
            error_type: error.name().to_owned(),
            error_message: format!("failed to {error}"),
        })
    }

    async fn retry(&self, event: &Value, invocation: &Invocation) -> Result<Summary, FunctionError> {
        let (jobs, deadline) = (invocation.jobs(&self.jobs), Some(invocation.deadline()));
        let reports = match Input::read(event)? {
            Input::All => jobs.retry(&self.account, deadline).await?,
            Input::Errors(ids) => jobs.retry_errors(&self.account, &ids, deadline).await?,
        };
        self.metrics.ran(&reports);
        Ok(Summary::of(&reports))
    }
}
