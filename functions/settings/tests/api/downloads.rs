//! Downloads: whole, in order, streamed; and refused where they cannot be.

use serde_json::Value;
use settings::Api;
use settings::auth::{Auth, Loopback};

use crate::world::World;

/// More than two pages of the reader.
const MANY: usize = 1_203;

async fn many(world: &World) {
    let ids: Vec<String> = (0..MANY).map(|id| format!("bad-{id:04}")).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    world.logged("Contact", 1, &ids).await;
}

#[tokio::test]
async fn a_file_has_every_error_once_and_in_order() {
    let world = World::new().await;
    many(&world).await;
    let answer = world.get("/api/errors.csv?object=Contact").await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "text/csv; charset=utf-8"));
    let disposition = "attachment; filename=\"export-errors-acme-2026-11-23.csv\"";
    assert_eq!(
        (answer.header("content-disposition"), answer.header("cache-control")),
        (disposition, "no-store")
    );
    let mut reader = csv::Reader::from_reader(answer.text.as_bytes());
    let column =
        reader.headers().expect("a head").iter().position(|name| name == "externalId").expect("there");
    let ids: Vec<String> = reader.records().map(|row| row.expect("a row")[column].to_owned()).collect();
    let expected: Vec<String> = (0..MANY).map(|id| format!("bad-{id:04}")).collect();
    assert_eq!(ids, expected);

    let answer = world.get("/api/errors.ndjson").await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/x-ndjson"));
    let lines: Vec<Value> =
        answer.text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let ids: Vec<&str> =
        lines.iter().map(|error| error["externalId"]["value"].as_str().expect("a text")).collect();
    assert_eq!(ids, expected);
    assert_eq!(lines[7]["record"]["fields"]["Name"], "<b>bad-0007</b>");
}

#[tokio::test]
async fn an_empty_list_is_an_empty_file() {
    let world = World::new().await;
    let csv = world.get("/api/errors.csv").await;
    assert_eq!((csv.status, csv.text.lines().count()), (200, 1), "the head alone");
    let ndjson = world.get("/api/errors.ndjson?state=all").await;
    assert_eq!((ndjson.status, ndjson.text.as_str()), (200, ""));
    world.get("/api/errors.csv?limit=5").await.problem(400, "bad-request");
}

#[tokio::test]
async fn formulas_in_records_are_text_in_the_file() {
    let world = World::new().await;
    world.set(serde_json::json!({"pauseOnExportErrors": false})).await;
    world.crm.refuse(|_| Some(vec![domain::CrmError::new("STRING_TOO_LONG", "@SUM(1+1)", &[])]));
    world.deliver("Contact", 1, &["=cmd|' /C calc'!A0"]).await;
    let file = world.get("/api/errors.csv").await.text;
    assert!(file.contains(",'=cmd|' /C calc'!A0,") && file.contains(",'@SUM(1+1),"), "{file}");
}

#[tokio::test]
async fn where_answers_are_not_streamed_a_large_file_is_refused() {
    let limited = |max| move |api: Api| Api { download_bytes_max: Some(max), ..api };
    let loopback = |_, port| Auth::Loopback(Loopback::new(port));
    let world = World::with(loopback, limited(100_000)).await;
    many(&world).await;
    let detail = world.get("/api/errors.csv").await.problem(422, "unprocessable");
    assert!(detail.contains("filter by object"), "{detail}");
    let narrow = world.get("/api/errors.csv?text=bad-0001").await;
    assert_eq!((narrow.status, narrow.text.lines().count()), (200, 2));
}

#[tokio::test]
async fn a_reader_that_goes_away_ends_the_download() {
    let world = World::new().await;
    many(&world).await;
    let response = world.request(reqwest::Method::GET, "/api/errors.ndjson").send().await.expect("an answer");
    drop(response);
    assert_eq!(world.get("/api/errors?limit=1").await.status, 200);
}
