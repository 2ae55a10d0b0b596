//! What a function is told by its environment. The only file of the functions that reads it.
//!
//! Everything is read and checked once, at the start, so that a wrong stack says so before its first record. What the
//! variables mean: infra/README.md.

use std::path::PathBuf;

use aws_credential_types::Credentials;
use domain::{AccountName, Settings};
use thiserror::Error;
use tracing::Level;

/// A function's configuration.
#[derive(Debug, Clone)]
pub struct Config {
    /// `CRM_EXPORT_ACCOUNT`: whose CRM is written to.
    pub account: AccountName,
    /// `CRM_EXPORT_STACK`: dimension `Stack` of the metrics.
    pub stack: String,
    /// `CRM_EXPORT_TABLE`: the ledger's table.
    pub table: String,
    /// `CRM_EXPORT_EVENT_BUS`: name of the event bus.
    pub event_bus: String,
    /// `CRM_EXPORT_RESOLVED_DAYS`: how many days a resolved export error stays.
    pub resolved_days: u32,
    /// What holds for settings that were never saved: `CRM_EXPORT_PAUSE_DEFAULT`, `_RETRY_HOUR` and `_TIME_ZONE`.
    pub defaults: Settings,
    /// `CRM_EXPORT_LOG`: what is logged, and what is worse.
    pub log: Level,
    /// `CRM_EXPORT_LOGIN_URL`: where to sign in to the CRM. Functions that write to no CRM have none.
    pub login_url: Option<String>,
    /// `CRM_EXPORT_SECRET`: ARN or name of the secret with the CRM's credentials.
    pub secret: Option<String>,
    /// `AWS_REGION`.
    pub region: Option<String>,
    /// `AWS_ENDPOINT_URL`: a local cloud in place of AWS.
    pub endpoint_url: Option<String>,
    /// `AWS_ACCESS_KEY_ID` and what goes with it; Lambda gives them to each environment, for as long as it lives.
    pub credentials: Option<Credentials>,
    /// `AWS_LAMBDA_LOG_STREAM_NAME`: one for each execution environment.
    pub environment: String,
    /// `LAMBDA_TASK_ROOT`: where the package was unpacked.
    pub package: Option<PathBuf>,
}

/// Where the CRM is and how to sign in.
#[derive(Debug, Clone, Copy)]
pub struct CrmAccess<'a> {
    /// Login URL.
    pub login_url: &'a str,
    /// ARN or name of the secret.
    pub secret: &'a str,
}

/// A variable of the environment that cannot be used. Its text fits after "failed to" and never shows a credential.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("read {variable}: {problem}; {advice}")]
pub struct ConfigError {
    /// Which variable.
    pub variable: &'static str,
    /// What is wrong.
    pub problem: String,
    /// What to do.
    pub advice: &'static str,
}

/// What to do about most variables: the template sets them all.
const DEPLOY: &str = "infra/template.yaml sets it: deploy the stack again";

impl Config {
    /// A stack's configuration with nothing but its names: what a person's program has.
    pub fn new(account: AccountName, stack: &str, table: &str, event_bus: &str) -> Self {
        Self {
            account,
            stack: stack.to_owned(),
            table: table.to_owned(),
            event_bus: event_bus.to_owned(),
            resolved_days: 90,
            defaults: Settings::default(),
            log: Level::INFO,
            login_url: None,
            secret: None,
            region: None,
            endpoint_url: None,
            credentials: None,
            environment: String::new(),
            package: None,
        }
    }

    /// Reads the process's environment.
    ///
    /// # Errors
    /// Names the first variable that is missing or does not fit, and says what to do.
    #[expect(clippy::disallowed_methods, reason = "this is the one place where the environment is read")]
    pub fn from_env() -> Result<Self, ConfigError> {
        Self::from_lookup(|name| std::env::var(name).ok())
    }

