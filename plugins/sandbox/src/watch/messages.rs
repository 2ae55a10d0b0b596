//! The codes that can be injected: what each does, and its message (reference §3.1; own words where it has none).

use super::fault::Effect;
use crate::error::RowError;
use crate::system::USER_ID;

/// Codes and messages of rows. `{id}` is the record, `{object}` its object in lower case, `{Object}` as it is named,
/// `{user}` the export user.
const ROWS: &[(&str, &str)] = &[
    (
        "CANNOT_EXECUTE_FLOW_TRIGGER",
        "We can't save this record because the “Injected fault” process failed. Give your Salesforce admin these details. \
         An unhandled fault has occurred in this flow. Error ID: 1-1 (1)",
    ),
    (
        "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
        "{Object}Trigger: execution of BeforeUpdate\n\ncaused by: System.LimitException: Apex CPU time limit exceeded\n\n()",
    ),
    ("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead"),
    ("DUPLICATES_DETECTED", "Use one of these records?"),
    ("DUPLICATE_VALUE", "duplicate value found: <unknown> duplicates value on record with id: <unknown>"),
    ("ENTITY_IS_DELETED", "entity is deleted"),
    ("ENTITY_IS_LOCKED", "This record is locked. If you need to edit it, contact your admin."),
    ("FIELD_CUSTOM_VALIDATION_EXCEPTION", "Refused by a fault that was injected."),
    ("FIELD_FILTER_VALIDATION_EXCEPTION", "Value does not exist or does not match filter criteria."),
    (
        "FIELD_INTEGRITY_EXCEPTION",
        "There's a problem with this country, even though it may appear correct. Please select a country/territory from \
         the list of valid countries.: Country",
    ),
    ("FLOW_EXCEPTION", "The flow failed to run."),
    ("INACTIVE_OWNER_OR_USER", "operation performed with inactive user [{user}] as owner of {object}"),
    (
        "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY",
        "insufficient access rights on cross-reference id: {id}",
    ),
    ("INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id"),
    ("INVALID_ASSIGNMENT_RULE", "invalid assignment rule"),
    ("INVALID_STATUS", "invalid status"),
    ("MAX_DEPTH_IN_FLOW_EXECUTION", "The maximum depth of flow executions was exceeded."),
    (
        "MISSING_PERMISSION",
        "You do not have the level of access necessary to perform the operation you requested.",
    ),
    (
        "MIXED_DML_OPERATION",
        "DML operation on setup object is not permitted after you have updated a non-setup object (or vice versa)",
    ),
    ("RECORD_IN_USE_BY_WORKFLOW", "The record is in use by workflow."),
    ("SELF_REFERENCE_FROM_FLOW", "The flow cannot update the record that started it."),
    (
        "SELF_REFERENCE_FROM_TRIGGER",
        "Object (id = {id}) is currently in trigger {Object}Trigger, therefore it cannot recursively update itself",
    ),
    ("STORAGE_LIMIT_EXCEEDED", "storage limit exceeded"),
    ("TRANSFER_REQUIRES_READ", "The new owner must have read permission"),
    ("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record or 1 records: {id}"),
    ("UNKNOWN_EXCEPTION", "portal users cannot own partner accounts"),
];

/// Codes, HTTP statuses and messages of requests.
const REQUESTS: &[(&str, u16, &str)] = &[
    ("API_CURRENTLY_DISABLED", 403, "API is currently disabled"),
    ("API_DISABLED_FOR_ORG", 403, "API is not enabled for this Organization or Partner"),
    ("EXCEEDED_MAX_SEMIJOIN_SUBSELECTS", 400, "The limit was exceeded."),
    ("EXCEEDED_QUOTA", 403, "The quota was exceeded."),
    (
        "INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE",
        503,
        "Insert, update and delete are not allowed during maintenance.",
    ),
    ("INVALID_SESSION_ID", 401, "Session expired or invalid"),
    ("ORG_IN_MAINTENANCE", 503, "The organization is in maintenance."),
    ("QUERY_TIMEOUT", 400, "Your query request was running for too long."),
    ("REQUEST_LIMIT_EXCEEDED", 403, "TotalRequests Limit exceeded."),
    ("REQUEST_RUNNING_TOO_LONG", 503, "Your request was running for too long, and has been stopped."),
    ("SERVER_UNAVAILABLE", 503, "Server Unavailable"),
    ("TOO_MANY_APEX_REQUESTS", 503, "Unable to complete the request: too many concurrent Apex requests."),
];

/// Codes and messages of sign-ins.
const SIGN_INS: &[(&str, &str)] = &[
    ("INVALID_LOGIN", "Invalid username, password, security token; or user locked out."),
    (
        "LOGIN_MUST_USE_SECURITY_TOKEN",
        "Invalid username, password, security token; or user locked out. Are you at a new location?",
    ),
    ("PASSWORD_LOCKOUT", "The user is locked out after too many failed sign-ins."),
];

/// What an injected code does; none for a code that cannot be injected. `SLOW` is not among them.
pub fn effect(code: &str) -> Option<Effect> {
    match code {
        "DISCONNECT" => return Some(Effect::Disconnect),
        "LOST_ANSWER" => return Some(Effect::LoseAnswer),
        _ => {}
    }
    if let Some((_, status, _)) = REQUESTS.iter().find(|(known, ..)| *known == code) {
        return Some(Effect::Request(*status));
    }
    if SIGN_INS.iter().any(|(known, _)| *known == code) {
        return Some(Effect::SignIn);
    }
    ROWS.iter().any(|(known, _)| *known == code).then_some(Effect::Row)
}

/// Every code, in order of the alphabet.
pub fn codes() -> Vec<&'static str> {
    let own = ["DISCONNECT", "LOST_ANSWER", "SLOW=ms"].into_iter();
    let requests = REQUESTS.iter().map(|(code, ..)| *code);
    let others = ROWS.iter().chain(SIGN_INS).map(|(code, _)| *code);
    let mut codes: Vec<_> = own.chain(requests).chain(others).collect();
    codes.sort_unstable();
    codes
}

/// The error of a row. A record that is not there yet has no id.
pub fn of_row(code: &str, object: &str, id: Option<&str>) -> RowError {
    let message = ROWS.iter().find(|(known, _)| *known == code).map_or(code, |(_, message)| *message);
    let message = message
        .replace("{id}", id.unwrap_or("000000000000000AAA"))
        .replace("{object}", &object.to_lowercase())
        .replace("{Object}", object)
        .replace("{user}", USER_ID);
    RowError::new(code, message)
}

/// The message of a request or sign-in.
pub fn of_request(code: &str) -> &'static str {
    let requests = REQUESTS.iter().map(|(known, _, message)| (known, message));
    let mut all = requests.chain(SIGN_INS.iter().map(|(known, message)| (known, message)));
    all.find(|(known, _)| **known == code).map_or("", |(_, message)| *message)
}
