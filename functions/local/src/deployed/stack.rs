//! What CloudFormation tells of a stack: its outputs and parameters (`infra/template.yaml`). It reads nothing else.

use std::collections::BTreeMap;

use aws_sdk_cloudformation::Client;
use cloud::{Config, SdkConfig};
use domain::AccountName;

use super::error::DeployedError;
use super::sdk::{Trouble, trouble};

/// What a stack tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stack {
    name: String,
    outputs: BTreeMap<String, String>,
    parameters: BTreeMap<String, String>,
}

impl Stack {
    /// Asks CloudFormation.
    pub(super) async fn describe(sdk: &SdkConfig, name: &str) -> Result<Self, DeployedError> {
        let answer = Client::new(sdk).describe_stacks().stack_name(name).send().await;
        let answer = answer.map_err(|error| failed(name, region(sdk), trouble(&error)))?;
        let Some(stack) = answer.stacks().first() else {
            return Err(DeployedError::NoStack { stack: name.to_owned(), region: region(sdk) });
        };
        let pair = |key: Option<&str>, value: Option<&str>| Some((key?.to_owned(), value?.to_owned()));
        Ok(Self {
            name: name.to_owned(),
            outputs: stack
                .outputs()
                .iter()
                .filter_map(|output| pair(output.output_key(), output.output_value()))
                .collect(),
            parameters: stack
                .parameters()
                .iter()
                .filter_map(|parameter| pair(parameter.parameter_key(), parameter.parameter_value()))
                .collect(),
        })
    }

    /// An output that every stack of ours has.
    pub(super) fn output(&self, output: &'static str) -> Result<&str, DeployedError> {
        let found = self.outputs.get(output).map(String::as_str);
        found.ok_or_else(|| DeployedError::NoOutput { stack: self.name.clone(), output })
    }

    /// What its functions are told, as far as a person's program needs it too.
    pub(super) fn config(&self) -> Result<Config, DeployedError> {
        let unfit = |parameter, problem: String| DeployedError::Parameter {
            stack: self.name.clone(),
            parameter,
            problem,
        };
        let account = self.parameter("AccountName");
        let account = account.ok_or_else(|| unfit("AccountName", "missing".to_owned()))?;
        let account = AccountName::new(account)
            .map_err(|error| unfit("AccountName", format!("no account's name: failed to {error}")))?;
        let mut config =
            Config::new(account, &self.name, self.output("TableName")?, self.output("EventBusName")?);
        config.login_url = self.parameter("LoginUrl").map(str::to_owned);
        config.secret = Some(self.output("CredentialsSecret")?.to_owned());
        if let Some(days) = self.parsed("ResolvedErrorDays") {
            config.resolved_days = days;
        }
        if let Some(pause) = self.parsed("PauseOnExportErrors") {
            config.defaults.pause_on_export_errors = pause;
        }
        if let Some(hour) = self.parsed("RetryHour") {
            config.defaults.retry_hour = hour;
        }
        if let Some(zone) = self.parameter("TimeZone") {
            config.defaults.time_zone = zone.to_owned();
        }
        Ok(config)
    }

    fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// CloudFormation has checked that it fits.
    fn parsed<T: std::str::FromStr>(&self, name: &str) -> Option<T> {
        self.parameter(name)?.parse().ok()
    }
}

fn region(sdk: &SdkConfig) -> String {
    sdk.region().map_or_else(|| "no region".to_owned(), ToString::to_string)
}

fn failed(stack: &str, region: String, trouble: Trouble) -> DeployedError {
    let stack = stack.to_owned();
    let describe =
        |reason, advice, denied| DeployedError::Describe { stack: stack.clone(), reason, advice, denied };
    match trouble {
        // It has no code of its own for a stack that is not there.
        Trouble::Refused { message, .. } if message.contains("does not exist") => {
            DeployedError::NoStack { stack, region }
        }
        Trouble::Refused { code, message } => describe(format!("{code}: {message}"), "", false),
        Trouble::Denied(reason) => describe(
            reason,
            "; attach the stack's OperatePolicyArn, or send with --queue URL --account NAME",
            true,
        ),
        Trouble::Unreachable(reason) => {
            describe(reason, "; check the network, --region and --endpoint-url", false)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    fn stack(parameters: &[(&str, &str)]) -> Stack {
        let outputs = [("TableName", "t"), ("EventBusName", "b"), ("CredentialsSecret", "arn:s")];
        Stack { name: "crm".into(), outputs: map(&outputs), parameters: map(parameters) }
    }

    #[test]
    fn a_stack_says_what_its_functions_are_told() {
        let config = stack(&[
            ("AccountName", "acme"),
            ("LoginUrl", "https://x"),
            ("ResolvedErrorDays", "30"),
            ("PauseOnExportErrors", "false"),
            ("RetryHour", "5"),
            ("TimeZone", "Europe/Berlin"),
        ])
        .config()
        .expect("fits");
        assert_eq!((config.account.as_str(), config.stack.as_str()), ("acme", "crm"));
        assert_eq!((config.table.as_str(), config.event_bus.as_str()), ("t", "b"));
        assert_eq!(
            (config.login_url.as_deref(), config.secret.as_deref()),
            (Some("https://x"), Some("arn:s"))
        );
        let defaults = &config.defaults;
        assert_eq!((config.resolved_days, defaults.pause_on_export_errors), (30, false));
        assert_eq!((defaults.retry_hour, defaults.time_zone.as_str()), (5, "Europe/Berlin"));
    }

    #[test]
    fn another_stack_is_told_apart() {
        let check = |stack: Stack, expected: &str| {
            assert_eq!(stack.config().expect_err("none of ours").to_string(), expected);
        };
        check(stack(&[]), "use the stack crm: its parameter AccountName is missing");
        check(
            Stack { outputs: BTreeMap::new(), ..stack(&[("AccountName", "acme")]) },
            "use the stack crm: it has no output TableName; is it one of infra/template.yaml, and deployed to its end?",
        );
    }

    #[test]
    fn what_cloudformation_says_becomes_advice() {
        let refused =
            |code: &str, message: &str| Trouble::Refused { code: code.into(), message: message.into() };
        let check = |trouble: Trouble, usage: bool, text: &str| {
            let error = failed("crm", "eu-central-1".to_owned(), trouble);
            assert_eq!(error.is_usage(), usage, "{error}");
            assert!(error.to_string().starts_with(text), "{error}");
        };
        check(
            refused("ValidationError", "Stack with id crm does not exist"),
            true,
            "find the stack crm in eu-central-1: there is none",
        );
        check(
            Trouble::Denied("AccessDenied: no".into()),
            true,
            "describe the stack crm: AccessDenied: no; attach the stack's OperatePolicyArn",
        );
        check(
            Trouble::Unreachable("timed out".into()),
            false,
            "describe the stack crm: timed out; check the network",
        );
        check(refused("Throttling", "slow down"), false, "describe the stack crm: Throttling: slow down");
    }
}
