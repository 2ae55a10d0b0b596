//! Two programs on one ledger at once: no record is written twice out of order.

use serde_json::json;
use tests::program::Workplace;
use tests::sample::{account_line, copy_org};

#[test]
fn two_exports_take_turns() {
    let workplace = Workplace::default();
    let org = copy_org(&workplace);
    let lines =
        |name: &str| (0..1000).map(|n| account_line(&format!("A-{n}"), name) + "\n").collect::<String>();
    workplace.write("first.ndjson", lines("first"));
    workplace.write("second.ndjson", lines("second"));
    let first = workplace.start(&["export", "--json", "--org", &org, "first.ndjson"]);
    let second = workplace.start(&["export", "--json", "--org", &org, "second.ndjson"]);
    let outputs = [first, second].map(|child| child.wait_with_output().expect("it ends"));
    for output in &outputs {
        assert_eq!(output.status.code(), Some(0), "{output:?}");
    }
    let ran = workplace.run(&["query", "--json", "SELECT Name FROM Account GROUP BY Name"]);
    let json = ran.json();
    let names: Vec<_> =
        json["records"].as_array().expect("records").iter().map(|r| r["Name"].clone()).collect();
    assert_eq!(names.len(), 1, "one file is wholly after the other: {names:?}");
    let status = workplace.run(&["status", "--json"]);
    assert_eq!(
        (&status.job("Account")["state"], &status.job("Account")["parked"]),
        (&json!("running"), &json!(0))
    );
}
