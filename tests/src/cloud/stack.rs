//! A stack on the local cloud, deployed with the tools that people use, and what people and programs then do with it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::program::{Ran, Workplace, program};
use crate::source::repository;

use super::aws::{Aws, authorization};
use super::crm::LocalCrm;
use super::functions::Functions;
use super::http::{self, Answer};
use super::local_cloud::LocalCloud;
use super::tools::{Tool, environment};
use super::wait::eventually;

/// Name of the stack.
const NAME: &str = "crm-export";

/// The account that it serves.
pub const ACCOUNT: &str = "acme";

/// With which tool a stack is deployed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deploy {
    /// `sam deploy` of `infra/template.yaml`.
    Sam,
    /// `cdk deploy` of `infra/cdk`, with the rules of the CRM's org in the packages.
    Cdk,
}

/// A deployed stack.
pub struct Stack {
    aws: Aws,
    endpoint: String,
    outputs: BTreeMap<String, String>,
    workplace: Workplace,
}

impl Stack {
    /// Deploys the stack for a CRM. Messages that were not settled come again after three seconds, held jobs are tried
    /// every minute.
    pub fn deploy(cloud: &LocalCloud, functions: &Functions, crm: &LocalCrm, with: Deploy) -> Self {
        let parameters = [
            ("AccountName", ACCOUNT),
            ("LoginUrl", crm.url.as_str()),
            ("VisibilitySeconds", "3"),
            ("ResumeMinutes", "1"),
            ("LocalCloud", "true"),
            ("Architecture", architecture()),
        ];
        match with {
            Deploy::Sam => sam_deploy(cloud, functions, &parameters),
            Deploy::Cdk => cdk_deploy(cloud, functions, &rules(cloud, crm), &parameters),
        }
        let aws = cloud.aws();
        let outputs = aws.outputs(NAME).into_iter().collect();
        Self { aws, endpoint: cloud.endpoint(), outputs, workplace: Workplace::default() }
    }

    /// The same stack, for programs that reach the cloud at another endpoint.
    pub fn seen_from(self, endpoint: &str) -> Self {
        Self { endpoint: endpoint.to_owned(), ..self }
    }

    /// An output of the template.
    pub fn output(&self, name: &str) -> &str {
        self.outputs.get(name).unwrap_or_else(|| panic!("no output {name}: {:?}", self.outputs))
    }

    /// Everything that a function (`export`) logged, event by event.
    pub fn logged(&self, function: &str) -> Vec<String> {
        let mut logged = Vec::new();
        let mut request = json!({ "logGroupName": format!("/aws/lambda/{NAME}/{function}") });
        loop {
            let page = self.aws.logs("FilterLogEvents", request.clone());
            let events = page["events"].as_array().into_iter().flatten();
            logged.extend(events.filter_map(|event| event["message"].as_str().map(str::to_owned)));
            if page["nextToken"].is_null() {
                return logged;
            }
            request["nextToken"] = page["nextToken"].clone();
        }
    }

    /// Puts credentials into the secret. The sandbox takes any.
    pub fn connect(&self) {
        let credentials = json!({ "clientId": "test", "clientSecret": "test" }).to_string();
        let secret = self.output("CredentialsSecret");
        self.aws.secrets("PutSecretValue", json!({ "SecretId": secret, "SecretString": credentials }));
    }

