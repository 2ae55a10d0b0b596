//! A folder of its own for each test, and the program in it, with the local cloud in its environment.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

use crate::cloud::Cloud;

/// A folder of its own.
pub(crate) struct Workplace {
    folder: tempfile::TempDir,
    /// Where AWS is, when the test has a cloud.
    pub(crate) cloud: Option<String>,
}

impl Workplace {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a folder"), cloud: None }
    }

    pub(crate) fn beside(cloud: &Cloud) -> Self {
        Self { cloud: Some(cloud.url.clone()), ..Self::new() }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path().join(name), text).expect("written");
    }

    /// Runs the program.
    pub(crate) fn run(&self, words: &[&str]) -> Output {
        self.command(words).output().expect("the program ends")
    }

    /// Starts the program.
    pub(crate) fn start(&self, words: &[&str]) -> Child {
        self.command(words).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the program starts")
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_crm-export"));
        command.args(words).current_dir(self.path()).stdin(Stdio::null());
        for (name, value) in [
            ("AWS_ACCESS_KEY_ID", Some("test")),
            ("AWS_SECRET_ACCESS_KEY", Some("test")),
            ("AWS_REGION", Some("us-east-1")),
            ("AWS_ENDPOINT_URL", self.cloud.as_deref()),
            ("AWS_CONFIG_FILE", Some("/nowhere")),
            ("AWS_SHARED_CREDENTIALS_FILE", Some("/nowhere")),
            ("AWS_PROFILE", None),
            ("AWS_SESSION_TOKEN", None),
            ("CRM_EXPORT_CLIENT_ID", None),
            ("CRM_EXPORT_LOG", None),
        ] {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        command
    }

    /// Runs it; it must end with this status. Answers the JSON of the last line of its stdout.
    pub(crate) fn json(&self, words: &[&str], status: i32) -> Value {
        let mut words = words.to_vec();
        words.push("--json");
        let text = self.text(&words, status);
        let last = text.lines().last().unwrap_or_default();
        serde_json::from_str(last).unwrap_or_else(|error| panic!("{words:?}: {error} in `{text}`"))
    }

    /// Runs it; it must end with this status. Answers its stdout.
    pub(crate) fn text(&self, words: &[&str], status: i32) -> String {
        let output = self.run(words);
        let (stdout, stderr) =
            (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert_eq!(output.status.code(), Some(status), "{words:?}\n{stdout}\n{stderr}");
        stdout.into_owned()
    }

    /// Runs it; it must be refused as wrong usage. Answers its stderr.
    pub(crate) fn refused(&self, words: &[&str]) -> String {
        let output = self.run(words);
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{words:?}\n{stderr}");
        stderr
    }

    /// A copy of the sample org, which the test may edit.
    pub(crate) fn org(&self) -> PathBuf {
        let org = self.path().join("org");
        copy(&sample().join("org"), &org);
        org
    }

    /// Starts the sandbox with an org.
    pub(crate) fn sandbox(&self, org: &Path) -> Sandbox {
        let org = org.to_string_lossy();
        let words = ["sandbox", "--json", "--org", &org, "--listen", "127.0.0.1:0", "--db", "sandbox.db"];
        let mut child = self.command(&words).stdout(Stdio::piped()).spawn().expect("the sandbox starts");
        let mut line = String::new();
        let stdout = child.stdout.as_mut().expect("a pipe");
        BufReader::new(stdout).read_line(&mut line).expect("it says where it listens");
        let said: Value = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
        Sandbox { child, url: said["url"].as_str().expect("a URL").to_owned() }
    }
}

/// A running sandbox, ended with the test.
pub(crate) struct Sandbox {
    child: Child,
    pub(crate) url: String,
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// `tests/sample`.
pub(crate) fn sample() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/sample")
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("made");
    for entry in std::fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("listed");
        let target = to.join(entry.file_name());
        match entry.path().is_dir() {
            true => copy(&entry.path(), &target),
            false => drop(std::fs::copy(entry.path(), target).expect("copied")),
        }
    }
}
