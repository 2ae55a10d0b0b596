//! Calls on data that come over the network: token, body, one transaction, limit header.

use axum::body::{Body as HttpBody, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Response, header};
use axum::middleware::Next;
use axum::response::IntoResponse;

use super::answer::{json, with_usage};
use super::discovery;
use super::dispatch::{Context, dispatch};
use super::faults;
use super::request::{ApiRequest, Body, parse_version};
use crate::error::ApiError;
use crate::state::AppState;
use crate::view::View;

/// Largest body in bytes; Salesforce's own limit for REST bodies.
const LARGEST_BODY: usize = 50 * 1024 * 1024;

/// The bearer token of a request, also in the older form `OAuth ...`.
pub fn bearer(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?.trim();
    let (scheme, token) = value.split_once(' ')?;
    let known = scheme.eq_ignore_ascii_case("bearer") || scheme.eq_ignore_ascii_case("oauth");
    known.then(|| token.trim().to_owned())
}

/// Answers everything below `/services/data`, and 404 for all other paths.
pub async fn answer(State(state): State<AppState>, request: Request) -> Response<HttpBody> {
    let path = request.uri().path();
    let Some(rest) = path.strip_prefix("/services/data") else {
        return ApiError::not_found().into_response();
    };
    if rest.is_empty() {
        return json(200, Some(&discovery::versions()));
    }
    match read(request).await {
        Ok((token, call)) => {
            let met = faults::met(state.watch(), &call);
            faults::around(met, run(&state, token, call)).await
        }
        Err(error) => error.into_response(),
    }
}

async fn run(state: &AppState, token: Option<String>, call: ApiRequest) -> Response<HttpBody> {
    let counted = state.counted(call.version, token, move |view, usage| {
        let view = View { allow_duplicates: call.allow_duplicates, ..*view };
        dispatch(&Context { view, usage }, &call)
    });
    let counted = counted.await;
    with_usage(counted.result.into_response(), counted.usage)
}

async fn read(request: Request) -> Result<(Option<String>, ApiRequest), ApiError> {
    let (head, body) = request.into_parts();
    let target = head.uri.path_and_query().map(|target| target.as_str()).unwrap_or_default();
    let target = target.strip_prefix("/services/data").unwrap_or_default();
    let header = |name: &str| head.headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(kind) = header("content-type").filter(|kind| kind.to_ascii_lowercase().contains("xml")) {
        let message = format!("Content type '{kind}' is not supported by the sandbox; send application/json");
        return Err(ApiError::new(415, "UNSUPPORTED_MEDIA_TYPE", message));
    }
    let declared: Option<usize> = header("content-length").and_then(|length| length.parse().ok());
    let too_large =
        || ApiError::new(413, "REQUEST_ENTITY_TOO_LARGE", "The request body is larger than 50 MB");
    if declared.is_some_and(|length| length > LARGEST_BODY) {
        return Err(too_large());
    }
    let bytes = to_bytes(body, LARGEST_BODY).await.map_err(|_| too_large())?;
    let text = String::from_utf8(bytes.into())
        .map_err(|_| ApiError::unreadable("The request body is not UTF-8 at [line:1, column:1]"))?;
    let mut call = ApiRequest::parse(head.method.clone(), target, Body::Text(text))?;
    call.query_options = header("sforce-query-options").map(str::to_owned);
    call.allow_duplicates = header("sforce-duplicate-rule-header").is_some_and(allows_duplicates);
    Ok((bearer(&head.headers), call))
}

/// Whether a `Sforce-Duplicate-Rule-Header` says `allowSave=true` (reference §2.9).
fn allows_duplicates(header: &str) -> bool {
    let parts = header.split([';', ',']).filter_map(|part| part.split_once('='));
    let is = |text: &str, wanted: &str| text.trim().eq_ignore_ascii_case(wanted);
    parts.into_iter().any(|(name, value)| is(name, "allowSave") && is(value, "true"))
}

/// In front of calls that another router answers (Bulk API): token, count, limit header.
pub async fn guard(State(state): State<AppState>, request: Request, next: Next) -> Response<HttpBody> {
    let version = request.uri().path().split('/').nth(3).unwrap_or_default();
    let version = match parse_version(version) {
        Ok(version) => version,
        Err(error) => return error.into_response(),
    };
    let met = faults::met_by_method(state.watch(), request.method());
    let guarded = async {
        let counted = state.counted(version, bearer(request.headers()), |_, _| Ok(())).await;
        match counted.result {
            Ok(()) => with_usage(next.run(request).await, counted.usage),
            Err(error) => with_usage(error.into_response(), counted.usage),
        }
    };
    faults::around(met, guarded).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_allow_save_allows_duplicates() {
        let check =
            |header: &str, expected: bool| assert_eq!(allows_duplicates(header), expected, "{header}");
        check("allowSave=true", true);
        check("includeRecordDetails=true; AllowSave = TRUE", true);
        check("allowSave=false", false);
        check("runAsCurrentUser=true", false);
        check("", false);
    }
}
