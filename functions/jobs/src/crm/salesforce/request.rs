//! What is sent: method, path and body of each call. Pure; the connection is in `http`, the token in `session`.

use domain::Record;
use reqwest::{Method, Url};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use crate::crm::Chunk;

/// One data API call, the same whichever session it is sent under.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Request {
    /// HTTP method.
    pub method: Method,
    /// Path and query, encoded; begins with a slash.
    pub target: String,
    /// JSON.
    pub body: Option<String>,
}

impl Request {
    /// Upsert of a chunk by external id (reference §2.3).
    pub fn upsert(version: &str, chunk: &Chunk<'_>) -> Self {
        let field = chunk.external_id_field;
        let records =
            chunk.records.iter().map(|&record| Row { object: chunk.object, field, record }).collect();
        let body = Upsert { all_or_none: chunk.all_or_none, records };
        let body = serde_json::to_string(&body).expect("a record is text keys and JSON values");
        let path = ["composite", "sobjects", chunk.object, field];
        Self { method: Method::PATCH, target: encoded(version, &path, &[]), body: Some(body) }
    }

    /// Delete by record id; at most 200 (reference §2.3).
    pub fn delete(version: &str, ids: &[&str], all_or_none: bool) -> Self {
        let all_or_none = if all_or_none { "true" } else { "false" };
        let query = [("ids", ids.join(",")), ("allOrNone", all_or_none.to_owned())];
        Self {
            method: Method::DELETE,
            target: encoded(version, &["composite", "sobjects"], &query),
            body: None,
        }
    }

    /// The first page of a query (reference §2.7).
    pub fn query(version: &str, soql: &str) -> Self {
        Self {
            method: Method::GET,
            target: encoded(version, &["query"], &[("q", soql.to_owned())]),
            body: None,
        }
    }

    /// What an object is: its fields, their types and rights (reference §2.1).
    pub fn describe(version: &str, object: &str) -> Self {
        let path = ["sobjects", object, "describe"];
        Self { method: Method::GET, target: encoded(version, &path, &[]), body: None }
    }

    /// A further page, by the path that the page before it named.
    pub fn next_page(target: &str) -> Self {
        Self { method: Method::GET, target: target.to_owned(), body: None }
    }
}

/// Path below the API's base, and query, as they go out.
fn encoded(version: &str, path: &[&str], query: &[(&str, String)]) -> String {
    let mut url = Url::parse("https://encode.invalid/services/data").expect("this URL is one");
    let version = format!("v{version}");
    url.path_segments_mut().expect("an https URL has a path").push(&version).extend(path);
    if !query.is_empty() {
        url.query_pairs_mut().extend_pairs(query);
    }
    match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Upsert<'a> {
    all_or_none: bool,
    records: Vec<Row<'a>>,
}

/// One record, written without a copy of its fields.
struct Row<'a> {
    object: &'a str,
    field: &'a str,
    record: &'a Record,
}

#[derive(Serialize)]
struct Attributes<'a> {
    r#type: &'a str,
}

impl Serialize for Row<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut row = serializer.serialize_map(None)?;
        row.serialize_entry("attributes", &Attributes { r#type: self.object })?;
        row.serialize_entry(self.field, &self.record.external_id.value)?;
        // A member that is given twice would be read as either; `attributes` is never a field's name.
        let ours = |name: &str| name == "attributes" || name.eq_ignore_ascii_case(self.field);
        for (name, value) in self.record.fields.iter().filter(|(name, _)| !ours(name)) {
            row.serialize_entry(name, value)?;
        }
        row.end()
    }
}

#[cfg(test)]
mod tests {
    use domain::Operation;

    use super::*;

    fn record(line: &str) -> Record {
        Record::from_json(serde_json::from_str(line).expect("JSON")).expect("whole")
    }

    #[test]
    fn an_upsert_goes_out_digit_for_digit() {
        let first = record(
            r#"{"object":"A__c","externalId":{"field":"E__c","value":"ä/1"},
                "fields":{"N__c":12345678901234567.890,"P__r":{"X__c":"42"},"Z__c":null,"attributes":"x"}}"#,
        );
        let second = record(r#"{"object":"A__c","externalId":{"field":"e__C","value":7},"fields":{}}"#);
        let chunk = Chunk {
            object: "A__c",
            external_id_field: "E__c",
            operation: Operation::Upsert,
            records: &[&first, &second],
            all_or_none: true,
        };
        let expected = concat!(
            r#"{"allOrNone":true,"records":[{"attributes":{"type":"A__c"},"E__c":"ä/1","#,
            r#""N__c":12345678901234567.890,"P__r":{"X__c":"42"},"Z__c":null},"#,
            r#"{"attributes":{"type":"A__c"},"E__c":"7"}]}"#
        );
        assert_eq!(
            Request::upsert("66.0", &chunk),
            Request {
                method: Method::PATCH,
                target: "/services/data/v66.0/composite/sobjects/A__c/E__c".into(),
                body: Some(expected.into()),
            }
        );
    }

    #[test]
    fn targets_are_encoded() {
        let check = |request: Request, method: Method, target: &str| {
            assert_eq!(request, Request { method, target: target.into(), body: None });
        };
        check(
            Request::query("66.0", "SELECT Id FROM A WHERE E__c IN ('a+b','ä&c=d#')"),
            Method::GET,
            "/services/data/v66.0/query?q=SELECT+Id+FROM+A+WHERE+E__c+IN+%28%27a%2Bb%27%2C%27%C3%A4%26c%3Dd%23%27%29",
        );
        check(
            Request::delete("66.0", &["001A", "001B"], false),
            Method::DELETE,
            "/services/data/v66.0/composite/sobjects?ids=001A%2C001B&allOrNone=false",
        );
        check(Request::describe("66.0", "A__c"), Method::GET, "/services/data/v66.0/sobjects/A__c/describe");
        check(
            Request::next_page("/services/data/v66.0/query/01g-2000"),
            Method::GET,
            "/services/data/v66.0/query/01g-2000",
        );
    }
}
