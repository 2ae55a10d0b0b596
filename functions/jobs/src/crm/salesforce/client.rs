//! The client: a call under the shared session, once more when the session had expired, and the port on top of it.

use std::sync::Arc;

use async_trait::async_trait;
use domain::Operation;
use domain::decide::RowAnswer;

use super::answer::Answer;
use super::config::{SalesforceConfig, checked_version, login_origin};
use super::error::SalesforceError;
use super::http::Http;
use super::request::Request;
use super::session::Sessions;
use crate::clock::Clock;
use crate::crm::{ApiUsage, Chunk, Crm, CrmFailure, Reply};

/// One Salesforce org, as one user. Any number of calls may run at once; they share the session and the connections.
pub struct Salesforce {
    http: Http,
    sessions: Sessions,
    version: String,
}

/// What the calls for one chunk cost.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Meter {
    calls: u32,
    usage: Option<ApiUsage>,
}

impl Salesforce {
    /// Checks the configuration; connects to nothing. The clock dates the JWT.
    ///
    /// # Errors
    /// Names the part of the configuration that cannot work.
    pub fn new(config: SalesforceConfig, clock: Arc<dyn Clock>) -> Result<Self, SalesforceError> {
        let login = login_origin(&config.login_url)?;
        let version = checked_version(&config.api_version)?;
        let http = Http::new(&config, &login)?;
        let sessions = Sessions::new(login, config.credentials, clock)?;
        Ok(Self { http, sessions, version })
    }

    /// Signs in, unless that was done: for a program that wants to know at its start. The session is kept for the calls
    /// to come.
    ///
    /// # Errors
    /// Always [`CrmFailure::Unavailable`], telling what to check.
    pub async fn sign_in(&self) -> Result<(), CrmFailure> {
        self.sessions.get(&self.http, None).await.map(drop)
    }

    /// REST API version, `66.0`.
    pub(super) fn version(&self) -> &str {
        &self.version
    }

    /// Makes one data API call. When the session has expired it signs in and repeats the call, once; an answer 401 to the
    /// repeat is answered like any other.
    pub(super) async fn call(&self, request: &Request, meter: &mut Meter) -> Result<Answer, CrmFailure> {
        let session = self.sessions.get(&self.http, None).await?;
        meter.calls += 1;
        let mut answer = self.http.call(request, &session).await?;
        if answer.status == 401 {
            let session = self.sessions.get(&self.http, Some(&session)).await?;
            meter.calls += 1;
            answer = self.http.call(request, &session).await?;
        }
        meter.usage = answer.usage().or(meter.usage);
        Ok(answer)
    }

    async fn upsert(&self, chunk: &Chunk<'_>, meter: &mut Meter) -> Result<Vec<RowAnswer>, CrmFailure> {
        let answer = self.call(&Request::upsert(&self.version, chunk), meter).await?;
        answer.rows(chunk.records.len())
    }
}

#[async_trait]
impl Crm for Salesforce {
    async fn send(&self, chunk: Chunk<'_>) -> Reply {
        let mut meter = Meter::default();
        let outcome = match chunk.operation {
            _ if chunk.records.is_empty() => Ok(Vec::new()),
            Operation::Upsert => self.upsert(&chunk, &mut meter).await,
            Operation::Delete => self.delete(&chunk, &mut meter).await,
        };
        Reply { outcome, calls: meter.calls, usage: meter.usage }
    }
}