    /// Where the CRM is.
    ///
    /// # Errors
    /// When the function was not told: only those that write to a CRM are.
    pub fn crm(&self) -> Result<CrmAccess<'_>, ConfigError> {
        let missing =
            |variable| ConfigError { variable, problem: "it is not set".to_owned(), advice: DEPLOY };
        Ok(CrmAccess {
            login_url: self.login_url.as_deref().ok_or_else(|| missing("CRM_EXPORT_LOGIN_URL"))?,
            secret: self.secret.as_deref().ok_or_else(|| missing("CRM_EXPORT_SECRET"))?,
        })
    }

    fn from_lookup(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let read = Variables { lookup };
        let account = AccountName::new(&read.needed("CRM_EXPORT_ACCOUNT")?).map_err(|error| ConfigError {
            variable: "CRM_EXPORT_ACCOUNT",
            problem: error.to_string(),
            advice: "deploy the stack again with a parameter AccountName that fits",
        })?;
        let needed = |name| read.needed(name);
        let (stack, table, bus) =
            (needed("CRM_EXPORT_STACK")?, needed("CRM_EXPORT_TABLE")?, needed("CRM_EXPORT_EVENT_BUS")?);
        let named = Self::new(account, &stack, &table, &bus);
        Ok(Self {
            resolved_days: read.resolved_days()?.unwrap_or(named.resolved_days),
            defaults: read.defaults()?,
            log: read.log()?.unwrap_or(named.log),
            login_url: read.text("CRM_EXPORT_LOGIN_URL"),
            secret: read.text("CRM_EXPORT_SECRET"),
            region: Some(needed("AWS_REGION")?),
            endpoint_url: read.text("AWS_ENDPOINT_URL"),
            credentials: Some(read.credentials()?),
            environment: read.text("AWS_LAMBDA_LOG_STREAM_NAME").unwrap_or_else(|| "environment".to_owned()),
            package: read.text("LAMBDA_TASK_ROOT").map(PathBuf::from),
            ..named
        })
    }
}

/// The environment, variable by variable. An empty one counts as not set.
struct Variables<F> {
    lookup: F,
}

impl<F: Fn(&str) -> Option<String>> Variables<F> {
    fn text(&self, name: &str) -> Option<String> {
        (self.lookup)(name).filter(|value| !value.trim().is_empty())
    }

    fn needed(&self, variable: &'static str) -> Result<String, ConfigError> {
        let missing = || ConfigError { variable, problem: "it is not set".to_owned(), advice: DEPLOY };
        self.text(variable).ok_or_else(missing)
    }

    /// Reads a variable when it is set; one that does not fit is an error, not a default.
    fn parsed<T>(
        &self,
        variable: &'static str,
        advice: &'static str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, ConfigError> {
        let Some(text) = self.text(variable) else { return Ok(None) };
        let unfit = || ConfigError { variable, problem: format!("`{text}` does not fit"), advice };
        parse(text.trim()).map(Some).ok_or_else(unfit)
    }

    fn resolved_days(&self) -> Result<Option<u32>, ConfigError> {
        self.parsed("CRM_EXPORT_RESOLVED_DAYS", "give a number of days, 1 to 3650", |text| {
            text.parse().ok().filter(|days| (1..=3650).contains(days))
        })
    }

    fn defaults(&self) -> Result<Settings, ConfigError> {
        let safe = Settings::default();
        let pause =
            self.parsed("CRM_EXPORT_PAUSE_DEFAULT", "give true or false", |text| text.parse().ok())?;
        let hour = self.parsed("CRM_EXPORT_RETRY_HOUR", "give an hour, 0 to 23", |text| {
            text.parse().ok().filter(|hour| *hour <= 23)
        })?;
        Ok(Settings {
            pause_on_export_errors: pause.unwrap_or(safe.pause_on_export_errors),
            retry_hour: hour.unwrap_or(safe.retry_hour),
            time_zone: self.text("CRM_EXPORT_TIME_ZONE").unwrap_or_else(|| safe.time_zone.clone()),
            ..safe
        })
    }

    fn log(&self) -> Result<Option<Level>, ConfigError> {
        self.parsed("CRM_EXPORT_LOG", "give error, warn, info, debug or trace", |text| text.parse().ok())
    }

