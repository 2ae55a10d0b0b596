//! The settings on the command line: the warning, the hidden pause, the damaged ones.

use serde_json::json;
use tests::program::Workplace;
use tests::sample::{account_line, copy_org};

#[test]
fn turning_the_pause_off_needs_the_warning_accepted() {
    let workplace = Workplace::default();
    let refused = workplace.run(&["settings", "set", "pauseOnExportErrors=false"]);
    assert_eq!(refused.status, 2, "{refused:?}");
    assert!(refused.stderr.contains("inconsistent"), "{refused:?}");
    let shown = workplace.run(&["settings", "get", "--json"]).json();
    assert_eq!((&shown["exportToCrm"], &shown["pauseOnExportErrors"]), (&json!(true), &json!(true)));
    let accepted =
        workplace.run(&["settings", "set", "pauseOnExportErrors=false", "--accept-data-inconsistency"]);
    assert_eq!(accepted.status, 0, "{accepted:?}");
    assert_eq!(workplace.run(&["settings", "get", "--json"]).json()["pauseOnExportErrors"], false);
}

#[test]
fn while_export_is_off_the_pause_is_hidden_and_records_wait() {
    let workplace = Workplace::default();
    let org = copy_org(&workplace);
    assert_eq!(workplace.run(&["settings", "set", "exportToCrm=false"]).status, 0);
    let shown = workplace.run(&["settings", "get", "--json"]).json();
    assert_eq!(shown.get("pauseOnExportErrors"), None);
    let hidden = workplace.run(&["settings", "set", "pauseOnExportErrors=true"]);
    assert_eq!(hidden.status, 2, "{hidden:?}");
    workplace.write("a.ndjson", account_line("A-1", "One"));
    let ran = workplace.run(&["export", "--json", "--org", &org, "a.ndjson"]);
    assert_eq!((ran.status, &ran.job("Account")["parked"]), (10, &json!(1)), "{ran:?}");
    assert_eq!(workplace.run(&["settings", "set", "exportToCrm=true"]).status, 0);
    let ran = workplace.run(&["resume", "--json"]);
    assert_eq!((ran.status, &ran.job("Account")["exported"]), (0, &json!(1)), "{ran:?}");
}
