//! Formula cases on the command line.

use serde_json::json;
use tests::program::Workplace;

const CASES: &str = r#"[
    {"name": "discount", "returns": "Double", "formula": "IF(ISBLANK(Amount), 0, ROUND(Amount * 0.1, 2))",
     "fields": [{"name": "Amount", "type": "Currency"}],
     "rows": [{"record": {"Amount": "12.35"}, "blank_as_blank": {"value": "1.24"}},
              {"record": {"Amount": null}, "blank_as_blank": {"value": "7"}}]}
]"#;

#[test]
fn cases_are_run_and_differences_told() {
    let workplace = Workplace::default();
    workplace.write("cases.json", CASES);
    let ran = workplace.run(&["rules", "test", "--json", "cases.json"]);
    let failure =
        json!({"name": "discount", "row": 1, "mode": "blank_as_blank", "expected": "7", "got": "0"});
    assert_eq!((ran.status, ran.json()), (1, json!({"passed": 1, "failed": 1, "failures": [failure]})));
    let shown = workplace.run(&["rules", "test", "cases.json"]);
    assert!(shown.stdout.ends_with("1 passed, 1 failed\n"), "{shown:?}");
    workplace.write("notes.json", "{}");
    assert_eq!(workplace.run(&["rules", "test", "notes.json"]).status, 2);
}
