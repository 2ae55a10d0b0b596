//! What a page has to know before anything else: how people sign in, what there is to see, and the warning's words.
//!
//! It needs no token, and says whose account is served only to those who have one.

use axum::extract::State;
use axum::http::request::Parts;
use axum::response::IntoResponse;
use domain::settings::DATA_INCONSISTENCY_WARNING;
use serde::Serialize;
use utoipa::ToSchema;

use crate::answer::ok;
use crate::api::Api;
use crate::auth::Auth;
use crate::problem::Problem;

/// How to begin.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Session {
    /// The account that is served; left out until someone is signed in.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "acme")]
    account: Option<String>,
    /// Who may ask: `loopback` (this machine), `jwt` (sign in) or `iam` (signed requests; pages cannot sign in).
    #[schema(pattern = "^(loopback|jwt|iam)$")]
    auth: &'static str,
    /// `jwt`: the issuer.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "https://issuer.example")]
    issuer: Option<String>,
    /// `jwt`: the public client with which a page signs people in.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    client_id: Option<String>,
    /// `jwt`: what tokens must be for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    audience: Option<String>,
    /// `jwt`: where people sign in.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    authorization_endpoint: Option<String>,
    /// `jwt`: where a code becomes a token.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    token_endpoint: Option<String>,
    /// What there is.
    features: Features,
    /// What must be accepted before the pause is turned off.
    warning: &'static str,
}

/// What there is to see and do.
#[derive(Debug, Serialize, ToSchema)]
struct Features {
    /// Errors can be explained.
    explain: bool,
    /// The daily retry runs at the hour that the settings say.
    schedule: bool,
    /// Records are taken in by `POST /api/records`.
    records: bool,
}

/// How to begin
///
/// The one answer for people who are not signed in yet.
#[utoipa::path(
    get, path = "/api/session", tag = "session", operation_id = "getSession",
    responses((status = 200, description = "How to begin", body = Session)),
    security(()),
)]
pub(crate) async fn get(State(api): State<Api>, request: Parts) -> Result<impl IntoResponse, Problem> {
    let signed_in = api.auth.allows(&request, &api.account).await.is_ok();
    let (config, endpoints) = match &api.auth {
        Auth::Jwt(jwt) => (Some(jwt.config().clone()), jwt.endpoints().await),
        Auth::Loopback(_) | Auth::Iam => (None, None),
    };
    let (authorization_endpoint, token_endpoint) = endpoints.unzip();
    Ok(ok(Session {
        account: signed_in.then(|| api.account.to_string()),
        auth: api.auth.name(),
        issuer: config.as_ref().map(|config| config.issuer.clone()),
        client_id: config.as_ref().and_then(|config| config.client.clone()),
        audience: config.map(|config| config.audience),
        authorization_endpoint,
        token_endpoint,
        features: Features { explain: api.explain.is_some(), schedule: true, records: api.intake.is_some() },
        warning: DATA_INCONSISTENCY_WARNING,
    }))
}
