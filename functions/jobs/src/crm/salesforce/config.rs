//! What a Salesforce client must be told. Checks what can be checked without a connection; reads no file and no
//! environment.

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use reqwest::Url;

use super::error::{SalesforceError, SalesforceErrorKind};

/// The oldest API version with upserts of many records in one call (reference §2.3).
const API_VERSION_MIN: u32 = 46;

/// Where Salesforce is and who we are there.
#[derive(Debug, Clone)]
pub struct SalesforceConfig {
    /// `https://login.salesforce.com`, `https://test.salesforce.com` or the org's My Domain. A path is ignored.
    pub login_url: String,
    /// How to sign in.
    pub credentials: Credentials,
    /// REST API version, `66.0`.
    pub api_version: String,
    /// The longest wait for one answer, its body included. A sign-in waits 30 s at most, a connection 10 s.
    pub timeout: Duration,
    /// Root certificates (PEM) that are trusted besides the system's, for a proxy or a local CRM.
    pub extra_root_pem: Option<Vec<u8>>,
}

impl SalesforceConfig {
    /// With the defaults: API version 66.0, 110 s for an answer, the system's root certificates.
    pub fn new(login_url: impl Into<String>, credentials: Credentials) -> Self {
        Self {
            login_url: login_url.into(),
            credentials,
            api_version: "66.0".to_owned(),
            timeout: Duration::from_secs(110),
            extra_root_pem: None,
        }
    }
}

/// How to sign in. Its `Debug` shows no secret.
#[derive(Clone)]
pub enum Credentials {
    /// OAuth JWT bearer: a user who is pre-authorised for the app (reference §1.2).
    JwtBearer {
        /// Consumer key of the app.
        client_id: String,
        /// User name of the export user.
        username: String,
        /// RSA key of the app's certificate: PEM, PKCS#8 or PKCS#1, at least 2048 bits, not encrypted.
        private_key_pem: String,
        /// Who the token is for. Without it: login.salesforce.com, test.salesforce.com, or else the login URL itself.
        audience: Option<String>,
    },
    /// OAuth client credentials: the app's own run-as user (reference §1.3). Works at a My Domain only.
    ClientCredentials {
        /// Consumer key of the app.
        client_id: String,
        /// Consumer secret of the app.
        client_secret: String,
    },
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::JwtBearer { client_id, username, audience, .. } => f
                .debug_struct("JwtBearer")
                .field("client_id", client_id)
                .field("username", username)
                .field("audience", audience)
                .finish_non_exhaustive(),
            Self::ClientCredentials { client_id, .. } => {
                f.debug_struct("ClientCredentials").field("client_id", client_id).finish_non_exhaustive()
            }
        }
    }
}

/// The login URL reduced to scheme, host and port: people paste it with a path, and the token's path is always the same.
pub(super) fn login_origin(given: &str) -> Result<Url, SalesforceError> {
    let refused = |reason: &str| {
        // A password before the `@` must not come out in a message.
        let shown = given.rsplit('@').next().unwrap_or_default().to_owned();
        SalesforceError::from(SalesforceErrorKind::LoginUrl { given: shown, reason: reason.to_owned() })
    };
    let url = Url::parse(given.trim()).map_err(|error| refused(&error.to_string()))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(refused("it must begin with https:// (http:// for a local CRM)"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(refused("it must not hold a user name or password"));
    }
    Url::parse(&url.origin().ascii_serialization()).map_err(|error| refused(&error.to_string()))
}

/// Reads the API version.
pub(super) fn checked_version(given: &str) -> Result<String, SalesforceError> {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let whole = given.split_once('.').filter(|(whole, part)| digits(whole) && digits(part));
    match whole.and_then(|(whole, _)| whole.parse::<u32>().ok()) {
        Some(version) if version >= API_VERSION_MIN => Ok(given.to_owned()),
        _ => Err(SalesforceErrorKind::ApiVersion { given: given.to_owned() }.into()),
    }
}

/// Whether the URL names this very machine.
pub(super) fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_url_is_reduced_to_its_origin() {
        let check = |given: &str, expected: Result<&str, &str>| {
            let found = login_origin(given).map(|url| url.to_string()).map_err(|error| error.to_string());
            let advice = "give one such as https://login.salesforce.com or https://acme.my.salesforce.com";
            let expected = expected
                .map(str::to_owned)
                .map_err(|text| format!("read the Salesforce login URL {text}; {advice}"));
            assert_eq!(found, expected, "{given}");
        };
        check("https://login.salesforce.com", Ok("https://login.salesforce.com/"));
        check(" https://acme.my.salesforce.com/ ", Ok("https://acme.my.salesforce.com/"));
        check(
            "https://Acme.my.salesforce.com/services/oauth2/token?x=1#y",
            Ok("https://acme.my.salesforce.com/"),
        );
        check("http://127.0.0.1:8080", Ok("http://127.0.0.1:8080/"));
        check("login.salesforce.com", Err("`login.salesforce.com`: relative URL without a base"));
        check("https://", Err("`https://`: empty host"));
        check("ftp://a.b", Err("`ftp://a.b`: it must begin with https:// (http:// for a local CRM)"));
        check("https://me:hush@a.b", Err("`a.b`: it must not hold a user name or password"));
    }

    #[test]
    fn an_api_version_is_checked() {
        let check = |given: &str, good: bool| assert_eq!(checked_version(given).is_ok(), good, "{given}");
        check("66.0", true);
        check("46.0", true);
        for bad in ["45.0", "v66.0", "66", "", ".0", "66.", "6x.0", "66.0/..", "99999999999.0"] {
            check(bad, false);
        }
    }

    #[test]
    fn this_machine_is_known() {
        let check = |given: &str, expected: bool| {
            assert_eq!(is_loopback(&Url::parse(given).expect("URL")), expected, "{given}");
        };
        check("http://localhost:1", true);
        check("http://127.0.0.1", true);
        check("http://[::1]:8080", true);
        check("https://login.salesforce.com", false);
    }

    #[test]
    fn debug_shows_no_secret() {
        let jwt = Credentials::JwtBearer {
            client_id: "id".into(),
            username: "bot@acme".into(),
            private_key_pem: "hush".into(),
            audience: None,
        };
        let client = Credentials::ClientCredentials { client_id: "id".into(), client_secret: "hush".into() };
        assert_eq!(
            format!("{jwt:?}"),
            "JwtBearer { client_id: \"id\", username: \"bot@acme\", audience: None, .. }"
        );
        assert_eq!(format!("{client:?}"), "ClientCredentials { client_id: \"id\", .. }");
    }
}
