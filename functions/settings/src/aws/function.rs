//! Puts the API together for Lambda, and hands it what API Gateway sends (HTTP API, payload 2.0).

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use cloud::{Config, ConfigError};
use jobs::clock::SystemClock;
use lambda_http::RequestExt;
use lambda_http::request::RequestContext;
use thiserror::Error;
use tower::util::MapRequest;

use super::bus::BusWork;
use super::config::{ApiConfig, ApiConfigError};
use super::scheduler::Scheduler;
use crate::api::Api;
use crate::auth::{Auth, Jwt, JwtConfigError, Signed};

/// Lambda answers with at most 6 MB, the envelope and its escapes included: a quotation mark takes two bytes there.
const DOWNLOAD_BYTES_MAX: usize = 3_000_000;

/// The function cannot start.
#[derive(Debug, Error)]
pub enum ApiError {
    /// The environment that all functions have.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The environment of this one.
    #[error(transparent)]
    Api(#[from] ApiConfigError),
    /// The issuer cannot be used.
    #[error(transparent)]
    Issuer(#[from] JwtConfigError),
}

/// The API of a stack. Connects to nothing yet.
///
/// # Errors
/// When the issuer of tokens cannot be used.
pub fn api(config: &Config, own: ApiConfig) -> Result<Api, ApiError> {
    let sdk = cloud::sdk::of_function(config);
    let clock = Arc::new(SystemClock);
    let auth = match own.jwt {
        Some(jwt) => Auth::Jwt(Arc::new(Jwt::new(jwt, clock.clone())?)),
        None => Auth::Iam,
    };
    let (group, schedule) = own.schedule;
    Ok(Api {
        jobs: cloud::ports(config, &sdk, clock, config.environment.as_str()),
        account: config.account.clone(),
        auth,
        work: Arc::new(BusWork::new(aws_sdk_eventbridge::Client::new(&sdk), config.event_bus.as_str())),
        schedule: Arc::new(Scheduler::new(aws_sdk_scheduler::Client::new(&sdk), group, schedule)),
        explain: None,
        intake: None,
        download_bytes_max: Some(DOWNLOAD_BYTES_MAX),
    })
}

/// Serves until Lambda ends the environment.
///
/// # Errors
/// When Lambda's runtime API cannot be reached.
pub async fn serve(router: Router) -> Result<(), lambda_http::Error> {
    lambda_http::run(MapRequest::new(router, known)).await
}

/// A request as the router takes it. Whose signature API Gateway has checked stands in its event, where no client writes.
fn known(request: lambda_http::Request) -> Request {
    let signed = match request.request_context_ref() {
        Some(RequestContext::ApiGatewayV2(context)) => {
            let iam = context.authorizer.as_ref().and_then(|authorizer| authorizer.iam.as_ref());
            iam.and_then(|iam| iam.user_arn.clone()).map(|caller| Signed { caller })
        }
        _ => None,
    };
    let (mut parts, body) = request.into_parts();
    if let Some(signed) = signed {
        parts.extensions.insert(signed);
    }
    Request::from_parts(parts, Body::new(body))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(name: &str, authorizer: &str) -> lambda_http::Request {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../infra/events");
        let text = std::fs::read_to_string(format!("{folder}/{name}")).expect("a sample event");
        let mut event: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        event["requestContext"]["authorizer"] = serde_json::from_str(authorizer).expect("JSON");
        lambda_http::request::from_str(&event.to_string()).expect("an event of an HTTP API")
    }

    #[test]
    fn only_api_gateway_says_who_signed() {
        let iam = r#"{"iam": {"userArn": "arn:aws:iam::1:user/a", "accessKey": "A", "accountId": "1", "callerId": "c", "userId": "u"}}"#;
        let signed = known(event("api-get-settings.json", iam));
        let caller = signed.extensions().get::<Signed>().map(|signed| signed.caller.as_str());
        assert_eq!((caller, signed.uri().path()), (Some("arn:aws:iam::1:user/a"), "/api/settings"));
        for other in ["null", "{}", r#"{"jwt": {"claims": {"iam": "x"}, "scopes": []}}"#] {
            let request = known(event("api-put-settings.json", other));
            assert!(request.extensions().get::<Signed>().is_none(), "{other}");
        }
    }
}
