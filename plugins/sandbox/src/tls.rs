//! https with a certificate that the sandbox makes for itself, for clients that cannot speak plain http.
//!
//! The certificate is made anew at every start and holds for localhost only.

use std::sync::Arc;

use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::TlsAcceptor;

use crate::config::SandboxError;

/// Something that speaks TLS, and its certificate.
pub struct Tls {
    /// Takes connections.
    pub acceptor: TlsAcceptor,
    /// What clients have to trust.
    pub certificate_pem: String,
}

/// Makes a certificate for `localhost`, `127.0.0.1` and `::1`.
pub fn make() -> Result<Tls, SandboxError> {
    let failed = |error: &dyn std::fmt::Display| SandboxError::Certificate(error.to_string());
    let names = ["localhost", "127.0.0.1", "::1"].map(str::to_owned);
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(names).map_err(|error| failed(&error))?;
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(signing_key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(vec![cert.der().clone()], key))
        .map_err(|error| failed(&error))?;
    Ok(Tls { acceptor: TlsAcceptor::from(Arc::new(config)), certificate_pem: cert.pem() })
}
