//! The function `export`: starts, and hands each event to [`Export`].

use export::Export;
use lambda_runtime::{Error, LambdaEvent, Runtime, service_fn};
use serde_json::Value;

// One thread: the function waits for networks, and Lambda gives it a seventh of a processor.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let config = cloud::telemetry::start_with_crm()?;
    let export = &Export::on_aws(&config);
    Runtime::new(service_fn(async move |event: LambdaEvent<Value>| export.handle(event).await)).run().await
}
