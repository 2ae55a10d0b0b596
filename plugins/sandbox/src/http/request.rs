//! A call on the data API, independent of how it came: over the network or inside a composite request.

use axum::http::Method;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use crate::error::ApiError;

/// Oldest and newest API version that is served (reference, head).
pub const VERSIONS: std::ops::RangeInclusive<u32> = 31..=68;

/// One call.
#[derive(Debug, Clone)]
pub struct ApiRequest {
    /// HTTP method.
    pub method: Method,
    /// 59 for `v59.0`.
    pub version: u32,
    /// Segments of the path behind the version, decoded.
    pub path: Vec<String>,
    /// Parameters, decoded.
    pub query: Vec<(String, String)>,
    /// Body.
    pub body: Body,
    /// `Sforce-Query-Options`.
    pub query_options: Option<String>,
    /// `Sforce-Duplicate-Rule-Header: allowSave=true`.
    pub allow_duplicates: bool,
    /// The call stands in a composite request with `allOrNone`, which overrides its own (reference §2.3).
    pub all_or_none: bool,
}

/// A call's body.
#[derive(Debug, Clone)]
pub enum Body {
    /// As it came over the network; empty when there is none.
    Text(String),
    /// As it stood in a composite request.
    Json(Value),
}

impl ApiRequest {
    /// A call by its method and its path with parameters, from the version on: `v59.0/sobjects/Account?fields=Name`.
    pub fn parse(method: Method, target: &str, body: Body) -> Result<ApiRequest, ApiError> {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let mut segments = path.split('/').filter(|segment| !segment.is_empty()).map(decode);
        let version = parse_version(&segments.next().unwrap_or_default())?;
        let query = parse_form(query);
        let method = match query.iter().find(|(name, _)| name == "_HttpMethod") {
            // For clients that cannot send PATCH.
            Some((_, wanted)) if method == Method::POST => {
                Method::from_bytes(wanted.to_ascii_uppercase().as_bytes())
                    .map_err(|_| ApiError::not_found())?
            }
            _ => method,
        };
        let path = segments.collect();
        let (query_options, allow_duplicates, all_or_none) = (None, false, false);
        Ok(ApiRequest { method, version, path, query, body, query_options, allow_duplicates, all_or_none })
    }

    /// A parameter's value.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        let mut parameters = self.query.iter();
        parameters.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The body as it came, when it came over the network.
    pub fn text(&self) -> Option<&str> {
        match &self.body {
            Body::Text(text) => Some(text),
            Body::Json(_) => None,
        }
    }

    /// The body as a JSON object.
    pub fn object(&self) -> Result<Map<String, Value>, ApiError> {
        let value = match &self.body {
            Body::Json(value) => value.clone(),
            Body::Text(text) => serde_json::from_str(text).map_err(|error| {
                let message = error.to_string();
                let what = message.split(" at line ").next().unwrap_or(&message);
                let at = format!("[line:{}, column:{}]", error.line(), error.column());
                ApiError::unreadable(format!("{what} at {at}"))
            })?,
        };
        match value {
            Value::Object(object) => Ok(object),
            _ => {
                Err(ApiError::unreadable("The HTTP entity body must be a JSON object at [line:1, column:1]"))
            }
        }
    }
}

/// `v59.0` to 59. 410 for a version that Salesforce retired, 404 for what is no version.
pub fn parse_version(text: &str) -> Result<u32, ApiError> {
    let number = text.strip_prefix(['v', 'V']).and_then(|rest| rest.strip_suffix(".0"));
    let number: u32 = number.and_then(|number| number.parse().ok()).ok_or_else(ApiError::not_found)?;
    match number {
        number if VERSIONS.contains(&number) => Ok(number),
        7..=30 => {
            Err(ApiError::new(410, "UNSUPPORTED_API_VERSION", "API version is retired; use v31.0 or later"))
        }
        _ => Err(ApiError::not_found()),
    }
}

/// Reads `a=1&b=two+words`.
pub fn parse_form(text: &str) -> Vec<(String, String)> {
    let pairs = text.split('&').filter(|pair| !pair.is_empty());
    let decode = |text: &str| decode(&text.replace('+', " "));
    pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(name), decode(value))
        })
        .collect()
}

fn decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_taken_apart_before_it_is_decoded() {
        let target = "/v59.0/sobjects//Account/Ext__c/a%2Fb+c/?fields=Name%2CId&x=1+2";
        let request = ApiRequest::parse(Method::GET, target, Body::Text(String::new())).unwrap();
        assert_eq!(request.version, 59);
        assert_eq!(request.path, ["sobjects", "Account", "Ext__c", "a/b+c"]);
        assert_eq!((request.parameter("fields"), request.parameter("X")), (Some("Name,Id"), Some("1 2")));
    }

    #[test]
    fn versions() {
        let check = |text: &str, expected: Result<u32, u16>| {
            assert_eq!(parse_version(text).map_err(|error| error.status), expected, "{text}");
        };
        check("v31.0", Ok(31));
        check("v68.0", Ok(68));
        check("v30.0", Err(410));
        check("v69.0", Err(404));
        check("v59.1", Err(404));
        check("59.0", Err(404));
    }

    #[test]
    fn an_unreadable_body_says_where() {
        let request = ApiRequest::parse(Method::POST, "v59.0/x", Body::Text("{\"a\": ]".into())).unwrap();
        assert_eq!(
            request.object().unwrap_err().to_json().to_string(),
            r#"[{"message":"expected value at [line:1, column:7]","errorCode":"JSON_PARSER_ERROR"}]"#
        );
    }
}
