//! A deployed stack, operated from a person's machine: what is held and why, mending, skipping, resuming, settings.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_sqs::types::MessageSystemAttributeName::SequenceNumber;
use domain::message::Message;
use domain::{AccountName, JobId};
use jobs::clock::{Clock, SystemClock};
use jobs::{Cause, Jobs};
use serde_json::{Value, json};

use crate::cloud::{ACCOUNT, Cloud, STACK, attribute};
use crate::workplace::{Sandbox, Workplace, sample};

/// A stack, the CRM that it writes to, and a person's machine.
struct World {
    workplace: Workplace,
    cloud: Cloud,
    sandbox: Sandbox,
    org: PathBuf,
}

impl World {
    async fn new() -> Self {
        let mut workplace = Workplace::new();
        let org = workplace.org();
        let sandbox = workplace.sandbox(&org);
        let cloud = Cloud::with_stack(&sandbox.url).await;
        workplace.cloud = Some(cloud.url.clone());
        Self { workplace, cloud, sandbox, org }
    }

    /// The jobs as the functions have them.
    async fn jobs(&self) -> Jobs {
        let (table, bus) = (self.cloud.output("TableName").await, self.cloud.output("EventBusName").await);
        let mut config = self.cloud.config(&table, &bus);
        config.login_url = Some(self.sandbox.url.clone());
        config.secret = Some(self.cloud.output("CredentialsSecret").await);
        cloud::ports(&config, &self.cloud.sdk(), Arc::new(SystemClock), "function")
    }

    /// Does what the export function does: takes what is in the queue and runs the jobs.
    async fn export(&self) {
        let jobs = self.jobs().await;
        for message in self.cloud.receive_all(&self.cloud.output("QueueUrl").await).await {
            let sequence = attribute(&message, SequenceNumber).parse().expect("a number");
            let id = message.message_id().expect("an id");
            let message =
                Message::from_body(id, sequence, message.body().expect("a body")).expect("a message");
            jobs.run(&message.job, std::slice::from_ref(&message), Cause::Message, None).await.expect("run");
        }
    }

    /// Runs a command on the stack. Answers its JSON.
    fn json(&self, words: &[&str], status: i32) -> Value {
        self.workplace.json(&[words, &["--stack", STACK]].concat(), status)
    }

    fn text(&self, words: &[&str], status: i32) -> String {
        self.workplace.text(&[words, &["--stack", STACK]].concat(), status)
    }

    fn refused(&self, words: &[&str]) -> String {
        self.workplace.refused(&[words, &["--stack", STACK]].concat())
    }

    fn mend(&self, file: &str, from: &str, to: &str) {
        let path = self.org.join("force-app/main/default").join(file);
        let text = std::fs::read_to_string(&path).expect("there");
        assert!(text.contains(from), "{from}");
        std::fs::write(path, text.replace(from, to)).expect("written");
    }

    /// Sends a file of the sample and lets the functions work.
    async fn send(&self, name: &str) {
        self.json(&["send", &sample().join(name).to_string_lossy()], 0);
        self.export().await;
    }

    /// The names of the events that the stack's bus told since the last call.
    async fn told(&self) -> Vec<String> {
        let messages = self.cloud.receive_all(&self.cloud.output("ToldUrl").await).await;
        let name = |message: &aws_sdk_sqs::types::Message| {
            let event: Value = serde_json::from_str(message.body().expect("a body")).expect("json");
            event["detail-type"].as_str().expect("a name").to_owned()
        };
        let mut names: Vec<String> = messages.iter().map(name).collect();
        names.sort();
        names
    }
}

