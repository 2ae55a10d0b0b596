//! JSON web tokens: what is let in, and everything that is not.

use std::sync::Arc;
use std::time::Duration;

use ::settings::auth::{Auth, Jwt, JwtConfig, Signed};
use reqwest::Method;
use serde_json::{Value, json};

use crate::issuer::{Issuer, Signer, text};
use crate::world::{Answer, World, noon};

struct Case {
    world: World,
    issuer: Issuer,
    rsa: Signer,
    p256: Signer,
}

impl Case {
    async fn new() -> Self {
        let (rsa, p256) = (Signer::rsa(), Signer::p256());
        let unknown_kind = json!({"kty": "OKP", "crv": "Ed25519", "kid": "ed", "x": "AAAA"});
        let issuer = Issuer::start(vec![unknown_kind, json!(7), rsa.jwk("r1"), p256.jwk("e1")]).await;
        let config = JwtConfig {
            issuer: issuer.url.clone(),
            audience: "crm-export-api".into(),
            client: Some("pages".into()),
        };
        let world = World::with(
            |clock, _| Auth::Jwt(Arc::new(Jwt::new(config, clock).expect("an issuer"))),
            |api| api,
        )
        .await;
        Self { world, issuer, rsa, p256 }
    }

    fn claims(&self) -> Value {
        let now = noon().millis() / 1000;
        json!({
            "iss": self.issuer.url, "aud": "crm-export-api", "exp": now + 300, "iat": now,
            "scope": "crm-export/read crm-export/write", "crm_export_account": "acme",
        })
    }

    fn with(&self, claim: &str, value: Value) -> Value {
        let mut claims = self.claims();
        claims[claim] = value;
        claims
    }

    fn good(&self) -> String {
        self.rsa.token(&json!({"alg": "RS256", "kid": "r1", "typ": "JWT"}), &self.claims())
    }

    async fn ask(&self, method: Method, path: &str, token: &str) -> Answer {
        let request =
            self.world.write(method, path, &json!({})).header("Authorization", format!("Bearer {token}"));
        self.world.send(request).await
    }

    async fn refused(&self, token: &str, said: &str) {
        for (method, path) in [(Method::GET, "/api/jobs"), (Method::POST, "/api/jobs/resume")] {
            let answer = self.ask(method, path, token).await;
            let detail = answer.problem(401, "unauthorized");
            assert!(detail.contains(said), "{detail} ({token})");
            assert!(answer.header("www-authenticate").starts_with("Bearer realm=\"crm-export\""));
        }
        assert_eq!(self.world.asked(), Vec::<String>::new());
    }
}

#[tokio::test]
async fn good_tokens_of_both_kinds_are_let_in() {
    let case = Case::new().await;
    let of_p256 = case.p256.token(&json!({"alg": "ES256", "kid": "e1"}), &case.claims());
    for token in [case.good(), of_p256] {
        assert_eq!(case.ask(Method::GET, "/api/jobs", &token).await.status, 200);
        assert_eq!(case.ask(Method::POST, "/api/jobs/resume", &token).await.status, 202);
    }
    assert_eq!(case.issuer.fetches(), 1, "the keys are kept");
    let request = case.world.write(Method::GET, "/api/jobs", &json!({}));
    let without = case.world.send(request).await;
    without.problem(401, "unauthorized");
    assert_eq!(without.header("www-authenticate"), "Bearer realm=\"crm-export\"");
}

