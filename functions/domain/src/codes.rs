//! The table of the CRM's error codes: what each says, what is worth trying, and Marketo Measure's name for it.
//!
//! Sources: reference salesforce §3.1 (classes, retry column), peers §0 (product codes). What to try is here; when to
//! try it is in [`crate::policy`].

use serde::{Deserialize, Serialize};

/// What kind of thing went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// The user may not write this record, field or parent.
    Permission,
    /// A validation rule, lookup filter or approval lock refused it.
    Validation,
    /// A trigger or flow refused it or failed.
    Automation,
    /// A value does not fit its field.
    Data,
    /// A unique field or duplicate rule.
    Duplicate,
    /// It was rolled back because another record was refused. Says nothing about this record; never logged.
    Collateral,
    /// Sign-in failed or API access is off. CRM unavailable.
    Auth,
    /// A limit of calls or storage. CRM unavailable.
    Limit,
    /// The CRM is down or busy. CRM unavailable.
    Outage,
    /// A row lock was not obtained. CRM unavailable.
    Lock,
}

impl Class {
    /// Whether it says something about the record; the rest is CRM unavailable or collateral.
    pub fn is_record_error(self) -> bool {
        matches!(self, Self::Permission | Self::Validation | Self::Automation | Self::Data | Self::Duplicate)
    }
}

/// What is worth trying at once, before anything is logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Advice {
    /// Nothing: a person or time must mend it.
    Log,
    /// The same record once more, alone.
    OnceMore,
    /// Fewer records in a call.
    SmallerBatch,
    /// The same again after a short wait, then suspend the job.
    Wait,
    /// Suspend the job at once.
    Suspend,
    /// Again without the record that was refused.
    WithoutCulprit,
}

/// One row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Code {
    /// The CRM's code.
    pub crm: &'static str,
    /// Its class.
    pub class: Class,
    /// What to try.
    pub advice: Advice,
    /// Marketo Measure's code for it.
    pub product: &'static str,
}

const fn same(crm: &'static str, class: Class, advice: Advice) -> Code {
    Code { crm, class, advice, product: crm }
}

const fn named(crm: &'static str, class: Class, product: &'static str) -> Code {
    Code { crm, class, advice: Advice::Log, product }
}

