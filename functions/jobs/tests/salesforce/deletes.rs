//! Deletes: the lookup, the delete, and the answers put back in the order sent.

use domain::Operation;
use jobs::crm::ApiUsage;
use serde_json::{Value, json as value};

use super::server::{Server, Step, json, with};
use super::support::{client, error, rows, send, shown, token};

const LOOKUP: &str = "GET /services/data/v66.0/query?q=SELECT+Id%2C+E__c+FROM+A__c+WHERE+E__c+IN+";
const DELETE: &str = "DELETE /services/data/v66.0/composite/sobjects?ids=";

/// A page of a lookup: ids and external ids.
fn found(records: &[(&str, Value)], next: Option<&str>) -> Step {
    let record = |(id, external_id): &(&str, Value)| value!({"attributes": {"type": "A__c"}, "Id": id, "E__C": external_id});
    let records: Vec<Value> = records.iter().map(record).collect();
    let page = value!({"totalSize": 9, "done": next.is_none(), "nextRecordsUrl": next, "records": records});
    json(200, page.to_string())
}

/// Deletes these external ids; `expected` are the outcome, the calls and the requests after the sign-in.
async fn check(all_or_none: bool, ids: &[&str], steps: Vec<Step>, expected: (&str, u32, &[String])) {
    let server = Server::in_order([vec![token("t1")], steps].concat()).await;
    let reply = send(&client(&server), Operation::Delete, all_or_none, ids).await;
    let lines = &server.lines()[1..];
    assert_eq!((shown(&reply.outcome, &server).as_str(), reply.calls, lines), expected);
}

#[tokio::test]
async fn a_delete_looks_up_and_deletes() {
    let next = "/services/data/v66.0/query/01g-1";
    check(
        true,
        &["a", "B", "O'H", "d"],
        vec![
            found(&[("00D", value!("D")), ("00B", value!("b"))], Some(next)),
            found(&[("00O", value!("O'H"))], None),
            rows("..."),
        ],
        (
            "done; done; done; done",
            3,
            &[
                format!("{LOOKUP}%28%27a%27%2C%27B%27%2C%27O%5C%27H%27%2C%27d%27%29"),
                format!("GET {next}"),
                format!("{DELETE}00B%2C00O%2C00D&allOrNone=true"),
            ],
        ),
    )
    .await;
    check(
        false,
        &["a", "b"],
        vec![found(&[("00A", value!("a")), ("00B", value!("b"))], None), rows(".x")],
        (
            "done; STRING_TOO_LONG|m",
            2,
            &[format!("{LOOKUP}%28%27a%27%2C%27b%27%29"), format!("{DELETE}00A%2C00B&allOrNone=false")],
        ),
    )
    .await;
}

#[tokio::test]
async fn the_latest_word_on_usage_is_kept() {
    let usage = |step: Step, used: u64| with(step, "Sforce-Limit-Info", format!("api-usage={used}/100"));
    let lookup = || found(&[("00A", value!("a"))], None);
    let check = async |steps: [Step; 2], used: u64| {
        let server = Server::in_order([vec![token("t1")], steps.to_vec()].concat()).await;
        let reply = send(&client(&server), Operation::Delete, true, &["a"]).await;
        assert_eq!((shown(&reply.outcome, &server).as_str(), reply.calls), ("done", 2));
        assert_eq!(reply.usage, Some(ApiUsage { used, max: 100 }));
    };
    check([usage(lookup(), 7), usage(rows("."), 8)], 8).await;
    check([usage(lookup(), 7), rows(".")], 7).await;
}

#[tokio::test]
async fn what_is_not_there_is_deleted_already() {
    check(true, &["a"], vec![found(&[], None)], ("done", 1, &[format!("{LOOKUP}%28%27a%27%29")])).await;
}

#[tokio::test]
async fn an_external_id_of_several_records_is_refused() {
    let lookup = format!("{LOOKUP}%28%27a%27%2C%27b%27%29");
    let twice = || found(&[("001", value!("a")), ("002", value!("A")), ("003", value!("b"))], None);
    let several =
        "DUPLICATE_EXTERNAL_ID|2 records have the external id a (001, 002); delete all but one by hand";
    check(
        false,
        &["a", "b"],
        vec![twice(), rows(".")],
        (&format!("{several}; done"), 2, &[lookup.clone(), format!("{DELETE}003&allOrNone=false")]),
    )
    .await;
    let rolled_back = "ALL_OR_NONE_OPERATION_ROLLED_BACK|not deleted, because another record of the call is refused and all \
                       or none were to be deleted";
    check(true, &["a", "b"], vec![twice()], (&format!("{several}; {rolled_back}"), 1, &[lookup])).await;
}

#[tokio::test]
async fn a_record_that_was_not_asked_for_stops_the_delete() {
    let lookup = format!("{LOOKUP}%28%27a%27%2C%27b%27%29");
    for other in [value!("c"), value!(null), value!(1)] {
        check(
            false,
            &["a", "b"],
            vec![found(&[("001", value!("a")), ("002", other)], None)],
            (
                "unavailable (-): UNEXPECTED_ANSWER|Salesforce found a record (002) that has none of the external ids asked \
                 for; nothing was deleted, compare its E__c with the record sent",
                1,
                std::slice::from_ref(&lookup),
            ),
        )
        .await;
    }
}

#[tokio::test]
async fn a_number_field_is_asked_without_quotes() {
    let quoted = format!("{LOOKUP}%28%2742%27%2C%277%27%29");
    check(
        false,
        &["42", "7"],
        vec![error(400, "INVALID_FIELD"), found(&[("001", value!(42.0))], None), rows(".")],
        (
            "done; done",
            3,
            &[quoted.clone(), format!("{LOOKUP}%2842%2C7%29"), format!("{DELETE}001&allOrNone=false")],
        ),
    )
    .await;
    check(
        false,
        &["42", "7"],
        vec![found(&[("007", value!(7.0))], None), rows(".")],
        ("done; done", 2, &[quoted.clone(), format!("{DELETE}007&allOrNone=false")]),
    )
    .await;
    check(
        false,
        &["42", "x"],
        vec![error(400, "INVALID_FIELD")],
        ("refused: INVALID_FIELD|m", 1, &[format!("{LOOKUP}%28%2742%27%2C%27x%27%29")]),
    )
    .await;
    check(false, &["42", "7"], vec![error(400, "INVALID_TYPE")], ("refused: INVALID_TYPE|m", 1, &[quoted]))
        .await;
}

#[tokio::test]
async fn a_long_list_is_looked_up_in_pieces() {
    let ids: Vec<String> = (0..200).map(|n| format!("{n}-{}", "x".repeat(100))).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let record = |n: usize, id: &str| (["00A", "00B", "00C"][n], value!(id));
    let steps = vec![found(&[record(0, ids[0])], None), found(&[record(1, ids[150])], None), rows(".x")];
    let server = Server::in_order([vec![token("t1")], steps].concat()).await;
    let reply = send(&client(&server), Operation::Delete, false, &ids).await;
    let outcome = shown(&reply.outcome, &server);
    let answers: Vec<&str> = outcome.split("; ").collect();
    assert_eq!((answers.len(), answers[150], reply.calls), (200, "STRING_TOO_LONG|m", 3));
    assert_eq!(answers.iter().filter(|answer| **answer == "done").count(), 199);
    for line in server.lines() {
        assert!(line.len() < 15_000, "{}", line.len());
    }
}
