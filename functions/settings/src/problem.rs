//! What a refused request is answered: `application/problem+json` (RFC 9457), one shape for every error of the API.
//!
//! A kind is one row of a table: its name in `type`, its status and title. The detail says what to do. What the machinery
//! says (a store's own message) goes to the log and not to the client.

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Response, StatusCode, header};
use axum::response::IntoResponse;
use jobs::ledger::{LedgerError, LedgerErrorKind};
use serde::Serialize;
use utoipa::ToSchema;

/// What is sent for a problem.
pub(crate) const PROBLEM_JSON: &str = "application/problem+json";

/// What kind of problem it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The request cannot be read: a parameter, a header, broken JSON.
    BadRequest,
    /// Nobody is signed in, or the token is not good.
    Unauthorized,
    /// Signed in, but not for this.
    Forbidden,
    /// There is nothing of this name.
    NotFound,
    /// The path takes other methods.
    MethodNotAllowed,
    /// The state of things does not allow it.
    Conflict,
    /// The warning must be accepted first.
    DataInconsistency,
    /// Someone else changed the settings.
    PreconditionFailed,
    /// The body is too large.
    TooLarge,
    /// The body is not of the type that is read here.
    UnsupportedMediaType,
    /// JSON, but not what belongs here.
    Unprocessable,
    /// `If-Match` is missing.
    PreconditionRequired,
    /// Something is broken on our side.
    Internal,
    /// Something that is needed does not answer now.
    Unavailable,
}

impl Kind {
    const fn row(self) -> (&'static str, StatusCode, &'static str) {
        match self {
            Self::BadRequest => ("bad-request", StatusCode::BAD_REQUEST, "The request cannot be read"),
            Self::Unauthorized => ("unauthorized", StatusCode::UNAUTHORIZED, "Sign in first"),
            Self::Forbidden => ("forbidden", StatusCode::FORBIDDEN, "This is not allowed"),
            Self::NotFound => ("not-found", StatusCode::NOT_FOUND, "There is nothing here"),
            Self::MethodNotAllowed => {
                ("method-not-allowed", StatusCode::METHOD_NOT_ALLOWED, "This path takes another method")
            }
            Self::Conflict => ("conflict", StatusCode::CONFLICT, "This cannot be done as things stand"),
            Self::DataInconsistency => {
                ("data-inconsistency", StatusCode::CONFLICT, "Data in the CRM may become inconsistent")
            }
            Self::PreconditionFailed => (
                "precondition-failed",
                StatusCode::PRECONDITION_FAILED,
                "Someone else changed the settings in between",
            ),
            Self::TooLarge => ("too-large", StatusCode::PAYLOAD_TOO_LARGE, "The body is too large"),
            Self::UnsupportedMediaType => (
                "unsupported-media-type",
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "The body is of a type that is not read here",
            ),
            Self::Unprocessable => {
                ("unprocessable", StatusCode::UNPROCESSABLE_ENTITY, "The values do not fit")
            }
            Self::PreconditionRequired => {
                ("precondition-required", StatusCode::PRECONDITION_REQUIRED, "Say which version you change")
            }
            Self::Internal => {
                ("internal", StatusCode::INTERNAL_SERVER_ERROR, "Something is broken on our side")
            }
            Self::Unavailable => {
                ("unavailable", StatusCode::SERVICE_UNAVAILABLE, "Something does not answer now")
            }
        }
    }
}

/// A refused request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    kind: Kind,
    detail: String,
    headers: Vec<(HeaderName, HeaderValue)>,
}

/// A problem as it is sent (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem, example = json!({
    "type": "/problems/data-inconsistency", "title": "Data in the CRM may become inconsistent", "status": 409,
    "detail": "With Pause on Export Errors off, records that the CRM refuses are passed over: ..."
}))]
pub(crate) struct ProblemBody {
    /// What kind of problem, a relative reference such as `/problems/data-inconsistency`. It never changes for a kind.
    #[serde(rename = "type")]
    kind: String,
    /// The kind in words.
    title: &'static str,
    /// The HTTP status.
    #[schema(minimum = 400, maximum = 599)]
    status: u16,
    /// What happened this time, and what to do.
    detail: String,
}

