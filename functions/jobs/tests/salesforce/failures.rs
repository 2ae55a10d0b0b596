//! Servers that refuse, are down, or are no Salesforce: what the caller is told, and that the session outlives it.

use std::time::Duration;

use jobs::clock::SystemClock;
use jobs::crm::salesforce::{Salesforce, SalesforceConfig};

use super::server::{Server, Step, html, json, with};
use super::support::{client, client_of, config, error, rows, shown, token, upsert_two};

/// One failed call after a sign-in, then one that goes well under the same session.
async fn check(step: Step, expected: &str) {
    let server = Server::in_order(vec![token("t1"), step, rows("..")]).await;
    let salesforce =
        client_of(SalesforceConfig { timeout: Duration::from_millis(3_500), ..config(&server.url) });
    let reply = upsert_two(&salesforce).await;
    assert_eq!((shown(&reply.outcome, &server).as_str(), reply.calls), (expected, 1));
    let reply = upsert_two(&salesforce).await;
    assert_eq!((shown(&reply.outcome, &server).as_str(), reply.calls), ("done; done", 1), "after {expected}");
}

#[tokio::test]
async fn a_call_that_is_not_answered_row_by_row() {
    check(error(400, "INVALID_FIELD"), "refused: INVALID_FIELD|m").await;
    check(error(404, "NOT_FOUND"), "refused: NOT_FOUND|m").await;
    check(error(403, "REQUEST_LIMIT_EXCEEDED"), "unavailable (-): REQUEST_LIMIT_EXCEEDED|m").await;
    check(
        with(error(503, "SERVER_UNAVAILABLE"), "Retry-After", "120"),
        "unavailable (120): SERVER_UNAVAILABLE|m",
    )
    .await;
    check(
        html(200),
        "unavailable (-): UNEXPECTED_ANSWER|URL answered HTML (text/html, 200), not JSON: is this a Salesforce login or \
         instance URL?",
    )
    .await;
    check(json(300, "[]"), concat!(
        "unavailable (-): UNEXPECTED_ANSWER|URL answered a redirect (300) to nowhere, which is not followed; if the org has ",
        "moved, give that host as the login URL"
    ))
    .await;
    check(rows("."), "unavailable (-): UNEXPECTED_ANSWER|URL answered 1 rows to 2 records").await;
}

#[tokio::test]
async fn a_redirect_is_told_and_not_followed() {
    let elsewhere = Server::in_order(vec![]).await;
    let to = format!("{}/x?sid=1", elsewhere.url);
    let expected = format!(
        "unavailable (-): UNEXPECTED_ANSWER|URL answered a redirect (302) to {}/x, which is not followed; if the org has \
         moved, give that host as the login URL",
        elsewhere.url
    );
    check(with(json(302, ""), "Location", to), &expected).await;
    assert_eq!(elsewhere.lines(), [""; 0]);
}

#[tokio::test]
async fn a_connection_that_breaks() {
    check(
        Step::Drop,
        "unavailable (-): CONNECTION_FAILED|the connection to URL broke off: client error (SendRequest): connection closed \
         before message completed",
    )
    .await;
    check(
        Step::Truncate(r#"[{"success":true}"#.into(), 10),
        "unavailable (-): CONNECTION_FAILED|the connection to URL broke off: request or response body error: error reading \
         a body from connection: end of file before message length reached",
    )
    .await;
    check(Step::Silence, "unavailable (-): CONNECTION_FAILED|URL did not answer within 3.5 s").await;
    check(
        json(200, "x".repeat(20_000_001)),
        "unavailable (-): UNEXPECTED_ANSWER|URL answered more than 20 MB",
    )
    .await;
}

#[tokio::test]
async fn a_sign_in_that_fails() {
    let check = async |step: Step, expected: &str| {
        let server = Server::in_order(vec![step, token("t1"), rows("..")]).await;
        let salesforce = client(&server);
        let reply = upsert_two(&salesforce).await;
        assert_eq!((shown(&reply.outcome, &server).as_str(), reply.calls), (expected, 0));
        let reply = upsert_two(&salesforce).await;
        assert_eq!(shown(&reply.outcome, &server), "done; done", "the next call tries again");
    };
    check(
        json(400, r#"{"error":"invalid_grant","error_description":"no client credentials user enabled"}"#),
        "unavailable (-): SIGN_IN_FAILED|URL refused the sign-in: invalid_grant (no client credentials user enabled); check \
         the client id and secret, that the app allows the client credentials flow with a run-as user, and that the login \
         URL is the org's My Domain",
    )
    .await;
    check(
        html(200),
        "unavailable (-): UNEXPECTED_ANSWER|URL answered HTML (text/html, 200), not JSON: is this a Salesforce login or \
         instance URL?",
    )
    .await;
    check(
        with(html(503), "Retry-After", "60"),
        "unavailable (60): UNEXPECTED_ANSWER|URL answered HTML (text/html, 503); Salesforce or a proxy before it is down or \
         busy",
    )
    .await;
    check(Step::Silence, "unavailable (-): CONNECTION_FAILED|URL did not answer within 2 s").await;
}

#[tokio::test]
async fn a_host_that_is_not_there() {
    let server = Server::in_order(vec![]).await;
    let closed =
        std::net::TcpListener::bind("127.0.0.1:0").expect("a free port").local_addr().expect("bound");
    // In the words of this operating system.
    let refused = std::net::TcpStream::connect(closed).expect_err("nobody listens");
    let reply = upsert_two(&client_of(config(&format!("http://{closed}")))).await;
    let expected = format!(
        "unavailable (-): CONNECTION_FAILED|cannot connect to http://{closed}: client error (Connect): tcp connect error: \
         {refused}; check the address and the network"
    );
    assert_eq!((shown(&reply.outcome, &server), reply.calls), (expected, 0));
}

#[test]
fn a_configuration_that_cannot_work() {
    let check = |config: SalesforceConfig, expected: &str| {
        let error = Salesforce::new(config, std::sync::Arc::new(SystemClock)).err().expect("refused");
        assert_eq!(error.to_string(), expected);
    };
    let good = || config("https://acme.my.salesforce.com");
    check(
        config("acme"),
        "read the Salesforce login URL `acme`: relative URL without a base; give one such as \
         https://login.salesforce.com or https://acme.my.salesforce.com",
    );
    check(
        SalesforceConfig { api_version: "v66".into(), ..good() },
        "use Salesforce API version `v66`: give a version such as 66.0, at least 46.0",
    );
    check(
        SalesforceConfig { extra_root_pem: Some(b"x".to_vec()), ..good() },
        "read the extra root certificates: there is none; give one or more PEM blocks `BEGIN CERTIFICATE`",
    );
}
