//! Signing in, and the session that all calls share. It is kept in memory only.
//!
//! However many calls find no session, or the same expired one, one of them signs in and the others take its result, be it
//! a refusal: a wrong key must not be tried two hundred times.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use reqwest::Url;
use serde::Deserialize;
use tokio::sync::Mutex;

use super::answer::Answer;
use super::config::Credentials;
use super::error::{SalesforceError, unavailable};
use super::http::Http;
use super::jwt::{Claims, Signer};
use crate::clock::Clock;
use crate::crm::{CrmFailure, own_code};

/// How long an assertion is good for. Salesforce takes a few minutes at most (reference §1.2).
const ASSERTION_LIFE: Duration = Duration::from_secs(180);

/// What a sign-in gives. Holds a secret and has no `Debug`.
pub(super) struct Session {
    /// Access token.
    pub token: String,
    /// Origin of the org's own host, where all other calls go.
    pub instance: Url,
}

/// Signs in when it must.
pub(super) struct Sessions {
    login: Url,
    grant: Grant,
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
    /// Sign-ins that ended, either way.
    ended: AtomicU64,
}

#[derive(Default)]
struct State {
    session: Option<Arc<Session>>,
    failure: Option<CrmFailure>,
}

enum Grant {
    Jwt { client_id: String, username: String, audience: String, signer: Box<Signer> },
    Client { client_id: String, client_secret: String },
}

impl Sessions {
    /// Reads the key, if there is one; signs in later.
    pub fn new(login: Url, credentials: Credentials, clock: Arc<dyn Clock>) -> Result<Self, SalesforceError> {
        let grant = match credentials {
            Credentials::JwtBearer { client_id, username, private_key_pem, audience } => {
                let signer = Box::new(Signer::from_pem(&private_key_pem)?);
                let audience = audience.unwrap_or_else(|| default_audience(&login));
                Grant::Jwt { client_id, username, audience, signer }
            }
            Credentials::ClientCredentials { client_id, client_secret } => {
                Grant::Client { client_id, client_secret }
            }
        };
        Ok(Self { login, grant, clock, state: Mutex::default(), ended: AtomicU64::new(0) })
    }

    /// The session, or a new one when there is none or it is `stale`.
    pub async fn get(&self, http: &Http, stale: Option<&Arc<Session>>) -> Result<Arc<Session>, CrmFailure> {
        let ended = self.ended.load(Ordering::Acquire);
        let mut state = self.state.lock().await;
        if let Some(session) = &state.session
            && stale.is_none_or(|stale| !Arc::ptr_eq(stale, session))
        {
            return Ok(Arc::clone(session));
        }
        if self.ended.load(Ordering::Acquire) != ended
            && let Some(failure) = &state.failure
        {
            return Err(failure.clone());
        }
        let result = self.sign_in(http).await.map(Arc::new);
        *state = State { session: result.as_ref().ok().cloned(), failure: result.as_ref().err().cloned() };
        self.ended.fetch_add(1, Ordering::Release);
        result
    }

    async fn sign_in(&self, http: &Http) -> Result<Session, CrmFailure> {
        let assertion;
        let form = match &self.grant {
            Grant::Jwt { client_id, username, audience, signer } => {
                let expires_at = self.clock.now().plus(ASSERTION_LIFE).millis() / 1000;
                let signed = signer.assertion(Claims { client_id, username, audience, expires_at });
                assertion = signed.ok_or_else(|| {
                    unavailable(own_code::SIGN_IN_FAILED, "this machine has no randomness to sign with")
                })?;
                let grant_type = "urn:ietf:params:oauth:grant-type:jwt-bearer";
                vec![("grant_type", grant_type), ("assertion", &assertion)]
            }
            Grant::Client { client_id, client_secret } => vec![
                ("grant_type", "client_credentials"),
                ("client_id", client_id),
                ("client_secret", client_secret),
            ],
        };
        let answer = http.sign_in(&self.login, &form).await?;
        // The secret is the form's last member.
        self.session_of(&answer, form.last().map_or("", |(_, secret)| secret))
    }

    /// Reads the answer of the token endpoint. The `secret` is kept out of messages, should the answer repeat it.
    fn session_of(&self, answer: &Answer, secret: &str) -> Result<Session, CrmFailure> {
        if answer.status == 200 {
            return granted(answer, &self.login);
        }
        if !matches!(answer.status, 400 | 401 | 403) {
            return Err(match answer.failure() {
                // At this address it is not a record's fault.
                CrmFailure::Refused(_) => answer.no_json(),
                other => other,
            });
        }
        let Ok(denied) = serde_json::from_slice::<Denied>(&answer.body) else {
            return Err(answer.no_json());
        };
        let mut said = denied.error.clone();
        if let Some(description) = &denied.error_description {
            said = format!("{said} ({description})");
        }
        if !secret.is_empty() {
            said = said.replace(secret, "***");
        }
        let message = format!("{} refused the sign-in: {said}; {}", answer.from, self.advice(&denied));
        Err(unavailable(own_code::SIGN_IN_FAILED, message))
    }