impl Problem {
    /// A problem of this kind. `detail` says what happened and what to do.
    pub(crate) fn new(kind: Kind, detail: impl Into<String>) -> Self {
        Self { kind, detail: detail.into(), headers: Vec::new() }
    }

    /// The same with one more header.
    #[must_use]
    pub(crate) fn with(mut self, name: HeaderName, value: &str) -> Self {
        // A detail that came from outside may hold what a header cannot.
        let value: String = value.chars().filter(|c| (' '..='~').contains(c)).collect();
        if let Ok(value) = HeaderValue::from_str(&value) {
            self.headers.push((name, value));
        }
        self
    }

    /// Something that is needed does not answer: the same request may work in a few seconds.
    pub(crate) fn unavailable(detail: impl Into<String>) -> Self {
        Self::new(Kind::Unavailable, detail).with(header::RETRY_AFTER, "5")
    }

    /// Its status.
    #[cfg(test)]
    pub(crate) fn status(&self) -> StatusCode {
        self.kind.row().1
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response<Body> {
        let (name, status, title) = self.kind.row();
        let body = ProblemBody {
            kind: format!("/problems/{name}"),
            title,
            status: status.as_u16(),
            detail: self.detail,
        };
        let text = serde_json::to_string(&body).expect("a problem is plain data");
        let mut response = (status, [(header::CONTENT_TYPE, PROBLEM_JSON)], text).into_response();
        response.headers_mut().extend(self.headers);
        response
    }
}

impl From<LedgerError> for Problem {
    fn from(error: LedgerError) -> Self {
        match error.kind() {
            LedgerErrorKind::Conflict => Self::new(Kind::PreconditionFailed, format!("failed to {error}")),
            LedgerErrorKind::LeaseHeld { .. } | LedgerErrorKind::LeaseLost { .. } => {
                Self::new(Kind::Conflict, format!("failed to {error}"))
            }
            LedgerErrorKind::Unavailable(_) => {
                tracing::error!(%error, "the ledger does not answer");
                Self::unavailable("failed to reach the ledger; try again in a few seconds")
            }
            LedgerErrorKind::Corrupt { item, .. } => {
                tracing::error!(%error, "an item of the ledger is damaged");
                Self::new(Kind::Internal, format!("failed to read {item}: it is damaged; the log says how"))
            }
            _ => {
                tracing::error!(%error, "the ledger cannot be used");
                Self::new(Kind::Internal, "failed to use the ledger; the log says why")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::body::to_bytes;
    use serde_json::{Value, json};

    use super::*;

    async fn sent(problem: Problem) -> (Response<Body>, Value) {
        let (parts, body) = problem.into_response().into_parts();
        let body = to_bytes(body, 10_000).await.expect("a body");
        (Response::from_parts(parts, Body::empty()), serde_json::from_slice(&body).expect("JSON"))
    }

    #[tokio::test]
    async fn a_problem_is_sent_whole() {
        let (response, body) = sent(Problem::new(Kind::NotFound, "no such job")).await;
        assert_eq!(response.status(), 404);
        assert_eq!(response.headers()[header::CONTENT_TYPE], PROBLEM_JSON);
        let expected = json!({
            "type": "/problems/not-found", "title": "There is nothing here", "status": 404, "detail": "no such job",
        });
        assert_eq!(body, expected);
    }

    #[tokio::test]
    async fn what_the_store_says_is_not_sent() {
        let said = LedgerErrorKind::Unavailable("arn:aws:dynamodb:secret".into());
        let (response, body) = sent(LedgerError::from(said).into()).await;
        assert_eq!(
            (response.status().as_u16(), response.headers()[header::RETRY_AFTER].as_bytes()),
            (503, &b"5"[..])
        );
        assert!(!body.to_string().contains("arn:"), "{body}");
    }

    #[test]
    fn a_header_takes_what_it_can() {
        let problem =
            Problem::new(Kind::Unauthorized, "x").with(header::WWW_AUTHENTICATE, "Bearer\r\nSet-Cookie: é");
        assert_eq!(problem.headers[0].1, "BearerSet-Cookie: ");
        assert_eq!(problem.status(), 401);
    }
}
