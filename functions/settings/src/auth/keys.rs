//! The issuer's public keys: found by OpenID Connect discovery, kept for an hour, fetched again when a token names a key
//! that is not among them, but never oftener than once a minute.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::Timestamp;
use jobs::clock::Clock;
use reqwest::redirect::Policy;
use reqwest::{Client, Url};
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey,
};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio::sync::Mutex;

/// Keys older than this are fetched again: an issuer that withdrew one is heard.
const KEPT: Duration = Duration::from_secs(3_600);

/// No two fetches are nearer than this.
const FETCH_INTERVAL: Duration = Duration::from_secs(60);

/// The same while no fetch has worked: nobody can sign in until one does.
const FIRST_FETCH_INTERVAL: Duration = Duration::from_secs(5);

const FETCH_TIMEOUT: Duration = Duration::from_secs(5);

/// The largest document that is read, in bytes.
const DOCUMENT_BYTES_MAX: usize = 1_000_000;

/// More keys than this are not kept.
const KEYS_MAX: usize = 100;

/// How tokens may be signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Algorithm {
    Rs256,
    Es256,
}

impl Algorithm {
    /// Reads `alg`.
    pub(super) fn parse(name: &str) -> Option<Self> {
        match name {
            "RS256" => Some(Self::Rs256),
            "ES256" => Some(Self::Es256),
            _ => None,
        }
    }
}

/// Why there is no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KeyError {
    /// The issuer has none of this name for this algorithm.
    Unknown,
    /// The issuer does not answer, and nothing is kept.
    Unreachable,
}

/// A public key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Key {
    kid: String,
    material: Material,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Material {
    Rsa {
        n: Vec<u8>,
        e: Vec<u8>,
    },
    /// Uncompressed point.
    P256(Vec<u8>),
}

impl Key {
    fn algorithm(&self) -> Algorithm {
        match self.material {
            Material::Rsa { .. } => Algorithm::Rs256,
            Material::P256(_) => Algorithm::Es256,
        }
    }

    /// Whether a signature is this key's. RSA keys have at least 2048 bits.
    pub(super) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        let verified = match &self.material {
            Material::Rsa { n, e } => {
                RsaPublicKeyComponents { n, e }.verify(&RSA_PKCS1_2048_8192_SHA256, message, signature)
            }
            Material::P256(point) => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(message, signature)
            }
        };
        verified.is_ok()
    }
}

/// A key as the issuer publishes it (RFC 7517).
#[derive(Debug, Deserialize)]
struct Jwk {
    kty: String,
    kid: Option<String>,
    #[serde(rename = "use")]
    purpose: Option<String>,
    alg: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

impl Jwk {
    /// The key, when it is one for signatures of ours.
    fn read(self) -> Option<Key> {
        let part = |text: Option<String>| {
            let bytes = URL_SAFE_NO_PAD.decode(text?).ok()?;
            // Numbers are written without leading zeros for `ring`.
            Some(bytes)
        };
        if self.purpose.as_deref().is_some_and(|purpose| purpose != "sig") {
            return None;
        }
        let material = match (self.kty.as_str(), self.crv.as_deref()) {
            ("RSA", _) => {
                let trimmed = |bytes: Vec<u8>| bytes.into_iter().skip_while(|byte| *byte == 0).collect();
                Material::Rsa { n: trimmed(part(self.n)?), e: trimmed(part(self.e)?) }
            }
            ("EC", Some("P-256")) => {
                let (x, y) = (part(self.x)?, part(self.y)?);
                if x.len() != 32 || y.len() != 32 {
                    return None;
                }
                Material::P256([&[4], &x[..], &y[..]].concat())
            }
            _ => return None,
        };
        let key = Key { kid: self.kid?, material };
        let fits = self.alg.is_none_or(|alg| Algorithm::parse(&alg) == Some(key.algorithm()));
        fits.then_some(key)
    }
}

/// What the issuer says of itself.
#[derive(Debug, Clone, Deserialize)]
struct Discovery {
    issuer: String,
    jwks_uri: String,
    authorization_endpoint: Option<String>,
    token_endpoint: Option<String>,
}

#[derive(Debug, Deserialize)]
struct JwkSet {
    keys: Vec<serde_json::Value>,
}

/// The keys of one issuer.
pub(super) struct Keys {
    issuer: String,
    clock: Arc<dyn Clock>,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    client: Option<Client>,
    discovery: Option<Discovery>,
    keys: Vec<Arc<Key>>,
    fetched: Option<Timestamp>,
    tried: Option<Timestamp>,
}

impl Keys {
    pub(super) fn new(issuer: &str, clock: Arc<dyn Clock>) -> Self {
        Self { issuer: issuer.to_owned(), clock, kept: Mutex::default() }
    }

