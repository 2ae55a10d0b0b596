//! Artifacts: what was compiled runs as before; what is damaged, or made for something else, is refused in words.

use std::fs;

use host::artifact::Cache;
use host::component::PluginConfig;
use host::core::{CoreModule, Imports};
use host::{Host, HostConfig, HostError, Limits};

struct Nothing;

impl Imports for Nothing {
    fn call(&mut self, _: usize, _: &[i32], _: &mut [u8]) -> Result<i32, String> {
        Err("nothing is offered".to_owned())
    }
}

const NAME: &str = "rules";

#[test]
fn a_core_module_runs_from_its_artifact() {
    let artifact = artifact(&host(None), &wasm(1));
    assert_eq!(run(&load(&host(None), &wasm(1), &artifact).expect("it is whole")), 1);
}

#[test]
fn what_is_damaged_is_refused() {
    let (host, whole) = (host(None), artifact(&host(None), &wasm(1)));
    let changed = |at: usize| {
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        bytes
    };
    check(
        &host,
        b"",
        "the file is damaged (it does not begin as an artifact does); compile the plugin again",
    );
    check(&host, &wasm(1), "the file is damaged (it does not begin as an artifact does)");
    check(&host, &whole[..40], "the file is damaged (it ends in its key)");
    check(&host, &whole[..whole.len() - 1], "the file is damaged (its check sum is another)");
    check(&host, &changed(whole.len() - 1), "the file is damaged (its check sum is another)");
    check(&host, &changed(23), "the file is damaged (its key cannot be read)");
    // Every byte counts, from the first line to the last of the code.
    for at in (0..whole.len()).step_by(97) {
        assert!(load(&host, &wasm(1), &changed(at)).is_err(), "byte {at} may be changed");
    }
}

#[test]
fn what_was_made_from_or_for_something_else_is_refused() {
    let here = host(None);
    check(&here, &artifact(&here, &wasm(2)), "it was compiled for another plugin (");
    let any = host(Some(&format!("{}-unknown-linux-gnu", std::env::consts::ARCH)));
    check(&here, &artifact(&any, &wasm(1)), "it was compiled for another target (");
    assert_eq!(run(&load(&any, &wasm(1), &artifact(&any, &wasm(1))).expect("it is for this target")), 1);
}

/// The back ends for other processors are a feature of wasmtime (`all-arch`) that is off.
#[test]
fn a_target_that_is_not_compiled_in_is_refused() {
    for target in ["riscv64gc-unknown-linux-gnu", "not-a-target"] {
        let error = Host::new(HostConfig { target: Some(target.to_owned()) }).expect_err(target).to_string();
        assert!(
            error.starts_with("start the WASM engine: ")
                && error.ends_with("; give a target triple it knows")
        );
    }
}

#[test]
fn a_plugins_artifact_is_no_core_modules() {
    let component = wat::parse_str("(component)").expect("it is well-formed");
    let artifact = host(None).plugin_artifact(NAME, &component, &Limits::component()).expect("it compiles");
    let error =
        host(None).load_core(NAME, &component, &artifact, &[], Limits::core()).expect_err("it is none");
    assert!(
        error.to_string().contains("another form of plugin (component, and here is core module)"),
        "{error}"
    );
    let loaded = host(None).load_plugin(NAME, &component, &artifact, &PluginConfig::default());
    let words = "run the plugin rules: it does not keep the contract: it exports no function describe";
    assert!(loaded.err().is_some_and(|error| error.to_string().starts_with(words)));
}

#[test]
fn the_cache_compiles_once_and_replaces_what_is_damaged() {
    let folder = tempfile::tempdir().expect("there is room");
    let (host, cache) = (host(None), Cache::new(folder.path().join("artifacts")));
    let get = |n| run(&cache.core(&host, NAME, &wasm(n), &[], &Limits::core()).expect("it is good"));
    let files = || {
        let entries = fs::read_dir(folder.path().join("artifacts")).expect("it was made");
        let mut paths: Vec<_> = entries.map(|entry| entry.expect("it is there").path()).collect();
        paths.sort();
        paths
    };
    assert_eq!((get(1), get(2), get(1)), (1, 2, 1));
    let stored = files();
    assert_eq!(stored.len(), 2, "{stored:?}");
    let before = fs::read(&stored[0]).expect("it is there");
    fs::write(&stored[0], &before[..before.len() / 2]).expect("it may be written");
    assert_eq!((get(1), get(2)), (1, 2));
    assert_eq!((files(), fs::read(&stored[0]).expect("it is there")), (stored, before));
}

#[test]
fn a_folder_that_cannot_be_written_is_named_as_the_cause() {
    let folder = tempfile::tempdir().expect("there is room");
    let file = folder.path().join("file");
    fs::write(&file, "").expect("it may be written");
    let error =
        Cache::new(file).core(&host(None), NAME, &wasm(1), &[], &Limits::core()).expect_err("it is a file");
    assert!(error.to_string().ends_with("; check that the folder exists and may be written"), "{error}");
}

fn host(target: Option<&str>) -> Host {
    Host::new(HostConfig { target: target.map(str::to_owned) }).expect("the engine starts")
}

/// A module whose function answers a number.
fn wasm(number: i32) -> Vec<u8> {
    wat::parse_str(format!("(module (func (export \"run\") (result i32) (i32.const {number})))"))
        .expect("it is well-formed")
}

fn artifact(host: &Host, wasm: &[u8]) -> Vec<u8> {
    host.core_artifact(NAME, wasm, &Limits::core()).expect("it compiles")
}

fn load(host: &Host, wasm: &[u8], artifact: &[u8]) -> Result<CoreModule, HostError> {
    host.load_core(NAME, wasm, artifact, &[], Limits::core())
}

fn run(module: &CoreModule) -> i32 {
    module.instantiate(Nothing).and_then(|mut instance| instance.call("run", &[])).expect("it is good")
}

#[track_caller]
fn check(host: &Host, artifact: &[u8], words: &str) {
    let text = load(host, &wasm(1), artifact).expect_err(words).to_string();
    assert!(text.starts_with("load the compiled plugin rules: ") && text.contains(words), "{text}");
}
