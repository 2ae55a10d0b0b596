//! What every AWS client is made of: region, endpoint, credentials, TLS, retries and time-outs.
//!
//! A function gets its credentials from its environment, so that nothing need be discovered: [`of_function`] asks no file
//! and no network. The system's root certificates cost 3 ms to read (reference wasm.md §4); they are read at the first
//! call over HTTPS, once for all clients, and so after the function has asked for its first event. Amazon's roots alone
//! in the program would be faster still, but would end the day that AWS or a private endpoint uses another.

use std::time::Duration;

use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_dynamodb::config::{BehaviorVersion, Region, SharedHttpClient};
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_http_client::{Builder, Connector};
use aws_types::SdkConfig;
use aws_types::sdk_config::{RetryConfig, TimeoutConfig};

use crate::config::Config;

/// Tries of one call, the first included. With doubled waits of 0.1 s and on, throttling of two seconds passes unseen.
const ATTEMPTS: u32 = 6;
const FIRST_BACKOFF: Duration = Duration::from_millis(100);
const BACKOFF_MAX: Duration = Duration::from_secs(2);

/// AWS answers within the region in milliseconds. What takes longer is tried again, and given up well before a lease
/// or a function's own time runs out (of a lease's 300 s for a call the Salesforce client may take 280, and the secret is
/// read before it).
const CONNECT: Duration = Duration::from_secs(2);
const ATTEMPT: Duration = Duration::from_secs(5);
const OPERATION: Duration = Duration::from_secs(15);

/// The configuration of a function's clients. Connects to nothing and reads no file.
pub fn of_function(config: &Config) -> SdkConfig {
    let mut sdk = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .http_client(http_client())
        .retry_config(retries())
        .timeout_config(timeouts())
        .region(config.region.clone().map(Region::new));
    sdk.set_endpoint_url(config.endpoint_url.clone());
    sdk.set_credentials_provider(config.credentials.clone().map(SharedCredentialsProvider::new));
    sdk.build()
}

/// The configuration of a person's clients: environment, profiles and single sign-on, as the AWS CLI finds them. A
/// profile or region that is given here comes first.
#[cfg(feature = "profile")]
pub async fn of_person(profile: Option<&str>, region: Option<&str>) -> SdkConfig {
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .http_client(http_client())
        .retry_config(retries())
        .timeout_config(timeouts());
    if let Some(profile) = profile {
        loader = loader.profile_name(profile);
    }
    if let Some(region) = region {
        loader = loader.region(Region::new(region.to_owned()));
    }
    loader.load().await
}

/// One pool of connections for all clients, over TLS by ring.
fn http_client() -> SharedHttpClient {
    Builder::new().build_with_connector_fn(|settings, components| {
        // A client that is being made asks for a connector without settings, to find out whether one can be had, and
        // drops it: that one needs no roots.
        let roots = TrustStore::empty().with_native_roots(settings.is_some());
        let tls = TlsContext::builder().with_trust_store(roots).build().unwrap_or_default();
        let mut connector =
            Connector::builder().tls_provider(Provider::rustls(CryptoMode::Ring)).tls_context(tls);
        connector.set_connector_settings(settings.cloned());
        connector.set_sleep_impl(components.and_then(|components| components.sleep_impl()));
        connector.build()
    })
}

fn retries() -> RetryConfig {
    RetryConfig::standard()
        .with_max_attempts(ATTEMPTS)
        .with_initial_backoff(FIRST_BACKOFF)
        .with_max_backoff(BACKOFF_MAX)
}

fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(CONNECT)
        .operation_attempt_timeout(ATTEMPT)
        .operation_timeout(OPERATION)
        .build()
}
