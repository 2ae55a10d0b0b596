//! How handlers answer: JSON, and the receipt for work that is done later.

use axum::body::Body;
use axum::http::{Response, StatusCode, header};
use axum::response::IntoResponse;
use domain::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// A JSON answer with its status.
pub(crate) struct Json<T>(pub(crate) StatusCode, pub(crate) T);

/// The usual one.
pub(crate) fn ok<T: Serialize>(value: T) -> Json<T> {
    Json(StatusCode::OK, value)
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response<Body> {
        let text = serde_json::to_string(&self.1).expect("answers are plain data with text for keys");
        (self.0, [(header::CONTENT_TYPE, "application/json")], text).into_response()
    }
}

/// Work that was taken on. It is done in a moment, in the background; `GET /api/jobs` shows what came of it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Accepted {
    /// What will be done: `resume`, `skip`, `retry` or `export`.
    #[schema(example = "resume")]
    action: &'static str,
    /// When it was taken on.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
}

impl Accepted {
    /// The receipt.
    pub(crate) fn new(action: &'static str, at: Timestamp) -> Json<Self> {
        Json(StatusCode::ACCEPTED, Self { action, at })
    }
}
