//! Every row of the bad-input list: a clear error that names the line, field or file, and nothing lost.

use std::io::{Read, Write};
use std::net::TcpListener;

use serde_json::json;
use tests::program::{Ran, Workplace};
use tests::sample::{account_line, copy_org};

/// Exports one file and expects exit 2, these words on standard error, and nothing in the CRM.
fn check(name: &str, content: &[u8], more: &[&str], words: &[&str]) {
    let workplace = Workplace::default();
    let org = copy_org(&workplace);
    workplace.write(name, content);
    let mut arguments = vec!["export", "--org", &org, name];
    arguments.extend(more);
    let ran = workplace.run(&arguments);
    assert_refused(&ran, words);
    let count = workplace.run(&["query", "--json", "--org", &org, "SELECT COUNT() FROM Account"]);
    assert_eq!(count.json()["totalSize"], 0, "nothing was exported: {count:?}");
}

fn assert_refused(ran: &Ran, words: &[&str]) {
    assert_eq!(ran.status, 2, "{ran:?}");
    for word in words {
        assert!(ran.stderr.contains(word), "`{word}` is not in\n{}", ran.stderr);
    }
}

fn accounts(count: usize) -> Vec<String> {
    (1..=count).map(|n| account_line(&format!("A-{n}"), "Name")).collect()
}

#[test]
fn broken_json_names_its_line() {
    let mut lines = accounts(1000);
    lines[811] = r#"{"object":"Account","externalId""#.to_owned();
    check("a.ndjson", lines.join("\n").as_bytes(), &[], &["a.ndjson:812", "JSON"]);
}

#[test]
fn a_record_without_external_id_names_it() {
    let lines = [account_line("A-1", "x"), r#"{"object":"Account","fields":{"Name":"x"}}"#.to_owned()];
    check("a.ndjson", lines.join("\n").as_bytes(), &[], &["a.ndjson:2", "externalId"]);
}

#[test]
fn fields_of_the_wrong_shape_are_named() {
    let line = account_line("A-1", "x").replace(r#"{"Name":"x"}"#, r#"{"Name":["x"]}"#);
    check("a.ndjson", line.as_bytes(), &[], &["a.ndjson:1", "fields.Name", "list"]);
}

#[test]
fn a_five_megabyte_record_names_the_limit() {
    let lines = [account_line("A-1", "x"), account_line("A-2", &"x".repeat(5_000_000))];
    check("a.ndjson", lines.join("\n").as_bytes(), &[], &["a.ndjson:2", "300"]);
}

#[test]
fn invalid_utf8_names_its_line() {
    let mut bytes = (account_line("A-1", "x") + "\n").into_bytes();
    bytes.extend(
        account_line("A-2", "caf_").into_bytes().iter().map(|byte| if *byte == b'_' { 0xE9 } else { *byte }),
    );
    check("a.ndjson", &bytes, &[], &["a.ndjson:2", "UTF-8"]);
}

#[test]
fn a_csv_row_with_too_many_cells_names_its_line() {
    let csv = "Ext__c,Name\nA-1,One\nA-2,Two,extra\n";
    check(
        "a.csv",
        csv.as_bytes(),
        &["--object", "Account", "--external-id", "Ext__c"],
        &["a.csv:3", "3", "2"],
    );
}

#[test]
fn a_csv_file_needs_its_object_and_key() {
    check("a.csv", b"Ext__c,Name\nA-1,One\n", &[], &["--object"]);
    check("a.csv", b"Name\nOne\n", &["--object", "Account", "--external-id", "Ext__c"], &["Ext__c"]);
}

#[test]
fn a_value_of_the_wrong_type_holds_the_job_and_loses_nothing() {
    let workplace = Workplace::default();
    let org = copy_org(&workplace);
    let mut lines = accounts(10);
    lines[6] = lines[6].replace(r#""Name":"Name""#, r#""Name":"Name","NumberOfEmployees":"many""#);
    workplace.write("a.ndjson", lines.join("\n"));
    let ran = workplace.run(&["export", "--json", "--org", &org, "a.ndjson"]);
    let job = ran.job("Account");
    assert_eq!((ran.status, &job["exported"], &job["parked"]), (10, &json!(6), &json!(4)), "{ran:?}");
    assert_eq!(job["hold"]["externalId"], "A-7");
}

#[test]
fn a_broken_org_file_names_file_and_line() {
    let workplace = Workplace::default();
    let org = copy_org(&workplace);
    workplace.write(
        "org/force-app/main/default/objects/Account/fields/Tier__c.field-meta.xml",
        "<CustomField>\n<label>Tier</lable>\n",
    );
    workplace.write("a.ndjson", account_line("A-1", "x"));
    let ran = workplace.run(&["export", "--org", &org, "a.ndjson"]);
    assert_refused(&ran, &["Tier__c.field-meta.xml", "line 2"]);
}

#[test]
fn two_records_of_one_external_id_go_in_order() {
    let workplace = Workplace::default();
    let org = copy_org(&workplace);
    workplace.write("a.ndjson", [account_line("A-1", "old"), account_line("a-1", "new")].join("\n"));
    let ran = workplace.run(&["export", "--json", "--org", &org, "a.ndjson"]);
    assert_eq!(
        (ran.status, &ran.job("Account")["exported"], ran.json()["crmCalls"].clone()),
        (0, &json!(2), json!(2))
    );
    let names = workplace.run(&["query", "--json", "SELECT Name FROM Account"]).json();
    assert_eq!((&names["totalSize"], &names["records"][0]["Name"]), (&json!(1), &json!("new")));
}

#[test]
fn a_url_that_answers_html_is_told() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    // Ends with the test's process; every answer is a proxy's page.
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut request = [0; 4096];
            let _ = stream.read(&mut request);
            let page = "<html><body>Welcome</body></html>";
            let head = format!(
                "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {}\r\n\r\n",
                page.len()
            );
            let _ = stream.write_all((head + page).as_bytes());
        }
    });
    let workplace = Workplace::default();
    workplace.write("a.ndjson", account_line("A-1", "x"));
    assert_refused(&workplace.run(&["export", "--crm", &url, "a.ndjson"]), &["HTML", &url]);
}