/// The table. A code that is not here reads as [`UNLISTED`].
pub const CODES: &[Code] = &[
    named(
        "FIELD_CUSTOM_VALIDATION_EXCEPTION",
        Class::Validation,
        "RECORD_NONCOMPLIANT_WITH_VALIDATION_RULES",
    ),
    same("FIELD_FILTER_VALIDATION_EXCEPTION", Class::Validation, Advice::Log),
    same("ENTITY_IS_LOCKED", Class::Validation, Advice::Log),
    named("INVALID_FIELD_FOR_INSERT_UPDATE", Class::Permission, "MISSING_BIZIBLE_CUSTOM_FIELDS_PERMISSIONS"),
    same("INVALID_FIELD", Class::Permission, Advice::Log),
    same("INSUFFICIENT_ACCESS_OR_READONLY", Class::Permission, Advice::Log),
    named(
        "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY",
        Class::Permission,
        "MISSING_RECORD_OBJECT_PERMISSIONS",
    ),
    named("MISSING_PERMISSION", Class::Permission, "MISSING_OBJECT_WRITE_PERMISSION"),
    named("CANNOT_UPDATE_CONVERTED_LEAD", Class::Permission, "MISSING_CONVERTED_LEAD_PERMISSION"),
    same("INVALID_TYPE", Class::Permission, Advice::Log),
    same("NOT_FOUND", Class::Permission, Advice::Log),
    same("TRANSFER_REQUIRES_READ", Class::Permission, Advice::Log),
    same("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", Class::Automation, Advice::Log),
    same("CANNOT_EXECUTE_FLOW_TRIGGER", Class::Automation, Advice::Log),
    same("FLOW_EXCEPTION", Class::Automation, Advice::Log),
    same("SELF_REFERENCE_FROM_TRIGGER", Class::Automation, Advice::Log),
    same("SELF_REFERENCE_FROM_FLOW", Class::Automation, Advice::Log),
    same("MAX_DEPTH_IN_FLOW_EXECUTION", Class::Automation, Advice::Log),
    same("MIXED_DML_OPERATION", Class::Automation, Advice::Log),
    same("RECORD_IN_USE_BY_WORKFLOW", Class::Lock, Advice::Wait),
    named("REQUIRED_FIELD_MISSING", Class::Data, "MISSING_REQUIRED_FIELD"),
    named("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", Class::Data, "RESTRICT_PICKLIST_VALUES_ENABLED"),
    same("STRING_TOO_LONG", Class::Data, Advice::Log),
    same("NUMBER_OUTSIDE_VALID_RANGE", Class::Data, Advice::Log),
    same("INVALID_EMAIL_ADDRESS", Class::Data, Advice::Log),
    same("FIELD_INTEGRITY_EXCEPTION", Class::Data, Advice::Log),
    same("ENTITY_IS_DELETED", Class::Data, Advice::Log),
    same("INVALID_CROSS_REFERENCE_KEY", Class::Data, Advice::Log),
    same("MALFORMED_ID", Class::Data, Advice::Log),
    same("INACTIVE_OWNER_OR_USER", Class::Data, Advice::Log),
    same("JSON_PARSER_ERROR", Class::Data, Advice::Log),
    same("INVALID_STATUS", Class::Data, Advice::Log),
    same("INVALID_ASSIGNMENT_RULE", Class::Data, Advice::Log),
    same("MISSING_ARGUMENT", Class::Data, Advice::Log),
    same(crate::record::INCOMPLETE_RECORD, Class::Data, Advice::Log),
    same("DUPLICATE_VALUE", Class::Duplicate, Advice::OnceMore),
    same("DUPLICATES_DETECTED", Class::Duplicate, Advice::Log),
    same("DUPLICATE_EXTERNAL_ID", Class::Duplicate, Advice::Log),
    same("UNKNOWN_EXCEPTION", Class::Automation, Advice::OnceMore),
    same("ALL_OR_NONE_OPERATION_ROLLED_BACK", Class::Collateral, Advice::WithoutCulprit),
    same("PROCESSING_HALTED", Class::Collateral, Advice::WithoutCulprit),
    same("BATCH_PROCESSING_HALTED", Class::Collateral, Advice::WithoutCulprit),
    same("UNABLE_TO_LOCK_ROW", Class::Lock, Advice::Wait),
    same("SERVER_UNAVAILABLE", Class::Outage, Advice::Wait),
    same("INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE", Class::Outage, Advice::Suspend),
    same("ORG_IN_MAINTENANCE", Class::Outage, Advice::Suspend),
    same("REQUEST_RUNNING_TOO_LONG", Class::Outage, Advice::Wait),
    same("QUERY_TIMEOUT", Class::Outage, Advice::Wait),
    same("TOO_MANY_APEX_REQUESTS", Class::Outage, Advice::Wait),
    Code {
        crm: "REQUEST_LIMIT_EXCEEDED",
        class: Class::Limit,
        advice: Advice::Suspend,
        product: "API_LIMIT_EXCEEDED",
    },
    same("STORAGE_LIMIT_EXCEEDED", Class::Limit, Advice::Suspend),
    same("EXCEEDED_QUOTA", Class::Limit, Advice::Suspend),
    Code {
        crm: "API_DISABLED_FOR_ORG",
        class: Class::Auth,
        advice: Advice::Suspend,
        product: "API_DISABLED",
    },
    Code {
        crm: "API_CURRENTLY_DISABLED",
        class: Class::Auth,
        advice: Advice::Suspend,
        product: "API_DISABLED",
    },
    same("INVALID_SESSION_ID", Class::Auth, Advice::Suspend),
    same("INVALID_LOGIN", Class::Auth, Advice::Suspend),
    same("LOGIN_MUST_USE_SECURITY_TOKEN", Class::Auth, Advice::Suspend),
    same("PASSWORD_LOCKOUT", Class::Auth, Advice::Suspend),
    // Ours, for a CRM that did not answer as one (`jobs::crm::own_code`).
    same("CONNECTION_FAILED", Class::Outage, Advice::Wait),
    same("UNEXPECTED_ANSWER", Class::Outage, Advice::Suspend),
    same("SIGN_IN_FAILED", Class::Auth, Advice::Suspend),
    same("API_LIMIT_EXCEEDED", Class::Limit, Advice::Suspend),
];

/// How a code that nobody listed reads: the CRM refused this record, so it is logged and the job does what it is set to do.
pub const UNLISTED: Code = Code { crm: "", class: Class::Data, advice: Advice::Log, product: "" };

/// The row of a CRM code.
pub fn lookup(crm_code: &str) -> Code {
    if crm_code.starts_with("EXCEEDED_MAX_") {
        return Code { class: Class::Limit, advice: Advice::Suspend, ..UNLISTED };
    }
    CODES.iter().find(|code| code.crm == crm_code).copied().unwrap_or(UNLISTED)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_code_stands_once() {
        for (at, code) in CODES.iter().enumerate() {
            assert!(!CODES[at + 1..].iter().any(|other| other.crm == code.crm), "{} stands twice", code.crm);
        }
    }

    #[test]
    fn unavailable_codes_are_no_record_errors() {
        for code in CODES {
            let says_nothing = matches!(code.advice, Advice::Wait | Advice::Suspend | Advice::WithoutCulprit);
            assert_eq!(code.class.is_record_error(), !says_nothing, "{}", code.crm);
        }
    }

    #[test]
    fn marketo_measures_names_are_there() {
        let product = |crm: &str| lookup(crm).product;
        assert_eq!(product("REQUIRED_FIELD_MISSING"), "MISSING_REQUIRED_FIELD");
        assert_eq!(product("FIELD_CUSTOM_VALIDATION_EXCEPTION"), "RECORD_NONCOMPLIANT_WITH_VALIDATION_RULES");
        assert_eq!(product("REQUEST_LIMIT_EXCEEDED"), "API_LIMIT_EXCEEDED");
        assert_eq!(lookup("EXCEEDED_MAX_SEMIJOIN_SUBSELECTS").class, Class::Limit);
        assert_eq!(lookup("SOMETHING_NEW"), UNLISTED);
    }
}
