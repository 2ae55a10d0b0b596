//! What an HTTP answer of the data API means: pure, from status, headers and body to rows or a failure.
//!
//! It does not know what was asked, only how many records were sent. Statuses: reference §2.2; rows: reference §2.3.

use std::time::Duration;

use domain::CrmError;
use domain::classify::Refusal;
use domain::codes::Class;
use domain::decide::RowAnswer;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::error::unavailable;
use crate::crm::{ApiUsage, CrmFailure, own_code};

/// Our own code for a request that Salesforce will not read because of its length (413, 414, 431) and to which it gave no
/// code. Fewer records in a call may pass.
pub const REQUEST_TOO_LARGE: &str = "REQUEST_TOO_LARGE";

/// An answer, read to its end.
#[derive(Debug, Clone, Default)]
pub(super) struct Answer {
    /// Scheme and host that were asked, for messages.
    pub from: String,
    /// HTTP status.
    pub status: u16,
    /// `Content-Type`, empty when there was none.
    pub content_type: String,
    /// `Retry-After`.
    pub retry_after: Option<String>,
    /// `Sforce-Limit-Info`.
    pub limit_info: Option<String>,
    /// `Location`.
    pub location: Option<String>,
    /// The body.
    pub body: Vec<u8>,
}

#[derive(Deserialize)]
struct Row {
    success: bool,
    #[serde(default)]
    errors: Option<Vec<RowError>>,
}

/// Collections say `statusCode`, other resources `errorCode` (reference §2.3).
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RowError {
    status_code: Option<String>,
    error_code: Option<String>,
    message: Option<String>,
    fields: Option<Vec<String>>,
}

impl RowError {
    fn has_code(&self) -> bool {
        self.status_code.is_some() || self.error_code.is_some()
    }

    fn into_error(self) -> CrmError {
        let code = self.status_code.or(self.error_code).unwrap_or_else(|| "UNKNOWN_EXCEPTION".to_owned());
        CrmError {
            code,
            message: self.message.unwrap_or_default(),
            fields: self.fields.unwrap_or_default(),
            foretold_by: None,
        }
    }
}

impl Answer {
    /// One answer per record, in the order sent.
    pub fn rows(&self, sent: usize) -> Result<Vec<RowAnswer>, CrmFailure> {
        match self.status {
            200 | 201 => self.body_rows(sent),
            300 if sent == 1 => Ok(vec![RowAnswer::Refused(vec![CrmError::new(
                "DUPLICATE_EXTERNAL_ID",
                "the external id is that of more than one record; merge or delete all but one",
                &[],
            )])]),
            _ => Err(self.failure()),
        }
    }

    fn body_rows(&self, sent: usize) -> Result<Vec<RowAnswer>, CrmFailure> {
        // One record may be answered by an object, as the single-record resource does.
        let rows: Vec<Row> =
            if self.begins_with(b'{') { vec![self.parsed::<Row>()?] } else { self.parsed::<Vec<Row>>()? };
        if rows.len() != sent {
            let what = format!("{} answered {} rows to {sent} records", self.from, rows.len());
            return Err(unavailable(own_code::UNEXPECTED_ANSWER, what));
        }
        let answer = |row: Row| match row.success {
            true => RowAnswer::Done,
            false => {
                let errors = row.errors.unwrap_or_default();
                RowAnswer::Refused(errors.into_iter().map(RowError::into_error).collect())
            }
        };
        Ok(rows.into_iter().map(answer).collect())
    }

