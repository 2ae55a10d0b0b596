//! Processes by their id, read from `/proc`: which ones a program started, and how to end exactly those.

use std::fs;
use std::process::{Command, Stdio};

/// A running process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Process {
    pub(super) id: u32,
    parent: u32,
    /// When it started: an id is given anew one day, the pair is not.
    started: String,
}

/// The processes that this one started.
pub(super) fn children(of: u32) -> Vec<Process> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let ids = entries.filter_map(|entry| entry.file_name().to_string_lossy().parse().ok());
    ids.filter_map(read).filter(|process| process.parent == of).collect()
}

/// A variable of a process's environment.
pub(super) fn variable(process: &Process, name: &str) -> Option<String> {
    let all = fs::read(format!("/proc/{}/environ", process.id)).ok()?;
    let all = String::from_utf8_lossy(&all).into_owned();
    all.split('\0').find_map(|one| one.strip_prefix(name)?.strip_prefix('=')).map(str::to_owned)
}

/// Sends a signal, when it still is the same process, whoever its parent is by now.
pub(super) fn signal(process: &Process, signal: &str) -> bool {
    read(process.id).is_some_and(|now| now.started == process.started) && signal_id(process.id, signal)
}

/// Sends a signal to a child of ours, whose id nobody else can have before it was waited for.
pub(super) fn signal_id(id: u32, signal: &str) -> bool {
    let mut kill = Command::new("kill");
    let sent = kill.args([signal, &id.to_string()]).stderr(Stdio::null()).status();
    sent.is_ok_and(|status| status.success())
}

/// The fields of `/proc/ID/stat` behind the name, which may have spaces in it.
fn read(id: u32) -> Option<Process> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    Some(Process { id, parent: fields.get(1)?.parse().ok()?, started: (*fields.get(19)?).to_owned() })
}
