//! Reaches the CRM: the sandbox in this process, or a CRM at a URL with the credentials of the environment.
//!
//! Both are spoken to through the same Salesforce client over HTTP; nothing of the sandbox is used but its address.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use domain::CrmError;
use jobs::clock::Clock;
use jobs::crm::salesforce::{Credentials, QueryError, Salesforce, SalesforceConfig, SalesforceError};
use jobs::crm::{CrmFailure, own_code};
use metadata::OrgError;
use sandbox::{Config, Database, Fault, Running, SandboxError};
use thiserror::Error;
use time::OffsetDateTime;

use crate::config::Environment;
use crate::paths::{sandbox_db, shown};
use crate::queue::Target;

/// What the sandbox takes for credentials: any.
const SANDBOX_CLIENT: (&str, &str) = ("crm-export", "sandbox");

/// The CRM cannot be used.
#[derive(Debug, Error)]
pub(crate) enum ConnectError {
    #[error("start the sandbox: {0}")]
    Sandbox(SandboxError),
    #[error("use the org folder {folder}: {error}")]
    Org { folder: String, error: OrgError },
    #[error(transparent)]
    Config(#[from] SalesforceError),
    #[error("read {name} {path}: {error}; check the path")]
    File { name: &'static str, path: PathBuf, error: std::io::Error },
    #[error("listen on {address}: {error}; give an address such as 127.0.0.1:8080")]
    Address { address: String, error: std::io::Error },
    #[error("sign in to {url}: {code}: {message}{hint}; nothing was sent")]
    SignIn { url: String, code: String, message: String, hint: &'static str },
    #[error("{0}")]
    Query(#[from] QueryError),
}

impl ConnectError {
    /// Whether what was given is wrong, rather than the CRM out of reach.
    pub(crate) fn is_usage(&self) -> bool {
        match self {
            Self::Sandbox(SandboxError::Listen { .. }) => true,
            Self::Query(error) => matches!(error.failure(), CrmFailure::Refused(_)),
            Self::Sandbox(_) => false,
            Self::Org { .. }
            | Self::Config(_)
            | Self::File { .. }
            | Self::Address { .. }
            | Self::SignIn { .. } => true,
        }
    }
}

/// A CRM that can be spoken to.
pub(crate) struct Connection {
    /// The client.
    pub(crate) crm: Arc<Salesforce>,
    /// Why the CRM does not answer, when it does not: jobs are suspended then and records wait.
    pub(crate) unavailable: Option<CrmError>,
    sandbox: Option<Running>,
}

impl Connection {
    /// Starts or finds the CRM and signs in.
    ///
    /// # Errors
    /// The org folder or the configuration cannot be used, sign-in is refused, or what answers is no Salesforce. A CRM
    /// that does not answer at all is no error.
    pub(crate) async fn open(
        target: &Target,
        db: &Path,
        environment: &Environment,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, ConnectError> {
        let (config, sandbox) = match target {
            Target::Crm(url) => (crm_config(url, environment)?, None),
            Target::Org(org) => {
                let running = start_sandbox(org, db, Serving::default(), Arc::clone(&clock)).await?;
                let (client_id, client_secret) = SANDBOX_CLIENT;
                let credentials = Credentials::ClientCredentials {
                    client_id: client_id.to_owned(),
                    client_secret: client_secret.to_owned(),
                };
                (SalesforceConfig::new(running.url.clone(), credentials), Some(running))
            }
        };
        let url = config.login_url.clone();
        let no_credentials = environment.client_id.is_none();
        let crm = Arc::new(Salesforce::new(config, clock)?);
        let unavailable = match crm.sign_in().await {
            Ok(()) => None,
            Err(CrmFailure::Refused(errors)) => {
                return Err(sign_in(url, errors.into_iter().next(), no_credentials));
            }
            Err(CrmFailure::Unavailable { error, .. }) => match error.code.as_str() {
                own_code::SIGN_IN_FAILED | own_code::UNEXPECTED_ANSWER => {
                    return Err(sign_in(url, Some(error), no_credentials));
                }
                _ => Some(error),
            },
        };
        Ok(Self { crm, unavailable, sandbox })
    }

    /// The sandbox, if there is one.
    pub(crate) fn sandbox(&self) -> Option<&Running> {
        self.sandbox.as_ref()
    }

    /// Ends the sandbox, if there is one.
    pub(crate) async fn close(self) {
        if let Some(sandbox) = self.sandbox {
            sandbox.stop().await;
        }
    }
}

/// How a sandbox serves.
pub(crate) struct Serving<'a> {
    /// Address and port.
    pub(crate) listen: &'a str,
    /// Over https.
    pub(crate) tls: bool,
    /// What it refuses without being asked by the org.
    pub(crate) faults: Vec<Fault>,
}

impl Default for Serving<'_> {
    /// For this program alone.
    fn default() -> Self {
        Self { listen: "127.0.0.1:0", tls: false, faults: Vec::new() }
    }
}

/// Starts the sandbox for an org folder, its records beside the ledger.
pub(crate) async fn start_sandbox(
    org: &Path,
    db: &Path,
    Serving { listen, tls, faults }: Serving<'_>,
    clock: Arc<dyn Clock>,
) -> Result<Running, ConnectError> {
    let address = |error| ConnectError::Address { address: listen.to_owned(), error };
    let listen = tokio::net::lookup_host(listen)
        .await
        .and_then(|mut found| found.next().ok_or_else(|| std::io::Error::other("no such host")))
        .map_err(address)?;
    let now = move || OffsetDateTime::UNIX_EPOCH + time::Duration::milliseconds(clock.now().millis());
    let config = Config {
        org: org.to_owned(),
        database: Database::File(sandbox_db(db)),
        listen,
        tls,
        now: Arc::new(now),
        daily_api_calls: sandbox::DAILY_API_CALLS,
        faults,
    };
    sandbox::start(config).await.map_err(|error| match error {
        SandboxError::Org(error) => ConnectError::Org { folder: shown(org), error },
        other => ConnectError::Sandbox(other),
    })
}

fn crm_config(url: &str, environment: &Environment) -> Result<SalesforceConfig, ConnectError> {
    let client_id = environment.client_id.clone();
    let credentials = match (&environment.username, &environment.private_key_file) {
        (Some(username), Some(key)) => Credentials::JwtBearer {
            client_id: client_id.unwrap_or_else(|| SANDBOX_CLIENT.0.to_owned()),
            username: username.clone(),
            private_key_pem: String::from_utf8_lossy(&file("CRM_EXPORT_PRIVATE_KEY_FILE", key)?).into_owned(),
            audience: environment.audience.clone(),
        },
        _ => Credentials::ClientCredentials {
            client_id: client_id.unwrap_or_else(|| SANDBOX_CLIENT.0.to_owned()),
            client_secret: environment.client_secret.clone().unwrap_or_else(|| SANDBOX_CLIENT.1.to_owned()),
        },
    };
    let login_url = environment.login_url.clone().unwrap_or_else(|| url.to_owned());
    let mut config = SalesforceConfig::new(login_url, credentials);
    if let Some(path) = &environment.ca_file {
        config.extra_root_pem = Some(file("CRM_EXPORT_CA_FILE", path)?);
    }
    Ok(config)
}

fn file(name: &'static str, path: &Path) -> Result<Vec<u8>, ConnectError> {
    std::fs::read(path).map_err(|error| ConnectError::File { name, path: path.to_owned(), error })
}

fn sign_in(url: String, error: Option<CrmError>, no_credentials: bool) -> ConnectError {
    let error = error.unwrap_or_else(|| CrmError::new(own_code::SIGN_IN_FAILED, "no reason was given", &[]));
    let refused = error.code != own_code::UNEXPECTED_ANSWER;
    let hint = match (refused, no_credentials) {
        (true, true) => {
            "; no credentials are set: set CRM_EXPORT_CLIENT_ID with CRM_EXPORT_CLIENT_SECRET, or with CRM_EXPORT_USERNAME and \
             CRM_EXPORT_PRIVATE_KEY_FILE"
        }
        (true, false) => "; check CRM_EXPORT_CLIENT_ID and what goes with it",
        (false, _) => "; check the URL: it must be the CRM's own, such as https://acme.my.salesforce.com",
    };
    ConnectError::SignIn { url, code: error.code, message: error.message, hint }
}

/// What the target is called in messages.
pub(crate) fn place(target: &Target, db: &Path) -> String {
    match target {
        Target::Org(folder) => {
            format!("the sandbox ({}) with the org in {}", shown(&sandbox_db(db)), shown(folder))
        }
        Target::Crm(url) => url.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_says_how_to_sign_in() {
        let folder = tempfile::tempdir().expect("a folder");
        let key = folder.path().join("key.pem");
        std::fs::write(&key, "KEY").expect("written");
        let check = |environment: Environment, login: &str, debug: &str| {
            let config = crm_config("https://crm", &environment).expect("fits");
            assert_eq!(config.login_url, login);
            assert_eq!(format!("{:?}", config.credentials), debug);
        };
        let id = Some("key".to_owned());
        check(Environment::default(), "https://crm", r#"ClientCredentials { client_id: "crm-export", .. }"#);
        check(
            Environment {
                client_id: id.clone(),
                username: Some("bot@acme".into()),
                private_key_file: Some(key),
                login_url: Some("https://login".into()),
                audience: Some("aud".into()),
                ..Environment::default()
            },
            "https://login",
            r#"JwtBearer { client_id: "key", username: "bot@acme", audience: Some("aud"), .. }"#,
        );
        let missing = Environment { ca_file: Some("/nowhere.pem".into()), ..Environment::default() };
        let error = crm_config("https://crm", &missing).expect_err("no file");
        assert!(error.to_string().starts_with("read CRM_EXPORT_CA_FILE /nowhere.pem: "), "{error}");
        assert!(error.is_usage());
    }

    #[test]
    fn a_refused_sign_in_says_what_to_check() {
        let refused = || Some(CrmError::new(own_code::SIGN_IN_FAILED, "invalid_client", &[]));
        assert!(
            sign_in("https://crm".into(), refused(), true).to_string().contains("no credentials are set")
        );
        assert!(
            sign_in("https://crm".into(), refused(), false)
                .to_string()
                .contains("check CRM_EXPORT_CLIENT_ID")
        );
        let html = Some(CrmError::new(own_code::UNEXPECTED_ANSWER, "https://crm answered HTML", &[]));
        assert_eq!(
            sign_in("https://crm".into(), html, true).to_string(),
            "sign in to https://crm: UNEXPECTED_ANSWER: https://crm answered HTML; check the URL: it must be the CRM's own, such \
             as https://acme.my.salesforce.com; nothing was sent"
        );
    }
}
