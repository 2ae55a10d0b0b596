//! Queries: all pages, and no page of another host.

use jobs::crm::salesforce::QueryResult;
use serde_json::{Value, json as value};

use super::server::{Server, Step, json};
use super::support::{SECRET, client, error, token};

fn page(total: u64, next: Value, records: Value) -> Step {
    let done = next.is_null();
    let page = value!({"totalSize": total, "done": done, "nextRecordsUrl": next, "records": records});
    json(200, page.to_string())
}

async fn check(steps: Vec<Step>, expected: Result<QueryResult, &str>, lines: &[&str]) {
    let server = Server::in_order([vec![token("t1")], steps].concat()).await;
    let result = client(&server).query("SELECT Id FROM A__c").await;
    let result = result.map_err(|error| error.to_string().replace(&server.url, "URL"));
    assert!(!format!("{result:?}").contains(SECRET), "{result:?}");
    assert_eq!(result, expected.map_err(str::to_owned));
    assert_eq!(&server.lines()[1..], lines);
}

#[tokio::test]
async fn all_pages_are_read() {
    let first = "GET /services/data/v66.0/query?q=SELECT+Id+FROM+A__c";
    let next = value!("/services/data/v66.0/query/01g-2000");
    let second = "GET /services/data/v66.0/query/01g-2000";
    let records = vec![value!({"Id": "1"}), value!({"Id": "2"}), value!({"Id": "3"})];
    check(
        vec![
            page(3, next.clone(), value!([{"Id": "1"}, {"Id": "2"}])),
            page(3, Value::Null, value!([{"Id": "3"}])),
        ],
        Ok(QueryResult { total_size: 3, records }),
        &[first, second],
    )
    .await;
    check(
        vec![page(17, Value::Null, value!([]))],
        Ok(QueryResult { total_size: 17, records: vec![] }),
        &[first],
    )
    .await;
    check(
        vec![page(2, next.clone(), value!([{"Id": "1"}])), error(400, "INVALID_QUERY_LOCATOR")],
        Err("query Salesforce: INVALID_QUERY_LOCATOR: m; correct the query, or what the user may read"),
        &[first, second],
    )
    .await;
    let no_next = "query Salesforce: UNEXPECTED_ANSWER: URL answered a page of a query that is not the last and names no \
                   usable next one; try again later";
    for bad in [value!("https://elsewhere/services/x"), value!("//elsewhere/x"), value!("")] {
        check(vec![page(2, bad, value!([{"Id": "1"}]))], Err(no_next), &[first]).await;
    }
    check(vec![page(2, next.clone(), value!([]))], Err(no_next), &[first]).await;
    check(vec![page(1, next, value!([{"Id": "1"}]))], Err(no_next), &[first]).await;
}
