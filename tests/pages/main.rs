//! The pages in Debian's Chromium, against the real program: `crm-export serve` with the sample org.
//!
//! `tests/run` installs Chromium and, into `$CRM_EXPORT_CACHE/pages`, what package.json beside this file names. The scripts
//! beside it are the tests; node's own runner runs them. They put screenshots of every page into `$CRM_EXPORT_SCREENSHOTS`
//! (default: `$CRM_EXPORT_CACHE/screenshots`) for a person to look at.

use std::path::PathBuf;
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use tests::program::program;
use tests::source::repository;

/// One browser at a time: several would only slow each other down.
static BROWSER: Mutex<()> = Mutex::new(());

fn cache() -> PathBuf {
    std::env::var_os("CRM_EXPORT_CACHE").map_or_else(|| repository().join(".cache"), PathBuf::from)
}

/// Runs one script, bounded in time by the runner itself.
fn check(script: &str) {
    let _one = BROWSER.lock().unwrap_or_else(PoisonError::into_inner);
    let cache = cache();
    let mut command = Command::new("node");
    command.args(["--test", "--test-timeout=900000"]).arg(repository().join("tests/pages").join(script));
    command.env("CRM_EXPORT", program()).env("NODE_CLIENT", cache.join("pages"));
    if std::env::var_os("CRM_EXPORT_SCREENSHOTS").is_none() {
        command.env("CRM_EXPORT_SCREENSHOTS", cache.join("screenshots"));
    }
    let output = command.output().expect("node starts; run `tests/run pages`, which installs what it needs");
    let shown =
        [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    assert!(output.status.success(), "{shown}");
}

#[test]
fn the_pause_is_turned_off_with_its_warning() {
    check("settings.test.mjs");
}

#[test]
fn a_halt_is_seen_explained_mended_and_drained() {
    check("halt.test.mjs");
}

#[test]
fn errors_are_found_and_downloaded() {
    check("errors.test.mjs");
}

#[test]
fn every_page_is_accessible_in_every_form() {
    check("look.test.mjs");
}

#[test]
fn vendored_files_are_those_of_npm() {
    let update = repository().join("functions/settings/pages/vendor/update");
    let output = Command::new("node").arg(update).arg("--check").output().expect("node starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn people_sign_in_at_the_issuer() {
    check("signin.test.mjs");
}
