//! Compiled rules and machine code on disk, damaged: refused in words, and machine code is refused before wasmtime sees a
//! byte of it. Rules that are read after all judge without a panic, whatever their plan says.

use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, LazyLock};

use engine::{Artifact, CompileOptions, Rules, compile_with};
use formula::DateTime;
use host::{Host, HostConfig, HostError, Limits};
use metadata::Org;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::choices::Choices;
use crate::run::Target;

#[test]
fn artifacts() {
    let target = Target {
        name: "artifacts",
        inputs: 400,
        check,
        words: &[
            "null",
            "0",
            "-1",
            "18446744073709551615",
            "[]",
            "{}",
            "\"\"",
            "\"number\"",
            "\"formula\"",
            "true",
            "\"version\":1",
            "\n",
        ],
        also: &[],
    };
    target.run();
}

static HOST: LazyLock<Host> = LazyLock::new(|| Host::new(HostConfig::default()).expect("the engine starts"));
/// The sample's rules as they are written.
static WHOLE: LazyLock<Whole> = LazyLock::new(Whole::new);

struct Whole {
    json: Vec<u8>,
    wasm: Vec<u8>,
    machine_code: Vec<u8>,
}

impl Whole {
    fn new() -> Self {
        let org = Org::read(&tests::sample::sample().join("org")).expect("the sample is whole");
        let compiled = compile_with(&Arc::new(org), &CompileOptions::default());
        let folder = tempfile::tempdir().expect("a folder can be made");
        let artifact = compiled.artifact.ahead_of_time(&HOST).expect("the code is good");
        artifact.write(folder.path()).expect("it can be written");
        let read = |name: &str| fs::read(folder.path().join(name)).expect("it was written");
        Self { json: read("rules.json"), wasm: read("rules.wasm"), machine_code: read("rules.cwasm") }
    }
}

fn check(bytes: &[u8]) {
    let mut choices = Choices::new(bytes);
    match choices.below(3) {
        0 => check_machine_code(&mut choices),
        1 => check_rules(&changed_json(&mut choices), &WHOLE.wasm),
        _ => check_rules(&WHOLE.json, &changed(&WHOLE.wasm, &mut choices)),
    }
    // The input itself, as each of the files.
    check_rules(bytes, &WHOLE.wasm);
    let alone = HOST.load_core("fuzzed", &WHOLE.wasm, bytes, &[], Limits::core());
    assert!(matches!(alone, Err(HostError::Artifact(_))), "these bytes are no artifact");
}

/// Code that differs from what was compiled is refused by its check sum: only what is whole goes to wasmtime.
fn check_machine_code(choices: &mut Choices<'_>) {
    let damaged = changed(&WHOLE.machine_code, choices);
    let line_ends =
        |file: &[u8]| file.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at).nth(1);
    let code = |file: &[u8]| line_ends(file).map(|at| file[at + 1..].to_vec());
    let artifact = artifact(&WHOLE.json, &WHOLE.wasm, Some(&damaged)).expect("the other files are whole");
    match Rules::of_artifact(artifact, &HOST) {
        Ok(_) => assert_eq!(code(&damaged), code(&WHOLE.machine_code), "other code was loaded"),
        Err(HostError::Artifact(refused)) => assert!(!refused.to_string().is_empty()),
        Err(other) => panic!("damage passed its check: {other}"),
    }
}

/// Bytes changed at a few places, or cut off.
fn changed(whole: &[u8], choices: &mut Choices<'_>) -> Vec<u8> {
    let mut bytes = whole.to_vec();
    for _ in 0..=choices.below(4) {
        let at = (choices.below(65_536) * 65_536 + choices.below(65_536)) % bytes.len().max(1);
        match choices.below(4) {
            0 => bytes.truncate(at),
            1 => bytes.insert(at, choices.byte()),
            _ if at < bytes.len() => bytes[at] ^= 1 << choices.below(8),
            _ => {}
        }
    }
    bytes
}

/// The plan with values replaced, so that it is JSON of the right shape mostly.
fn changed_json(choices: &mut Choices<'_>) -> Vec<u8> {
    let mut json: Value = serde_json::from_slice(&WHOLE.json).expect("it was written");
    for _ in 0..=choices.below(3) {
        let mut place = &mut json;
        for _ in 0..12 {
            let length = match &*place {
                Value::Object(members) => members.len(),
                Value::Array(items) => items.len(),
                _ => 0,
            };
            if length == 0 || choices.once_in(12) {
                break;
            }
            let at = choices.below(length);
            place = match place {
                Value::Object(members) => members.values_mut().nth(at).expect("it has so many"),
                Value::Array(items) => &mut items[at],
                other => other,
            };
        }
        *place = match choices.below(9) {
            0 => json!(0),
            1 => json!(choices.of(&[1_u64, 7, 1_000, u64::MAX, 1 << 32])),
            2 => json!(-1),
            3 => json!(choices.of(&["", "Contact", "number", "Cost__c", "batch_0", "formula_0", "1e400"])),
            4 => json!([]),
            5 => json!({}),
            6 => json!(true),
            7 => json!(0.5),
            _ => Value::Null,
        };
    }
    json.to_string().into_bytes()
}

fn folder() -> TempDir {
    let memory = PathBuf::from("/dev/shm");
    let made = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    made.expect("a folder can be made")
}

fn artifact(json: &[u8], wasm: &[u8], machine_code: Option<&[u8]>) -> Option<Artifact> {
    let folder = folder();
    let write =
        |name: &str, bytes: &[u8]| fs::write(folder.path().join(name), bytes).expect("it can be written");
    write("rules.json", json);
    write("rules.wasm", wasm);
    machine_code.into_iter().for_each(|code| write("rules.cwasm", code));
    match Artifact::read(folder.path()) {
        Ok(artifact) => Some(artifact),
        Err(error) => {
            assert!(error.path.ends_with("rules.json"), "{error}");
            None
        }
    }
}

/// Refused, or read; what is read judges every object's payload.
fn check_rules(json: &[u8], wasm: &[u8]) {
    let Some(artifact) = artifact(json, wasm, None) else { return };
    let rules = match Rules::of_artifact(artifact, &HOST) {
        Ok(rules) => rules,
        Err(error) => return assert!(!error.to_string().is_empty()),
    };
    let now = DateTime::from_ms(1_706_702_400_000).expect("2024-01-31T12:00:00Z");
    let payload = json!({"Ext__c": "1", "Cost__c": -3.5, "Channel__c": "Web Direct", "LastName": "Lee",
        "Contact__r": {"Ext__c": "C-1", "Account": {"Tier__c": "Bronze"}}});
    let Value::Object(payload) = payload else { return };
    for object in ["Touchpoint__c", "Contact", "account", ""] {
        let _ = rules.preflight(object, &payload, now);
    }
}
