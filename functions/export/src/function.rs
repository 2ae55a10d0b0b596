//! The function's handler: reads the event, does what it asks for, tells the metrics, answers.

use std::sync::Arc;

use cloud::{Config, FunctionError, Invocation, Metrics, Summary};
use domain::AccountName;
use jobs::clock::SystemClock;
use jobs::{Jobs, RunReport};
use lambda_runtime::{Context, Diagnostic, LambdaEvent};
use serde_json::{Value, json};
use tracing::Instrument as _;

use crate::input::{Input, Request};
use crate::redelivery::{Redelivery, SqsRedelivery};

/// The function `export`.
#[derive(Clone)]
pub struct Export {
    /// The use cases. Each invocation takes leases in a name of its own that begins with their owner.
    pub jobs: Jobs,
    /// The one account of this stack.
    pub account: AccountName,
    /// When messages come again.
    pub redelivery: Arc<dyn Redelivery>,
    /// What CloudWatch is told.
    pub metrics: Metrics,
}

impl Export {
    /// The function over AWS. Connects to nothing.
    pub fn on_aws(config: &Config) -> Self {
        let clock = Arc::new(SystemClock);
        let sdk = cloud::sdk::of_function(config);
        Self {
            jobs: cloud::ports(config, &sdk, clock.clone(), config.environment.as_str()),
            account: config.account.clone(),
            redelivery: Arc::new(SqsRedelivery::new(&sdk)),
            metrics: Metrics::new(&config.stack, clock),
        }
    }

    /// Answers one event.
    ///
    /// # Errors
    /// The event is unknown, or (not for a batch, which names the messages that come again) the ledger cannot be used.
    pub async fn handle(&self, event: LambdaEvent<Value>) -> Result<Value, Diagnostic> {
        let (payload, Context { request_id, deadline, xray_trace_id, .. }) = event.into_parts();
        let invocation = Invocation { request_id, trace: xray_trace_id, deadline_ms: deadline };
        let span = invocation.span();
        let answer = async {
            let answer = self.answer(payload, &invocation).await;
            answer.inspect_err(|error| tracing::error!(%error, "the invocation failed"))
        };
        answer.instrument(span).await.map_err(|error| Diagnostic {
            error_type: error.name().to_owned(),
            error_message: format!("failed to {error}"),
        })
    }

    async fn answer(&self, event: Value, invocation: &Invocation) -> Result<Value, FunctionError> {
        let work = Self { jobs: invocation.jobs(&self.jobs), ..self.clone() };
        let deadline = invocation.deadline();
        match Input::read(event, &self.account)? {
            Input::Batch(deliveries) => Ok(work.batch(deliveries, deadline).await),
            Input::Schedule => work.resume(deadline).await.map(|summary| json!(summary)),
            Input::Person(Request::Resume(job)) => {
                work.resume_for_person(job.as_ref(), deadline).await.map(|summary| json!(summary))
            }
            Input::Person(Request::Skip { job, error_id }) => {
                work.skip(&job, &error_id).await.map(|skipped| json!(skipped))
            }
        }
    }

    /// Tells the metrics what runs did, and sums it up.
    pub(crate) fn told(&self, reports: &[RunReport]) -> Summary {
        self.metrics.ran(reports);
        Summary::of(reports)
    }
}
