//! A corpus of hostile plugins: each is stopped, named by the limit it breaks, and the host is unharmed.
//!
//! That it happens in time is the limit itself; how long it takes by the clock is measured elsewhere.

mod components;
mod cores;
mod files;

use host::{FailureKind, Host, HostConfig, HostError, PluginFailure};

fn host() -> Host {
    Host::new(HostConfig::default()).expect("the engine starts")
}

/// The start of a failure's kind, as `Debug` writes it, and what its text must hold.
#[track_caller]
fn check_failure(what: &str, failure: &PluginFailure, kind: &str, words: &str) {
    let (found, text) = (format!("{:?}", failure.kind), failure.to_string());
    assert_eq!(failure.plugin, what);
    assert!(found.starts_with(kind), "{what}: expected {kind}, got {found}");
    assert!(text.starts_with(&format!("run the plugin {what}: ")) && text.contains(words), "{what}: {text}");
}

#[track_caller]
fn plugin_failure(error: HostError) -> PluginFailure {
    match error {
        HostError::Plugin(failure) => failure,
        other => panic!("{other}"),
    }
}

#[test]
fn failures_read_after_failed_to() {
    let failure = PluginFailure { plugin: "a.wasm".to_owned(), kind: FailureKind::Time { milliseconds: 10 } };
    let text = "run the plugin a.wasm: it ran for more than 10 ms and was stopped; look for a loop that does not end";
    assert_eq!(failure.to_string(), text);
}
