//! SOQL: refused with Salesforce's words, or answered as asked; the sandbox never fails over it.

use serde_json::Value;

use crate::choices::{Choices, as_text};
use crate::crm::{encoded, json_call, with};
use crate::run::Target;
use crate::soql_text::query;

#[test]
fn queries() {
    let target = Target {
        name: "queries",
        inputs: 4_000,
        check,
        words: &[
            "SELECT ",
            " FROM Contact",
            " WHERE ",
            " AND ",
            " OR ",
            "NOT ",
            "(",
            ")",
            ",",
            "Id",
            "Name",
            "'",
            "\\",
            "LIKE '%",
            "IN (SELECT ",
            " LIMIT 1",
            " OFFSET 1",
            " ORDER BY ",
            " GROUP BY ",
            "COUNT(Id)",
            "LAST_N_YEARS:9999",
            "NEXT_N_QUARTERS:9999",
            ".",
            "INCLUDES ('a;b')",
            "2026-11-23T10:00:00Z",
            "FIELDS(ALL)",
            "null",
        ],
        also: &[],
    };
    target.run();
}

fn check(bytes: &[u8]) {
    if let Some(text) = as_text(bytes) {
        check_query(text);
    }
    check_query(&query(&mut Choices::new(bytes)));
}

fn check_query(soql: &str) {
    with(|crm| {
        let target = format!("/services/data/v59.0/query?q={}", encoded(soql));
        let Some((status, answer)) = json_call(crm, "GET", &target, &Value::Null) else { return };
        if status != 200 {
            assert_eq!(status, 400, "{soql}: {answer}");
            let error = &answer[0];
            assert!(error["errorCode"].is_string() && error["message"].is_string(), "{soql}: {answer}");
            return;
        }
        let records = answer["records"].as_array().expect("an answer has records");
        assert_eq!(answer["done"], true, "{soql}: fewer records than a page has");
        let total = answer["totalSize"].as_u64().expect("an answer has a size");
        assert!(total == records.len() as u64 || records.is_empty(), "{soql}: {answer}");
        // What it finds among the living is found among all.
        let all = format!("/services/data/v59.0/queryAll?q={}", encoded(soql));
        let (_, more) = json_call(crm, "GET", &all, &Value::Null).expect("it is a request");
        let count_all = more["totalSize"].as_u64().expect("an answer has a size");
        assert!(count_all >= total || soql.to_ascii_uppercase().contains("ISDELETED"), "{soql}");
    });
}
