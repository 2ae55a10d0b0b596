//! An issuer on loopback: discovery, a key set that can be changed, and tokens signed with its keys.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use serde_json::{Value, json};
use settings::server::Server;
use tokio::net::TcpListener;

/// Protects nothing: it signs tokens in these tests alone.
const RSA_PEM: &str = include_str!("rsa.pem");

pub fn text(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// A key that signs.
pub enum Signer {
    Rsa(RsaKeyPair),
    P256(EcdsaKeyPair),
}

impl Signer {
    pub fn rsa() -> Self {
        let base64: String = RSA_PEM.lines().filter(|line| !line.starts_with('-')).collect();
        let der = STANDARD.decode(base64).expect("PEM");
        Self::Rsa(RsaKeyPair::from_pkcs8(&der).expect("a key"))
    }

    pub fn p256() -> Self {
        let random = SystemRandom::new();
        let der = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).expect("made");
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der.as_ref(), &random);
        Self::P256(key.expect("a key"))
    }

    /// The public key as an issuer publishes it.
    pub fn jwk(&self, kid: &str) -> Value {
        match self {
            Self::Rsa(key) => {
                let parts = ring::rsa::PublicKeyComponents::<Vec<u8>>::from(key.public());
                json!({"kty": "RSA", "use": "sig", "alg": "RS256", "kid": kid, "n": text(parts.n), "e": text(parts.e)})
            }
            Self::P256(key) => {
                let point = key.public_key().as_ref();
                json!({"kty": "EC", "crv": "P-256", "kid": kid, "x": text(&point[1..33]), "y": text(&point[33..])})
            }
        }
    }

    pub fn sign(&self, message: &str) -> Vec<u8> {
        let random = SystemRandom::new();
        match self {
            Self::Rsa(key) => {
                let mut signature = vec![0; key.public().modulus_len()];
                key.sign(&RSA_PKCS1_SHA256, &random, message.as_bytes(), &mut signature).expect("signed");
                signature
            }
            Self::P256(key) => key.sign(&random, message.as_bytes()).expect("signed").as_ref().to_vec(),
        }
    }

    /// A token with this head and these claims.
    pub fn token(&self, head: &Value, claims: &Value) -> String {
        let signed = format!("{}.{}", text(head.to_string()), text(claims.to_string()));
        let signature = text(self.sign(&signed));
        format!("{signed}.{signature}")
    }
}

/// What the issuer answers.
#[derive(Default)]
struct Published {
    discovery: Mutex<Value>,
    keys: Mutex<Vec<Value>>,
    down: Mutex<bool>,
    fetches: AtomicUsize,
}

pub struct Issuer {
    pub url: String,
    published: Arc<Published>,
    _server: Server,
}

impl Issuer {
    pub async fn start(keys: Vec<Value>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let discovery = json!({
            "issuer": url, "jwks_uri": format!("{url}/keys"), "authorization_endpoint": format!("{url}/authorize"),
            "token_endpoint": "https://tokens.example/token",
        });
        let published = Arc::new(Published { discovery: Mutex::new(discovery), ..Published::default() });
        *published.keys.lock().expect("whole") = keys;
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(discover))
            .route("/keys", get(list))
            .with_state(published.clone());
        let server = Server::start(listener, router).expect("serves");
        Self { url, published, _server: server }
    }

    pub fn publish(&self, keys: Vec<Value>) {
        *self.published.keys.lock().expect("whole") = keys;
    }

    pub fn says(&self, member: &str, value: &str) {
        self.published.discovery.lock().expect("whole")[member] = json!(value);
    }

    pub fn down(&self, down: bool) {
        *self.published.down.lock().expect("whole") = down;
    }

    /// How often the keys were fetched since the last time this was asked.
    pub fn fetches(&self) -> usize {
        self.published.fetches.swap(0, Ordering::Relaxed)
    }
}

async fn discover(State(published): State<Arc<Published>>) -> Result<String, StatusCode> {
    if *published.down.lock().expect("whole") {
        return Err(StatusCode::BAD_GATEWAY);
    }
    Ok(published.discovery.lock().expect("whole").to_string())
}

async fn list(State(published): State<Arc<Published>>) -> String {
    published.fetches.fetch_add(1, Ordering::Relaxed);
    json!({"keys": *published.keys.lock().expect("whole")}).to_string()
}