#[tokio::test]
async fn forged_tokens_are_refused() {
    let case = Case::new().await;
    let (head, claims) = (json!({"alg": "RS256", "kid": "r1"}), case.claims());
    let good = case.good();
    let (signed, signature) = good.rsplit_once('.').expect("three parts");

    // Unsigned, in each way of writing it.
    for alg in ["none", "None", "NONE", ""] {
        let head = text(json!({"alg": alg, "kid": "r1"}).to_string());
        let claims = text(claims.to_string());
        case.refused(&format!("{head}.{claims}."), "RS256 or ES256").await;
        case.refused(&format!("{head}.{claims}.{signature}"), "RS256 or ES256").await;
    }
    // The public key taken for a shared secret.
    for alg in ["HS256", "PS256", "RS384", "ES384", "EdDSA"] {
        case.refused(&case.rsa.token(&json!({"alg": alg, "kid": "r1"}), &claims), "RS256 or ES256").await;
    }
    // Another's key under a known name, and a known key under another's algorithm.
    case.refused(&Signer::p256().token(&json!({"alg": "ES256", "kid": "e1"}), &claims), "signature").await;
    case.refused(&case.p256.token(&json!({"alg": "ES256", "kid": "r1"}), &claims), "does not know").await;
    case.refused(&case.p256.token(&json!({"alg": "RS256", "kid": "r1"}), &claims), "signature").await;
    // Claims changed after signing.
    let mine = json!({"iss": case.issuer.url, "crm_export_account": "acme"});
    let (good_head, _) = signed.split_once('.').expect("two parts");
    case.refused(&format!("{good_head}.{}.{signature}", text(mine.to_string())), "signature").await;
    // Keys that the token brings itself.
    let own = json!({"alg": "ES256", "kid": "mine", "jwk": case.p256.jwk("mine"), "jku": "http://127.0.0.1:1/keys"});
    case.refused(&case.p256.token(&own, &claims), "does not know").await;
    case.refused(&case.rsa.token(&json!({"alg": "RS256"}), &claims), "kid").await;
    let critical = json!({"alg": "RS256", "kid": "r1", "crit": ["exp"], "exp": 1});
    case.refused(&case.rsa.token(&critical, &claims), "cannot be read").await;
    for broken in [
        "",
        "a",
        "a.b",
        "a.b.c",
        "....",
        &format!("{signed}.AAAA"),
        &good[..good.len() - 4],
        &format!("{good}.x"),
    ] {
        case.refused(broken, "token").await;
    }
    case.refused(&case.rsa.token(&head, &json!([1])), "cannot be read").await;
    case.refused(&"x".repeat(20_000), "too long").await;
}

#[tokio::test]
async fn claims_that_do_not_fit_are_refused() {
    let case = Case::new().await;
    let now = noon().millis() / 1000;
    let head = json!({"alg": "RS256", "kid": "r1"});
    let token = |claim: &str, value| case.rsa.token(&head, &case.with(claim, value));
    case.refused(&token("exp", json!(now - 61)), "expired").await;
    case.refused(&token("exp", Value::Null), "expired").await;
    case.refused(&token("nbf", json!(now + 120)), "not good yet").await;
    case.refused(&token("iss", json!("https://evil.example")), "another issuer").await;
    case.refused(&token("aud", json!("other-api")), "another audience").await;

    let (read, write) = (token("scope", json!("crm-export/read")), token("scope", json!("crm-export/write")));
    assert_eq!(case.ask(Method::GET, "/api/jobs", &read).await.status, 200);
    let lacks = case.ask(Method::POST, "/api/jobs/resume", &read).await;
    lacks.problem(403, "forbidden");
    assert!(
        lacks.header("www-authenticate").contains("error=\"insufficient_scope\", scope=\"crm-export/write\"")
    );
    case.ask(Method::PUT, "/api/settings", &read).await.problem(403, "forbidden");
    case.ask(Method::POST, "/api/records", &read).await.problem(403, "forbidden");
    case.ask(Method::GET, "/api/errors", &write).await.problem(403, "forbidden");
    for account in [json!("other"), json!("ACME"), json!(["acme"]), Value::Null] {
        let other = token("crm_export_account", account);
        case.ask(Method::GET, "/api/jobs", &other).await.problem(403, "forbidden");
        case.ask(Method::POST, "/api/jobs/resume", &other).await.problem(403, "forbidden");
        assert_eq!(case.ask(Method::GET, "/api/session", &other).await.json().get("account"), None);
    }
    assert_eq!(case.world.asked(), Vec::<String>::new());
    // The same token an hour later.
    let good = case.good();
    assert_eq!(case.ask(Method::GET, "/api/jobs", &good).await.status, 200);
    case.world.clock.advance(Duration::from_secs(3_600));
    case.refused(&good, "expired").await;
}

