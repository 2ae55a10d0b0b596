//! The org's rules on the command line: compiled, checked against files, tested, and a refusal reproduced.

use std::path::Path;

use serde_json::json;
use tests::program::Workplace;
use tests::sample::{account_line, copy_org, mend, record_files, sample};

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

#[test]
fn both_engines_run_cases() {
    let workplace = Workplace::default();
    workplace.write("cases.json", CASES);
    for engine in ["wasm", "reference"] {
        let ran = workplace.run(&["rules", "test", "--json", "--engine", engine, "cases.json"]);
        assert_eq!(
            (ran.json()["passed"].clone(), ran.json()["failed"].clone()),
            (json!(1), json!(1)),
            "{ran:?}"
        );
    }
}

#[test]
fn an_org_is_compiled_and_an_error_named_by_its_place() {
    let workplace = Workplace::default();
    let org = copy_org(&workplace);
    let ran = workplace.run(&["rules", "compile", "--json", &org, "--out", "compiled"]);
    let report = ran.json();
    assert_eq!(
        (ran.status, &report["compiled"], &report["unknown"], &report["errors"]),
        (0, &json!(1), &json!([]), &json!([])),
        "{ran:?}"
    );
    for file in ["rules.wasm", "rules.cwasm", "rules.json"] {
        assert!(workplace.path().join("compiled").join(file).exists(), "{file} is not written");
    }
    let rule = "objects/Touchpoint__c/validationRules/Refunds_For_Gold.validationRule-meta.xml";
    mend(&org, rule, "ISPICKVAL(Channel__c", "ISPICKVAL(Chanel__c");
    let ran = workplace.run(&["rules", "compile", "--json", &org]);
    let error = ran.json()["errors"][0].clone();
    assert_eq!((ran.status, &error["line"]), (1, &json!(8)), "{ran:?}");
    assert!(error["file"].as_str().is_some_and(|file| file.ends_with(rule)), "{error}");
    let shown = workplace.run(&["rules", "compile", &org]).stdout;
    assert!(shown.contains("Chanel__c") && shown.contains("Channel__c"), "no hint in {shown}");
    assert_eq!(workplace.run(&["rules", "compile", "nowhere"]).status, 2);
    // An export says so too: the rule refuses nothing then.
    workplace.write("a.ndjson", account_line("A-1", "One"));
    let ran = workplace.run(&["export", "--org", &org, "a.ndjson"]);
    assert!(ran.stderr.contains("Touchpoint__c.Refunds_For_Gold does not compile"), "{ran:?}");
}

#[test]
fn files_are_checked_without_exporting() {
    let workplace = Workplace::default();
    let org = sample().join("org").to_string_lossy().into_owned();
    let [accounts, contacts, touchpoints] = record_files();
    let ran = workplace.run(&["rules", "check", "--json", "--org", &org, &accounts, &contacts, &touchpoints]);
    let report = ran.json();
    assert_eq!(
        (ran.status, &report["records"], &report["unknown"]),
        (11, &json!(3_300), &json!(0)),
        "{ran:?}"
    );
    let refused: Vec<_> = report["refused"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|record| (record["externalId"].clone(), record["errors"][0]["code"].clone()))
        .collect();
    let expected = [
        ("C-0805", "INVALID_FIELD_FOR_INSERT_UPDATE"),
        ("C-1100", "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"),
        ("T-0085", "FIELD_CUSTOM_VALIDATION_EXCEPTION"),
        ("T-1500", "STRING_TOO_LONG"),
    ];
    assert_eq!(refused, expected.map(|(id, code)| (json!(id), json!(code))));
    assert_eq!(report["refused"][2]["errors"][0]["rule"], "Touchpoint__c.Refunds_For_Gold");
    assert!(!workplace.path().join("crm-export.db").exists(), "a check keeps nothing");

    // Without their parents, what a rule asks of them is not known, and refuses nothing.
    let ran = workplace.run(&["rules", "check", "--json", "--org", &org, &touchpoints]);
    let report = ran.json();
    assert_eq!((ran.status, &report["unknown"]), (11, &json!(1)), "{ran:?}");
    assert_eq!(report["refused"].as_array().map(Vec::len), Some(1), "{ran:?}");
    let ran = workplace.run(&["rules", "check", "--org", &org, &accounts]);
    assert_eq!((ran.status, ran.stdout.as_str()), (0, "0 of 300 would be refused\n"), "{ran:?}");
}

