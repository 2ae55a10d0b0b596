//! `crm-export serve` from outside: the whole program with the sandbox and its real rules, asked over HTTP as a page asks.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

/// A wait looks this often, at most half a minute: a busy machine takes its time.
const LOOK: Duration = Duration::from_millis(50);
const LOOKS: usize = 600;

fn program(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_crm-export"));
    command.args(arguments).current_dir(folder).stdin(Stdio::null()).env("NO_COLOR", "1");
    for name in ["CLIENT_ID", "CLIENT_SECRET", "USERNAME", "PRIVATE_KEY_FILE", "LOGIN_URL", "CA_FILE", "LOG"]
    {
        command.env_remove(format!("CRM_EXPORT_{name}"));
    }
    command
}

/// A server in a folder. It is killed when the test ends otherwise.
struct Serving {
    child: Child,
    port: u16,
    said: Value,
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Serving {
    fn start(folder: &Path, org: &Path) -> Self {
        let org = org.to_str().expect("text");
        let arguments = ["serve", "--json", "--listen", "127.0.0.1:0", "--org", org];
        let mut child = program(folder, &arguments).stdout(Stdio::piped()).spawn().expect("starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("piped")).read_line(&mut line).expect("a line");
        let said: Value = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
        let url = said["url"].as_str().expect("a URL");
        let port = url.rsplit(':').next().and_then(|port| port.parse().ok()).expect("a port");
        Self { child, port, said }
    }

    fn ask(&self, method: &str, path: &str, headers: &[&str], body: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("connects");
        stream.set_read_timeout(Some(Duration::from_secs(60))).expect("set");
        let headers: String = headers.iter().map(|header| format!("{header}\r\n")).collect();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nConnection: close\r\nContent-Length: {}\r\n{headers}\r\n{body}",
            self.port,
            body.len()
        );
        stream.write_all(request.as_bytes()).expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no body: {answer}"));
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
        (status, unchunked(head, body))
    }

    fn get(&self, path: &str) -> Value {
        let (status, body) = self.ask("GET", path, &[], "");
        assert_eq!(status, 200, "{path}: {body}");
        serde_json::from_str(&body).unwrap_or_else(|error| panic!("{error}: {body}"))
    }

    fn post(&self, path: &str, body: &Value) -> u16 {
        let headers = ["X-Requested-With: crm-export", "Content-Type: application/json"];
        self.ask("POST", path, &headers, &body.to_string()).0
    }

    fn export(&self, records: &[Value]) {
        let lines: String = records.iter().map(|record| format!("{record}\n")).collect();
        let headers = ["X-Requested-With: crm-export", "Content-Type: application/x-ndjson"];
        let (status, body) = self.ask("POST", "/api/records", &headers, &lines);
        assert_eq!(status, 202, "{body}");
    }

    /// Waits until the job of this object is as it should be.
    fn job(&self, object: &str, fits: impl Fn(&Value) -> bool) -> Value {
        let mut jobs = Value::Null;
        for _ in 0..LOOKS {
            jobs = self.get("/api/jobs")["jobs"].take();
            let found = jobs.as_array().into_iter().flatten().find(|job| job["object"] == object);
            if let Some(job) = found.filter(|job| fits(job)) {
                return job.clone();
            }
            std::thread::sleep(LOOK);
        }
        panic!("the job of {object} is not as it should be: {jobs}");
    }

    /// Ends it as Ctrl-C does.
    fn stop(mut self) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-INT", &id]).status().expect("runs").success());
        for _ in 0..LOOKS {
            if let Some(status) = self.child.try_wait().expect("a child") {
                return assert_eq!(status.code(), Some(0), "a signal is its proper end");
            }
            std::thread::sleep(LOOK);
        }
        panic!("it does not end");
    }
}

/// A body that came in pieces, put together.
fn unchunked(head: &str, body: &str) -> String {
    if !head.to_lowercase().contains("transfer-encoding: chunked") {
        return body.to_owned();
    }
    let (mut rest, mut whole) = (body, String::new());
    while let Some((size, after)) = rest.split_once("\r\n") {
        let size = usize::from_str_radix(size, 16).expect("a size");
        whole.push_str(&after[..size]);
        rest = after[size..].trim_start_matches("\r\n");
    }
    whole
}

/// A copy of the sample's org, to be changed.
fn org(folder: &Path) -> PathBuf {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/sample/org");
    let to = folder.join("org");
    copy(&from, &to);
    to
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("made");
    for entry in std::fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let there = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &there);
        } else {
            std::fs::copy(entry.path(), there).expect("copied");
        }
    }
}

fn account(id: &str) -> Value {
    json!({"object": "Account", "externalId": {"field": "Ext__c", "value": id}, "fields": {"Name": id, "Tier__c": "Silver"}})
}

fn contact(id: &str, name: Option<&str>) -> Value {
    json!({"object": "Contact", "externalId": {"field": "Ext__c", "value": id},
        "fields": {"LastName": name, "Account": {"Ext__c": "A-1"}}})
}

fn touchpoint(id: &str, cost: i32) -> Value {
    json!({"object": "Touchpoint__c", "externalId": {"field": "Ext__c", "value": id},
        "fields": {"Cost__c": cost, "Channel__c": "Email", "Touched_At__c": "2026-11-01T00:00:00.000Z",
            "Contact__r": {"Ext__c": "C-1"}}})
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    program(folder, arguments).output().expect("runs")
}

