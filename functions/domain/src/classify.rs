//! Reads the CRM's answer to one record: what it says about the record, and what is worth trying.

use serde::{Deserialize, Serialize};

use crate::codes::{self, Advice, Class};
use crate::nested::Nested;

/// One error as the CRM gave it, or as one of its rules foretold it. Nothing is dropped or reworded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CrmError {
    /// The CRM's code, `REQUIRED_FIELD_MISSING`.
    pub code: String,
    /// Its text, in the API user's language.
    pub message: String,
    /// API names of the fields it is about.
    #[serde(default)]
    pub fields: Vec<String>,
    /// The rule that foretold it in preflight, when the CRM was not asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub foretold_by: Option<String>,
}

impl CrmError {
    /// An error from its parts.
    pub fn new(code: impl Into<String>, message: impl Into<String>, fields: &[&str]) -> Self {
        Self {
            code: code.into(),
            message: message.into(),
            fields: fields.iter().map(|f| (*f).to_owned()).collect(),
            foretold_by: None,
        }
    }

    /// The same error, foretold by a rule.
    #[must_use]
    pub fn foretold_by(self, rule: impl Into<String>) -> Self {
        Self { foretold_by: Some(rule.into()), ..self }
    }
}

/// What the CRM's refusal of one record amounts to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Every error, in the CRM's order; at least one.
    pub errors: Vec<CrmError>,
    /// Class of the error that decides.
    pub class: Class,
    /// What to try before it is logged.
    pub advice: Advice,
    /// Marketo Measure's code of the first error that says something about the record.
    pub product_code: String,
}

impl Refusal {
    /// Judges a record's errors. An empty list, which the CRM should never send, reads as `UNKNOWN_EXCEPTION`.
    pub fn new(mut errors: Vec<CrmError>) -> Self {
        if errors.is_empty() {
            errors.push(CrmError::new(
                "UNKNOWN_EXCEPTION",
                "the CRM refused the record without saying why",
                &[],
            ));
        }
        let judged: Vec<(Class, Advice)> = errors.iter().map(judge).collect();
        // What says something about the record outweighs what does not: a record that breaks a rule and also
        // missed a lock would be refused again.
        let decides = judged.iter().position(|(class, _)| class.is_record_error()).unwrap_or(0);
        let (class, advice) = judged[decides];
        errors.swap(0, decides);
        errors[1..=decides].rotate_right(usize::from(decides > 0));
        let product_code = product_code(&errors[0]);
        Self { errors, class, advice, product_code }
    }

    /// CRM unavailable, whatever the code: what was said of the whole call is never a record's fault.
    pub fn unavailable(error: CrmError) -> Self {
        let mut refusal = Self::new(vec![error]);
        if refusal.class.is_record_error() || refusal.class == Class::Collateral {
            (refusal.class, refusal.advice) = (Class::Outage, Advice::Suspend);
        }
        refusal
    }

    /// The deciding error.
    pub fn first(&self) -> &CrmError {
        &self.errors[0]
    }

    /// Whether another record's refusal has the very same text: then the cause may be the call and not the record.
    pub fn same_text(&self, other: &Self) -> bool {
        self.first().code == other.first().code && self.first().message == other.first().message
    }
}

fn product_code(error: &CrmError) -> String {
    let product = codes::lookup(&error.code).product;
    if product.is_empty() { error.code.clone() } else { product.to_owned() }
}

/// Class and advice of one error, the nested code of automation messages read.
fn judge(error: &CrmError) -> (Class, Advice) {
    let row = codes::lookup(&error.code);
    if row.class != Class::Automation {
        return (row.class, row.advice);
    }
    if error.message.starts_with("entity type cannot be ") {
        // One code, two causes: here the user may not create or edit the object (reference §3.1, row b).
        return (Class::Permission, Advice::Log);
    }
    if ["Apex CPU time limit exceeded", "Too many SOQL queries"]
        .iter()
        .any(|mark| error.message.contains(mark))
    {
        return (Class::Automation, Advice::SmallerBatch);
    }
    let inner = Nested::read(&error.message).and_then(|nested| nested.code);
    match inner.map(|code| codes::lookup(&code)) {
        Some(inner) if !inner.class.is_record_error() && inner.class != Class::Collateral => {
            (inner.class, inner.advice)
        }
        _ => (Class::Automation, row.advice),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(errors: &[(&str, &str)], class: Class, advice: Advice, product: &str) {
        let refusal =
            Refusal::new(errors.iter().map(|(code, text)| CrmError::new(*code, *text, &[])).collect());
        assert_eq!(
            (refusal.class, refusal.advice, refusal.product_code.as_str()),
            (class, advice, product),
            "{errors:?}"
        );
        assert_eq!(refusal.errors.len(), errors.len().max(1), "no error is dropped");
    }

    #[test]
    fn the_deciding_error_comes_first() {
        check(&[("REQUIRED_FIELD_MISSING", "x")], Class::Data, Advice::Log, "MISSING_REQUIRED_FIELD");
        check(
            &[("UNABLE_TO_LOCK_ROW", "x"), ("STRING_TOO_LONG", "y")],
            Class::Data,
            Advice::Log,
            "STRING_TOO_LONG",
        );
        check(&[("UNABLE_TO_LOCK_ROW", "x")], Class::Lock, Advice::Wait, "UNABLE_TO_LOCK_ROW");
        check(&[], Class::Automation, Advice::OnceMore, "UNKNOWN_EXCEPTION");
        check(&[("BRAND_NEW", "x")], Class::Data, Advice::Log, "BRAND_NEW");
    }

    #[test]
    fn the_other_errors_keep_their_order() {
        let errors = ["UNABLE_TO_LOCK_ROW", "PROCESSING_HALTED", "STRING_TOO_LONG", "MALFORMED_ID"];
        let refusal = Refusal::new(errors.iter().map(|code| CrmError::new(*code, "", &[])).collect());
        let order: Vec<&str> = refusal.errors.iter().map(|error| error.code.as_str()).collect();
        assert_eq!(order, ["STRING_TOO_LONG", "UNABLE_TO_LOCK_ROW", "PROCESSING_HALTED", "MALFORMED_ID"]);
    }

    #[test]
    fn automation_is_read_inside() {
        let code = "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY";
        check(&[(code, "entity type cannot be updated: Account")], Class::Permission, Advice::Log, code);
        check(
            &[(code, "T: System.LimitException: Apex CPU time limit exceeded")],
            Class::Automation,
            Advice::SmallerBatch,
            code,
        );
        let lock = "T: execution of AfterUpdate\ncaused by: System.DmlException: Update failed. First exception on row 0; \
                    first error: UNABLE_TO_LOCK_ROW, unable to obtain exclusive access: []";
        check(&[(code, lock)], Class::Lock, Advice::Wait, code);
        let rule = "T: execution of AfterUpdate\ncaused by: System.DmlException: x; first error: STRING_TOO_LONG, y: []";
        check(&[(code, rule)], Class::Automation, Advice::Log, code);
    }
}
