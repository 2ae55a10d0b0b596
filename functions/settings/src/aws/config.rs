//! What the function `settings` is told by its environment beside what all functions are told (`cloud::Config`).

use thiserror::Error;

use crate::auth::JwtConfig;

/// The configuration of the API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiConfig {
    /// `CRM_EXPORT_SCHEDULE`: group and name of the daily retry's schedule.
    pub schedule: (String, String),
    /// `CRM_EXPORT_JWT_ISSUER`, `_AUDIENCE` and `_CLIENT`: whose tokens are taken; none: API Gateway checks signatures.
    pub jwt: Option<JwtConfig>,
}

/// A variable that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "read {variable}: it is not set, or does not fit; infra/template.yaml sets it: deploy the stack again"
)]
pub struct ApiConfigError {
    variable: &'static str,
}

impl ApiConfig {
    /// Reads the process's environment.
    ///
    /// # Errors
    /// Names the variable that is missing or does not fit.
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place where this function's own variables are read"
    )]
    pub fn from_env() -> Result<Self, ApiConfigError> {
        Self::from_lookup(|name| std::env::var(name).ok())
    }

    fn from_lookup(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, ApiConfigError> {
        let text =
            |name: &str| lookup(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty());
        let needed = |variable| text(variable).ok_or(ApiConfigError { variable });
        let schedule = needed("CRM_EXPORT_SCHEDULE")?;
        let schedule = schedule.split_once('/').map(|(group, name)| (group.to_owned(), name.to_owned()));
        let schedule = schedule.ok_or(ApiConfigError { variable: "CRM_EXPORT_SCHEDULE" })?;
        let jwt = match text("CRM_EXPORT_JWT_ISSUER") {
            None => None,
            Some(issuer) => {
                let (audience, client) = (needed("CRM_EXPORT_JWT_AUDIENCE")?, text("CRM_EXPORT_JWT_CLIENT"));
                Some(JwtConfig { issuer, audience, client })
            }
        };
        Ok(Self { schedule, jwt })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<ApiConfig, String> {
        let lookup = |name: &str| {
            variables.iter().find(|(variable, _)| *variable == name).map(|(_, value)| (*value).to_owned())
        };
        ApiConfig::from_lookup(lookup).map_err(|error| error.variable.to_owned())
    }

    #[test]
    fn without_an_issuer_signatures_are_checked() {
        let schedule = ("group".to_owned(), "CRMExport_ExportError".to_owned());
        let set = ("CRM_EXPORT_SCHEDULE", "group/CRMExport_ExportError");
        let empty = ("CRM_EXPORT_JWT_ISSUER", " ");
        assert_eq!(read(&[set, empty]), Ok(ApiConfig { schedule: schedule.clone(), jwt: None }));
        let issuer = ("CRM_EXPORT_JWT_ISSUER", "https://issuer.example");
        assert_eq!(read(&[set, issuer]), Err("CRM_EXPORT_JWT_AUDIENCE".to_owned()), "never open by mistake");
        let jwt = JwtConfig { issuer: "https://issuer.example".into(), audience: "api".into(), client: None };
        assert_eq!(
            read(&[set, issuer, ("CRM_EXPORT_JWT_AUDIENCE", "api")]),
            Ok(ApiConfig { schedule, jwt: Some(jwt) })
        );
        assert_eq!(read(&[("CRM_EXPORT_SCHEDULE", "name")]), Err("CRM_EXPORT_SCHEDULE".to_owned()));
    }
}
