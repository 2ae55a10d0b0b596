//! The connection: sends a request, reads the whole answer with a limit on its size, and puts a failed connection in
//! words. It follows no redirect and judges no status.

use std::error::Error as _;
use std::time::Duration;

use reqwest::header::{
    ACCEPT, ACCEPT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, LOCATION, RETRY_AFTER,
};
use reqwest::redirect::Policy;
use reqwest::{Certificate, Client, RequestBuilder, Response, Url};

use super::answer::Answer;
use super::config::{SalesforceConfig, is_loopback};
use super::error::{SalesforceError, SalesforceErrorKind, unavailable};
use super::request::Request;
use super::session::Session;
use crate::crm::{CrmFailure, own_code};

/// The largest answer that is read, in bytes. A query's page of 2,000 records has a few MB.
const BODY_BYTES_MAX: usize = 20_000_000;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// A sign-in that takes longer will not come: the time belongs to the call behind it.
const SIGN_IN_TIMEOUT: Duration = Duration::from_secs(30);

/// Connections that are kept are given up before Salesforce's front does so.
const IDLE_TIMEOUT: Duration = Duration::from_secs(50);

/// Sends requests.
pub(super) struct Http {
    client: Client,
    timeout: Duration,
}

impl Http {
    /// Prepares HTTPS for this login host. Connects to nothing.
    pub fn new(config: &SalesforceConfig, login: &Url) -> Result<Self, SalesforceError> {
        // Whoever came first in this process keeps its provider; without any, reqwest would not start.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = Client::builder()
            .user_agent(concat!("crm-export/", env!("CARGO_PKG_VERSION")))
            .default_headers(HeaderMap::from_iter([
                (ACCEPT, HeaderValue::from_static("application/json")),
                (ACCEPT_ENCODING, HeaderValue::from_static("identity")),
            ]))
            .redirect(Policy::none())
            .connect_timeout(CONNECT_TIMEOUT)
            .pool_idle_timeout(IDLE_TIMEOUT);
        let roots = match &config.extra_root_pem {
            Some(pem) => roots(pem)?,
            None => Vec::new(),
        };
        // A CRM without TLS is a local one: it must run where there are no CA certificates at all.
        builder = match login.scheme() {
            "http" => builder.tls_certs_only(roots),
            _ => builder.tls_certs_merge(roots),
        };
        if is_loopback(login) {
            builder = builder.no_proxy();
        }
        let client = builder.build().map_err(|error| SalesforceErrorKind::Https(causes(&error)))?;
        Ok(Self { client, timeout: config.timeout })
    }

    /// A data API call under a session.
    pub async fn call(&self, request: &Request, session: &Session) -> Result<Answer, CrmFailure> {
        let url = session.instance.join(&request.target).map_err(|error| {
            unavailable(own_code::UNEXPECTED_ANSWER, format!("`{}` is no path: {error}", request.target))
        })?;
        let mut builder = self
            .client
            .request(request.method.clone(), url)
            .bearer_auth(&session.token)
            // Assignment rules would give records another owner than the export says (reference §2.9).
            .header("Sforce-Auto-Assign", "FALSE")
            .header("Sforce-Call-Options", "client=crm-export");
        if let Some(body) = &request.body {
            builder = builder.header(CONTENT_TYPE, "application/json").body(body.clone());
        }
        self.exchange(builder, &session.instance, self.timeout).await
    }

    /// A form sent to the token endpoint of the login host.
    pub async fn sign_in(&self, login: &Url, form: &[(&str, &str)]) -> Result<Answer, CrmFailure> {
        let mut url = login.clone();
        url.set_path("/services/oauth2/token");
        self.exchange(self.client.post(url).form(form), login, self.timeout.min(SIGN_IN_TIMEOUT)).await
    }

    async fn exchange(
        &self,
        builder: RequestBuilder,
        host: &Url,
        timeout: Duration,
    ) -> Result<Answer, CrmFailure> {
        let from = host.origin().ascii_serialization();
        let failed = |error: reqwest::Error| {
            let what = if error.is_timeout() && !error.is_connect() {
                format!("{from} did not answer within {} s", timeout.as_secs_f32())
            } else if error.is_connect() {
                format!("cannot connect to {from}: {}; check the address and the network", causes(&error))
            } else {
                format!("the connection to {from} broke off: {}", causes(&error))
            };
            unavailable(own_code::CONNECTION_FAILED, what)
        };
        let mut response = builder.timeout(timeout).send().await.map_err(failed)?;
        let mut answer = head(&response, from.clone());
        while let Some(piece) = response.chunk().await.map_err(failed)? {
            if answer.body.len() + piece.len() > BODY_BYTES_MAX {
                let what = format!("{from} answered more than {} MB", BODY_BYTES_MAX / 1_000_000);
                return Err(unavailable(own_code::UNEXPECTED_ANSWER, what));
            }
            answer.body.extend_from_slice(&piece);
        }
        Ok(answer)
    }
}

fn roots(pem: &[u8]) -> Result<Vec<Certificate>, SalesforceError> {
    let refused = |reason: String| SalesforceErrorKind::RootCertificates(reason).into();
    match Certificate::from_pem_bundle(pem) {
        Ok(roots) if roots.is_empty() => Err(refused("there is none".to_owned())),
        Ok(roots) => Ok(roots),
        Err(error) => Err(refused(causes(&error))),
    }
}

/// What the answer's status and headers say; the body is still to come.
fn head(response: &Response, from: String) -> Answer {
    let text = |name: &HeaderName| {
        response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
    };
    Answer {
        from,
        status: response.status().as_u16(),
        content_type: text(&CONTENT_TYPE).unwrap_or_default(),
        retry_after: text(&RETRY_AFTER),
        limit_info: text(&HeaderName::from_static("sforce-limit-info")),
        location: text(&LOCATION),
        body: Vec::new(),
    }
}

/// An error and its causes in one line, without the URL (its query may hold external ids) and without repetition.
fn causes(error: &reqwest::Error) -> String {
    let mut parts = Vec::new();
    let mut cause = error.source();
    while let Some(next) = cause {
        let text = next.to_string();
        if parts.last() != Some(&text) {
            parts.push(text);
        }
        cause = next.source();
    }
    if parts.is_empty() { "no cause was given".to_owned() } else { parts.join(": ") }
}
