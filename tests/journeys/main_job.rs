//! The README's main job: a halt at the right record, the cause, the mend, and everything there afterwards.

use std::process::Command;

use serde_json::json;
use tests::program::Workplace;
use tests::sample::{copy_org, mend, record_files, sample};

#[test]
fn halts_says_why_and_goes_on_once_mended() {
    let workplace = Workplace::default();
    let org = copy_org(&workplace);
    let [accounts, contacts, touchpoints] = record_files();
    let ran = workplace.run(&["export", "--json", "--org", &org, &accounts, &contacts, &touchpoints]);
    assert_eq!(ran.status, 10, "{ran:?}");

    let account = ran.job("Account");
    assert_eq!((&account["state"], &account["exported"]), (&json!("running"), &json!(300)));
    let contact = ran.job("Contact");
    assert_eq!(
        (
            &contact["state"],
            &contact["exported"],
            &contact["errors"],
            &contact["openErrors"],
            &contact["parked"]
        ),
        (&json!("paused"), &json!(804), &json!(1), &json!(1), &json!(396))
    );
    let hold = &contact["hold"];
    assert_eq!((&hold["externalId"], &hold["fields"]), (&json!("C-0805"), &json!(["Consent__c"])));
    assert_eq!(hold["code"], "MISSING_BIZIBLE_CUSTOM_FIELDS_PERMISSIONS");
    let touchpoint = ran.job("Touchpoint__c");
    assert_eq!((&touchpoint["state"], &touchpoint["exported"]), (&json!("paused"), &json!(84)));
    let hold = &touchpoint["hold"];
    assert_eq!(
        (&hold["externalId"], &hold["code"], &hold["crmCode"]),
        (
            &json!("T-0085"),
            &json!("RECORD_NONCOMPLIANT_WITH_VALIDATION_RULES"),
            &json!("FIELD_CUSTOM_VALIDATION_EXCEPTION")
        )
    );

    // Nothing behind the halt is in the CRM.
    let count = |soql: &str| workplace.run(&["query", "--json", soql]).json()["totalSize"].clone();
    assert_eq!(count("SELECT COUNT() FROM Contact"), 804);
    assert_eq!(count("SELECT COUNT() FROM Contact WHERE Ext__c >= 'C-0805'"), 0);

    // The first mend brings the job to the next refused record, by itself.
    mend(&org, "permissionsets/Exporter.permissionset-meta.xml", "<editable>false<", "<editable>true<");
    let ran = workplace.run(&["resume", "--json"]);
    assert_eq!(ran.status, 10, "{ran:?}");
    let hold = ran.job("Contact")["hold"].clone();
    assert_eq!(
        (&hold["externalId"], &hold["code"]),
        (&json!("C-1100"), &json!("RESTRICT_PICKLIST_VALUES_ENABLED"))
    );
    assert_eq!(ran.job("Contact")["exported"], 295);
}

#[test]
fn the_readmes_mend_lets_everything_through() {
    let workplace = Workplace::default();
    // The patch names paths from the repository's top.
    let copied = Command::new("cp").arg("-R").arg(sample()).arg(workplace.path().join("sample")).status();
    assert!(copied.expect("cp runs").success());
    let top = workplace.path().join("tests");
    std::fs::create_dir(&top).expect("a folder can be made");
    std::fs::rename(workplace.path().join("sample"), top.join("sample")).expect("a folder can be moved");

    let files =
        ["1-accounts", "2-contacts", "3-touchpoints"].map(|name| format!("tests/sample/{name}.ndjson"));
    let ran = workplace.run(&["export", "--org", "tests/sample/org", &files[0], &files[1], &files[2]]);
    assert_eq!(ran.status, 10, "{ran:?}");
    for part in ["CRMExport_Contact", "paused", "C-0805", "Consent__c", "crm-export resume"] {
        assert!(ran.stdout.contains(part), "`{part}` is not in\n{}", ran.stdout);
    }
    let patched =
        Command::new("git").args(["apply", "tests/sample/mend.patch"]).current_dir(workplace.path()).status();
    assert!(patched.expect("git runs").success());
    let ran = workplace.run(&["resume"]);
    assert_eq!(ran.status, 0, "{ran:?}");
    for (object, count) in [("Account", 300), ("Contact", 1200), ("Touchpoint__c", 1800)] {
        let ran = workplace.run(&["query", "--json", &format!("SELECT COUNT() FROM {object}")]);
        assert_eq!((ran.status, ran.json()["totalSize"].clone()), (0, json!(count)), "{ran:?}");
    }
    let errors = workplace.run(&["errors", "--json", "--state", "all"]).json();
    let states: Vec<&str> =
        errors["errors"].as_array().expect("a list").iter().filter_map(|e| e["state"].as_str()).collect();
    assert!(states.len() == 2 && states.iter().all(|state| *state == "resolved"), "{errors}");
}

#[test]
fn with_the_pause_off_errors_are_passed_and_retried() {
    let workplace = Workplace::default();
    let org = copy_org(&workplace);
    let [accounts, contacts, touchpoints] = record_files();
    let off = ["settings", "set", "pauseOnExportErrors=false", "--accept-data-inconsistency"];
    assert_eq!(workplace.run(&off).status, 0);
    let ran = workplace.run(&["export", "--json", "--org", &org, &accounts, &contacts, &touchpoints]);
    assert_eq!(ran.status, 11, "{ran:?}");
    let contact = ran.job("Contact");
    assert_eq!(
        (&contact["exported"], &contact["errors"], &contact["parked"], &contact["hold"]),
        (&json!(1198), &json!(2), &json!(0), &json!(null))
    );
    // The touchpoints of the two missing contacts, the refund, and the one that is too long.
    let errors = workplace.run(&["errors", "--json"]).json();
    let open = errors["errors"].as_array().expect("a list").len();
    assert_eq!(ran.job("Touchpoint__c")["openErrors"], json!(open - 2));

    tests::sample::mend_everything(&org);
    let ran = workplace.run(&["retry", "--json"]);
    assert_eq!(ran.status, 0, "{ran:?}");
    let open: u64 = ["Contact", "Touchpoint__c"]
        .map(|job| ran.job(job)["openErrors"].as_u64().expect("a number"))
        .iter()
        .sum();
    assert_eq!(open, 0);
    let count = workplace.run(&["query", "--json", "SELECT COUNT() FROM Touchpoint__c"]).json();
    assert_eq!(count["totalSize"], 1800);
}

#[test]
fn skip_lets_a_held_job_pass() {
    let workplace = Workplace::default();
    let org = copy_org(&workplace);
    let [accounts, contacts, _] = record_files();
    workplace.run(&["export", "--org", &org, &accounts, &contacts]);
    let ran = workplace.run(&["skip", "Contact", "--json"]);
    assert_eq!(ran.job("Contact")["hold"]["externalId"], "C-1100", "{ran:?}");
    let ran = workplace.run(&["skip", "Contact", "--json"]);
    assert_eq!((ran.status, &ran.job("Contact")["openErrors"]), (0, &json!(2)), "{ran:?}");
    let again = workplace.run(&["skip", "Contact"]);
    assert_ne!(again.status, 0);
    assert!(again.stderr.contains("no refused record holds it"), "{again:?}");
}
