//! Faults of whole requests: refused, slow, or without an answer because the connection drops.
//!
//! Only calls that write meet them. A fault for an object or record looks at the rows of single-record calls,
//! collections and trees; what a composite request or a bulk job writes is not looked into.

use axum::body::Body as HttpBody;
use axum::http::{Method, Response};
use axum::response::IntoResponse;
use serde_json::{Map, Value};

use super::request::ApiRequest;
use crate::watch::{RequestFault, Watch, Write};

/// Marks a response that is not to be sent: the connection drops instead.
#[derive(Debug, Clone, Copy)]
pub struct Dropped;

/// Whether the connection drops instead of this response.
pub fn is_dropped<B>(response: &Response<B>) -> bool {
    response.extensions().get::<Dropped>().is_some()
}

/// Carries a request out, with what it meets.
pub async fn around(
    met: RequestFault,
    request: impl Future<Output = Response<HttpBody>>,
) -> Response<HttpBody> {
    if !met.delay.is_zero() {
        tokio::time::sleep(met.delay).await;
    }
    if met.disconnect {
        return dropped();
    }
    if let Some(error) = met.error {
        return error.into_response();
    }
    let response = request.await;
    if met.lose_answer { dropped() } else { response }
}

fn dropped() -> Response<HttpBody> {
    let mut response = Response::new(HttpBody::empty());
    response.extensions_mut().insert(Dropped);
    response
}

/// What a call meets.
pub fn met(watch: &Watch, call: &ApiRequest) -> RequestFault {
    if !watch.has_faults() || call.method == Method::GET {
        return RequestFault::default();
    }
    let rows = rows(call);
    let values: Vec<_> = rows.iter().map(|(_, values)| |field: &str| shown(values, field)).collect();
    let writes: Vec<Write<'_>> =
        rows.iter().zip(&values).map(|((object, _), value)| Write { object, value }).collect();
    watch.on_request(&writes)
}

/// What a call meets whose rows are not known.
pub fn met_by_method(watch: &Watch, method: &Method) -> RequestFault {
    match method {
        &Method::GET => RequestFault::default(),
        _ => watch.on_request(&[]),
    }
}

fn shown(values: &Map<String, Value>, field: &str) -> Option<String> {
    let (_, value) = values.iter().find(|(name, _)| name.eq_ignore_ascii_case(field))?;
    Some(value.as_str().map_or_else(|| value.to_string(), str::to_owned))
}

/// Object and values of each row that a call writes.
fn rows(call: &ApiRequest) -> Vec<(String, Map<String, Value>)> {
    let body = call.object().unwrap_or_default();
    let path: Vec<&str> = call.path.iter().map(String::as_str).collect();
    let is = |segment: &str, name: &str| segment.eq_ignore_ascii_case(name);
    match path.as_slice() {
        [sobjects, object] | [sobjects, object, _] if is(sobjects, "sobjects") => {
            vec![((*object).to_owned(), body)]
        }
        [sobjects, object, field, value] if is(sobjects, "sobjects") => {
            let mut values = body;
            values.insert((*field).to_owned(), (*value).into());
            vec![((*object).to_owned(), values)]
        }
        [composite, kind, ..] if is(composite, "composite") && (is(kind, "sobjects") || is(kind, "tree")) => {
            let records = body.get("records").and_then(Value::as_array).into_iter().flatten();
            let typed = records.filter_map(|record| {
                let object = record["attributes"]["type"].as_str()?;
                Some((object.to_owned(), record.as_object()?.clone()))
            });
            typed.collect()
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::request::Body;
    use serde_json::json;

    #[test]
    fn the_rows_of_a_call() {
        let check = |target: &str, body: Value, expected: &[(&str, &str)]| {
            let call = ApiRequest::parse(Method::PATCH, target, Body::Json(body)).unwrap();
            let found = rows(&call);
            let found: Vec<_> = found
                .iter()
                .map(|(object, values)| (object.as_str(), shown(values, "ext__C").unwrap_or_default()))
                .collect();
            let expected: Vec<_> =
                expected.iter().map(|(object, key)| (*object, (*key).to_owned())).collect();
            assert_eq!(found, expected, "{target}");
        };
        check("v59.0/sobjects/Contact", json!({"Ext__c": "1"}), &[("Contact", "1")]);
        check("v59.0/sobjects/Contact/Ext__c/2", json!({}), &[("Contact", "2")]);
        let records = json!({"records": [
            {"attributes": {"type": "Contact"}, "Ext__c": 3}, {"attributes": {"type": "Account"}}, {"Ext__c": "no type"},
        ]});
        check("v59.0/composite/sobjects/Contact/Ext__c", records, &[("Contact", "3"), ("Account", "")]);
        check("v59.0/composite", json!({"records": []}), &[]);
    }
}