#[tokio::test]
async fn new_keys_are_found_and_old_ones_forgotten() {
    let case = Case::new().await;
    assert_eq!(case.ask(Method::GET, "/api/jobs", &case.good()).await.status, 200);
    let next = Signer::p256();
    let token = next.token(&json!({"alg": "ES256", "kid": "e2"}), &case.claims());
    case.issuer.publish(vec![next.jwk("e2")]);
    assert_eq!(case.issuer.fetches(), 1);
    // Within a minute of the last fetch nobody can make us fetch, with whatever names.
    for kid in ["e2", "x", "y"] {
        let forged = next.token(&json!({"alg": "ES256", "kid": kid}), &case.claims());
        case.refused(&forged, "does not know").await;
    }
    assert_eq!(case.issuer.fetches(), 0);
    case.world.clock.advance(Duration::from_secs(60));
    assert_eq!(case.ask(Method::GET, "/api/jobs", &token).await.status, 200);
    assert_eq!(case.issuer.fetches(), 1);
    case.refused(&case.good(), "does not know").await;
}

#[tokio::test]
async fn an_issuer_that_is_away_lets_nobody_in_and_nobody_out() {
    let case = Case::new().await;
    case.issuer.down(true);
    let answer = case.ask(Method::GET, "/api/jobs", &case.good()).await;
    assert_eq!((answer.header("retry-after"), answer.status), ("5", 503));
    answer.problem(503, "unavailable");
    case.issuer.down(false);
    case.world.clock.advance(Duration::from_secs(5));
    assert_eq!(case.ask(Method::GET, "/api/jobs", &case.good()).await.status, 200);
    // Two hours later the keys are old, but known.
    case.issuer.down(true);
    case.world.clock.advance(Duration::from_secs(7_200));
    let later = case.rsa.token(
        &json!({"alg": "RS256", "kid": "r1"}),
        &case.with("exp", json!(noon().millis() / 1000 + 9_000)),
    );
    assert_eq!(case.ask(Method::GET, "/api/jobs", &later).await.status, 200);
}

#[tokio::test]
async fn an_issuer_that_speaks_of_another_is_not_believed() {
    for (member, value) in [
        ("issuer", "https://evil.example"),
        ("jwks_uri", "http://evil.example/keys"),
        ("jwks_uri", "file:///etc"),
    ] {
        let case = Case::new().await;
        case.issuer.says(member, value);
        case.ask(Method::GET, "/api/jobs", &case.good()).await.problem(503, "unavailable");
    }
    let (_, clock) = ((), Arc::new(::jobs::clock::ManualClock::at(noon())));
    for issuer in ["http://evil.example", "ftp://x", "", "https://x?y", "issuer"] {
        let config = JwtConfig { issuer: issuer.into(), audience: "a".into(), client: None };
        assert!(Jwt::new(config, clock.clone()).is_err(), "{issuer}");
    }
}

#[tokio::test]
async fn a_page_learns_where_to_sign_in() {
    let case = Case::new().await;
    let session = case.world.get("/api/session").await.json();
    let url = &case.issuer.url;
    assert_eq!(session.get("account"), None, "nobody is signed in");
    assert_eq!(
        (&session["auth"], &session["issuer"], &session["clientId"]),
        (&json!("jwt"), &json!(url), &json!("pages"))
    );
    let endpoints = (&session["authorizationEndpoint"], &session["tokenEndpoint"]);
    assert_eq!(endpoints, (&json!(format!("{url}/authorize")), &json!("https://tokens.example/token")));
    assert_eq!(case.ask(Method::GET, "/api/session", &case.good()).await.json()["account"], "acme");
    let policy = case.world.get("/settings/crm").await;
    let policy = policy.header("content-security-policy");
    assert!(policy.contains(&format!("connect-src 'self' {url} https://tokens.example; ")), "{policy}");
    let api = case.world.get("/api/openapi.json").await.json();
    assert_eq!(api["paths"]["/api/settings"]["put"]["security"], json!([{"token": ["crm-export/write"]}]));
}

#[tokio::test]
async fn without_api_gateways_word_a_signed_route_is_closed() {
    let world = World::with(|_, _| Auth::Iam, |api| api).await;
    let answer = world.get("/api/jobs").await;
    answer.problem(401, "unauthorized");
    assert_eq!(answer.header("www-authenticate"), "AWS4-HMAC-SHA256");
    let claimed =
        world.request(Method::GET, "/api/jobs").header("Authorization", "AWS4-HMAC-SHA256 Credential=x");
    world.send(claimed).await.problem(401, "unauthorized");
    let _known_to_the_function_alone = Signed { caller: "arn".into() };
    assert_eq!(world.get("/api/session").await.json()["auth"], "iam");
}
