//! What the rules foretell of a record. It says nothing of what follows from it.

use domain::{CrmError, Refusal};
use thiserror::Error;

/// What the CRM will do with a record, as its rules say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Forecast {
    /// It takes the record.
    Accept,
    /// It certainly refuses the record, with these errors; at least one.
    Refuse(Vec<Foretold>),
    /// That cannot be known here, and why, without a value of the record: a field that was not sent, an Apex trigger.
    Unknown(String),
}

/// One error that a rule foretells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Foretold {
    /// The rule's name, for people: `Contact.Tier_Needed`.
    pub rule: String,
    /// The CRM's code, `FIELD_CUSTOM_VALIDATION_EXCEPTION`.
    pub code: String,
    /// The text that the CRM would give.
    pub message: String,
    /// API names of the fields it is about.
    pub fields: Vec<String>,
}

impl Foretold {
    /// An error from its parts.
    pub fn new(
        rule: impl Into<String>,
        code: impl Into<String>,
        message: impl Into<String>,
        fields: &[&str],
    ) -> Self {
        let fields = fields.iter().map(|field| (*field).to_owned()).collect();
        Self { rule: rule.into(), code: code.into(), message: message.into(), fields }
    }

    /// The error as if the CRM had given it, marked as foretold.
    pub fn to_crm_error(&self) -> CrmError {
        let error =
            CrmError::new(self.code.clone(), self.message.clone(), &[]).foretold_by(self.rule.clone());
        CrmError { fields: self.fields.clone(), ..error }
    }
}

impl Forecast {
    /// The forecast without what no rule can say: a lock, a limit, an outage or a collateral code is no record error, and
    /// must not become one because a rule book is broken. What is left of it may be unknown.
    pub(crate) fn of_record_errors(self) -> Self {
        let Self::Refuse(foretold) = self else { return self };
        let is_record_error =
            |error: &Foretold| Refusal::new(vec![error.to_crm_error()]).class.is_record_error();
        let kept: Vec<Foretold> = foretold.into_iter().filter(is_record_error).collect();
        if kept.is_empty() {
            return Self::Unknown("refused without an error that says something of the record".to_owned());
        }
        Self::Refuse(kept)
    }
}

/// Why rules could not be asked. It blocks nothing.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0}")]
pub struct RuleBookError(String);

impl RuleBookError {
    /// The reason: lower-case, fit after "failed to ask the rules: ".
    pub fn new(reason: impl Into<String>) -> Self {
        Self(reason.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_record_errors_are_foretold() {
        let check = |codes: &[&str], kept: Option<&[&str]>| {
            let foretold = |code: &&str| Foretold::new("R", *code, "text", &[]);
            let refuse = |codes: &[&str]| Forecast::Refuse(codes.iter().map(foretold).collect());
            match (refuse(codes).of_record_errors(), kept) {
                (forecast, Some(kept)) => assert_eq!(forecast, refuse(kept), "{codes:?}"),
                (forecast, None) => {
                    assert!(matches!(forecast, Forecast::Unknown(_)), "{codes:?}: {forecast:?}")
                }
            }
        };
        check(&["STRING_TOO_LONG", "DUPLICATE_VALUE"], Some(&["STRING_TOO_LONG", "DUPLICATE_VALUE"]));
        check(&["UNABLE_TO_LOCK_ROW", "STRING_TOO_LONG"], Some(&["STRING_TOO_LONG"]));
        check(&["REQUEST_LIMIT_EXCEEDED", "ALL_OR_NONE_OPERATION_ROLLED_BACK", "SERVER_UNAVAILABLE"], None);
        check(&[], None);
        assert_eq!(Forecast::Accept.of_record_errors(), Forecast::Accept);
    }
}
