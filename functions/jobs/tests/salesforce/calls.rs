//! Upserts: the requests as they go out, the rows as they come back, what it cost, and TLS.

use std::sync::Arc;

use domain::Operation;
use jobs::crm::ApiUsage;
use jobs::crm::salesforce::SalesforceConfig;
use rcgen::{CertifiedKey, KeyPair, generate_simple_self_signed};
use rustls_pki_types::PrivateKeyDer;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::{self, ServerConfig};

use super::server::{Seen, Server, json, with};
use super::support::{SECRET, client, client_of, config, rows, send, shown, token, upsert_two};

#[tokio::test]
async fn an_upsert_goes_out_as_one_collections_call() {
    let answer = with(rows(".x"), "Sforce-Limit-Info", "api-usage=18/5000; per-app-api-usage=1/2(appName=x)");
    let server = Server::in_order(vec![token("t1"), answer]).await;
    let reply = send(&client(&server), Operation::Upsert, true, &["ä", "2"]).await;
    assert_eq!(shown(&reply.outcome, &server), "done; STRING_TOO_LONG|m");
    assert_eq!((reply.calls, reply.usage), (1, Some(ApiUsage { used: 18, max: 5000 })));

    let [sign_in, upsert] = &server.seen()[..] else { panic!("two requests: {:?}", server.lines()) };
    assert_eq!(sign_in.line, "POST /services/oauth2/token");
    assert_eq!(sign_in.body, format!("grant_type=client_credentials&client_id=3MVG&client_secret={SECRET}"));
    assert_eq!(sign_in.header("content-type"), "application/x-www-form-urlencoded");
    assert_eq!(upsert.line, "PATCH /services/data/v66.0/composite/sobjects/A__c/E__c");
    assert_eq!(
        upsert.body,
        concat!(
            r#"{"allOrNone":true,"records":[{"attributes":{"type":"A__c"},"E__c":"ä","Name":"n ä"},"#,
            r#"{"attributes":{"type":"A__c"},"E__c":"2","Name":"n 2"}]}"#
        )
    );
    let mut headers = upsert.headers.clone();
    headers.sort();
    let host = server.url.trim_start_matches("http://");
    let length = upsert.body.len().to_string();
    let expected = [
        ("accept", "application/json"),
        ("accept-encoding", "identity"),
        ("authorization", &format!("Bearer t1-{SECRET}")),
        ("content-length", &length),
        ("content-type", "application/json"),
        ("host", host),
        ("sforce-auto-assign", "FALSE"),
        ("sforce-call-options", "client=crm-export"),
        ("user-agent", concat!("crm-export/", env!("CARGO_PKG_VERSION"))),
    ];
    assert_eq!(headers, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
}

#[tokio::test]
async fn an_empty_chunk_costs_nothing() {
    let server = Server::in_order(vec![]).await;
    for operation in [Operation::Upsert, Operation::Delete] {
        let reply = send(&client(&server), operation, true, &[]).await;
        assert_eq!((shown(&reply.outcome, &server), reply.calls, reply.usage), (String::new(), 0, None));
    }
    assert_eq!(server.lines(), [""; 0]);
}

#[tokio::test]
async fn the_instance_may_be_another_host() {
    let instance = Server::in_order(vec![rows("..")]).await;
    let grant = format!(r#"{{"access_token":"t","instance_url":"{}"}}"#, instance.url);
    let login = Server::in_order(vec![json(200, grant)]).await;
    let reply = upsert_two(&client(&login)).await;
    assert_eq!(shown(&reply.outcome, &instance), "done; done");
    assert_eq!(instance.lines(), ["PATCH /services/data/v66.0/composite/sobjects/A__c/E__c"]);
    assert_eq!(login.lines(), ["POST /services/oauth2/token"]);
}

/// A certificate for this machine that no one else trusts.
fn certificate() -> CertifiedKey<KeyPair> {
    generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).expect("a certificate")
}

fn acceptor(own: &CertifiedKey<KeyPair>) -> TlsAcceptor {
    let key = PrivateKeyDer::try_from(own.signing_key.serialize_der()).expect("a key");
    let tls = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![own.cert.der().clone()], key)
        .expect("they belong together");
    TlsAcceptor::from(Arc::new(tls))
}

#[tokio::test]
async fn a_root_certificate_of_ones_own_is_trusted_when_it_is_given() {
    let own = certificate();
    let answer = |seen: &Seen| if seen.line.ends_with("/token") { token("t1") } else { rows("..") };
    let server = Server::start(Some(acceptor(&own)), answer).await;
    let trusting = |root: &CertifiedKey<KeyPair>| SalesforceConfig {
        extra_root_pem: Some(root.cert.pem().into_bytes()),
        ..config(&server.url)
    };
    let reply = upsert_two(&client_of(trusting(&own))).await;
    assert_eq!(shown(&reply.outcome, &server), "done; done");

    let reply = upsert_two(&client_of(trusting(&certificate()))).await;
    let text = shown(&reply.outcome, &server);
    assert!(
        text.starts_with(
            "unavailable (-): CONNECTION_FAILED|cannot connect to URL: client error (Connect): invalid peer \
                          certificate: "
        ),
        "{text}"
    );
    assert_eq!(reply.calls, 0);
}