    fn credentials(&self) -> Result<Credentials, ConfigError> {
        let (id, secret) = (self.needed("AWS_ACCESS_KEY_ID")?, self.needed("AWS_SECRET_ACCESS_KEY")?);
        Ok(Credentials::new(id, secret, self.text("AWS_SESSION_TOKEN"), None, "environment"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: [(&str, &str); 12] = [
        ("CRM_EXPORT_ACCOUNT", "acme"),
        ("CRM_EXPORT_STACK", "crm-export"),
        ("CRM_EXPORT_TABLE", "ledger"),
        ("CRM_EXPORT_EVENT_BUS", "bus"),
        ("CRM_EXPORT_PAUSE_DEFAULT", "false"),
        ("CRM_EXPORT_RESOLVED_DAYS", "30"),
        ("CRM_EXPORT_LOG", "warn"),
        ("AWS_REGION", "eu-central-1"),
        ("AWS_ACCESS_KEY_ID", "AKIA"),
        ("AWS_SECRET_ACCESS_KEY", "hush-key"),
        ("AWS_SESSION_TOKEN", "hush-token"),
        ("LAMBDA_TASK_ROOT", "/var/task"),
    ];

    /// The whole environment, with some variables changed.
    fn read(changed: &[(&str, &str)]) -> Result<Config, ConfigError> {
        Config::from_lookup(|name| {
            let found = changed.iter().chain(&WHOLE).find(|(variable, _)| *variable == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn the_environment_is_read() {
        let config =
            read(&[("CRM_EXPORT_RETRY_HOUR", "0"), ("CRM_EXPORT_TIME_ZONE", "Europe/Berlin")]).expect("fits");
        let defaults = Settings {
            pause_on_export_errors: false,
            retry_hour: 0,
            time_zone: "Europe/Berlin".to_owned(),
            ..Settings::default()
        };
        assert_eq!(config.defaults, defaults);
        assert_eq!((config.account.as_str(), config.stack.as_str()), ("acme", "crm-export"));
        assert_eq!((config.table.as_str(), config.event_bus.as_str()), ("ledger", "bus"));
        assert_eq!((config.resolved_days, config.log), (30, Level::WARN));
        assert_eq!(config.package, Some(PathBuf::from("/var/task")));
        let credentials = config.credentials.expect("given");
        assert_eq!((credentials.access_key_id(), credentials.secret_access_key()), ("AKIA", "hush-key"));
        assert_eq!(credentials.session_token(), Some("hush-token"));
    }

    #[test]
    fn what_is_left_out_is_safe() {
        let names = ["CRM_EXPORT_PAUSE_DEFAULT", "CRM_EXPORT_RESOLVED_DAYS", "CRM_EXPORT_LOG"];
        let config = read(&names.map(|name| (name, " "))).expect("fits");
        assert_eq!((config.defaults, config.resolved_days), (Settings::default(), 90));
        assert_eq!((config.log, config.environment.as_str()), (Level::INFO, "environment"));
    }

    #[test]
    fn an_error_names_the_variable_and_what_to_do() {
        let check = |variable: &str, value: &str, text: &str| {
            let error = read(&[(variable, value)]).expect_err("does not fit").to_string();
            assert_eq!(error, format!("read {variable}: {text}"));
        };
        let not_set = format!("it is not set; {DEPLOY}");
        for needed in ["CRM_EXPORT_ACCOUNT", "CRM_EXPORT_STACK", "CRM_EXPORT_TABLE", "CRM_EXPORT_EVENT_BUS"] {
            check(needed, "", &not_set);
        }
        for needed in ["AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"] {
            check(needed, "", &not_set);
        }
        check(
            "CRM_EXPORT_ACCOUNT",
            "a/b",
            "read the account name `a/b`: use 1 to 64 letters, digits, `_`, `-` or `.`; deploy the stack again with a \
             parameter AccountName that fits",
        );
        check("CRM_EXPORT_PAUSE_DEFAULT", "no", "`no` does not fit; give true or false");
        check("CRM_EXPORT_RESOLVED_DAYS", "0", "`0` does not fit; give a number of days, 1 to 3650");
        check("CRM_EXPORT_RETRY_HOUR", "24", "`24` does not fit; give an hour, 0 to 23");
        check("CRM_EXPORT_LOG", "loud", "`loud` does not fit; give error, warn, info, debug or trace");
    }

    #[test]
    fn only_functions_that_write_to_a_crm_need_one() {
        let crm = [("CRM_EXPORT_LOGIN_URL", "https://x"), ("CRM_EXPORT_SECRET", "arn:secret")];
        let config = read(&crm).expect("fits");
        let access = config.crm().expect("given");
        assert_eq!((access.login_url, access.secret), ("https://x", "arn:secret"));
        let error = read(&crm[..1]).expect("fits").crm().expect_err("no secret");
        assert_eq!(error.to_string(), format!("read CRM_EXPORT_SECRET: it is not set; {DEPLOY}"));
    }

    #[test]
    fn debug_shows_no_credential() {
        let shown = format!("{:?}", read(&[]).expect("fits"));
        assert!(shown.contains("AKIA") && !shown.contains("hush"), "{shown}");
    }
}
