//! How handlers get what was sent: query, path and body, checked as a whole, with a problem that names what does not fit.
//!
//! Nothing is guessed: an unknown parameter or member is refused, so that a misspelt filter never shows everything.

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use domain::JobId;
use domain::name::check_api_name;
use percent_encoding::percent_decode_str;
use serde::de::DeserializeOwned;

use crate::api::Api;
use crate::problem::{Kind, Problem};

/// The longest query that is read, in bytes.
const QUERY_BYTES_MAX: usize = 4_096;

/// The query's parameters as `T`, each at most once.
#[derive(Debug)]
pub(crate) struct FromQuery<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequestParts<Api> for FromQuery<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Api) -> Result<Self, Problem> {
        let query = parts.uri.query().unwrap_or_default();
        if query.len() > QUERY_BYTES_MAX {
            let detail = format!("the query has more than {QUERY_BYTES_MAX} bytes");
            return Err(Problem::new(Kind::BadRequest, detail));
        }
        // What is no text would be read as another text.
        if percent_decode_str(query).decode_utf8().is_err() {
            return Err(Problem::new(Kind::BadRequest, "write the query in UTF-8"));
        }
        match axum::extract::Query::<T>::try_from_uri(&parts.uri) {
            Ok(axum::extract::Query(read)) => Ok(Self(read)),
            Err(rejection) => Err(Problem::new(Kind::BadRequest, rejection.body_text())),
        }
    }
}

/// The job of the object in the path.
#[derive(Debug)]
pub(crate) struct JobOfPath(pub(crate) JobId);

impl FromRequestParts<Api> for JobOfPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Problem> {
        let TextOfPath(object) = TextOfPath::from_request_parts(parts, api).await?;
        let none =
            || Problem::new(Kind::NotFound, "there is no job of this object; GET /api/jobs lists them");
        check_api_name("object", &object).map_err(|_| none())?;
        let job = JobId { account: api.account.clone(), object };
        if api.jobs.ledger.job(&job).await?.is_none() {
            return Err(none());
        }
        Ok(Self(job))
    }
}

/// The one variable part of the path.
#[derive(Debug)]
pub(crate) struct TextOfPath(pub(crate) String);

impl FromRequestParts<Api> for TextOfPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Problem> {
        match Path::<String>::from_request_parts(parts, api).await {
            Ok(Path(text)) => Ok(Self(text)),
            Err(rejection) => Err(Problem::new(Kind::BadRequest, rejection.body_text())),
        }
    }
}

/// The body as JSON.
#[derive(Debug)]
pub(crate) struct FromJson<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<Api> for FromJson<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, api: &Api) -> Result<Self, Problem> {
        if !is_json(&request) {
            return Err(Problem::new(Kind::UnsupportedMediaType, "send the body as application/json"));
        }
        let body = body_of(request, api).await?;
        serde_json::from_slice(&body).map(Self).map_err(|error| {
            // A body that is JSON but not this JSON is another mistake than one that is none.
            let kind = if error.is_data() { Kind::Unprocessable } else { Kind::BadRequest };
            Problem::new(kind, format!("read the body: {error}"))
        })
    }
}

/// A body that must be empty, or an empty object.
#[derive(Debug)]
pub(crate) struct NoBody;

impl FromRequest<Api> for NoBody {
    type Rejection = Problem;

    async fn from_request(request: Request, api: &Api) -> Result<Self, Problem> {
        let body = body_of(request, api).await?;
        let text = body.trim_ascii();
        let empty = text.is_empty() || text == b"{}";
        empty.then_some(Self).ok_or_else(|| Problem::new(Kind::BadRequest, "send no body: this takes none"))
    }
}

/// The whole body, as far as the limit of its route allows.
pub(crate) async fn body_of(request: Request, api: &Api) -> Result<Bytes, Problem> {
    Bytes::from_request(request, api).await.map_err(|rejection| {
        let response = rejection.into_response();
        match response.status() {
            StatusCode::PAYLOAD_TOO_LARGE => Problem::new(Kind::TooLarge, "send less: the body is too large"),
            _ => Problem::new(Kind::BadRequest, "read the body: the connection broke off"),
        }
    })
}

/// Whether the body says that it is JSON. A form or plain text is not read: a page of another site may send those without
/// being asked.
fn is_json(request: &Request<Body>) -> bool {
    let value = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let kind = value.and_then(|value| value.split(';').next()).unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("application/json")
}
