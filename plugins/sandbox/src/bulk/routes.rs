//! Paths below `/services/data/{version}/jobs`, and the worker that saves a closed job's rows.
//!
//! Tokens and API calls are checked and counted before a request comes here. A worker's transactions are not counted.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::{HeaderValue, Response, StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::{get, post, put};
use serde_json::Value;

use super::results::Rows;
use super::{chunk, ingest, query, request, results};
use crate::error::ApiError;
use crate::state::AppState;
use crate::view::View;

/// Largest CSV in bytes: 150 MB after base64, as Salesforce counts (reference §2.8).
const LARGEST_CSV: usize = 112_500_000;

type Answer = Result<Response<Body>, ApiError>;
type Parameters = Query<Vec<(String, String)>>;

/// The routes; their state is given by whoever mounts them.
pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/ingest", post(create).get(list))
        .route("/ingest/{id}", get(read).patch(change).delete(remove))
        .route("/ingest/{id}/batches", put(upload).layer(DefaultBodyLimit::max(LARGEST_CSV)))
        .route("/ingest/{id}/{rows}", get(rows))
        .route("/query", post(create_query).get(list_queries))
        .route("/query/{id}", get(read_query).patch(change_query).delete(remove_query))
        .route("/query/{id}/results", get(query_results))
        // jsforce asks for further pages with two slashes.
        .route("/query//{id}/results", get(query_results))
}

/// The number of a path's `v59.0`.
fn version(text: &str) -> Result<u32, ApiError> {
    let number = text.trim_start_matches(['v', 'V']).split('.').next().unwrap_or_default();
    number.parse().map_err(|_| ApiError::not_found())
}

/// Runs work in a transaction at the version of the path.
async fn session<T: Send + 'static>(
    state: &AppState,
    path_version: &str,
    work: impl FnOnce(&View<'_>) -> Result<T, ApiError> + Send + 'static,
) -> Result<T, ApiError> {
    state.with_session(version(path_version)?, work).await
}

fn json(status: StatusCode, body: &Value) -> Response<Body> {
    let kind = HeaderValue::from_static("application/json;charset=UTF-8");
    (status, [(header::CONTENT_TYPE, kind)], body.to_string()).into_response()
}

fn csv(body: Vec<u8>) -> Response<Body> {
    ([(header::CONTENT_TYPE, HeaderValue::from_static("text/csv"))], body).into_response()
}

/// The request's body; 413 when it is larger than its route takes.
fn body(body: Result<Bytes, BytesRejection>) -> Result<Bytes, ApiError> {
    body.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => {
            let message = format!(
                "the body is too large; a job takes {LARGEST_CSV} bytes of CSV, split it into several jobs"
            );
            ApiError::new(413, "REQUEST_ENTITY_TOO_LARGE", message)
        }
        _ => ApiError::unreadable(rejection.body_text()),
    })
}

async fn create(
    State(state): State<AppState>,
    Path(version): Path<String>,
    sent: Result<Bytes, BytesRejection>,
) -> Answer {
    let sent = request::object(&body(sent)?)?;
    let answer = session(&state, &version, move |view| ingest::create(view, &sent)).await?;
    Ok(json(StatusCode::OK, &answer))
}

async fn list(State(state): State<AppState>, Path(version): Path<String>) -> Answer {
    let answer = session(&state, &version, |view| ingest::list(view, false)).await?;
    Ok(json(StatusCode::OK, &answer))
}

async fn upload(
    State(state): State<AppState>,
    Path((version, id)): Path<(String, String)>,
    sent: Result<Bytes, BytesRejection>,
) -> Answer {
    let sent = body(sent)?;
    session(&state, &version, move |view| ingest::upload(view, &id, &sent)).await?;
    Ok(StatusCode::CREATED.into_response())
}

async fn change(
    State(state): State<AppState>,
    Path((version, id)): Path<(String, String)>,
    sent: Result<Bytes, BytesRejection>,
) -> Answer {
    let sent = request::object(&body(sent)?)?;
    let (answer, waiting) = session(&state, &version, move |view| ingest::change(view, &id, &sent)).await?;
    start(&state, waiting);
    Ok(json(StatusCode::OK, &answer))
}

