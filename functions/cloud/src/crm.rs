//! The CRM behind the secret: Salesforce, with credentials from Secrets Manager.
//!
//! The secret is read at the first call, once for the environment. While it cannot be read, or holds nothing that fits,
//! the CRM is unavailable: jobs are suspended, records wait, and no record is blamed. It is read anew when it could not
//! be used, or when the CRM refuses the sign-in (someone may have changed both), but not at every call.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::error::ProvideErrorMetadata;
use domain::{CrmError, Timestamp};
use jobs::clock::Clock;
use jobs::crm::salesforce::{Salesforce, SalesforceConfig};
use jobs::crm::{Chunk, Crm, CrmFailure, Reply, own_code};
use tokio::sync::Mutex;

use crate::config::{ConfigError, CrmAccess};
use crate::secret::credentials;

/// A secret that could not be used, or that the CRM did not let in, is read again when the last reading is at least this
/// old. Shorter than the first wait of a suspended job (a minute): each of its tries finds the secret as it is then.
const READ_AGAIN_AFTER: Duration = Duration::from_secs(30);

/// Salesforce, with credentials from a secret.
pub struct SecretCrm {
    secrets: Client,
    secret: String,
    login_url: String,
    clock: Arc<dyn Clock>,
    /// Held while the secret is read, so that jobs that run at the same time read it once.
    client: Mutex<Option<Made>>,
}

/// What reading the secret came to.
struct Made {
    client: Result<Arc<Salesforce>, CrmFailure>,
    at: Timestamp,
    /// The CRM refused the sign-in since.
    refused: bool,
}

impl SecretCrm {
    /// The CRM at a login URL. Reads nothing yet.
    pub fn new(secrets: Client, access: CrmAccess<'_>, clock: Arc<dyn Clock>) -> Self {
        let (secret, login_url) = (access.secret.to_owned(), access.login_url.to_owned());
        Self { secrets, secret, login_url, clock, client: Mutex::default() }
    }

    /// The client, made now when there is none.
    async fn client(&self) -> Result<Arc<Salesforce>, CrmFailure> {
        let mut made = self.client.lock().await;
        if let Some(Made { client, at, refused }) = &*made {
            let works = client.is_ok() && !refused;
            if works || !self.is_old(*at) {
                return client.clone();
            }
        }
        let client = self.make().await.map(Arc::new);
        if let Err(CrmFailure::Unavailable { error, .. }) = &client {
            tracing::warn!(code = error.code, reason = error.message, "the CRM's credentials cannot be used");
        }
        *made = Some(Made { client: client.clone(), at: self.clock.now(), refused: false });
        client
    }

    async fn make(&self) -> Result<Salesforce, CrmFailure> {
        let text = self.read().await?;
        let credentials = credentials(&text).map_err(|problem| self.unusable(&problem.to_string()))?;
        let config = SalesforceConfig::new(self.login_url.clone(), credentials);
        Salesforce::new(config, Arc::clone(&self.clock)).map_err(|error| self.unusable(&error.to_string()))
    }

    async fn read(&self) -> Result<String, CrmFailure> {
        let answer = self.secrets.get_secret_value().secret_id(&self.secret).send().await;
        let answer = answer.map_err(|error| match (error.code(), error.message()) {
            (Some(code), message) => {
                self.unreachable(&format!("{code}: {}", message.unwrap_or("no reason was given")))
            }
            (None, _) => self.unreachable(&causes(&error)),
        })?;
        answer.secret_string.ok_or_else(|| self.unusable("it holds bytes, not a text"))
    }

    /// Remembers that the CRM did not let this client in.
    async fn refused(&self, client: &Arc<Salesforce>) {
        let mut made = self.client.lock().await;
        if let Some(Made { client: Ok(kept), refused, .. }) = &mut *made
            && Arc::ptr_eq(kept, client)
        {
            *refused = true;
        }
    }

    /// A clock that jumped back must not keep a failure for as long.
    fn is_old(&self, at: Timestamp) -> bool {
        let now = self.clock.now();
        now < at || now.since(at) >= READ_AGAIN_AFTER
    }

    fn unreachable(&self, reason: &str) -> CrmFailure {
        let text = format!("the secret {} cannot be read: {reason}", self.secret);
        unavailable(own_code::CONNECTION_FAILED, text)
    }

    fn unusable(&self, problem: &str) -> CrmFailure {
        let text = format!("the secret {} cannot be used: {problem}", self.secret);
        unavailable(own_code::SIGN_IN_FAILED, text)
    }
}

#[async_trait]
impl Crm for SecretCrm {
    async fn send(&self, chunk: Chunk<'_>) -> Reply {
        let client = match self.client().await {
            Ok(client) => client,
            Err(failure) => return Reply { outcome: Err(failure), calls: 0, usage: None },
        };
        let reply = client.send(chunk).await;
        if let Err(CrmFailure::Unavailable { error, .. }) = &reply.outcome
            && error.code == own_code::SIGN_IN_FAILED
        {
            self.refused(&client).await;
        }
        reply
    }
}

/// The CRM of a function that was told of none, such as the settings: it is never asked.
pub(crate) struct NoCrm(pub(crate) ConfigError);

#[async_trait]
impl Crm for NoCrm {
    async fn send(&self, _: Chunk<'_>) -> Reply {
        let failure = unavailable(own_code::SIGN_IN_FAILED, format!("failed to {}", self.0));
        Reply { outcome: Err(failure), calls: 0, usage: None }
    }
}

/// An error's causes in one line. Their `Debug` could show the answer, and so the secret.
fn causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        text = format!("{text}: {next}");
        cause = next.source();
    }
    text
}

fn unavailable(code: &str, message: String) -> CrmFailure {
    CrmFailure::Unavailable { error: CrmError::new(code, message, &[]), retry_after: None }
}
