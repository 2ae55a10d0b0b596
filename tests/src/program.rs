//! Runs the real program in a folder of its own, as a person or a script would.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;

use serde_json::Value;
use tempfile::TempDir;

use crate::source::repository;

/// A folder with a ledger in it, and the program to run there.
pub struct Workplace {
    folder: TempDir,
}

/// What a command printed, and how it ended.
#[derive(Debug)]
pub struct Ran {
    /// Exit status; -1 when a signal ended it.
    pub status: i32,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Ran {
    /// The one JSON object of `--json`: the last line of standard output.
    pub fn json(&self) -> Value {
        let line = self.stdout.lines().last().unwrap_or_default();
        serde_json::from_str(line).unwrap_or_else(|error| panic!("no JSON ({error}) in {self:?}"))
    }

    /// The job of this object in the answer.
    pub fn job(&self, object: &str) -> Value {
        let json = self.json();
        let jobs = json["jobs"].as_array().unwrap_or_else(|| panic!("no jobs in {self:?}"));
        let job = jobs.iter().find(|job| job["object"] == object);
        job.unwrap_or_else(|| panic!("no job for {object} in {self:?}")).clone()
    }
}

impl Default for Workplace {
    fn default() -> Self {
        Self { folder: TempDir::new().expect("a temporary folder") }
    }
}

impl Workplace {
    /// The folder.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file into it and answers its path.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder can be made");
        std::fs::write(&path, content).expect("a file can be written");
        path
    }

    /// Runs a command to its end.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        self.run_in(&[], arguments)
    }

    /// Runs a command to its end, with these variables in its environment.
    pub fn run_in(&self, environment: &[(&str, &str)], arguments: &[&str]) -> Ran {
        let child =
            self.command(arguments).envs(environment.iter().copied()).spawn().expect("the program starts");
        ran(&child.wait_with_output().expect("the program ends"))
    }

    /// Starts a command and leaves it running.
    pub fn start(&self, arguments: &[&str]) -> Child {
        self.command(arguments).spawn().expect("the program starts")
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(program());
        command.args(arguments).current_dir(self.path()).env("NO_COLOR", "1");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }
}

fn ran(output: &Output) -> Ran {
    Ran {
        status: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// The program, built once per test binary in the test's own profile.
pub fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| built(&["crm-export"]).join(format!("crm-export{}", std::env::consts::EXE_SUFFIX)))
}

/// Builds these programs of the workspace in the test's own profile, and answers the folder that they are in.
///
/// With the features that `tests/run` builds the tests with: any others would build the dependencies anew.
pub fn built(names: &[&str]) -> PathBuf {
    let mut build = Command::new(env!("CARGO"));
    build.args(["build", "--quiet", "--workspace"]).current_dir(repository());
    if let Some(features) = std::env::var_os("CRM_EXPORT_TEST_FEATURES") {
        build.arg("--features").arg(features);
    }
    for name in names {
        build.args(["--bin", name]);
    }
    without_cargos_words(&mut build);
    assert!(build.status().expect("cargo runs").success(), "{names:?} do not build");
    let test = std::env::current_exe().expect("a test has a path");
    let profile = test.parent().and_then(Path::parent).expect("a test lies in target/<profile>/deps");
    profile.to_owned()
}

/// Takes away what cargo tells a test about its package. ring's build script watches these variables: with them ring, and
/// all that is built on it, would be built anew by each test that builds, and then by the next `cargo test`.
pub fn without_cargos_words(command: &mut Command) {
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text == "OUT_DIR" || ["CARGO_PKG_", "CARGO_MANIFEST_"].iter().any(|start| text.starts_with(start))
        {
            command.env_remove(&name);
        }
    }
}