    /// The key of this name. Requests that need a fetch wait for one together.
    pub(super) async fn find(&self, kid: &str, algorithm: Algorithm) -> Result<Arc<Key>, KeyError> {
        let mut kept = self.kept.lock().await;
        let found = |kept: &Kept| {
            kept.keys.iter().find(|key| key.kid == kid && key.algorithm() == algorithm).cloned()
        };
        if let Some(key) = found(&kept).filter(|_| !kept.is_old(self.clock.now())) {
            return Ok(key);
        }
        self.refresh(&mut kept).await;
        let nothing = if kept.fetched.is_some() { KeyError::Unknown } else { KeyError::Unreachable };
        found(&kept).ok_or(nothing)
    }

    /// Where people sign in and where codes become tokens.
    pub(super) async fn endpoints(&self) -> Option<(String, String)> {
        let mut kept = self.kept.lock().await;
        if kept.discovery.is_none() {
            self.refresh(&mut kept).await;
        }
        let discovery = kept.discovery.as_ref()?;
        Some((discovery.authorization_endpoint.clone()?, discovery.token_endpoint.clone()?))
    }

    /// Fetches once more, unless that was tried a moment ago. What is kept stays when it fails.
    async fn refresh(&self, kept: &mut Kept) {
        let now = self.clock.now();
        let interval = if kept.fetched.is_some() { FETCH_INTERVAL } else { FIRST_FETCH_INTERVAL };
        // A clock that jumped back must not keep keys out for as long.
        if kept.tried.is_some_and(|tried| now >= tried && now.since(tried) < interval) {
            return;
        }
        kept.tried = Some(now);
        match self.fetch(kept).await {
            Ok((discovery, keys)) => {
                (kept.discovery, kept.keys, kept.fetched) = (Some(discovery), keys, Some(now));
            }
            Err(why) => tracing::error!(issuer = self.issuer, why, "the issuer's keys cannot be fetched"),
        }
    }

    async fn fetch(&self, kept: &mut Kept) -> Result<(Discovery, Vec<Arc<Key>>), String> {
        let client = match &kept.client {
            Some(client) => client.clone(),
            None => kept.client.insert(client(&self.issuer)?).clone(),
        };
        let place = format!("{}/.well-known/openid-configuration", self.issuer.trim_end_matches('/'));
        let discovery: Discovery = document(&client, &place).await?;
        if discovery.issuer != self.issuer {
            return Err(format!("{place} speaks of the issuer {}", discovery.issuer));
        }
        if !may_fetch(&discovery.jwks_uri) {
            return Err(format!("{place} names {} for its keys, which is no https URL", discovery.jwks_uri));
        }
        let set: JwkSet = document(&client, &discovery.jwks_uri).await?;
        // A key of a kind that is not known here is no reason to know none.
        let read = |key| serde_json::from_value::<Jwk>(key).ok().and_then(Jwk::read).map(Arc::new);
        let keys: Vec<Arc<Key>> = set.keys.into_iter().filter_map(read).take(KEYS_MAX).collect();
        Ok((discovery, keys))
    }
}

impl Kept {
    fn is_old(&self, now: Timestamp) -> bool {
        self.fetched.is_none_or(|fetched| now.since(fetched) >= KEPT)
    }
}

/// Whether keys may come from there: by https, or from this machine.
pub(super) fn may_fetch(url: &str) -> bool {
    let Ok(url) = Url::parse(url) else { return false };
    let local = matches!(url.host_str(), Some("127.0.0.1" | "[::1]" | "localhost"));
    url.scheme() == "https" || (url.scheme() == "http" && local)
}

fn client(issuer: &str) -> Result<Client, String> {
    // Whoever came first in this process keeps its provider; without any, reqwest would not start.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = Client::builder().redirect(Policy::none()).timeout(FETCH_TIMEOUT);
    if issuer.starts_with("http://") {
        // On this machine: it must run where there are no CA certificates at all.
        builder = builder.tls_certs_only([]).no_proxy();
    }
    builder.build().map_err(|error| error.to_string())
}

async fn document<T: DeserializeOwned>(client: &Client, url: &str) -> Result<T, String> {
    let failed = |error: reqwest::Error| format!("{url}: {error}");
    let mut response = client.get(url).send().await.map_err(failed)?;
    if !response.status().is_success() {
        return Err(format!("{url} answers {}", response.status()));
    }
    let mut body = Vec::new();
    while let Some(piece) = response.chunk().await.map_err(failed)? {
        if body.len() + piece.len() > DOCUMENT_BYTES_MAX {
            return Err(format!("{url} answers more than {DOCUMENT_BYTES_MAX} bytes"));
        }
        body.extend_from_slice(&piece);
    }
    serde_json::from_slice(&body).map_err(|error| format!("{url}: {error}"))
}
