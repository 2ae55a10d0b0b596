//! Who may depend on whom, read from the manifests.

use std::collections::BTreeMap;
use std::fs;

use tests::source::repository;

/// Each crate of ours with the crates of ours it may use outside its tests.
const MAY_USE: [(&str, &[&str]); 15] = [
    ("functions/cloud", &["domain", "engine", "formula", "host", "jobs"]),
    ("functions/domain", &[]),
    ("functions/export", &["cloud", "domain", "jobs"]),
    ("functions/jobs", &["domain"]),
    (
        "functions/local",
        &["cloud", "domain", "engine", "formula", "host", "jobs", "metadata", "sandbox", "settings"],
    ),
    ("functions/retry", &["cloud", "domain", "jobs"]),
    ("functions/settings", &["cloud", "domain", "jobs"]),
    ("plugins/engine", &["formula", "host", "metadata"]),
    ("plugins/formula", &[]),
    ("plugins/host", &[]),
    ("plugins/metadata", &["formula"]),
    ("plugins/rules", &["sdk"]),
    ("plugins/sandbox", &["engine", "formula", "metadata"]),
    ("plugins/sdk", &[]),
    ("tests", &["domain", "engine", "formula", "host", "jobs", "metadata", "sandbox", "settings"]),
];

#[test]
fn crates_depend_along_the_arrows() {
    let ours = [
        "cloud",
        "crm-export",
        "domain",
        "engine",
        "export",
        "formula",
        "host",
        "jobs",
        "metadata",
        "retry",
        "rules",
        "sandbox",
        "sdk",
        "settings",
        "tests",
    ];
    let allowed: BTreeMap<&str, &[&str]> = MAY_USE.into_iter().collect();
    for member in members() {
        let may_use =
            allowed.get(member.as_str()).unwrap_or_else(|| panic!("{member} has no row in MAY_USE"));
        for used in dependencies(&member).iter().filter(|name| ours.contains(&name.as_str())) {
            assert!(may_use.contains(&used.as_str()), "{member} may not depend on {used}");
        }
    }
}

#[test]
fn the_domain_stays_pure() {
    let banned = ["tokio", "reqwest", "rusqlite", "async-trait", "axum", "aws-sdk-dynamodb"];
    for used in dependencies("functions/domain") {
        assert!(!banned.contains(&used.as_str()), "domain depends on {used}: it has no IO and nothing async");
    }
}

fn members() -> Vec<String> {
    let manifest = fs::read_to_string(repository().join("Cargo.toml")).expect("the workspace has a manifest");
    let list =
        manifest.split("\nmembers = [").nth(1).and_then(|rest| rest.split(']').next()).expect("members");
    list.split(',')
        .map(|item| item.trim().trim_matches('"').to_owned())
        .filter(|item| !item.is_empty())
        .collect()
}

/// The names under `[dependencies]`.
fn dependencies(member: &str) -> Vec<String> {
    let manifest =
        fs::read_to_string(repository().join(member).join("Cargo.toml")).expect("a member has a manifest");
    let section = manifest.split("\n[dependencies]\n").nth(1).unwrap_or_default();
    let lines = section.lines().take_while(|line| !line.starts_with('['));
    lines
        .filter_map(|line| line.split(['.', '=', ' ']).next())
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect()
}
