//! The sandbox as a program of its own, as other clients use it.

use std::io::{BufRead, BufReader};
use std::process::Child;

use serde_json::Value;

use crate::program::Workplace;
use crate::sample::sample;

/// A running `crm-export sandbox`, ended with the test.
pub struct Sandbox {
    child: Child,
    /// Where it listens.
    pub url: String,
    /// The file of its certificate, with `--tls`.
    pub certificate: Option<String>,
}

impl Sandbox {
    /// Starts one on a free port, with the sample org.
    pub fn start(workplace: &Workplace, more: &[&str]) -> Self {
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
