//! `/services/oauth2/token` and `/revoke` (reference §1.1).

use std::hash::{DefaultHasher, Hash, Hasher};

use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, Response, header};
use axum::response::IntoResponse;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::answer::json as answer;
use super::grants::Grant;
use super::identity;
use super::request::{VERSIONS, parse_form};
use crate::error::ApiError;
use crate::state::{AppState, revoke_token};
use crate::store::{Store, StoreError};
use crate::system::ORGANIZATION_ID;

/// Scheme and host by which the client reached the sandbox: what it is told to go on with.
pub fn base_url(state: &AppState, headers: &HeaderMap) -> String {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost");
    format!("{}://{host}", state.scheme())
}

/// A token that was not given before in this database.
pub fn issue_token(store: &Store<'_>) -> Result<String, StoreError> {
    let number = store.count_up("token")?;
    let mut hasher = DefaultHasher::new();
    ("session", number).hash(&mut hasher);
    Ok(format!("{}!AQ.{:016x}{number:08x}", &ORGANIZATION_ID[..15], hasher.finish()))
}

/// `POST /services/oauth2/token`.
pub async fn token(State(state): State<AppState>, headers: HeaderMap, body: String) -> Response<Body> {
    let form = parse_form(&body);
    let authorization = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let grant = Grant { form: &form, authorization };
    if let Err(refused) = grant.check(state.now()) {
        let body = json!({ "error": refused.error, "error_description": refused.description });
        return answer(400, Some(&body));
    }
    if let Some((_, message)) = state.watch().on_sign_in() {
        let body = json!({ "error": "invalid_grant", "error_description": message });
        return answer(400, Some(&body));
    }
    let refresh = grant.field("refresh_token").to_owned();
    let issued = state.with_session(*VERSIONS.end(), move |view| {
        // A revoked refresh token gives no further access.
        if !refresh.is_empty() && view.store.document("revoked token", &refresh)?.is_some() {
            return Ok(None);
        }
        Ok(Some(issue_token(&view.store)?))
    });
    match issued.await {
        Err(error) => error.into_response(),
        Ok(None) => {
            let body =
                json!({ "error": "invalid_grant", "error_description": "expired access/refresh token" });
            answer(400, Some(&body))
        }
        Ok(Some(token)) => {
            let base = base_url(&state, &headers);
            let issued_at = (state.now().unix_timestamp_nanos() / 1_000_000).to_string();
            let mut hasher = DefaultHasher::new();
            (&token, &issued_at).hash(&mut hasher);
            let body = json!({
                "access_token": token,
                "signature": STANDARD.encode(hasher.finish().to_be_bytes()),
                "scope": "api",
                "instance_url": base,
                "id": format!("{base}{}", identity::path()),
                "token_type": "Bearer",
                "issued_at": issued_at,
            });
            answer(200, Some(&body))
        }
    }
}

/// `/services/oauth2/revoke` with `token=` in the form or the address: the token is invalid from now on.
pub async fn revoke(
    State(state): State<AppState>,
    RawQuery(query): RawQuery,
    body: String,
) -> Response<Body> {
    let mut parameters = parse_form(&query.unwrap_or_default());
    parameters.extend(parse_form(&body));
    let token = parameters.into_iter().find(|(name, _)| name == "token").map(|(_, token)| token);
    let Some(token) = token.filter(|token| !token.is_empty()) else {
        let body = json!({ "error": "unsupported_token_type", "error_description": "this token type is not supported" });
        return answer(400, Some(&body));
    };
    let revoked = state.with_session(*VERSIONS.end(), move |view| {
        revoke_token(&view.store, &token)?;
        Ok::<_, ApiError>(())
    });
    match revoked.await {
        Ok(()) => answer(200, None),
        Err(error) => error.into_response(),
    }
}
