//! `sam build` as people run it: from the template's metadata over cargo-lambda to a package that runs.
//!
//! Of the smallest function only, and unoptimised: each dependency is built anew for it, which takes minutes.

use std::process::Command;

use serde_json::json;
use tempfile::TempDir;
use tests::cloud::{Deploy, LocalCloud, LocalCrm, NAMES, Stack, Tool, architecture, bootstraps, succeed};
use tests::source::repository;

#[test]
fn a_package_that_sam_builds_runs() {
    let folder = TempDir::new().expect("a temporary folder");
    let built = folder.path().join("build");
    let mut build = Tool::Sam.command("http://127.0.0.1:9", folder.path());
    build.arg("build").arg("Retry").current_dir(repository().join("infra"));
    build.arg("--build-dir").arg(&built);
    build.args(["--parameter-overrides", &format!("Architecture={}", architecture())]);
    // The toolchain lies in the real home.
    for name in ["HOME", "CARGO_HOME", "RUSTUP_HOME"] {
        match std::env::var_os(name) {
            Some(value) => build.env(name, value),
            None => build.env_remove(name),
        };
    }
    // How it is optimised is measured by the benchmark; that it is built and found is what is tested here.
    build.env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0").env("CARGO_PROFILE_RELEASE_LTO", "off");
    build.env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16");
    succeed(&mut build);

    let functions = bootstraps().copy_to(folder.path());
    let package = functions.folder.join("retry/bootstrap");
    std::fs::copy(built.join("Retry/bootstrap"), &package).expect("sam build made a bootstrap");
    let cloud = LocalCloud::start();
    let crm = LocalCrm::start(&[]);
    let stack = Stack::deploy(&cloud, &functions, &crm, Deploy::Sam);
    let answer = cloud.aws().invoke(stack.output("RetryFunction"), &json!({ "cause": "daily" }));
    assert_eq!((answer.status, answer.header("x-amz-function-error")), (200, None), "{}", answer.text());
}

/// What the template and the CDK app name is what cargo builds.
#[test]
fn each_function_is_a_crate_with_a_program_of_its_name() {
    let metadata = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--format-version", "1", "--offline"])
        .current_dir(repository())
        .output()
        .expect("cargo runs");
    let metadata: serde_json::Value = serde_json::from_slice(&metadata.stdout).expect("JSON");
    for name in NAMES {
        let manifest = repository().join("functions").join(name).join("Cargo.toml");
        let packages = metadata["packages"].as_array().expect("packages");
        let package = packages.iter().find(|one| one["manifest_path"] == *manifest.to_string_lossy());
        let targets =
            package.unwrap_or_else(|| panic!("no package {name}"))["targets"].as_array().expect("targets");
        let is_program = |one: &serde_json::Value| one["name"] == name && one["kind"] == json!(["bin"]);
        assert!(targets.iter().any(is_program), "{name} has no program {name}");
    }
}
