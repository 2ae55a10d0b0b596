//! The tools that `tests/run` installs into `$CRM_EXPORT_CACHE`, and the environment that they run in.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::source::repository;

/// A program that the cloud tests run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tool {
    /// The local cloud.
    Ministack,
    /// The SAM CLI.
    Sam,
    /// The CDK's command.
    Cdk,
}

impl Tool {
    /// Where it lies.
    ///
    /// # Panics
    /// When it is not installed; says what installs it.
    pub fn path(self) -> PathBuf {
        let path = match self {
            Self::Ministack => cache().join("ministack/bin/ministack"),
            Self::Sam => cache().join("sam/bin/sam"),
            Self::Cdk => repository().join("infra/cdk/node_modules/.bin/cdk"),
        };
        assert!(path.exists(), "{} is missing: `tests/run cloud` installs it", path.display());
        path
    }

    /// A command with the environment of [`environment`].
    pub fn command(self, endpoint: &str, home: &Path) -> Command {
        let mut command = Command::new(self.path());
        command.envs(environment(endpoint)).env("HOME", home).env("TMPDIR", home);
        // cargo-lambda lies beside sam.
        let folder = self.path().parent().expect("a tool lies in a folder").to_owned();
        let path = std::env::var_os("PATH").unwrap_or_default();
        let folders = std::iter::once(folder).chain(std::env::split_paths(&path));
        command.env("PATH", std::env::join_paths(folders).expect("no folder has a colon in its name"));
        command
    }
}

/// What makes a program take the local cloud for AWS: endpoint, region, and credentials that are good nowhere else.
pub fn environment(endpoint: &str) -> Vec<(&'static str, String)> {
    let fixed = [
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("AWS_SESSION_TOKEN", ""),
        ("AWS_REGION", "us-east-1"),
        ("AWS_DEFAULT_REGION", "us-east-1"),
        ("AWS_EC2_METADATA_DISABLED", "true"),
        ("AWS_CONFIG_FILE", "/nonexistent"),
        ("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent"),
        ("SAM_CLI_TELEMETRY", "0"),
    ];
    let mut all: Vec<(&str, String)> = fixed.map(|(name, value)| (name, value.to_owned())).into();
    all.push(("AWS_ENDPOINT_URL", endpoint.to_owned()));
    all
}

fn cache() -> PathBuf {
    std::env::var_os("CRM_EXPORT_CACHE").map_or_else(|| repository().join(".cache"), PathBuf::from)
}
