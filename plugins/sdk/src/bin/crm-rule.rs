//! `crm-rule`: builds a rule into the `.wasm` file that crm-export loads.
//!
//! ```text
//! crm-rule build OUT.wasm CARGO-ARGUMENT...     cargo build --release for WASM with these arguments, then wrap
//! crm-rule wrap MODULE.wasm OUT.wasm            only wrap: make a component of a core module
//! ```
//!
//! No other tool is needed: the component around a rule is always the same, `component/component.wat`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

const TARGET: &str = "wasm32-unknown-unknown";
const COMPONENT: &str = include_str!("../../component/component.wat");
const USAGE: &str = "crm-rule build OUT.wasm CARGO-ARGUMENT...   (such as: -p my-rule --lib)\n\
                     crm-rule wrap MODULE.wasm OUT.wasm";

/// A rule is loaded often and runs shortly: small before fast.
const PROFILE: [&str; 5] = [
    "profile.release.opt-level=\"s\"",
    "profile.release.lto=true",
    "profile.release.codegen-units=1",
    "profile.release.panic=\"abort\"",
    "profile.release.strip=true",
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["build", out, cargo @ ..] => build(Path::new(out), cargo),
        ["wrap", module, out] => wrap(Path::new(module), Path::new(out)),
        _ => Err(USAGE.to_owned()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(words) => {
            eprintln!("{words}");
            ExitCode::FAILURE
        }
    }
}

fn build(out: &Path, cargo: &[&str]) -> Result<(), String> {
    check_target()?;
    let mut command = Command::new("cargo");
    command.args(["build", "--release", "--target", TARGET, "--message-format=json-render-diagnostics"]);
    for setting in PROFILE {
        command.args(["--config", setting]);
    }
    let output = command
        .args(cargo)
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("failed to start cargo: {error}; install Rust"))?;
    if !output.status.success() {
        return Err("failed to build the rule: cargo says why above".to_owned());
    }
    wrap(&built(&String::from_utf8_lossy(&output.stdout))?, out)
}

/// rustup may have no such target, and a Rust without rustup may not know how to get it.
fn check_target() -> Result<(), String> {
    let output = Command::new("rustc")
        .args(["--print", "target-libdir", "--target", TARGET])
        .output()
        .map_err(|error| format!("failed to start rustc: {error}; install Rust"))?;
    let folder = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    if output.status.success() && Path::new(&folder).is_dir() {
        return Ok(());
    }
    Err(format!(
        "failed to build for {TARGET}: this Rust does not have the target; run `rustup target add {TARGET}`, or see \
         \"Without rustup\" in plugins/sdk/README.md"
    ))
}

/// The one `.wasm` file among cargo's messages, one JSON object a line.
fn built(messages: &str) -> Result<PathBuf, String> {
    let files = messages
        .lines()
        .filter(|line| line.contains("\"compiler-artifact\""))
        .flat_map(|line| line.split('"'));
    let mut files: Vec<&str> = files.filter(|text| text.ends_with(".wasm")).collect();
    files.sort_unstable();
    files.dedup();
    match files.as_slice() {
        [file] => Ok(PathBuf::from(file)),
        [] => Err(
            "failed to find the rule: nothing built is a .wasm file; set crate-type = [\"cdylib\", \"rlib\"]"
                .to_owned(),
        ),
        _ => Err(format!(
            "failed to choose the rule: {} were built; name one with -p, --lib or --example",
            files.len()
        )),
    }
}

fn wrap(module: &Path, out: &Path) -> Result<(), String> {
    let bytes = fs::read(module).map_err(|error| format!("failed to read {}: {error}", module.display()))?;
    if !bytes.starts_with(b"\0asm\x01\0\0\0") {
        return Err(format!("failed to wrap {}: it is no core module", module.display()));
    }
    let mould =
        wat::parse_str(COMPONENT).map_err(|error| format!("failed to read component.wat: {error}"))?;
    let wasm = with_module(&mould, &bytes).ok_or("failed to read component.wat: it has no core module")?;
    if let Some(folder) = out.parent() {
        fs::create_dir_all(folder)
            .map_err(|error| format!("failed to create {}: {error}", folder.display()))?;
    }
    fs::write(out, &wasm).map_err(|error| format!("failed to write {}: {error}", out.display()))?;
    println!("{}: {} bytes", out.display(), wasm.len());
    Ok(())
}

/// A component with its core module replaced by another: the section with the number 1. A section is its number, the
/// length of its content (LEB128), and the content.
fn with_module(component: &[u8], module: &[u8]) -> Option<Vec<u8>> {
    const HEADER: usize = 8;
    const CORE_MODULE: u8 = 1;
    let mut at = HEADER;
    loop {
        let (length, content) = leb128(component, at + 1)?;
        let end = content + length;
        if component[at] == CORE_MODULE {
            let mut made = component[..=at].to_vec();
            let mut length = module.len();
            while length >= 0x80 {
                made.push((length & 0x7f) as u8 | 0x80);
                length >>= 7;
            }
            made.push(length as u8);
            made.extend_from_slice(module);
            made.extend_from_slice(&component[end..]);
            return Some(made);
        }
        at = end;
    }
}

/// The number at a place, and the place behind it.
fn leb128(bytes: &[u8], mut at: usize) -> Option<(usize, usize)> {
    let (mut number, mut shift) = (0, 0);
    loop {
        let byte = *bytes.get(at)?;
        number |= usize::from(byte & 0x7f) << shift;
        (at, shift) = (at + 1, shift + 7);
        if byte < 0x80 {
            return Some((number, at));
        }
        if shift > 28 {
            return None;
        }
    }
}
