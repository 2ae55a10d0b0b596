//! Sign-in: when it happens, how often, under which grant, and what its failures say.

use std::process::Command;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::decide::RowAnswer;
use jobs::crm::CrmFailure;
use jobs::crm::salesforce::{Credentials, SalesforceConfig};
use serde_json::{Value, json as value};

use super::server::{Seen, Server, Step, html, json};
use super::support::{SECRET, client, client_of, config, error, rows, shown, token, upsert_two};

fn authorizations(server: &Server) -> Vec<String> {
    server.seen().iter().map(|seen| seen.header("authorization").replace(SECRET, "")).collect()
}

#[tokio::test]
async fn the_jwt_says_who_for_whom_and_until_when() {
    let key = Command::new("openssl")
        .args(["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"])
        .output()
        .expect("openssl is installed");
    let server = Server::in_order(vec![token("t1"), token("t2")]).await;
    for (audience, expected) in [(None, server.url.as_str()), (Some("https://a.b"), "https://a.b")] {
        let credentials = Credentials::JwtBearer {
            client_id: "3MVG".into(),
            username: "bot@acme".into(),
            private_key_pem: String::from_utf8(key.stdout.clone()).expect("PEM"),
            audience: audience.map(str::to_owned),
        };
        let salesforce = client_of(SalesforceConfig { credentials, ..config(&server.url) });
        assert_eq!(salesforce.sign_in().await, Ok(()));
        let form = server.seen().last().expect("it signed in").body.clone();
        let grant = "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=";
        let assertion = form.strip_prefix(grant).expect("grant type and assertion only");
        let claims = URL_SAFE_NO_PAD.decode(assertion.split('.').nth(1).expect("claims")).expect("base64url");
        let claims: Value = serde_json::from_slice(&claims).expect("JSON");
        assert_eq!(claims, value!({"iss": "3MVG", "sub": "bot@acme", "aud": expected, "exp": 1180}));
    }
}

#[tokio::test]
async fn a_sign_in_is_kept() {
    let server = Server::in_order(vec![token("t1"), rows(".."), rows("..")]).await;
    let salesforce = client(&server);
    assert_eq!(salesforce.sign_in().await, Ok(()));
    assert_eq!(salesforce.sign_in().await, Ok(()));
    for _ in 0..2 {
        assert_eq!(shown(&upsert_two(&salesforce).await.outcome, &server), "done; done");
    }
    assert_eq!(authorizations(&server), ["", "Bearer t1-", "Bearer t1-"]);
}

#[tokio::test]
async fn an_expired_session_is_renewed_once() {
    let expired = || error(401, "INVALID_SESSION_ID");
    let check = async |answers: Vec<Step>, expected: &str, calls: u32, sessions: &[&str]| {
        let server = Server::in_order(answers).await;
        let reply = upsert_two(&client(&server)).await;
        assert_eq!(shown(&reply.outcome, &server), expected);
        assert_eq!(
            (reply.calls, authorizations(&server)),
            (calls, sessions.iter().map(|s| s.to_string()).collect())
        );
    };
    let sessions = ["", "Bearer t1-", "", "Bearer t2-"];
    check(vec![token("t1"), expired(), token("t2"), rows("..")], "done; done", 2, &sessions).await;
    check(vec![token("t1"), html(401), token("t2"), rows("..")], "done; done", 2, &sessions).await;
    check(
        vec![token("t1"), expired(), token("t2"), expired()],
        "unavailable (-): INVALID_SESSION_ID|m",
        2,
        &sessions,
    )
    .await;
    check(
        vec![token("t1"), expired(), token("t2"), html(401)],
        "unavailable (-): SIGN_IN_FAILED|URL refused a session that it had just given (HTML (text/html, 401)); check that \
         the user may use the API",
        2,
        &sessions,
    )
    .await;
    check(
        vec![token("t1"), expired(), json(400, r#"{"error":"invalid_client"}"#)],
        "unavailable (-): SIGN_IN_FAILED|URL refused the sign-in: invalid_client; check the client id and the client secret \
         of the app",
        1,
        &sessions[..3],
    )
    .await;
}

/// Sends eight chunks at once and answers their outcomes.
async fn eight_at_once(server: &Server) -> Vec<Result<Vec<RowAnswer>, CrmFailure>> {
    let salesforce = Arc::new(client(server));
    let call = |_| {
        let salesforce = Arc::clone(&salesforce);
        tokio::spawn(async move { upsert_two(&salesforce).await.outcome })
    };
    let calls: Vec<_> = (0..8).map(call).collect();
    let mut outcomes = Vec::new();
    for call in calls {
        outcomes.push(call.await.expect("no panic"));
    }
    outcomes
}

fn sign_ins(server: &Server) -> usize {
    server.lines().iter().filter(|line| line.ends_with("/token")).count()
}

#[tokio::test]
async fn calls_at_once_share_a_sign_in() {
    let mut given = 0;
    // The first session is expired for everyone.
    let server = Server::start(None, move |seen: &Seen| {
        if seen.line.ends_with("/token") {
            given += 1;
            return token(&format!("t{given}"));
        }
        match seen.header("authorization").contains("t1-") {
            true => error(401, "INVALID_SESSION_ID"),
            false => rows(".."),
        }
    })
    .await;
    for outcome in eight_at_once(&server).await {
        assert_eq!(shown(&outcome, &server), "done; done");
    }
    assert_eq!(sign_ins(&server), 2, "{:?}", server.lines());
}

#[tokio::test]
async fn calls_at_once_share_a_refused_sign_in() {
    let server = Server::start(None, |_: &Seen| json(400, r#"{"error":"invalid_client"}"#)).await;
    for outcome in eight_at_once(&server).await {
        let text = shown(&outcome, &server);
        assert!(text.starts_with("unavailable (-): SIGN_IN_FAILED|"), "{text}");
    }
    assert_eq!(sign_ins(&server), 1, "{:?}", server.lines());
}
