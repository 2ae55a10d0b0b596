//! Headers on every answer: what a browser may do with a page of ours, and that no one keeps data.

use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, Response, header};
use axum::middleware::Next;

use crate::api::Api;
use crate::auth::Auth;

const PERMISSIONS: HeaderName = HeaderName::from_static("permissions-policy");
const OPENER: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const RESOURCE: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// Adds them.
pub(crate) async fn add(State(api): State<Api>, request: Request, next: Next) -> Response<axum::body::Body> {
    let path = request.uri().path();
    let is_data = path == "/api" || path.starts_with("/api/");
    // A page of ours signs people in: it may speak to the issuer, and to nobody else.
    let issuer = if is_data { Vec::new() } else { api.auth.origins().await };
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, policy(&issuer));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(OPENER, HeaderValue::from_static("same-origin"));
    headers.insert(RESOURCE, HeaderValue::from_static("same-origin"));
    headers.insert(PERMISSIONS, HeaderValue::from_static("camera=(), geolocation=(), microphone=()"));
    if !matches!(api.auth, Auth::Loopback(_)) {
        // Browsers heed it over https alone.
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=63072000"));
    }
    if is_data {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response
}

fn policy(issuer: &[String]) -> HeaderValue {
    let connect = issuer.iter().fold("'self'".to_owned(), |list, origin| format!("{list} {origin}"));
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src {connect}; \
         frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
    );
    HeaderValue::from_str(&policy).unwrap_or_else(|_| HeaderValue::from_static("default-src 'none'"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_issuer_is_added() {
        assert_eq!(
            policy(&["https://issuer.example".into()]),
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self' \
             https://issuer.example; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
        );
        assert_eq!(policy(&["x\ny".into()]), "default-src 'none'");
    }
}
