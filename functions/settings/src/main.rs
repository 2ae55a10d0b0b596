//! The function `settings`: starts, and serves the API and its pages behind API Gateway.

use settings::aws::{ApiConfig, ApiError};
use settings::{Api, router};

fn start() -> Result<Api, ApiError> {
    let config = cloud::telemetry::start()?;
    settings::aws::api(&config, ApiConfig::from_env()?)
}

// One thread: the function waits for networks, and Lambda gives it a seventh of a processor.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let api = start().inspect_err(|error| tracing::error!(%error, "the function cannot start"))?;
    settings::aws::serve(router(api)).await
}
