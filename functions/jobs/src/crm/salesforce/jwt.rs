//! The signed assertion of the JWT bearer flow: RS256 over four claims (reference §1.2). It does not know what time it is.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use rustls_pki_types::PrivateKeyDer;
use rustls_pki_types::pem::PemObject;
use serde_json::json;

use super::error::{SalesforceError, SalesforceErrorKind};

/// Signs with the key of the app's certificate. Holds the secret and has no `Debug`.
pub(super) struct Signer {
    key: RsaKeyPair,
}

/// What the assertion says.
#[derive(Debug, Clone, Copy)]
pub(super) struct Claims<'a> {
    /// `iss`: consumer key of the app.
    pub client_id: &'a str,
    /// `sub`: the export user.
    pub username: &'a str,
    /// `aud`: the login host.
    pub audience: &'a str,
    /// `exp`: seconds since the epoch.
    pub expires_at: i64,
}

impl Signer {
    /// Reads the first private key of a PEM text, PKCS#8 or PKCS#1.
    ///
    /// # Errors
    /// Says what stands there instead of an RSA key of 2048 bits or more.
    pub fn from_pem(pem: &str) -> Result<Self, SalesforceError> {
        let refused = |reason: String| SalesforceError::from(SalesforceErrorKind::PrivateKey(reason));
        let key = PrivateKeyDer::from_pem_slice(pem.as_bytes()).map_err(|_| refused(no_key(pem)))?;
        let key = match &key {
            PrivateKeyDer::Pkcs8(key) => RsaKeyPair::from_pkcs8(key.secret_pkcs8_der()),
            PrivateKeyDer::Pkcs1(key) => RsaKeyPair::from_der(key.secret_pkcs1_der()),
            _ => return Err(refused("it is not an RSA key; Salesforce takes RS256 only".to_owned())),
        };
        key.map(|key| Self { key }).map_err(|error| {
            refused(format!("it is no usable RSA key ({error}); give an RSA key of 2048 to 8192 bits"))
        })
    }

    /// The assertion in its compact form, or `None` when the machine has no randomness (the signature itself needs none:
    /// ring blinds the key operation with it).
    pub fn assertion(&self, claims: Claims<'_>) -> Option<String> {
        let encode = |json: serde_json::Value| URL_SAFE_NO_PAD.encode(json.to_string());
        let header = encode(json!({"alg": "RS256", "typ": "JWT"}));
        let payload = encode(json!({
            "iss": claims.client_id, "sub": claims.username, "aud": claims.audience, "exp": claims.expires_at
        }));
        let signed = format!("{header}.{payload}");
        let mut signature = vec![0; self.key.public().modulus_len()];
        self.key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature).ok()?;
        Some(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }

    /// The public half, for whoever checks a signature.
    #[cfg(test)]
    fn public_key(&self) -> &[u8] {
        self.key.public().as_ref()
    }
}

/// Why no key was found, in words that tell what to do. Never quotes the text.
fn no_key(pem: &str) -> String {
    let found = [
        (
            "BEGIN ENCRYPTED PRIVATE KEY",
            "it is encrypted; decrypt it with `openssl pkcs8 -in KEY -out KEY.plain`",
        ),
        ("BEGIN CERTIFICATE", "it holds a certificate; give the private key that belongs to it"),
        ("BEGIN PUBLIC KEY", "it holds a public key; give the private one"),
        ("BEGIN", "its PEM block is damaged or of another kind; give a block `BEGIN PRIVATE KEY`"),
    ];
    let known = found.iter().find(|(mark, _)| pem.contains(mark)).map(|(_, reason)| *reason);
    known
        .unwrap_or(
            "it is no PEM text; give the content of the key file, `-----BEGIN PRIVATE KEY-----` and on",
        )
        .to_owned()
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use ring::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
    use serde_json::Value;

    use super::*;

    /// Runs `openssl` on `input` and answers what it prints.
    fn openssl(args: &[&str], input: &str) -> String {
        use std::io::Write as _;
        let mut child = Command::new("openssl")
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("openssl is installed");
        child.stdin.take().expect("piped").write_all(input.as_bytes()).expect("openssl reads");
        let output = child.wait_with_output().expect("openssl ends");
        assert!(output.status.success(), "openssl {args:?}");
        String::from_utf8(output.stdout).expect("PEM")
    }

    fn decoded(part: &str) -> Vec<u8> {
        URL_SAFE_NO_PAD.decode(part).expect("base64url")
    }

    #[test]
    fn an_assertion_is_signed_with_either_form_of_the_key() {
        let pkcs8 = openssl(&["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"], "");
        let pkcs1 = openssl(&["rsa", "-traditional"], &pkcs8);
        assert!(pkcs1.contains("BEGIN RSA PRIVATE KEY"), "PKCS#1");
        let claims =
            Claims { client_id: "3MVG", username: "bot@acme", audience: "https://x", expires_at: 180 };
        for pem in [&pkcs8, &pkcs1] {
            let signer = Signer::from_pem(pem).expect("a key");
            let assertion = signer.assertion(claims).expect("signed");
            let parts: Vec<&str> = assertion.split('.').collect();
            assert_eq!(parts.len(), 3, "{assertion}");
            let json = |part: &str| serde_json::from_slice::<Value>(&decoded(part)).expect("JSON");
            assert_eq!(json(parts[0]), json!({"alg": "RS256", "typ": "JWT"}));
            assert_eq!(
                json(parts[1]),
                json!({"iss": "3MVG", "sub": "bot@acme", "aud": "https://x", "exp": 180})
            );
            let signed = format!("{}.{}", parts[0], parts[1]);
            UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, signer.public_key())
                .verify(signed.as_bytes(), &decoded(parts[2]))
                .expect("the signature fits");
        }
    }

    #[test]
    fn what_is_no_key_is_told_without_showing_it() {
        let check = |pem: &str, reason: &str| {
            let error = Signer::from_pem(pem).err().expect("no key").to_string();
            assert_eq!(error, format!("read the Salesforce private key: {reason}"));
        };
        let small = openssl(&["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"], "");
        let curve = openssl(&["ecparam", "-genkey", "-name", "prime256v1", "-noout"], "");
        let locked = openssl(&["pkcs8", "-topk8", "-passout", "pass:x"], &small);
        check(&small, "it is no usable RSA key (TooSmall); give an RSA key of 2048 to 8192 bits");
        check(&curve, "it is not an RSA key; Salesforce takes RS256 only");
        check(&locked, "it is encrypted; decrypt it with `openssl pkcs8 -in KEY -out KEY.plain`");
        check(
            "hush",
            "it is no PEM text; give the content of the key file, `-----BEGIN PRIVATE KEY-----` and on",
        );
        check(
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
            "it holds a certificate; give the private key that belongs to it",
        );
        check(
            "-----BEGIN PRIVATE KEY-----\n!!!",
            "its PEM block is damaged or of another kind; give a block `BEGIN PRIVATE KEY`",
        );
    }
}
