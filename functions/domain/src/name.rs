//! Names that become keys: the account, and the job (an account and a CRM object). Checked once, at the edge.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use thiserror::Error;

/// A name that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("read the {what} name `{name}`: use {rule}")]
pub struct NameError {
    what: &'static str,
    name: String,
    rule: &'static str,
}

/// The customer whose CRM is written to: 1–64 letters, digits, `_`, `-` or `.`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountName(String);

impl AccountName {
    /// Checks the name.
    pub fn new(name: &str) -> Result<Self, NameError> {
        let fits = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
        if (1..=64).contains(&name.len()) && name.chars().all(fits) {
            return Ok(Self(name.to_owned()));
        }
        Err(NameError {
            what: "account",
            name: shown(name),
            rule: "1 to 64 letters, digits, `_`, `-` or `.`",
        })
    }

    /// The name itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// One ordered export: an account and a CRM object. Also the SQS message group, `account/Object`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JobId {
    /// Whose CRM.
    pub account: AccountName,
    /// API name of the object, as the first record spelled it.
    pub object: String,
}

impl JobId {
    /// Checks the object's name: letters, digits and `_`, beginning with a letter, at most 80 characters.
    pub fn new(account: AccountName, object: &str) -> Result<Self, NameError> {
        check_api_name("object", object)?;
        Ok(Self { account, object: object.to_owned() })
    }

    /// How the job is shown: `CRMExport_Contact`.
    pub fn display_name(&self) -> String {
        format!("CRMExport_{}", self.object)
    }
}

/// Checks a CRM API name (object or field).
pub fn check_api_name(what: &'static str, name: &str) -> Result<(), NameError> {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let begins = name.starts_with(|c: char| c.is_ascii_alphabetic());
    if begins && name.len() <= 80 && name.chars().all(fits) {
        return Ok(());
    }
    Err(NameError {
        what,
        name: shown(name),
        rule: "a CRM API name: letters, digits and `_`, beginning with a letter",
    })
}

/// Enough of a bad name to recognise it; it may be megabytes.
fn shown(name: &str) -> String {
    name.chars().take(80).collect()
}

impl fmt::Display for AccountName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.account, self.object)
    }
}

impl Serialize for AccountName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for AccountName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_checked() {
        let account = AccountName::new("acme-1").expect("fits");
        assert_eq!(
            JobId::new(account.clone(), "Touchpoint__c").expect("fits").to_string(),
            "acme-1/Touchpoint__c"
        );
        assert!(AccountName::new("").is_err());
        assert!(AccountName::new("a/b").is_err());
        let refused = JobId::new(account, "1bad").expect_err("begins with a digit");
        assert_eq!(
            refused.to_string(),
            "read the object name `1bad`: use a CRM API name: letters, digits and `_`, beginning with a letter"
        );
    }
}