#[test]
fn records_halt_are_explained_mended_and_drain() {
    let folder = tempfile::tempdir().expect("a folder");
    let org = org(folder.path());
    let serving = Serving::start(folder.path(), &org);
    assert_eq!(serving.said["account"], "local");
    let session = serving.get("/api/session");
    assert_eq!(session["features"], json!({"explain": true, "schedule": true, "records": true}));

    // A child before its parent: it waits, and goes on by itself.
    serving.export(&[contact("C-1", Some("Doe"))]);
    serving.job("Contact", |job| job["state"] == "paused");
    serving.export(&[account("A-1")]);
    serving.job("Contact", |job| job["state"] == "running" && job["cursor"] != Value::Null);

    // A rule of the org refuses a record.
    serving.export(&[touchpoint("T-1", 5), touchpoint("T-2", -5), touchpoint("T-3", 7)]);
    let held = serving.job("Touchpoint__c", |job| job["state"] == "paused");
    assert_eq!((&held["parked"], &held["hold"]["externalId"]["value"]), (&json!(2), &json!("T-2")));
    let id = held["hold"]["errorId"].as_str().expect("an id");
    let tree = serving.get(&format!("/api/errors/{id}/explanation"));
    assert_eq!((&tree["refused"], &tree["agrees"]), (&json!(true), &json!(true)), "{tree}");
    assert!(tree["explained"].to_string().contains("Refunds_For_Gold"), "{tree}");

    // Another terminal looks, and its JSON says the same.
    let status = run(folder.path(), &["status", "--json"]);
    let status: Value = serde_json::from_slice(&status.stdout).expect("JSON");
    let job = status["jobs"].as_array().expect("jobs").iter().find(|job| job["object"] == "Touchpoint__c");
    assert_eq!(job.expect("there")["hold"]["errorId"], id);

    // Someone mends the org; the person does not wait for the schedule.
    let rule = org.join("force-app/main/default/objects/Touchpoint__c/validationRules/Refunds_For_Gold.validationRule-meta.xml");
    let text = std::fs::read_to_string(&rule).expect("the rule");
    std::fs::write(&rule, text.replace("<active>true</active>", "<active>false</active>")).expect("written");
    std::thread::sleep(Duration::from_secs(2));
    assert_eq!(serving.post("/api/jobs/Touchpoint__c/resume", &json!({})), 202);
    serving.job("Touchpoint__c", |job| {
        job["state"] == "running" && job["parked"] == 0 && job["openErrors"] == 0
    });
    let resolved = serving.get(&format!("/api/errors/{id}"));
    assert_eq!(resolved["state"], "resolved");
    serving.stop();
}

#[test]
fn what_is_skipped_is_retried_and_settings_of_another_terminal_hold() {
    let folder = tempfile::tempdir().expect("a folder");
    let org = org(folder.path());
    let serving = Serving::start(folder.path(), &org);
    serving.export(&[account("A-1"), contact("C-1", None), contact("C-2", Some("Doe"))]);
    let held = serving
        .job("Contact", |job| job["state"] == "paused" && job["hold"]["code"] == "MISSING_REQUIRED_FIELD");
    let skip = json!({"errorId": held["hold"]["errorId"]});
    assert_eq!(serving.post("/api/jobs/Contact/skip", &skip), 202);
    serving.job("Contact", |job| job["state"] == "running" && job["openErrors"] == 1);
    assert_eq!(serving.post("/api/jobs/Contact/skip", &skip), 409);

    let set =
        run(folder.path(), &["settings", "set", "pauseOnExportErrors=false", "--accept-data-inconsistency"]);
    assert!(set.status.success(), "{set:?}");
    assert_eq!(serving.get("/api/settings")["pauseOnExportErrors"], false);
    serving.export(&[contact("C-3", None), contact("C-4", Some("Doe"))]);
    serving.job("Contact", |job| job["state"] == "running" && job["openErrors"] == 2);
    // A newer record mends the older one; the rest is tried again for a person.
    serving.export(&[contact("C-1", Some("Roe"))]);
    serving.job("Contact", |job| job["openErrors"] == 1);
    assert_eq!(serving.post("/api/errors/retry", &json!({})), 202);
    let mut attempts = Value::Null;
    for _ in 0..LOOKS {
        attempts = serving.get("/api/errors")["errors"][0]["attempts"].take();
        if attempts == 2 {
            break;
        }
        std::thread::sleep(LOOK);
    }
    assert_eq!(attempts, 2, "tried again");
    serving.stop();

    // The next program goes on with what is there.
    let serving = Serving::start(folder.path(), &org);
    assert_eq!(serving.get("/api/errors")["errors"][0]["externalId"]["value"], "C-3");
    serving.stop();
}

#[test]
fn it_serves_this_machine_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let check = |arguments: &[&str], said: &str| {
        let ran = run(folder.path(), arguments);
        let text = String::from_utf8_lossy(&ran.stderr);
        assert_eq!(ran.status.code(), Some(2), "{text}");
        assert!(text.contains(said), "{text}");
    };
    check(&["serve", "--listen", "0.0.0.0:0"], "for this machine alone");
    check(&["serve", "--jwt-issuer", "https://issuer.example"], "--jwt-audience");
    let issuer =
        ["serve", "--listen", "127.0.0.1:0", "--jwt-issuer", "http://issuer.example", "--jwt-audience", "a"];
    check(&issuer, "https URL");
    check(&["serve", "--resume-minutes", "0"], "1..=1440");
    let serving = Serving::start(folder.path(), &org(folder.path()));
    let taken = format!("127.0.0.1:{}", serving.port);
    check(&["serve", "--listen", &taken], "listen on 127.0.0.1");
    serving.stop();
}
