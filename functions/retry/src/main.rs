//! The function `retry`: starts, and hands each event to [`Retry`].

use lambda_runtime::{Error, LambdaEvent, Runtime, service_fn};
use retry::Retry;
use serde_json::Value;

// One thread: the function waits for networks, and Lambda gives it a seventh of a processor.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let config = cloud::telemetry::start_with_crm()?;
    let retry = &Retry::on_aws(&config);
    Runtime::new(service_fn(async move |event: LambdaEvent<Value>| retry.handle(event).await)).run().await
}