    /// The JSON of an answer with status 200.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, CrmFailure> {
        if self.status == 200 { self.parsed() } else { Err(self.failure()) }
    }

    /// The body as what it should be, whatever the status.
    fn parsed<T: DeserializeOwned>(&self) -> Result<T, CrmFailure> {
        serde_json::from_slice(&self.body).map_err(|error| {
            if !self.is_json() {
                return self.no_json();
            }
            let what = format!(
                "{} answered JSON ({}) that is cut off or is not Salesforce's: {error}",
                self.from, self.status
            );
            unavailable(own_code::UNEXPECTED_ANSWER, what)
        })
    }

    /// Why there is nothing of use in it.
    pub fn failure(&self) -> CrmFailure {
        let errors = self.errors();
        match self.status {
            400 | 403 | 404 if !errors.is_empty() => self.judged(errors),
            400 | 403 | 404 => self.no_json(),
            413 | 414 | 431 => self.too_large(errors),
            401 => self.signed_out(errors),
            408 | 420 | 429 | 500..=599 => self.down(errors),
            300..=399 => self.redirect(),
            _ => self.unexpected_status(&errors),
        }
    }

    /// The request was read: either it is refused, or the codes say that the CRM is out of reach for anyone.
    fn judged(&self, errors: Vec<CrmError>) -> CrmFailure {
        let refusal = Refusal::new(errors.clone());
        let first = refusal.first();
        let ours = first.code.starts_with("API_DISABLED") || first.code == "UNSUPPORTED_API_VERSION";
        if ours || matches!(refusal.class, Class::Auth | Class::Limit | Class::Outage | Class::Lock) {
            return CrmFailure::Unavailable { error: first.clone(), retry_after: self.retry_after() };
        }
        CrmFailure::Refused(errors)
    }

    /// Refused though the session is new (the client signs in again by itself when it is not).
    fn signed_out(&self, errors: Vec<CrmError>) -> CrmFailure {
        let what = || {
            format!(
                "{} refused a session that it had just given ({}); check that the user may use the API",
                self.from,
                self.kind()
            )
        };
        let error = errors.into_iter().next();
        let error = error.unwrap_or_else(|| CrmError::new(own_code::SIGN_IN_FAILED, what(), &[]));
        CrmFailure::Unavailable { error, retry_after: None }
    }

    fn down(&self, errors: Vec<CrmError>) -> CrmFailure {
        let what = || {
            format!("{} answered {}; Salesforce or a proxy before it is down or busy", self.from, self.kind())
        };
        let error = errors.into_iter().next();
        let error = error.unwrap_or_else(|| CrmError::new(own_code::UNEXPECTED_ANSWER, what(), &[]));
        CrmFailure::Unavailable { error, retry_after: self.retry_after() }
    }

    fn too_large(&self, errors: Vec<CrmError>) -> CrmFailure {
        if !errors.is_empty() {
            return CrmFailure::Refused(errors);
        }
        let what = format!("{} answered {}: the request is too large", self.from, self.status);
        CrmFailure::Refused(vec![CrmError::new(REQUEST_TOO_LARGE, what, &[])])
    }

    fn redirect(&self) -> CrmFailure {
        // The query of a redirect may carry a session.
        let to = self.location.as_deref().unwrap_or("nowhere").split(['?', '#']).next().unwrap_or_default();
        let what = format!(
            "{} answered a redirect ({}) to {to}, which is not followed; if the org has moved, give that host as the \
             login URL",
            self.from, self.status
        );
        unavailable(own_code::UNEXPECTED_ANSWER, what)
    }

    fn unexpected_status(&self, errors: &[CrmError]) -> CrmFailure {
        let said = match errors.first() {
            Some(error) => format!("{} with {}: {}", self.status, error.code, error.message),
            None => self.kind(),
        };
        let what = format!(
            "{} answered {said}; check that nothing between here and Salesforce changes requests",
            self.from
        );
        unavailable(own_code::UNEXPECTED_ANSWER, what)
    }

    /// None of Salesforce's answers.
    pub fn no_json(&self) -> CrmFailure {
        let not_json = if self.is_json() { "" } else { ", not JSON" };
        let what = format!(
            "{} answered {}{not_json}: is this a Salesforce login or instance URL?",
            self.from,
            self.kind()
        );
        unavailable(own_code::UNEXPECTED_ANSWER, what)
    }

    /// `HTML (text/html, 200)`.
    fn kind(&self) -> String {
        let kind = match () {
            () if self.body.is_empty() => "nothing",
            () if self.is_json() => "JSON that is not Salesforce's",
            () if self.content_type.contains("html") || self.begins_with(b'<') => "HTML",
            () => "text",
        };
        let content_type = self.content_type.split(';').next().unwrap_or_default().trim();
        let content_type = if content_type.is_empty() { "no content type" } else { content_type };
        format!("{kind} ({content_type}, {})", self.status)
    }

    /// Whether the body means to be JSON; it may be cut off.
    fn is_json(&self) -> bool {
        self.begins_with(b'{') || self.begins_with(b'[')
    }

    fn begins_with(&self, byte: u8) -> bool {
        self.body.trim_ascii_start().first() == Some(&byte)
    }

    /// The errors of an answer to a whole request: a list, or one alone. Empty when the body is none of the CRM's.
    fn errors(&self) -> Vec<CrmError> {
        let list = serde_json::from_slice::<Vec<RowError>>(&self.body)
            .or_else(|_| serde_json::from_slice::<RowError>(&self.body).map(|error| vec![error]))
            .unwrap_or_default();
        list.into_iter().filter(RowError::has_code).map(RowError::into_error).collect()
    }

    /// `Retry-After` in seconds. A date is not read: Salesforce sends none, and a wrong clock would make it worse than the
    /// job's own backoff.
    fn retry_after(&self) -> Option<Duration> {
        self.retry_after.as_deref()?.trim().parse().ok().map(Duration::from_secs)
    }

    /// What the CRM says of the day's calls: `api-usage=18/5000; per-app-api-usage=17/250(appName=x)`.
    pub fn usage(&self) -> Option<ApiUsage> {
        let org = |part: &str| part.trim().strip_prefix("api-usage=").map(str::to_owned);
        let usage = self.limit_info.as_deref()?.split([';', ',']).find_map(org)?;
        let (used, max) = usage.split_once('/')?;
        Some(ApiUsage { used: used.trim().parse().ok()?, max: max.trim().parse().ok()? })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    const FROM: &str = "https://acme.my.salesforce.com";

    fn answer(status: u16, content_type: &str, body: &str) -> Answer {
        Answer {
            from: FROM.to_owned(),
            status,
            content_type: content_type.to_owned(),
            retry_after: Some("7".to_owned()),
            body: body.as_bytes().to_vec(),
            ..Answer::default()
        }
    }

    fn json(status: u16, body: &str) -> Answer {
        answer(status, "application/json;charset=UTF-8", body)
    }

    fn told(errors: &[CrmError]) -> String {
        let one = |e: &CrmError| format!("{}|{}|{}", e.code, e.message, e.fields.join(","));
        errors.iter().map(one).collect::<Vec<_>>().join(" + ")
    }

    /// `done; X|message|fields; ...`, `refused: ...` or `unavailable (wait): ...`, with `H` for the host.
    fn shown(outcome: &Result<Vec<RowAnswer>, CrmFailure>) -> String {
        let row = |row: &RowAnswer| match row {
            RowAnswer::Done => "done".to_owned(),
            RowAnswer::Refused(errors) => told(errors),
        };
        let text = match outcome {
            Ok(rows) => rows.iter().map(row).collect::<Vec<_>>().join("; "),
            Err(CrmFailure::Refused(errors)) => format!("refused: {}", told(errors)),
            Err(CrmFailure::Unavailable { error, retry_after }) => {
                let wait = retry_after.map_or_else(|| "-".to_owned(), |wait| wait.as_secs().to_string());
                format!("unavailable ({wait}): {}", told(std::slice::from_ref(error)))
            }
        };
        text.replace(FROM, "H")
    }

    fn check(answer: &Answer, sent: usize, expected: &str) {
        assert_eq!(shown(&answer.rows(sent)), expected, "{} for {sent}", answer.status);
    }

    #[test]
    fn rows_are_read_in_order() {
        let ok = r#"{"id":"001A","success":true,"errors":[],"created":true}"#;
        let two = r#"{"success":false,"errors":[
            {"statusCode":"MALFORMED_ID","message":"Contact: id value","fields":["C__c","D"],"duplicateResult":{"x":1}},
            {"errorCode":"STRING_TOO_LONG","message":"too \"long\"","fields":null}]}"#;
        let bare = r#"{"success":false}"#;
        let odd = r#"{"success":false,"errors":[{}]}"#;
        check(
            &json(200, &format!("[{ok},{two},{ok}]")),
            3,
            "done; MALFORMED_ID|Contact: id value|C__c,D + STRING_TOO_LONG|too \"long\"|; done",
        );
        check(&json(200, &format!(" [{bare},{odd}]")), 2, "; UNKNOWN_EXCEPTION||");
        check(&json(200, "[]"), 0, "");
        check(&json(200, ok), 1, "done");
        check(&json(201, ok), 1, "done");
        let several = r#"["/services/data/v66.0/sobjects/A/001A","/services/data/v66.0/sobjects/A/001B"]"#;
        check(
            &json(300, several),
            1,
            "DUPLICATE_EXTERNAL_ID|the external id is that of more than one record; merge or delete all but one|",
        );
    }

    #[test]
    fn rows_that_are_none_say_nothing_of_a_record() {
        let ok = r#"{"success":true}"#;
        let starts = "unavailable (-): UNEXPECTED_ANSWER|H answered ";
        let url = "is this a Salesforce login or instance URL?|";
        let cases = [
            (json(200, &format!("[{ok}]")), "1 rows to 2 records|".to_owned()),
            (json(200, ok), "1 rows to 2 records|".to_owned()),
            (
                json(200, "[{\"success\":true},{\"succ"),
                "JSON (200) that is cut off or is not Salesforce's: EOF while parsing a string at line 1 column 24|".to_owned(),
            ),
            (
                json(200, r#"[{"errorCode":"X","message":"y"}]"#),
                "JSON (200) that is cut off or is not Salesforce's: missing field `success` at line 1 column 32|".to_owned(),
            ),
            (answer(200, "text/html", "<html>"), format!("HTML (text/html, 200), not JSON: {url}")),
            (answer(200, "", "\n <p>"), format!("HTML (no content type, 200), not JSON: {url}")),
            (answer(200, "text/plain", "hello"), format!("text (text/plain, 200), not JSON: {url}")),
            (answer(201, "", ""), format!("nothing (no content type, 201), not JSON: {url}")),
            // Collections always send rows: an empty answer proves nothing about any record.
            (
                answer(204, "", ""),
                "nothing (no content type, 204); check that nothing between here and Salesforce changes requests|".to_owned(),
            ),
        ];
        for (answer, expected) in cases {
            check(&answer, 2, &format!("{starts}{expected}"));
        }
    }

    #[test]
    fn codes_decide_between_refused_and_unavailable() {
        let cases = [
            (400, "INVALID_FIELD", "refused: INVALID_FIELD|m|F"),
            (400, "JSON_PARSER_ERROR", "refused: JSON_PARSER_ERROR|m|F"),
            (400, "SOMETHING_NEW", "refused: SOMETHING_NEW|m|F"),
            (400, "UNABLE_TO_LOCK_ROW", "unavailable (7): UNABLE_TO_LOCK_ROW|m|F"),
            (400, "STORAGE_LIMIT_EXCEEDED", "unavailable (7): STORAGE_LIMIT_EXCEEDED|m|F"),
            (400, "UNSUPPORTED_API_VERSION", "unavailable (7): UNSUPPORTED_API_VERSION|m|F"),
            (404, "NOT_FOUND", "refused: NOT_FOUND|m|F"),
            (404, "ORG_IN_MAINTENANCE", "unavailable (7): ORG_IN_MAINTENANCE|m|F"),
            (403, "REQUEST_LIMIT_EXCEEDED", "unavailable (7): REQUEST_LIMIT_EXCEEDED|m|F"),
            (403, "API_DISABLED_FOR_ORG", "unavailable (7): API_DISABLED_FOR_ORG|m|F"),
            (403, "API_DISABLED_FOR_USER", "unavailable (7): API_DISABLED_FOR_USER|m|F"),
            (403, "API_CURRENTLY_DISABLED", "unavailable (7): API_CURRENTLY_DISABLED|m|F"),
            (403, "INSUFFICIENT_ACCESS_OR_READONLY", "refused: INSUFFICIENT_ACCESS_OR_READONLY|m|F"),
            (401, "INVALID_SESSION_ID", "unavailable (-): INVALID_SESSION_ID|m|F"),
            (413, "REQUEST_TOO_BIG", "refused: REQUEST_TOO_BIG|m|F"),
            (429, "REQUEST_LIMIT_EXCEEDED", "unavailable (7): REQUEST_LIMIT_EXCEEDED|m|F"),
            (500, "UNKNOWN_EXCEPTION", "unavailable (7): UNKNOWN_EXCEPTION|m|F"),
            (503, "SERVER_UNAVAILABLE", "unavailable (7): SERVER_UNAVAILABLE|m|F"),
        ];
        for (status, code, expected) in cases {
            let body = format!(r#"[{{"errorCode":"{code}","message":"m","fields":["F"]}}]"#);
            check(&json(status, &body), 2, expected);
            check(&json(status, &body[1..body.len() - 1]), 1, expected);
        }
        let both = r#"[{"errorCode":"UNABLE_TO_LOCK_ROW","message":"a"},{"errorCode":"INVALID_FIELD","message":"b"}]"#;
        check(&json(400, both), 2, "refused: UNABLE_TO_LOCK_ROW|a| + INVALID_FIELD|b|");
    }

    #[test]
    fn a_status_without_a_code_is_put_in_words() {
        let url = "is this a Salesforce login or instance URL?";
        let down = "Salesforce or a proxy before it is down or busy";
        let middle = "check that nothing between here and Salesforce changes requests";
        let page = "UNEXPECTED_ANSWER|H answered HTML (text/html, ";
        let mut cases: Vec<(u16, String)> = Vec::new();
        for status in [400, 403, 404] {
            cases.push((status, format!("unavailable (-): {page}{status}), not JSON: {url}|")));
        }
        for status in [408, 420, 429, 500, 502, 503, 504, 599] {
            cases.push((status, format!("unavailable (7): {page}{status}); {down}|")));
        }
        for status in [100, 202, 405, 409, 410, 412, 415, 428, 600] {
            cases.push((status, format!("unavailable (-): {page}{status}); {middle}|")));
        }
        for status in [413, 414, 431] {
            cases.push((
                status,
                format!("refused: REQUEST_TOO_LARGE|H answered {status}: the request is too large|"),
            ));
        }
        for status in [300, 301, 302, 307, 308] {
            let what =
                format!("H answered a redirect ({status}) to https://other.host/a, which is not followed");
            let advice = "if the org has moved, give that host as the login URL";
            cases.push((status, format!("unavailable (-): UNEXPECTED_ANSWER|{what}; {advice}|")));
        }
        let refused = "SIGN_IN_FAILED|H refused a session that it had just given (HTML (text/html, 401))";
        cases.push((401, format!("unavailable (-): {refused}; check that the user may use the API|")));
        for (status, expected) in cases {
            let mut page = answer(status, "text/html; charset=utf-8", "<html>Sorry</html>");
            page.location = Some("https://other.host/a?sid=hush#hush".to_owned());
            check(&page, 2, &expected);
        }
        check(
            &json(405, r#"[{"errorCode":"METHOD_NOT_ALLOWED","message":"m"}]"#),
            1,
            &format!(
                "unavailable (-): UNEXPECTED_ANSWER|H answered 405 with METHOD_NOT_ALLOWED: m; {middle}|"
            ),
        );
        check(
            &json(404, r#"{"error":"x"}"#),
            1,
            &format!(
                "unavailable (-): UNEXPECTED_ANSWER|H answered JSON that is not Salesforce's (application/json, 404): {url}|"
            ),
        );
    }

    #[test]
    fn retry_after_is_seconds_only() {
        let check = |header: Option<&str>, expected: Option<u64>| {
            let answer = Answer { retry_after: header.map(str::to_owned), ..json(503, "") };
            let CrmFailure::Unavailable { retry_after, .. } = answer.failure() else {
                panic!("503 is a failure")
            };
            assert_eq!(retry_after, expected.map(Duration::from_secs), "{header:?}");
        };
        check(None, None);
        check(Some(" 120 "), Some(120));
        check(Some("-1"), None);
        check(Some("Wed, 21 Oct 2026 07:28:00 GMT"), None);
    }

    #[test]
    fn the_usage_is_the_orgs() {
        let check = |header: Option<&str>, expected: Option<(u64, u64)>| {
            let answer = Answer { limit_info: header.map(str::to_owned), ..Answer::default() };
            assert_eq!(answer.usage(), expected.map(|(used, max)| ApiUsage { used, max }), "{header:?}");
        };
        check(Some("api-usage=18/5000"), Some((18, 5000)));
        check(Some("api-usage=25/5000; per-app-api-usage=17/250(appName=x)"), Some((25, 5000)));
        check(Some("per-app-api-usage=17/250(appName=x), api-usage=25/5000"), Some((25, 5000)));
        check(Some("per-app-api-usage=17/250(appName=x)"), None);
        check(Some("api-usage=many"), None);
        check(None, None);
    }

    #[test]
    fn other_json_comes_with_status_200_only() {
        assert_eq!(json(200, r#"{"a":1}"#).json::<Value>(), Ok(serde_json::json!({"a": 1})));
        let refused = json(400, r#"[{"errorCode":"MALFORMED_QUERY","message":"m"}]"#).json::<Value>();
        assert_eq!(refused, Err(CrmFailure::Refused(vec![CrmError::new("MALFORMED_QUERY", "m", &[])])));
    }
}
