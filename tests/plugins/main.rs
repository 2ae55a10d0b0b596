//! Authors' plugins, built as their tools build them, in an org folder: the whole program with each of them.
//!
//! `tests/run plugins` builds the example rules into `$CRM_EXPORT_CACHE/rules`.

use std::path::{Path, PathBuf};

use serde_json::json;
use tests::program::Workplace;
use tests::sample::{account_line, copy_org};
use tests::source::repository;

/// Puts built rules into the plugins of an org folder.
fn install(org: &str, rules: &[&str]) {
    let built =
        std::env::var_os("CRM_EXPORT_CACHE").map_or_else(|| repository().join(".cache"), PathBuf::from);
    let plugins = Path::new(org).join("plugins");
    std::fs::create_dir_all(&plugins).expect("a folder can be made");
    for rule in rules {
        let file = format!("{rule}.wasm");
        std::fs::copy(built.join("rules").join(&file), plugins.join(&file))
            .unwrap_or_else(|error| panic!("{file}: {error}; run `tests/run plugins`, which builds it"));
    }
}

fn contact(id: &str, email: &str, phone: &str) -> String {
    format!(
        r#"{{"object":"Contact","externalId":{{"field":"Ext__c","value":"{id}"}},"fields":{{"LastName":"Doe","Email":"{email}","Phone":"{phone}","Account":{{"Ext__c":"A-1"}}}}}}"#
    )
}

#[test]
fn plugins_refuse_and_change_what_is_saved() {
    let workplace = Workplace::default();
    let org = copy_org(&workplace);
    install(&org, &["no-free-mail", "normalise-phone"]);
    let lines = [
        account_line("A-1", "Acme"),
        contact("C-1", "jo@acme.example", "+1 (415) 555-0100"),
        contact("C-2", "jo@gmail.com", ""),
        contact("C-3", "al@acme.example", ""),
    ];
    workplace.write("a.ndjson", lines.join("\n"));
    let ran = workplace.run(&["export", "--json", "--org", &org, "a.ndjson"]);
    let job = ran.job("Contact");
    assert_eq!((ran.status, &job["exported"], &job["parked"]), (10, &json!(1), &json!(2)), "{ran:?}");
    assert_eq!(
        (&job["hold"]["externalId"], &job["hold"]["fields"], &job["hold"]["crmCode"]),
        (&json!("C-2"), &json!(["Email"]), &json!("FIELD_CUSTOM_VALIDATION_EXCEPTION"))
    );
    let phone = workplace.run(&["query", "--json", "SELECT Phone FROM Contact"]).json();
    assert_eq!(
        phone["records"][0]["Phone"], "+14155550100",
        "the plugin changed it before it was saved: {phone}"
    );

    let ran = workplace.run(&["reproduce", "Contact"]);
    assert!(ran.stdout.contains("refused here by plugin no-free-mail"), "{ran:?}");
    std::fs::remove_file(Path::new(&org).join("plugins/no-free-mail.wasm")).expect("it is there");
    let ran = workplace.run(&["resume", "--json"]);
    assert_eq!((ran.status, &ran.job("Contact")["exported"]), (0, &json!(2)), "{ran:?}");
}

#[test]
fn a_rule_in_javascript_and_a_broken_file_stand_side_by_side() {
    let workplace = Workplace::default();
    let org = copy_org(&workplace);
    install(&org, &["require-campaign-note", "no-free-mail"]);
    std::fs::write(Path::new(&org).join("plugins/broken.wasm"), "no wasm").expect("it can be written");
    let ran = workplace.run(&["rules", "compile", "--json", &org]);
    let report = ran.json();
    assert_eq!((ran.status, &report["compiled"]), (1, &json!(3)), "{ran:?}");
    let errors = report["errors"].as_array().expect("a list");
    assert!(errors.len() == 1 && errors[0]["file"] == "plugins/broken.wasm", "{ran:?}");
}
