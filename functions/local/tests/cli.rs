//! The program from outside: usage, settings, bad input, and a first export, as a person or a script meets them.
//!
//! Whole journeys (mend and resume, SIGKILL, two programs) are in the workspace's own tests.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

/// A folder of its own for each test.
struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a folder") }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        std::fs::write(self.path().join(name), text).expect("written");
    }

    /// Runs the program in the folder, with nothing of the caller's CRM in its environment.
    fn run(&self, line: &str) -> Output {
        self.run_with(line, &[])
    }

    fn run_with(&self, line: &str, input: &[u8]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_crm-export"));
        command.args(line.split_whitespace()).current_dir(self.path());
        for name in
            ["CLIENT_ID", "CLIENT_SECRET", "USERNAME", "PRIVATE_KEY_FILE", "LOGIN_URL", "CA_FILE", "LOG"]
        {
            command.env_remove(format!("CRM_EXPORT_{name}"));
        }
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        // A program that does not read its input has closed it; that is its right.
        let _ = std::io::Write::write_all(&mut child.stdin.take().expect("a pipe"), input);
        child.wait_with_output().expect("the program ends")
    }
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The object in the last line of stdout.
fn last_json(output: &Output) -> Value {
    let text = stdout(output);
    let last = text.lines().last().unwrap_or_default();
    serde_json::from_str(last).unwrap_or_else(|error| panic!("{error} in `{text}`\n{}", stderr(output)))
}

/// Runs a line that must end with this status and say this on stderr, with and without `--json`.
fn check_refused(place: &Place, line: &str, status: i32, says: &str) {
    let output = place.run(line);
    assert_eq!(output.status.code(), Some(status), "{line}: {}", stderr(&output));
    assert!(stderr(&output).contains(says), "{line}: `{says}` is missing in\n{}", stderr(&output));
    assert_eq!(stdout(&output), "", "{line}");
    let output = place.run(&format!("{line} --json"));
    assert_eq!(output.status.code(), Some(status), "{line} --json");
    let message = last_json(&output)["error"]["message"].as_str().expect("a message").to_owned();
    let first = says.lines().next().unwrap_or_default();
    assert!(message.contains(first), "{line} --json: `{first}` is missing in\n{message}");
}

fn account(id: &str) -> String {
    let record =
        json!({"object": "Account", "externalId": {"field": "Ext__c", "value": id}, "fields": {"Name": "N"}});
    format!("{record}\n")
}

#[test]
fn wrong_usage_ends_with_2() {
    let place = Place::new();
    place.write("a.txt", "x");
    place.write("a.csv", "Ext__c,Name\n1,a\n");
    for (line, says) in [
        ("exprt", "unrecognized subcommand 'exprt'"),
        ("export", "the following required arguments were not provided"),
        ("export nothing.ndjson", "failed to read nothing.ndjson: No such file"),
        ("export .", "it is a folder; name the files in it"),
        ("export a.txt", "its ending says neither NDJSON nor CSV; say --format ndjson or --format csv"),
        ("export a.csv", "a CSV file needs --object NAME"),
        ("export a.csv --object Account", "a CSV file needs --external-id FIELD"),
        ("export a.csv --object A+ --external-id E", "--object: read the object name `A+`"),
        ("export - -", "- stands twice among the files"),
        ("status --account a/b", "read the account name `a/b`"),
        ("status", "failed to read the ledger crm-export.db: there is none"),
        ("resume", "failed to read the ledger crm-export.db: there is none"),
        (
            "export a.csv --object A --external-id Ext__c --org nowhere",
            "failed to read the org folder nowhere",
        ),
        ("export a.csv --object A --external-id Ext__c --crm ftp://x", "it must begin with https://"),
        (
            "export a.csv --object A --external-id Ext__c --db /nowhere/x.db",
            "failed to lock /nowhere/x.db.lock",
        ),
        ("settings set batchSize", "write NAME=VALUE"),
        ("settings set batchSize=7", "batchSize cannot be 7: use 200, 100, 50 or 25"),
        ("settings set colour=1", "colour is no setting"),
        ("settings set retryHour=24", "retryHour cannot be 24: use an hour from 0 to 23"),
        ("settings set timeZone=Mars/Olympus", "timeZone cannot be Mars/Olympus: no time zone has this name"),
        ("status --stack x --table y", "cannot be used with"),
        ("--db x.db status --stack y", "a deployed stack has its ledger in a table; leave one out"),
        ("export a.csv --stack x", "`crm-export send` hands records to a stack"),
    ] {
        check_refused(&place, line, 2, says);
    }
}

