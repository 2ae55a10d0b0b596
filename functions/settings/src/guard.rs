//! Limits that hold whatever a route reads: how large a body may say it is, and how long an answer may take to begin.

use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{Response, header};
use axum::middleware::Next;
use axum::response::IntoResponse;

use crate::problem::{Kind, Problem};

/// The largest body that a request may announce, in bytes, also where the route reads none.
const ANNOUNCED_MAX: u64 = 65_536;

/// How long an answer may take to begin. An explanation compiles an org's rules, which takes seconds; API Gateway gives up
/// after 30.
const LONGEST: Duration = Duration::from_secs(60);

/// Refuses a body that says it is too large, before anything of it is read.
pub(crate) async fn small_body(request: Request, next: Next) -> Response<Body> {
    let length: Option<u64> =
        request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    match length {
        Some(length) if length > ANNOUNCED_MAX => {
            let detail = format!("send at most {ANNOUNCED_MAX} bytes");
            Problem::new(Kind::TooLarge, detail).into_response()
        }
        _ => next.run(request).await,
    }
}

/// Gives up on an answer that does not begin in time.
pub(crate) async fn in_time(request: Request, next: Next) -> Response<Body> {
    let path = request.uri().path().to_owned();
    match tokio::time::timeout(LONGEST, next.run(request)).await {
        Ok(response) => response,
        Err(_) => {
            tracing::error!(path, "an answer took too long");
            Problem::unavailable("the answer took too long; try again, or ask for less").into_response()
        }
    }
}
