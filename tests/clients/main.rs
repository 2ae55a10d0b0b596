//! Real Salesforce clients against the sandbox, unpatched: simple-salesforce over TLS, jsforce over plain HTTP.
//!
//! `tests/run` installs the clients into `$CRM_EXPORT_CACHE`; the scripts beside this file are their tests.

use std::path::PathBuf;
use std::process::Command;

use tests::program::Workplace;
use tests::sandbox::Sandbox;
use tests::source::repository;

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