#[test]
fn help_and_version_are_answers() {
    let place = Place::new();
    for (line, says) in [
        ("--help", "Exit status:"),
        ("export --help", "--external-id <FIELD>"),
        ("send --help", "SQS drops what it"),
        ("--version", "crm-export 0."),
        ("completions bash", "_crm__export() {"),
    ] {
        let output = place.run(line);
        assert_eq!(output.status.code(), Some(0), "{line}");
        assert!(stdout(&output).contains(says), "{line}: `{says}` is missing in\n{}", stdout(&output));
    }
}

#[test]
fn the_pause_is_turned_off_only_with_acceptance() {
    let place = Place::new();
    let defaults = json!({"exportToCrm": true, "pauseOnExportErrors": true, "batchSize": 200, "dailyCrmApiLimit": 100_000, "preflight": "off", "retryHour": 3, "timeZone": "UTC"});
    assert_eq!(last_json(&place.run("settings get --json")), defaults, "before the first export");
    check_refused(
        &place,
        "settings set pauseOnExportErrors=false",
        2,
        "Data in the CRM may become inconsistent",
    );
    assert_eq!(last_json(&place.run("settings --json")), defaults, "nothing was changed");

    let accepted =
        place.run("settings set pauseOnExportErrors=false batchSize=50 --accept-data-inconsistency --json");
    assert_eq!(accepted.status.code(), Some(0));
    let changed = json!({"exportToCrm": true, "pauseOnExportErrors": false, "batchSize": 50, "dailyCrmApiLimit": 100_000, "preflight": "off", "retryHour": 3, "timeZone": "UTC"});
    assert_eq!(last_json(&accepted), changed);

    assert_eq!(place.run("settings set exportToCrm=false").status.code(), Some(0));
    let hidden = json!({"exportToCrm": false, "batchSize": 50, "dailyCrmApiLimit": 100_000, "preflight": "off", "retryHour": 3, "timeZone": "UTC"});
    assert_eq!(last_json(&place.run("settings get --json")), hidden);
    check_refused(&place, "settings set pauseOnExportErrors=true", 2, "set exportToCrm=true first");
    assert_eq!(last_json(&place.run("settings get --json --account other")), defaults, "accounts are apart");
}

#[test]
fn bad_input_is_told_by_file_and_line_and_exports_nothing() {
    let place = Place::new();
    place.write("json.ndjson", account("1").repeat(811) + "{\"object\":\"Account\",\n" + &account("2"));
    place.write("id.ndjson", "{\"object\":\"Account\",\"fields\":{}}\n");
    place.write("list.ndjson", format!("[{}]", account("1").trim()));
    place.write("type.ndjson", account("1").replace("\"N\"", "[1]"));
    place.write("utf8.ndjson", [account("1").as_bytes(), &b"{\"\xff\"}\n"[..]].concat());
    place.write("large.ndjson", account("1").replace("\"N\"", &format!("\"{}\"", "x".repeat(5_000_000))));
    place.write("cells.csv", "Ext__c,Name\n1,a\n2,b,c\n3\n");
    place.write("twice.csv", "Ext__c,Name,name\n");
    place.write("quote.csv", "Ext__c,Name\n1,\"a\n2,b\n");
    let csv = "--object Account --external-id Ext__c";
    for (files, says) in [
        ("json.ndjson", "json.ndjson:812: broken JSON at column 20: the line ends before the record does"),
        ("id.ndjson", "id.ndjson:1: not a whole record: externalId: is missing"),
        ("list.ndjson", "list.ndjson:1: the file is one JSON list"),
        ("type.ndjson", "type.ndjson:1: not a whole record: fields.Name: is a list"),
        ("utf8.ndjson", "utf8.ndjson:2: invalid UTF-8 at byte 3 of the line; save the file as UTF-8"),
        ("large.ndjson", "large.ndjson:1: the record has 5,000,0"),
        (
            "cells.csv",
            "cells.csv:3: the row has 3 cells, the header has 2; put a cell that contains a comma in quotes",
        ),
        ("cells.csv", "cells.csv:4: the row has 1 cell, the header has 2"),
        ("twice.csv", "twice.csv:1: the header names name twice"),
        ("quote.csv", "quote.csv:2: a quote (\") is opened in this row and never closed"),
        ("json.ndjson utf8.ndjson", "nothing was exported: 2 lines of the input cannot be used"),
    ] {
        check_refused(&place, &format!("export {files} {csv}"), 2, says);
    }
    let status = place.run("status --json");
    assert_eq!(last_json(&status)["jobs"], json!([]), "nothing was queued or exported");
}

