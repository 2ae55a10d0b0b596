//! Real Salesforce clients against the sandbox, unpatched: simple-salesforce over TLS, jsforce over plain HTTP.
//!
//! `tests/run` installs the clients into `$CRM_EXPORT_CACHE`; the scripts beside this file are their tests.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command};

use serde_json::Value;
use tests::program::Workplace;
use tests::sample::sample;
use tests::source::repository;

/// A running `crm-export sandbox`, ended with the test.
struct Sandbox {
    child: Child,
    url: String,
    certificate: Option<String>,
}

impl Sandbox {
    fn start(workplace: &Workplace, more: &[&str]) -> Self {
        let org = sample().join("org").to_string_lossy().into_owned();
        let mut arguments = vec!["sandbox", "--json", "--org", &org, "--listen", "127.0.0.1:0"];
        arguments.extend(more);
        let mut child = workplace.start(&arguments);
        let mut line = String::new();
        let stdout = child.stdout.as_mut().expect("standard output is piped");
        BufReader::new(stdout).read_line(&mut line).expect("the sandbox says where it listens");
        let said: Value = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
        let text = |member: &str| said[member].as_str().map(str::to_owned);
        Self { child, url: text("url").expect("a url"), certificate: text("certificate") }
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn cache() -> PathBuf {
    std::env::var_os("CRM_EXPORT_CACHE").map_or_else(|| repository().join(".cache"), PathBuf::from)
}

fn check(mut command: Command) {
    let output = command.output().expect("the client starts; run `tests/run clients`, which installs it");
    let shown =
        [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    assert!(output.status.success(), "{shown}");
}

#[test]
fn simple_salesforce_is_content() {
    let workplace = Workplace::default();
    let sandbox = Sandbox::start(&workplace, &["--tls"]);
    let mut command = Command::new(cache().join("python/bin/python"));
    command.arg(repository().join("tests/clients/simple_salesforce_test.py"));
    command.env("SANDBOX_URL", &sandbox.url);
    command.env("REQUESTS_CA_BUNDLE", sandbox.certificate.as_deref().expect("--tls makes a certificate"));
    check(command);
}

#[test]
fn jsforce_is_content() {
    let workplace = Workplace::default();
    let sandbox = Sandbox::start(&workplace, &[]);
    let mut command = Command::new("node");
    command.arg("--test").arg(repository().join("tests/clients/jsforce_test.mjs"));
    command.env("SANDBOX_URL", &sandbox.url).env("NODE_CLIENT", cache().join("node"));
    check(command);
}
