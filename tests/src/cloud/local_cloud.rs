//! ministack as a process of the test's own: a free port of loopback, a folder of its own, ended with the test.
//!
//! It runs the functions as processes on this machine, as Lambda does in environments: each serves one event at a time.

use std::fs::{self, File};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use super::aws::Aws;
use super::http;
use super::processes::{Process, children, signal, signal_id, variable};
use super::tools::Tool;

/// A running local cloud.
pub struct LocalCloud {
    child: Child,
    folder: TempDir,
    address: String,
}

impl LocalCloud {
    /// Starts one, and waits until it answers.
    pub fn start() -> Self {
        Self::start_with(|address| format!("http://{address}"))
    }

    /// Starts one whose functions reach it at another endpoint, which is told its address.
    pub fn start_with(endpoint_of_functions: impl FnOnce(&str) -> String) -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let address = free_address();
        let log = File::create(folder.path().join("ministack.log")).expect("a file can be made");
        let mut command = Tool::Ministack.command(&endpoint_of_functions(&address), folder.path());
        command
            .env("BIND_HOST", "127.0.0.1")
            .env("MINISTACK_HOST", "127.0.0.1")
            .env("GATEWAY_PORT", address.rsplit(':').next().unwrap_or_default())
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .stderr(log.try_clone().expect("a file can be shared"))
            .stdout(log);
        let child = command.spawn().expect("ministack starts");
        let mut cloud = Self { child, folder, address };
        cloud.wait_until_it_answers();
        cloud
    }

    /// `127.0.0.1:port`.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Its URL, in place of AWS's.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Calls of its services.
    pub fn aws(&self) -> Aws {
        Aws::at(&self.address)
    }

    /// A folder that ends with it.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// What it wrote, for a test that failed.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("ministack.log")).unwrap_or_default()
    }

    /// Ends the environments of a function with SIGKILL, in the middle of whatever they do. Answers how many there were.
    pub fn kill_function(&self, name: &str) -> usize {
        let running = self.environments(name);
        running.iter().filter(|process| signal(process, "-KILL")).count()
    }

    /// How many environments of a function run.
    pub fn count_environments(&self, name: &str) -> usize {
        self.environments(name).len()
    }

    fn environments(&self, name: &str) -> Vec<Process> {
        let mut found = children(self.child.id());
        found.retain(|process| variable(process, "AWS_LAMBDA_FUNCTION_NAME").as_deref() == Some(name));
        found
    }

    fn wait_until_it_answers(&mut self) {
        for _ in 0..600 {
            if let Ok(answer) = http::send(&self.address, "GET", "/_ministack/health", &[], b"")
                && answer.status == 200
            {
                return;
            }
            let ended = self.child.try_wait().expect("the child is ours");
            assert!(ended.is_none(), "ministack ended ({ended:?}):\n{}", self.log());
            std::thread::sleep(Duration::from_millis(100));
        }
        panic!("ministack does not answer:\n{}", self.log());
    }
}

impl Drop for LocalCloud {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let log = self.log();
            let from = log.len().saturating_sub(20_000);
            eprintln!("-- the end of the local cloud's log\n{}", log.get(from..).unwrap_or(&log));
        }
        // The environments first: they are children of a child, whom nobody ends when it is ended.
        let environments = children(self.child.id());
        signal_id(self.child.id(), "-TERM");
        for _ in 0..50 {
            if matches!(self.child.try_wait(), Ok(Some(_)) | Err(_)) {
                break;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
        for process in environments {
            signal(&process, "-KILL");
        }
    }
}

/// An address of loopback that nobody listens at. Another process may take it before ministack does; then ministack ends,
/// and says so.
fn free_address() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
    listener.local_addr().expect("it has an address").to_string()
}
