//! A hundred thousand parked records: a run costs one call while the head is refused.

use serde_json::json;
use tests::program::Workplace;
use tests::sample::{account_line, copy_org};

#[test]
fn a_hundred_thousand_parked_records_cost_one_call_a_run() {
    let workplace = Workplace::default();
    let org = copy_org(&workplace);
    let mut lines = account_line("A-0", "Bad").replace(r#""Name""#, r#""Tier__c":"Wood","Name""#) + "\n";
    for n in 1..=100_000 {
        lines.push_str(&account_line(&format!("A-{n}"), "Good"));
        lines.push('\n');
    }
    workplace.write("many.ndjson", lines);
    let ran = workplace.run(&["export", "--json", "--org", &org, "many.ndjson"]);
    assert_eq!((ran.status, &ran.job("Account")["parked"]), (10, &json!(100_001)), "{ran:?}");
    let ran = workplace.run(&["resume", "--json"]);
    assert_eq!((ran.status, ran.json()["crmCalls"].clone()), (10, json!(1)), "{ran:?}");
    assert_eq!(ran.job("Account")["hold"]["attempts"], 2);
}
