//! Access by JSON web token (RFC 7519, access tokens as in RFC 9068): the signature checked with the issuer's keys, then
//! the claims.
//!
//! RS256 and ES256 only, by `ring`, which the program has for TLS already. What a token says of its own algorithm chooses
//! among keys that are of that algorithm; it never changes how a key is used.

use std::sync::Arc;

use axum::http::{HeaderMap, header};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::AccountName;
use jobs::clock::Clock;
use serde_json::{Map, Value};
use thiserror::Error;

use super::access::{Scope, unauthorized};
use super::claims::{Claims, Refused};
use super::keys::{Algorithm, KeyError, Keys, may_fetch};
use crate::problem::{Kind, Problem};

/// Longer tokens are not looked at, in bytes. With a few dozen groups in it one has 4 KB.
const TOKEN_BYTES_MAX: usize = 16_384;

const REALM: &str = "Bearer realm=\"crm-export\"";

/// Whose tokens are taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JwtConfig {
    /// The issuer, as tokens spell it: `https://...`, or `http://` on this machine.
    pub issuer: String,
    /// What tokens are for: `aud`, or `client_id` in tokens without one.
    pub audience: String,
    /// The public client id with which pages sign people in; pages do not sign in without.
    pub client: Option<String>,
}

/// The issuer cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("use the issuer {issuer}: give an https URL without a query, as its tokens spell it")]
pub struct JwtConfigError {
    issuer: String,
}

/// Checks tokens.
pub struct Jwt {
    config: JwtConfig,
    keys: Keys,
    clock: Arc<dyn Clock>,
}

impl Jwt {
    /// Prepares to check the tokens of an issuer. Asks it for nothing yet.
    ///
    /// # Errors
    /// When its URL is none that keys may be fetched from.
    pub fn new(config: JwtConfig, clock: Arc<dyn Clock>) -> Result<Self, JwtConfigError> {
        if !may_fetch(&config.issuer) || config.issuer.contains(['?', '#']) {
            return Err(JwtConfigError { issuer: config.issuer });
        }
        let keys = Keys::new(&config.issuer, Arc::clone(&clock));
        Ok(Self { config, keys, clock })
    }

    /// What it checks against.
    pub(crate) fn config(&self) -> &JwtConfig {
        &self.config
    }

    /// Where people sign in: the authorization and the token endpoint, when the issuer says.
    pub(crate) async fn endpoints(&self) -> Option<(String, String)> {
        self.keys.endpoints().await
    }

    /// Origins of the issuer that pages speak to.
    pub(crate) async fn origins(&self) -> Vec<String> {
        let mut origins: Vec<String> = Vec::new();
        let endpoint = self.endpoints().await.map(|(_, token)| token);
        for url in [Some(self.config.issuer.clone()), endpoint].into_iter().flatten() {
            let Ok(url) = reqwest::Url::parse(&url) else { continue };
            let origin = url.origin().ascii_serialization();
            if !origins.contains(&origin) {
                origins.push(origin);
            }
        }
        origins
    }

    /// Whether a request's token allows this scope for this account.
    pub(super) async fn check(
        &self,
        headers: &HeaderMap,
        scope: Scope,
        account: &AccountName,
    ) -> Result<(), Problem> {
        let token = bearer(headers)?;
        let claims = self.verified(token).await?;
        let JwtConfig { issuer, audience, .. } = &self.config;
        claims.allow(issuer, audience, self.clock.now(), account, scope).map_err(|refused| match refused {
            Refused::Invalid(why) => invalid(why),
            Refused::OtherAccount => {
                Problem::new(Kind::Forbidden, "the token is not for the account that is served here")
            }
            Refused::Scope(scope) => {
                let scope = scope.as_str();
                let challenge = format!("{REALM}, error=\"insufficient_scope\", scope=\"{scope}\"");
                Problem::new(Kind::Forbidden, format!("the token lacks the scope {scope}"))
                    .with(header::WWW_AUTHENTICATE, &challenge)
            }
        })
    }

    /// The claims of a token whose signature is good.
    async fn verified(&self, token: &str) -> Result<Claims, Problem> {
        let malformed = || invalid("the token cannot be read");
        let (signed, signature) = token.rsplit_once('.').ok_or_else(malformed)?;
        let (head, claims) = signed.split_once('.').ok_or_else(malformed)?;
        let head = decoded(head).and_then(|head| object(&head)).ok_or_else(malformed)?;
        let signature = decoded(signature).ok_or_else(malformed)?;
        // A critical extension that we do not know must not be passed over (RFC 7515 §4.1.11).
        if head.contains_key("crit") {
            return Err(malformed());
        }
        let text = |member: &str| head.get(member).and_then(Value::as_str);
        let algorithm = text("alg")
            .and_then(Algorithm::parse)
            .ok_or_else(|| invalid("the token must be signed with RS256 or ES256"))?;
        let kid = text("kid").ok_or_else(|| invalid("the token must name its key (kid)"))?;
        let key = self.keys.find(kid, algorithm).await.map_err(|error| match error {
            KeyError::Unknown => invalid("the token is signed with a key that the issuer does not know"),
            KeyError::Unreachable => {
                Problem::unavailable("the issuer's keys cannot be fetched now; try again in a few seconds")
            }
        })?;
        if !key.verifies(signed.as_bytes(), &signature) {
            return Err(invalid("the token's signature is wrong"));
        }
        decoded(claims).and_then(|claims| object(&claims)).map(Claims).ok_or_else(malformed)
    }
}

/// The token of a request.
fn bearer(headers: &HeaderMap) -> Result<&str, Problem> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let value = match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().ok(),
        _ => None,
    };
    let token = value
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("Bearer"));
    match token {
        Some((_, token)) if token.len() <= TOKEN_BYTES_MAX => Ok(token.trim()),
        Some(_) => Err(invalid("the token is too long")),
        None => Err(unauthorized(REALM, "send a token: `Authorization: Bearer ...`")),
    }
}

fn invalid(why: &str) -> Problem {
    unauthorized(&format!("{REALM}, error=\"invalid_token\", error_description=\"{why}\""), why)
}

fn decoded(part: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(part).ok()
}

fn object(json: &[u8]) -> Option<Map<String, Value>> {
    serde_json::from_slice(json).ok()
}
