//! The two errors that a client sees: a refused record and a refused request, with Salesforce's codes and shapes.
//!
//! Which code belongs to which case is decided where the case is found; the codes are those of reference §3.1.

use engine::RuleName;
use serde_json::{Map, Value};

use crate::store::StoreError;

/// Why one record was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowError {
    /// Salesforce's status code, for example `REQUIRED_FIELD_MISSING`.
    pub code: String,
    /// Text for people.
    pub message: String,
    /// API names of the fields that are to blame; often empty.
    pub fields: Vec<String>,
    /// `duplicateResult` of a duplicate rule's refusal (reference §3.3).
    pub duplicates: Option<Box<Value>>,
    /// The rule that refused, when one did. Not shown over HTTP, as Salesforce does not.
    pub rule: Option<Box<RuleName>>,
}

impl RowError {
    /// An error that names no field.
    pub fn new(code: &str, message: impl Into<String>) -> RowError {
        RowError::of(code, message, Vec::new())
    }

    /// An error of one field.
    pub fn on(field: &str, code: &str, message: impl Into<String>) -> RowError {
        RowError::of(code, message, vec![field.into()])
    }

    /// An error of several fields.
    pub fn of(code: &str, message: impl Into<String>, fields: Vec<String>) -> RowError {
        RowError { code: code.into(), message: message.into(), fields, duplicates: None, rule: None }
    }

    /// As an item of a collection's or a tree's `errors` (`statusCode`).
    pub fn in_collection(&self) -> Value {
        let mut shown = Map::new();
        shown.insert("statusCode".into(), self.code.as_str().into());
        shown.insert("message".into(), self.message.as_str().into());
        shown.insert("fields".into(), self.fields.clone().into());
        self.show_duplicates(&mut shown);
        Value::Object(shown)
    }

    /// As an item of the errors of a single-record request (`errorCode`); a refused request shows no fields.
    fn in_request(&self, show_fields: bool) -> Value {
        let mut shown = Map::new();
        shown.insert("message".into(), self.message.as_str().into());
        shown.insert("errorCode".into(), self.code.as_str().into());
        if show_fields {
            shown.insert("fields".into(), self.fields.clone().into());
        }
        self.show_duplicates(&mut shown);
        Value::Object(shown)
    }

    fn show_duplicates(&self, shown: &mut Map<String, Value>) {
        if let Some(duplicates) = &self.duplicates {
            shown.insert("duplicateResult".into(), duplicates.as_ref().clone());
        }
    }

    /// As Bulk API 2.0 writes it into `sf__Error`: `CODE:message:field1,field2 --`.
    pub fn in_bulk(&self) -> String {
        format!("{}:{}:{} --", self.code, self.message, self.fields.join(","))
    }
}

/// Why a whole request was refused.
#[derive(Debug, Clone, PartialEq)]
pub struct ApiError {
    /// HTTP status.
    pub status: u16,
    /// At least one; a single record can be refused for several reasons.
    pub errors: Vec<RowError>,
    /// Whether each error shows `fields`: a refused record does, a refused request does not.
    show_fields: bool,
    /// Sent instead of the list of errors (300 Multiple Choices is a list of addresses).
    body: Option<Value>,
}

impl ApiError {
    /// The request is refused; the body is `[{"message", "errorCode"}]`.
    pub fn new(status: u16, code: &str, message: impl Into<String>) -> ApiError {
        ApiError { status, errors: vec![RowError::new(code, message)], show_fields: false, body: None }
    }

    /// 400: the record of a single-record request is refused; the body shows `fields` too.
    pub fn of_record(errors: Vec<RowError>) -> ApiError {
        ApiError { status: 400, errors, show_fields: true, body: None }
    }

    /// 300: several records have this external id; the body lists their addresses.
    pub fn multiple_choices(addresses: Vec<String>) -> ApiError {
        let error = RowError::new("MULTIPLE_CHOICES", "the external id matches more than one record");
        let body = Value::from(addresses);
        ApiError { status: 300, errors: vec![error], show_fields: false, body: Some(body) }
    }

    /// 404 for an unknown object, record or path.
    pub fn not_found() -> ApiError {
        ApiError::new(404, "NOT_FOUND", "The requested resource does not exist")
    }

    /// 401 for a missing, unknown or revoked token.
    pub fn invalid_session() -> ApiError {
        ApiError::new(401, "INVALID_SESSION_ID", "Session expired or invalid")
    }

    /// 400 for a body that cannot be read.
    pub fn unreadable(message: impl Into<String>) -> ApiError {
        ApiError::new(400, "JSON_PARSER_ERROR", message)
    }

    /// The response's body.
    pub fn to_json(&self) -> Value {
        if let Some(body) = &self.body {
            return body.clone();
        }
        self.errors.iter().map(|error| error.in_request(self.show_fields)).collect()
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> ApiError {
        if error.is_busy() {
            return ApiError::new(
                503,
                "SERVER_UNAVAILABLE",
                format!("the sandbox's database is busy: {error}"),
            );
        }
        tracing::error!(%error, "the sandbox's database failed");
        ApiError::new(500, "UNKNOWN_EXCEPTION", format!("the sandbox's database failed: {error}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_place_has_its_shape() {
        let error = RowError::on("Name", "REQUIRED_FIELD_MISSING", "Required fields are missing: [Name]");
        assert_eq!(
            error.in_collection().to_string(),
            r#"{"statusCode":"REQUIRED_FIELD_MISSING","message":"Required fields are missing: [Name]","fields":["Name"]}"#
        );
        assert_eq!(error.in_bulk(), "REQUIRED_FIELD_MISSING:Required fields are missing: [Name]:Name --");
        assert_eq!(
            ApiError::of_record(vec![error]).to_json().to_string(),
            r#"[{"message":"Required fields are missing: [Name]","errorCode":"REQUIRED_FIELD_MISSING","fields":["Name"]}]"#
        );
        assert_eq!(
            ApiError::invalid_session().to_json().to_string(),
            r#"[{"message":"Session expired or invalid","errorCode":"INVALID_SESSION_ID"}]"#
        );
    }
}