#[test]
fn a_crm_that_is_down_parks_and_exits_10() {
    let closed = TcpListener::bind("127.0.0.1:0").expect("a free port").local_addr().expect("an address");
    let workplace = Workplace::default();
    workplace.write("a.ndjson", account_line("A-1", "x"));
    let ran = workplace.run(&["export", "--json", "--crm", &format!("http://{closed}"), "a.ndjson"]);
    let job = ran.job("Account");
    assert_eq!(
        (ran.status, &job["state"], &job["parked"], &job["openErrors"]),
        (10, &json!("suspended"), &json!(1), &json!(0)),
        "{ran:?}"
    );
}

#[test]
fn a_file_that_is_no_ledger_is_left_alone() {
    let workplace = Workplace::default();
    workplace.write("text.db", "this is no ledger");
    refuses_ledger(&workplace, "text.db", "text.db");
}

#[test]
fn a_ledger_of_another_version_is_left_alone() {
    let workplace = Workplace::default();
    assert_eq!(workplace.run(&["settings", "set", "batchSize=50", "--db", "old.db"]).status, 0);
    // SQLite keeps the application's version, big-endian, at byte 60 of the file (its file format, section 1.3).
    let path = workplace.path().join("old.db");
    let mut bytes = std::fs::read(&path).expect("the ledger is there");
    bytes[60..64].copy_from_slice(&9_999_u32.to_be_bytes());
    workplace.write("old.db", bytes);
    refuses_ledger(&workplace, "old.db", "9999");
}

fn refuses_ledger(workplace: &Workplace, name: &str, word: &str) {
    let org = copy_org(workplace);
    workplace.write("a.ndjson", account_line("A-1", "x"));
    let before = std::fs::read(workplace.path().join(name)).expect("the file is there");
    let ran = workplace.run(&["export", "--org", &org, "--db", name, "a.ndjson"]);
    assert!(ran.status == 2 || ran.status == 1, "{ran:?}");
    assert!(ran.stderr.contains(name) && ran.stderr.contains(word), "{ran:?}");
    assert_eq!(std::fs::read(workplace.path().join(name)).expect("still there"), before);
}
