//! The AWS clients' configuration of a person, and what goes wrong with their calls in words.

use aws_sdk_sqs::config::ProvideCredentials;
use aws_sdk_sqs::error::{ProvideErrorMetadata, SdkError};
use cloud::SdkConfig;

use super::error::DeployedError;
use crate::args::Deployed;

/// Finds region and credentials as the AWS CLI does, the options first.
///
/// # Errors
/// There is no region, or no credentials.
pub(crate) async fn configure(options: &Deployed) -> Result<SdkConfig, DeployedError> {
    let found = cloud::sdk::of_person(options.profile.as_deref(), options.region.as_deref()).await;
    if found.region().is_none() {
        return Err(DeployedError::NoRegion);
    }
    let Some(credentials) = found.credentials_provider() else {
        return Err(DeployedError::NoCredentials("there are none".to_owned()));
    };
    // Asked for once before the first call, whose own error would bury what is wrong.
    if let Err(error) = credentials.provide_credentials().await {
        let reason = chain(&error);
        // Otherwise it lists every place that was looked into.
        let none = reason.starts_with("the credential provider was not enabled");
        return Err(DeployedError::NoCredentials(if none { "there are none".to_owned() } else { reason }));
    }
    Ok(match &options.endpoint_url {
        Some(url) => found.into_builder().endpoint_url(url).build(),
        None => found,
    })
}

/// Why a call failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// AWS does not let this person do it.
    Denied(String),
    /// AWS answered with this code and text.
    Refused { code: String, message: String },
    /// No answer, or none that can be read.
    Unreachable(String),
}

/// Reads an error of a call.
pub(crate) fn trouble<E>(error: &SdkError<E>) -> Trouble
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    let Some(said) = error.as_service_error() else {
        return Trouble::Unreachable(chain(error));
    };
    let (code, message) = (said.code().unwrap_or("no code"), said.message().unwrap_or("no text"));
    let denied = [
        "Denied",
        "InvalidClientTokenId",
        "UnrecognizedClient",
        "ExpiredToken",
        "Signature",
        "NotAuthorized",
    ];
    if denied.iter().any(|part| code.contains(part)) {
        return Trouble::Denied(format!("{code}: {message}"));
    }
    Trouble::Refused { code: code.to_owned(), message: message.to_owned() }
}

/// An error with its causes. Each says only its own part.
fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