async fn read(State(state): State<AppState>, Path((version, id)): Path<(String, String)>) -> Answer {
    let (answer, lost) = session(&state, &version, move |view| ingest::read(view, &id)).await?;
    start(&state, lost);
    Ok(json(StatusCode::OK, &answer))
}

async fn remove(State(state): State<AppState>, Path((version, id)): Path<(String, String)>) -> Answer {
    session(&state, &version, move |view| ingest::remove(view, &id)).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn rows(
    State(state): State<AppState>,
    Path((version, id, rows)): Path<(String, String, String)>,
) -> Answer {
    let rows = Rows::named(&rows).ok_or_else(ApiError::not_found)?;
    Ok(csv(session(&state, &version, move |view| results::results(view, &id, rows)).await?))
}

async fn create_query(
    State(state): State<AppState>,
    Path(version): Path<String>,
    sent: Result<Bytes, BytesRejection>,
) -> Answer {
    let sent = request::object(&body(sent)?)?;
    let answer = session(&state, &version, move |view| query::create(view, &sent)).await?;
    Ok(json(StatusCode::OK, &answer))
}

async fn list_queries(State(state): State<AppState>, Path(version): Path<String>) -> Answer {
    let answer = session(&state, &version, |view| ingest::list(view, true)).await?;
    Ok(json(StatusCode::OK, &answer))
}

async fn read_query(State(state): State<AppState>, Path((version, id)): Path<(String, String)>) -> Answer {
    let answer = session(&state, &version, move |view| query::read(view, &id)).await?;
    Ok(json(StatusCode::OK, &answer))
}

async fn change_query(
    State(state): State<AppState>,
    Path((version, id)): Path<(String, String)>,
    sent: Result<Bytes, BytesRejection>,
) -> Answer {
    let sent = request::object(&body(sent)?)?;
    let answer = session(&state, &version, move |view| query::change(view, &id, &sent)).await?;
    Ok(json(StatusCode::OK, &answer))
}

async fn remove_query(State(state): State<AppState>, Path((version, id)): Path<(String, String)>) -> Answer {
    session(&state, &version, move |view| query::remove(view, &id)).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn query_results(
    State(state): State<AppState>,
    Path((version, id)): Path<(String, String)>,
    Query(parameters): Parameters,
) -> Answer {
    let parameter = |name: &str| {
        parameters.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.clone())
    };
    let (locator, most) = (parameter("locator"), parameter("maxRecords").and_then(|most| most.parse().ok()));
    let page =
        session(&state, &version, move |view| query::results(view, &id, locator.as_deref(), most)).await?;
    let mut response = csv(page.csv);
    let headers = response.headers_mut();
    headers.insert("sforce-numberofrecords", HeaderValue::from(page.rows));
    if let Ok(locator) = HeaderValue::try_from(page.locator) {
        headers.insert("sforce-locator", locator);
    }
    Ok(response)
}

/// Begins to save the rows of a closed job.
fn start(state: &AppState, job: Option<String>) {
    if let Some(id) = job {
        tokio::spawn(work(state.clone(), id));
    }
}

/// Saves a job's rows, one chunk in one transaction. When the database fails the job stays as it is, and whoever looks
/// at it later starts it again.
async fn work(state: AppState, id: String) {
    // A chunk uses the version that is kept with its job.
    const ANY_VERSION: u32 = 59;
    let job = id.clone();
    let csv = match state.with_session(ANY_VERSION, move |view| Ok(ingest::csv(view, &job)?)).await {
        Ok(csv) => Arc::new(csv),
        Err(error) => {
            return tracing::error!(job = %id, error = %error.to_json(), "a bulk job cannot be read");
        }
    };
    loop {
        let (job, csv) = (id.clone(), csv.clone());
        match state.with_session(ANY_VERSION, move |view| chunk::work(view, &job, &csv)).await {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => {
                return tracing::error!(job = %id, error = %error.to_json(), "a bulk job was interrupted");
            }
        }
    }
}