    /// What a person should look at (texts: reference §1.1).
    fn advice(&self, denied: &Denied) -> String {
        let description = denied.error_description.as_deref().unwrap_or_default().to_lowercase();
        match (&self.grant, denied.error.as_str()) {
            (Grant::Client { .. }, "invalid_client_id" | "invalid_client") => {
                "check the client id and the client secret of the app".to_owned()
            }
            (Grant::Client { .. }, _) => {
                "check the client id and secret, that the app allows the client credentials flow with a run-as user, \
                 and that the login URL is the org's My Domain"
                    .to_owned()
            }
            (Grant::Jwt { .. }, "invalid_client_id" | "invalid_client") => {
                "check the client id (consumer key) of the app, and that the app is in this org".to_owned()
            }
            (Grant::Jwt { username, .. }, _) if description.contains("approved") => {
                format!("pre-authorise the user {username} for the app, by a profile or permission set")
            }
            (Grant::Jwt { audience, .. }, _) if description.contains("audience") => {
                format!("the audience was {audience}: give the login host of this org as the audience")
            }
            (Grant::Jwt { .. }, _)
                if description.contains("assertion") || description.contains("expired") =>
            {
                "check that the certificate in the app belongs to the private key, and this machine's clock"
                    .to_owned()
            }
            (Grant::Jwt { username, .. }, _) => format!(
                "check the client id, that the user {username} is active and pre-authorised for the app, and that the \
                 certificate in the app belongs to the private key"
            ),
        }
    }
}

#[derive(Deserialize)]
struct Granted {
    access_token: String,
    instance_url: String,
}

#[derive(Deserialize)]
struct Denied {
    error: String,
    error_description: Option<String>,
}

fn granted(answer: &Answer, login: &Url) -> Result<Session, CrmFailure> {
    let unexpected = |what: String| unavailable(own_code::UNEXPECTED_ANSWER, what);
    let granted: Granted = answer.json()?;
    let instance = Url::parse(&granted.instance_url)
        .and_then(|url| Url::parse(&url.origin().ascii_serialization()))
        .map_err(|error| unexpected(format!("{} named an instance that is no URL: {error}", answer.from)))?;
    if instance.scheme() != "https" && login.scheme() == "https" {
        return Err(unexpected(format!(
            "{} named the instance {instance}, which is not https: the token would go out in the clear",
            answer.from
        )));
    }
    if granted.access_token.is_empty() || !granted.access_token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(unexpected(format!("{} gave a token that is none", answer.from)));
    }
    Ok(Session { token: granted.access_token, instance })
}