    /// Runs `crm-export ... --stack`, as a person does.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        let mut all = arguments.to_vec();
        all.extend(["--json", "--stack", NAME]);
        self.run_as(&all)
    }

    /// Sends files to the queue.
    pub fn send(&self, files: &[&str]) -> Value {
        let mut arguments = vec!["send", "--json", "--account", ACCOUNT, "--queue", self.output("QueueUrl")];
        arguments.extend(files);
        let ran = self.run_as(&arguments);
        assert_eq!(ran.status, 0, "{ran:?}");
        ran.json()
    }

    /// Writes a file of records and sends it.
    pub fn send_lines(&self, name: &str, lines: &[String]) {
        let file = self.workplace.write(name, lines.join("\n") + "\n");
        self.send(&[&file.to_string_lossy()]);
    }

    /// Sends a message as another program might. Answers its sequence number.
    pub fn send_message(&self, group: &str, deduplication_id: &str, body: &str) -> String {
        let message = json!({
            "QueueUrl": self.output("QueueUrl"),
            "MessageGroupId": group,
            "MessageDeduplicationId": deduplication_id,
            "MessageBody": body,
        });
        let sent = self.aws.sqs("SendMessage", message);
        sent["SequenceNumber"].as_str().unwrap_or_else(|| panic!("no sequence number: {sent}")).to_owned()
    }

    /// Waits until no message is in the queue or with the function.
    pub fn wait_until_delivered(&self) {
        let url = self.output("QueueUrl");
        eventually("the queue is empty", || self.aws.queue_length(url), |left| *left == 0);
    }

    /// Where a job stands.
    pub fn job(&self, object: &str) -> Value {
        let ran = self.run(&["status"]);
        let jobs = ran.json()["jobs"].as_array().cloned().unwrap_or_default();
        jobs.into_iter().find(|job| job["object"] == object).unwrap_or(Value::Null)
    }

    /// Calls the resume schedule's target as the schedule does, and waits for it.
    pub fn tick(&self) -> Answer {
        self.aws.invoke(self.output("ExportFunction"), &json!({ "cause": "schedule" }))
    }

    /// A signed request to the API, as API Gateway passes it on.
    pub fn api(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
        let authorization = authorization("execute-api");
        let mut all = vec![("Authorization", authorization.as_str())];
        all.extend(headers);
        self.unsigned(method, path, &all, body)
    }

    /// A request to the API of someone who signed nothing.
    pub fn unsigned(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
        let url = self.output("ApiUrl");
        let id = url.split("//").nth(1).and_then(|rest| rest.split('.').next()).expect("an API's URL");
        let address = self.endpoint.strip_prefix("http://").expect("a URL");
        let path = format!("/_aws/execute-api/{id}/$default{path}");
        let mut all = vec![("Content-Type", "application/json")];
        all.extend(headers);
        let body = if body.is_null() { String::new() } else { body.to_string() };
        http::send(address, method, &path, &all, body.as_bytes()).expect("the local cloud answers")
    }

    fn run_as(&self, arguments: &[&str]) -> Ran {
        let environment = environment(&self.endpoint);
        let environment: Vec<(&str, &str)> =
            environment.iter().map(|(name, value)| (*name, value.as_str())).collect();
        self.workplace.run_in(&environment, arguments)
    }
}

fn sam_deploy(cloud: &LocalCloud, functions: &Functions, parameters: &[(&str, &str)]) {
    let mut command = Tool::Sam.command(&cloud.endpoint(), cloud.folder());
    command.arg("deploy").arg("--template-file").arg(functions.template()).args(["--stack-name", NAME]);
    command.args(["--resolve-s3", "--capabilities", "CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"]);
    command.args(["--no-confirm-changeset", "--no-progressbar", "--parameter-overrides"]);
    command.args(parameters.iter().map(|(name, value)| format!("{name}={value}")));
    succeed(command.current_dir(cloud.folder()));
}

/// The org's rules, compiled as they are at the time of the deployment.
fn rules(cloud: &LocalCloud, crm: &LocalCrm) -> PathBuf {
    let rules = cloud.folder().join("rules");
    succeed(Command::new(program()).args(["rules", "compile", crm.org.as_str(), "--out"]).arg(&rules));
    rules
}

fn cdk_deploy(cloud: &LocalCloud, functions: &Functions, rules: &Path, parameters: &[(&str, &str)]) {
    let cdk = |words: &[&str]| {
        let mut command = Tool::Cdk.command(&cloud.endpoint(), cloud.folder());
        command.args(words).arg("--output").arg(cloud.folder().join("cdk.out"));
        command.arg("--no-notices").arg("--context").arg(format!("functions={}", functions.folder.display()));
        command.args(["--context", &format!("architecture={}", architecture())]);
        command.arg("--context").arg(format!("rules={}", rules.display()));
        command.current_dir(repository().join("infra/cdk"));
        command
    };
    succeed(&mut cdk(&["bootstrap", "aws://000000000000/us-east-1"]));
    let mut deploy = cdk(&["deploy", NAME, "--require-approval", "never", "--progress", "events"]);
    for (name, value) in parameters {
        deploy.arg("--parameters").arg(format!("{name}={value}"));
    }
    succeed(&mut deploy);
}

/// Runs a tool to its end; shows all that it said when it failed.
pub fn succeed(command: &mut Command) {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let said = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    assert!(output.status.success(), "{command:?}\n{}", said.concat());
}

/// The processor that the functions were built for: this machine's.
pub fn architecture() -> &'static str {
    if cfg!(target_arch = "aarch64") { "arm64" } else { "x86_64" }
}
