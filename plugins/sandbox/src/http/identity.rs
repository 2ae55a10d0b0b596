//! Who is signed in: `/services/oauth2/userinfo` and the identity address `/id/{organization}/{user}`.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Response, Uri};
use axum::response::IntoResponse;
use serde_json::{Value, json};

use super::answer::json as answer;
use super::auth::base_url;
use super::data::bearer;
use super::request::VERSIONS;
use crate::error::ApiError;
use crate::state::{AppState, token_is_valid};
use crate::store::Record;
use crate::system::{ORGANIZATION_ID, PROFILE_ID, USER_ID};

/// Path of the export user's identity.
pub fn path() -> String {
    format!("/id/{ORGANIZATION_ID}/{USER_ID}")
}

async fn user(state: &AppState, headers: &HeaderMap) -> Result<Record, ApiError> {
    let token = bearer(headers);
    let found = state.with_session(*VERSIONS.end(), move |view| {
        if !token_is_valid(&view.store, token.as_deref())? {
            return Err(ApiError::invalid_session());
        }
        view.store.get(USER_ID)?.ok_or_else(ApiError::not_found)
    });
    found.await
}

fn urls(base: &str) -> Value {
    json!({
        "enterprise": format!("{base}/services/Soap/c/{{version}}/{}", &ORGANIZATION_ID[..15]),
        "partner": format!("{base}/services/Soap/u/{{version}}/{}", &ORGANIZATION_ID[..15]),
        "rest": format!("{base}/services/data/v{{version}}/"),
        "sobjects": format!("{base}/services/data/v{{version}}/sobjects/"),
        "query": format!("{base}/services/data/v{{version}}/query/"),
        "profile": format!("{base}/{USER_ID}"),
    })
}

/// `/services/oauth2/userinfo`.
pub async fn user_info(State(state): State<AppState>, headers: HeaderMap) -> Response<Body> {
    let base = base_url(&state, &headers);
    match user(&state, &headers).await {
        Err(error) => error.into_response(),
        Ok(user) => {
            let body = json!({
                "sub": format!("{base}{}", path()),
                "user_id": USER_ID,
                "organization_id": ORGANIZATION_ID,
                "preferred_username": user.get("Username"),
                "nickname": user.get("Username"),
                "name": user.get("Name"),
                "email": user.get("Email"),
                "email_verified": true,
                "given_name": user.get("FirstName"),
                "family_name": user.get("LastName"),
                "zoneinfo": "GMT",
                "profile": format!("{base}/{USER_ID}"),
                "urls": urls(&base),
                "active": true,
                "user_type": "STANDARD",
                "language": "en_US",
                "locale": "en_US",
                "utcOffset": 0,
            });
            answer(200, Some(&body))
        }
    }
}

/// `/id/{organization}/{user}`; only the export user has one.
pub async fn identity(State(state): State<AppState>, uri: Uri, headers: HeaderMap) -> Response<Body> {
    let base = base_url(&state, &headers);
    if uri.path() != path() {
        return ApiError::not_found().into_response();
    }
    match user(&state, &headers).await {
        Err(error) => error.into_response(),
        Ok(user) => {
            let body = json!({
                "id": format!("{base}{}", path()),
                "asserted_user": true,
                "user_id": USER_ID,
                "organization_id": ORGANIZATION_ID,
                "username": user.get("Username"),
                "nick_name": user.get("Username"),
                "display_name": user.get("Name"),
                "email": user.get("Email"),
                "first_name": user.get("FirstName"),
                "last_name": user.get("LastName"),
                "profile_id": PROFILE_ID,
                "active": true,
                "user_type": "STANDARD",
                "language": "en_US",
                "locale": "en_US",
                "urls": urls(&base),
            });
            answer(200, Some(&body))
        }
    }
}