#[test]
fn a_ledger_of_someone_else_is_left_alone() {
    let place = Place::new();
    place.write("a.ndjson", account("1"));
    place.write("notes.db", "dear diary\n".repeat(50));
    check_refused(&place, "export a.ndjson --db notes.db", 2, "no SQLite file");
    check_refused(&place, "status --db notes.db", 2, "no SQLite file");
    let other = rusqlite::Connection::open(place.path().join("other.db")).expect("opens");
    other.execute("CREATE TABLE T (a)", []).expect("made");
    drop(other);
    check_refused(&place, "export a.ndjson --db other.db", 2, "another program's SQLite file");
    assert_eq!(
        std::fs::read(place.path().join("notes.db")).expect("there"),
        "dear diary\n".repeat(50).as_bytes()
    );
}

#[test]
fn a_broken_org_is_told_by_file_and_line() {
    let place = Place::new();
    let fields = place.path().join("org/objects/Account/fields");
    std::fs::create_dir_all(&fields).expect("made");
    std::fs::write(fields.join("Ext__c.field-meta.xml"), "<CustomField>\n<fullName></label>")
        .expect("written");
    place.write("a.ndjson", account("1"));
    check_refused(&place, "export a.ndjson --org org", 2, "Ext__c.field-meta.xml, line 2");
}

#[test]
fn a_crm_that_does_not_answer_suspends_the_job_and_loses_nothing() {
    let place = Place::new();
    place.write("a.ndjson", account("1") + &account("2"));
    let output = place.run("export a.ndjson --crm http://127.0.0.1:1 --json");
    assert_eq!(output.status.code(), Some(10), "{}", stderr(&output));
    let job = &last_json(&output)["jobs"][0];
    assert_eq!(
        (&job["object"], &job["state"], &job["parked"]),
        (&json!("Account"), &json!("suspended"), &json!(2))
    );
    assert_eq!(
        (&job["hold"]["code"], &job["hold"]["externalId"]),
        (&json!("CONNECTION_FAILED"), &Value::Null)
    );
    assert_eq!(job["errors"], 0, "CRM unavailable is no export error");
    let text = stdout(&place.run("status"));
    assert!(text.contains("CRMExport_Account  suspended  2 waiting"), "{text}");
    assert!(text.contains("check that the CRM's address is right"), "{text}");
}

#[test]
fn records_from_stdin_and_csv_reach_the_sandbox() {
    let place = Place::new();
    let output = place.run_with("export - --json", (account("A-1") + &account("A-2")).as_bytes());
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let job = &last_json(&output)["jobs"][0];
    assert_eq!((&job["state"], &job["exported"], &job["errors"]), (&json!("running"), &json!(2), &json!(0)));
    assert_eq!(last_json(&output)["crmCalls"], 1);

    place.write("a.csv", "Ext__c,Name,NumberOfEmployees\nA-2,\"Two, Ltd\",7\nA-3,Three,\n");
    let output = place.run("export a.csv --object account --external-id Ext__c");
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(stdout(&output).starts_with("CRMExport_Account  running    2 exported\n"), "{}", stdout(&output));

    // The commands' words are split at blanks here, SOQL's are not.
    let query = Command::new(env!("CARGO_BIN_EXE_crm-export"))
        .args(["query", "SELECT Ext__c, Name, NumberOfEmployees FROM Account ORDER BY Ext__c", "--json"])
        .current_dir(place.path())
        .output()
        .expect("the program runs");
    let answer = last_json(&query);
    assert_eq!(answer["totalSize"], 3);
    let rows: Vec<Value> = answer["records"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|record| json!([record["Ext__c"], record["Name"], record["NumberOfEmployees"]]))
        .collect();
    assert_eq!(json!(rows), json!([["A-1", "N", null], ["A-2", "Two, Ltd", 7], ["A-3", "Three", null]]));
}