/// Production and sandboxes each have one audience; a My Domain, and a local CRM, is its own (reference §1.2).
fn default_audience(login: &Url) -> String {
    match login.host_str() {
        Some("login.salesforce.com") => "https://login.salesforce.com".to_owned(),
        Some(host) if host.starts_with("test.") => "https://test.salesforce.com".to_owned(),
        _ => login.origin().ascii_serialization(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::ManualClock;

    fn url(text: &str) -> Url {
        Url::parse(text).expect("URL")
    }

    #[test]
    fn the_audience_follows_the_login_host() {
        let check = |login: &str, audience: &str| assert_eq!(default_audience(&url(login)), audience);
        check("https://login.salesforce.com", "https://login.salesforce.com");
        check("https://test.salesforce.com", "https://test.salesforce.com");
        check("https://acme.my.salesforce.com/", "https://acme.my.salesforce.com");
        check("http://127.0.0.1:8080", "http://127.0.0.1:8080");
    }

    fn sessions(login: &str) -> Sessions {
        let credentials =
            Credentials::ClientCredentials { client_id: "3MVG".into(), client_secret: "hush-hush".into() };
        Sessions::new(url(login), credentials, Arc::new(ManualClock::default())).expect("sound")
    }

    fn answer(status: u16, content_type: &str, body: &str) -> Answer {
        Answer {
            from: "H".into(),
            status,
            content_type: content_type.into(),
            body: body.as_bytes().to_vec(),
            ..Answer::default()
        }
    }

    /// `token at instance`, or `CODE|message`.
    fn shown(login: &str, answer: &Answer) -> String {
        match sessions(login).session_of(answer, "hush-hush") {
            Ok(session) => format!("{} at {}", session.token, session.instance),
            Err(CrmFailure::Unavailable { error, .. }) => format!("{}|{}", error.code, error.message),
            Err(CrmFailure::Refused(errors)) => panic!("a sign-in is never a record's fault: {errors:?}"),
        }
    }

    #[test]
    fn a_grant_names_token_and_instance() {
        let check = |login: &str, body: &str, expected: &str| {
            assert_eq!(shown(login, &answer(200, "application/json", body)), expected, "{body}");
        };
        let grant =
            |instance: &str| format!(r#"{{"access_token":"00D!A.b","instance_url":"{instance}","x":1}}"#);
        check("https://l.h", &grant("https://acme.h/x/"), "00D!A.b at https://acme.h/");
        check("http://127.0.0.1:1", &grant("http://127.0.0.1:1"), "00D!A.b at http://127.0.0.1:1/");
        check(
            "https://l.h",
            &grant("http://acme.h"),
            "UNEXPECTED_ANSWER|H named the instance http://acme.h/, which is not https: the token would go out in the clear",
        );
        check(
            "https://l.h",
            &grant("acme"),
            "UNEXPECTED_ANSWER|H named an instance that is no URL: relative URL without a base",
        );
        check(
            "https://l.h",
            r#"{"access_token":"a\nb","instance_url":"https://a"}"#,
            "UNEXPECTED_ANSWER|H gave a token that is none",
        );
        check(
            "https://l.h",
            "{}",
            "UNEXPECTED_ANSWER|H answered JSON (200) that is cut off or is not Salesforce's: missing field `access_token` at line 1 column 2",
        );
    }

    #[test]
    fn advice_for_a_jwt_names_what_was_sent() {
        let key = std::process::Command::new("openssl")
            .args(["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"])
            .output()
            .expect("openssl is installed");
        let credentials = Credentials::JwtBearer {
            client_id: "3MVG".into(),
            username: "bot@acme".into(),
            private_key_pem: String::from_utf8(key.stdout).expect("PEM"),
            audience: None,
        };
        let sessions = Sessions::new(url("https://l.h"), credentials, Arc::new(ManualClock::default()));
        let sessions = sessions.expect("sound");
        let check = |error: &str, description: Option<&str>, advice: &str| {
            let denied = Denied { error: error.into(), error_description: description.map(str::to_owned) };
            assert_eq!(sessions.advice(&denied), advice, "{error} {description:?}");
        };
        check(
            "invalid_client_id",
            Some("client identifier invalid"),
            "check the client id (consumer key) of the app, and that the app is in this org",
        );
        check(
            "invalid_grant",
            Some("user hasn't approved this consumer"),
            "pre-authorise the user bot@acme for the app, by a profile or permission set",
        );
        check(
            "invalid_grant",
            Some("audience is invalid"),
            "the audience was https://l.h: give the login host of this org as the audience",
        );
        check(
            "invalid_grant",
            Some("invalid assertion"),
            "check that the certificate in the app belongs to the private key, and this machine's clock",
        );
        check(
            "invalid_grant",
            None,
            "check the client id, that the user bot@acme is active and pre-authorised for the app, and that the \
             certificate in the app belongs to the private key",
        );
    }

    #[test]
    fn a_refused_sign_in_tells_what_to_check() {
        let check = |status: u16, content_type: &str, body: &str, expected: &str| {
            assert_eq!(
                shown("https://l.h", &answer(status, content_type, body)),
                expected,
                "{status} {body}"
            );
        };
        let json = "application/json";
        check(
            400,
            json,
            r#"{"error":"invalid_client","error_description":"3MVG: bad secret hush-hush"}"#,
            "SIGN_IN_FAILED|H refused the sign-in: invalid_client (3MVG: bad secret ***); \
             check the client id and the client secret of the app",
        );
        check(
            401,
            json,
            r#"{"error":"invalid_grant"}"#,
            "SIGN_IN_FAILED|H refused the sign-in: invalid_grant; check the client id and secret, that the app allows \
             the client credentials flow with a run-as user, and that the login URL is the org's My Domain",
        );
        for status in [200, 400, 401, 403, 404] {
            check(
                status,
                "text/html; charset=UTF-8",
                "<html>",
                &format!(
                    "UNEXPECTED_ANSWER|H answered HTML (text/html, {status}), not JSON: is this a Salesforce login or \
                     instance URL?"
                ),
            );
        }
        check(
            404,
            json,
            r#"[{"errorCode":"NOT_FOUND","message":"m"}]"#,
            "UNEXPECTED_ANSWER|H answered JSON that is not Salesforce's (application/json, 404): is this a Salesforce \
             login or instance URL?",
        );
        check(
            503,
            "text/html",
            "<html>",
            "UNEXPECTED_ANSWER|H answered HTML (text/html, 503); Salesforce or a proxy before it is down or busy",
        );
    }
}
