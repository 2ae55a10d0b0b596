//! An answer of the data API, and how answers and errors become HTTP responses.

use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode, header};
use axum::response::IntoResponse;
use serde_json::Value;

use crate::error::ApiError;
use crate::state::Usage;

/// What a call answers.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// `None` for an empty body.
    pub body: Option<Value>,
    /// Address of a created record.
    pub location: Option<String>,
    /// Some row of a collection was refused although the status is 200; an enclosing `allOrNone` must know.
    pub any_refused: bool,
}

impl Answer {
    /// 200 with a body.
    pub fn ok(body: Value) -> Answer {
        Answer { status: 200, body: Some(body), location: None, any_refused: false }
    }

    /// 204 without a body.
    pub fn empty() -> Answer {
        Answer { status: 204, body: None, location: None, any_refused: false }
    }

    /// 201 with the address of what was created.
    pub fn created(body: Value, location: String) -> Answer {
        Answer { status: 201, body: Some(body), location: Some(location), any_refused: false }
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response<Body> {
        let mut response = json(self.status, self.body.as_ref());
        if let Some(location) = self.location.and_then(|location| HeaderValue::try_from(location).ok()) {
            response.headers_mut().insert(header::LOCATION, location);
        }
        response
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response<Body> {
        json(self.status, Some(&self.to_json()))
    }
}

/// A JSON response; `None` is an empty body.
pub fn json(status: u16, body: Option<&Value>) -> Response<Body> {
    let mut response = Response::new(match body {
        Some(body) => Body::from(body.to_string()),
        None => Body::empty(),
    });
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if body.is_some() {
        let json = HeaderValue::from_static("application/json;charset=UTF-8");
        response.headers_mut().insert(header::CONTENT_TYPE, json);
    }
    response
}

/// Adds `Sforce-Limit-Info: api-usage=18/5000` (reference §2.9).
pub fn with_usage(mut response: Response<Body>, usage: Option<Usage>) -> Response<Body> {
    let text = usage.map(|usage| format!("api-usage={}/{}", usage.used, usage.limit));
    if let Some(value) = text.and_then(|text| HeaderValue::try_from(text).ok()) {
        response.headers_mut().insert("sforce-limit-info", value);
    }
    response
}
