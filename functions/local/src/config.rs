//! What comes from the environment: the CRM's credentials and the log level. The only file that reads it.

use std::path::PathBuf;

/// The sign-in of a CRM, as the environment gives it. Empty variables count as not set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Environment {
    /// `CRM_EXPORT_CLIENT_ID`: consumer key of the connected app.
    pub(crate) client_id: Option<String>,
    /// `CRM_EXPORT_CLIENT_SECRET`: for client credentials.
    pub(crate) client_secret: Option<String>,
    /// `CRM_EXPORT_USERNAME`: for JWT bearer.
    pub(crate) username: Option<String>,
    /// `CRM_EXPORT_PRIVATE_KEY_FILE`: PEM file, for JWT bearer.
    pub(crate) private_key_file: Option<PathBuf>,
    /// `CRM_EXPORT_LOGIN_URL`: where to sign in, when that is not the CRM's own URL.
    pub(crate) login_url: Option<String>,
    /// `CRM_EXPORT_AUDIENCE`: audience of the JWT, when that is not the login URL.
    pub(crate) audience: Option<String>,
    /// `CRM_EXPORT_CA_FILE`: PEM file with one more root certificate to trust.
    pub(crate) ca_file: Option<PathBuf>,
    /// `CRM_EXPORT_LOG`: error, warn, info, debug or trace.
    pub(crate) log: Option<String>,
}

impl Environment {
    /// Reads the process's environment.
    #[expect(clippy::disallowed_methods, reason = "this is the one place where the environment is read")]
    pub(crate) fn read() -> Self {
        Self::from_lookup(|name| std::env::var(name).ok())
    }

    fn from_lookup(lookup: impl Fn(&str) -> Option<String>) -> Self {
        let text = |name: &str| lookup(name).filter(|value| !value.trim().is_empty());
        let path = |name: &str| text(name).map(PathBuf::from);
        Self {
            client_id: text("CRM_EXPORT_CLIENT_ID"),
            client_secret: text("CRM_EXPORT_CLIENT_SECRET"),
            username: text("CRM_EXPORT_USERNAME"),
            private_key_file: path("CRM_EXPORT_PRIVATE_KEY_FILE"),
            login_url: text("CRM_EXPORT_LOGIN_URL"),
            audience: text("CRM_EXPORT_AUDIENCE"),
            ca_file: path("CRM_EXPORT_CA_FILE"),
            log: text("CRM_EXPORT_LOG"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_variables_count_as_not_set() {
        let read = Environment::from_lookup(|name| match name {
            "CRM_EXPORT_CLIENT_ID" => Some("key".to_owned()),
            "CRM_EXPORT_CA_FILE" => Some("ca.pem".to_owned()),
            _ => Some(" ".to_owned()),
        });
        let expected = Environment {
            client_id: Some("key".to_owned()),
            ca_file: Some(PathBuf::from("ca.pem")),
            ..Environment::default()
        };
        assert_eq!(read, expected);
    }
}