#[test]
fn a_refusal_is_reproduced_down_to_the_values() {
    let workplace = Workplace::default();
    let org = copy_org(&workplace);
    let [accounts, contacts, touchpoints] = record_files();
    workplace.run(&["export", "--org", &org, &accounts, &contacts, &touchpoints]);
    let errors = workplace.run(&["errors", "--json", "--object", "Touchpoint__c"]).json();
    let id = errors["errors"][0]["id"].as_str().expect("an id").to_owned();

    let ran = workplace.run(&["reproduce", &id]);
    assert_eq!(ran.status, 11, "{ran:?}");
    let lines: Vec<String> =
        ran.stdout.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    for part in [
        "refused here by validation rule Touchpoint__c.Refunds_For_Gold",
        "Cost__c -21.25",
        "Channel__c \"Web Direct\"",
        "Contact__r.Account.Tier__c \"Bronze\"",
        "TEXT(Contact__r.Account.Tier__c) <> \"Gold\" true",
        "reproduced: the CRM refused it with the same code",
    ] {
        assert!(lines.iter().any(|line| line == part), "`{part}` is not in\n{}", ran.stdout);
    }
    let json = workplace.run(&["reproduce", "--json", "Touchpoint__c"]).json();
    assert_eq!((&json["agrees"], &json["refused"]), (&json!(true), &json!(true)));
    assert_eq!(json["explained"][0]["tree"]["value"], "true");
    assert_eq!(json["explained"][0]["line"], 6);

    // The permission that is missing is named too.
    let ran = workplace.run(&["reproduce", "Contact"]);
    assert!(ran.stdout.contains("Exporter") && ran.stdout.contains("Contact.Consent__c"), "{ran:?}");

    // Nothing was written, and once the rule is mended the record is accepted here.
    let count = workplace.run(&["query", "--json", "SELECT COUNT() FROM Touchpoint__c"]).json();
    assert_eq!(count["totalSize"], 84);
    tests::sample::mend_everything(&org);
    let ran = workplace.run(&["reproduce", "--json", &id]);
    assert_eq!((ran.status, &ran.json()["agrees"]), (0, &json!(false)), "{ran:?}");
    assert_eq!(ran.json()["unknown"], json!([]));

    // What the folder cannot tell is named then: it may be what refused.
    let trigger = Path::new(&org).join("force-app/main/default/triggers/Guard.trigger");
    std::fs::create_dir_all(trigger.parent().expect("a folder")).expect("a folder can be made");
    std::fs::write(trigger, "trigger Guard on Touchpoint__c (before insert) {}").expect("it can be written");
    let ran = workplace.run(&["reproduce", &id]);
    for part in ["no rule of the org folder refuses this record", "Guard"] {
        assert!(ran.stdout.contains(part), "`{part}` is not in\n{}", ran.stdout);
    }
}

#[test]
fn a_record_of_a_file_is_reproduced_with_what_it_was_before() {
    let workplace = Workplace::default();
    let org = copy_org(&workplace);
    let rule = "objects/Touchpoint__c/validationRules/Refunds_For_Gold.validationRule-meta.xml";
    mend(&org, rule, "TEXT(Contact__r.Account.Tier__c) &lt;&gt; &quot;Gold&quot;", "ISCHANGED(Cost__c)");
    let record = |cost: i32| {
        format!(
            r#"{{"object":"Touchpoint__c","externalId":{{"field":"Ext__c","value":"1"}},"fields":{{"Channel__c":"Social",
               "Touched_At__c":"2026-10-01T00:00:00Z","Contact__r":{{"Ext__c":"C"}},"Cost__c":{cost}}}}}"#
        )
    };
    workplace.write("now.json", record(-5));
    workplace.write("same.json", record(-5));
    workplace.write("other.json", record(7));
    let status = |prior: &[&str]| {
        let arguments = [&["reproduce", "--json", "--org", &org, "--record", "now.json"], prior].concat();
        let ran = workplace.run(&arguments);
        (ran.status, ran.json()["operation"].clone())
    };
    // A new record changes nothing; one that stays as it is neither.
    assert_eq!(status(&[]), (0, json!("create")));
    assert_eq!(status(&["--prior", "same.json"]), (0, json!("update")));
    assert_eq!(status(&["--prior", "other.json"]), (11, json!("update")));
    assert_eq!(workplace.run(&["reproduce", "--org", &org, "--record", "nowhere.json"]).status, 2);
}