#[tokio::test]
async fn a_halt_is_found_explained_mended_and_left_behind() {
    let world = World::new().await;
    assert_eq!(world.json(&["status"], 0)["jobs"], json!([]));
    world.send("1-accounts.ndjson").await;
    world.send("2-contacts.ndjson").await;

    let status = world.json(&["status"], 10);
    let contact = &status["jobs"][1];
    assert_eq!((&contact["object"], &contact["state"]), (&json!("Contact"), &json!("paused")));
    assert_eq!((&contact["hold"]["externalId"], &contact["parked"]), (&json!("C-0805"), &json!(396)));
    let text = world.text(&["status"], 10);
    for command in ["resume --stack crm-test", "skip Contact --stack crm-test"] {
        assert!(text.contains(&format!("crm-export {command}\n")), "{command} is not in\n{text}");
    }

    let errors = world.json(&["errors"], 0)["errors"].clone();
    let id = errors[0]["id"].as_str().expect("an id");
    assert_eq!(errors.as_array().map(Vec::len), Some(1));
    let code = "MISSING_BIZIBLE_CUSTOM_FIELDS_PERMISSIONS";
    for (more, found) in [
        (["--code", code], 1),
        (["--code", "OTHER"], 0),
        (["--text", "c-0805"], 1),
        (["--text", "c-0806"], 0),
    ] {
        let listed = world.json(&[&["errors"][..], &more].concat(), 0);
        assert_eq!(listed["errors"].as_array().map(Vec::len), Some(found), "{more:?}");
    }
    assert_eq!(world.json(&["error", id], 0)["record"]["externalId"]["value"], "C-0805");
    let org = world.org.to_string_lossy().into_owned();
    let reproduced = world.json(&["reproduce", id, "--rules", &org], 11);
    assert_eq!((&reproduced["agrees"], &reproduced["object"]), (&json!(true), &json!("Contact")));

    world.told().await;
    let skipped = world.json(&["skip", "Contact"], 10);
    let hold = &skipped["jobs"][1]["hold"];
    assert_eq!(hold["crmCode"], "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "the next one that is refused");
    assert_eq!(world.told().await, ["ExportPaused", "ExportResumed"], "the stack's bus is told");
    let head = world.json(&["reproduce", "Contact", "--rules", &org], 11);
    assert_eq!(head["externalId"], hold["externalId"], "the head, not what was skipped");

    world.mend("permissionsets/Exporter.permissionset-meta.xml", "<editable>false<", "<editable>true<");
    let partner = "</value>\n            <value><fullName>Partner</fullName><label>Partner</label></value>\n        </valueSetDefinition>";
    world.mend(
        "objects/Contact/fields/Segment__c.field-meta.xml",
        "</value>\n        </valueSetDefinition>",
        partner,
    );
    tokio::time::sleep(Duration::from_secs(2)).await;
    let resumed = world.json(&["resume"], 0);
    assert_eq!(
        (&resumed["jobs"][1]["state"], &resumed["jobs"][1]["openErrors"]),
        (&json!("running"), &json!(1))
    );
    let retried = world.json(&["retry"], 0);
    assert_eq!((&retried["jobs"][1]["exported"], &retried["jobs"][1]["openErrors"]), (&json!(1), &json!(0)));
    assert_eq!(world.json(&["errors"], 0)["errors"], json!([]));
    let query = ["query", "SELECT COUNT() FROM Contact"];
    assert!(world.refused(&query).contains(&format!("give --crm {} and yours", world.sandbox.url)));
    let crm = ["--crm", &world.sandbox.url];
    assert_eq!(world.json(&[query, crm].concat(), 0)["totalSize"], 1_200);
    assert!(!world.workplace.path().join("crm-export.db").exists(), "no ledger's file is made");
}

#[tokio::test]
async fn settings_of_a_stack_are_its_own() {
    let world = World::new().await;
    let before = world.json(&["settings"], 0);
    assert_eq!((&before["pauseOnExportErrors"], &before["retryHour"]), (&json!(true), &json!(3)));
    let warning = world.refused(&["settings", "set", "pauseOnExportErrors=false"]);
    assert!(warning.contains("Data in the CRM may become inconsistent"), "{warning}");
    let hour = world.refused(&["settings", "set", "retryHour=5"]);
    assert!(hour.contains("its schedule must change with it"), "{hour}");
    assert_eq!(world.json(&["settings"], 0), before, "nothing was changed");
    assert_eq!(world.json(&["settings", "set", "batchSize=50"], 0)["batchSize"], 50);
    assert_eq!(world.told().await, ["SettingsChanged"]);
    let account = AccountName::new(ACCOUNT).expect("fits");
    let (read, _) = world.jobs().await.settings(&account).await.expect("read");
    assert_eq!(read.batch_size, 50, "the functions read the same");
}

#[tokio::test]
async fn a_job_that_a_function_has_is_left_to_it() {
    let world = World::new().await;
    world.send("1-accounts.ndjson").await;
    world.send("2-contacts.ndjson").await;
    let jobs = world.jobs().await;
    let job = JobId::new(AccountName::new(ACCOUNT).expect("fits"), "Contact").expect("fits");
    let now = SystemClock.now();
    jobs.ledger.lease(&job, "another", now, now.plus(Duration::from_secs(60))).await.expect("free");
    for command in ["resume", "retry"] {
        let output = world.workplace.run(&[command, "--stack", STACK]);
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(10), "{command}: {told}");
        assert!(told.contains("acme/Contact: another run has it until"), "{command}: {told}");
    }
}

#[tokio::test]
async fn a_table_alone_needs_account_and_crm() {
    let world = World::new().await;
    world.send("1-accounts.ndjson").await;
    world.send("2-contacts.ndjson").await;
    let table = world.cloud.output("TableName").await;
    let with = |words: &[&str]| -> Vec<String> {
        words.iter().copied().chain(["--table", &table]).map(str::to_owned).collect()
    };
    let refused = |words: &[&str], says: &str| {
        let words = with(words);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let told = world.workplace.refused(&words);
        assert!(told.contains(says), "{words:?}: `{says}` is not in\n{told}");
    };
    refused(&["status"], "say whose jobs, with --account NAME");
    refused(&["resume", "--account", ACCOUNT], "say where records go, with --crm URL");
    refused(&["send", "a.ndjson", "--account", ACCOUNT], "read a.ndjson: No such file");

    let words = with(&["status", "--account", ACCOUNT]);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    assert_eq!(world.workplace.json(&words, 10)["jobs"][1]["parked"], 396);
    let text = world.workplace.text(&words, 10);
    assert!(text.contains(&format!("crm-export resume --table {table} --account acme\n")), "{text}");
    let words = with(&["resume", "--account", ACCOUNT, "--crm", &world.sandbox.url]);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    assert_eq!(world.workplace.json(&words, 10)["jobs"][1]["hold"]["attempts"], 2);
}

#[tokio::test]
async fn what_makes_no_sense_for_a_stack_is_refused() {
    let world = World::new().await;
    let org = world.org.to_string_lossy().into_owned();
    let check = |words: &[&str], says: &str| {
        let told = world.refused(words);
        assert!(told.contains(says), "{words:?}: `{says}` is not in\n{told}");
    };
    check(&["export", "--sample"], "`crm-export send` hands records to a stack");
    check(&["sandbox"], "it runs on this machine");
    check(&["status", "--account", "other"], "it serves acme; leave --account out");
    check(&["resume", "--org", &org], "what the sandbox takes would count as exported");
    check(&["resume", "--crm", "https://x"], "the stack says where its records go");
    check(&["error", "0123"], "crm-export errors --state all --stack crm-test` lists them");
}
