//! What the commands about rules share: the org folder with its plugins, compiled, and records as the sandbox takes them.

use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;

use domain::Record;
use engine::{CompileOptions, Compiled};
use host::{Host, HostConfig};
use jobs::clock::{Clock, SystemClock};
use metadata::Org;
use sandbox::{Check, Operation, Row, RowError, SandboxError};
use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::connect::ConnectError;
use crate::exit::Failure;
use crate::paths::shown;
use crate::report::{DIM, STOP, wrapped};

/// Reads an org folder.
pub(crate) fn read_org(dir: &Path) -> Result<Org, ConnectError> {
    Org::read(dir).map_err(|error| ConnectError::Org { folder: shown(dir), error })
}

/// Compiles the rules of an org folder, its authors' plugins among them.
pub(crate) fn compile(dir: &Path, org: &Arc<Org>) -> Result<Compiled, Failure> {
    let plugins =
        sandbox::read_plugins(dir).map_err(|error| ConnectError::Org { folder: shown(dir), error })?;
    Ok(engine::compile_with(org, &CompileOptions { plugins, ..CompileOptions::default() }))
}

/// Writes compiled rules into a folder, machine code for this machine's kind among them.
pub(crate) fn write_artifact(compiled: &Compiled, out: &Path) -> Result<(), Failure> {
    let host = Host::new(HostConfig::default())?;
    Ok(compiled.artifact.clone().ahead_of_time(&host)?.write(out)?)
}

/// A record as the client that sends it would write it.
pub(crate) fn row(record: &Record) -> Row {
    let key = &record.external_id;
    let mut values = record.fields.clone();
    values.insert(key.field.clone(), Value::from(key.value.as_str()));
    let operation = Operation::Upsert { key: key.field.clone() };
    Row { object: record.object.clone(), operation, values, text: false }
}

/// A sandbox that judges records for the rules of a folder: over the records of a sandbox's database, or over none.
pub(crate) fn open_check(dir: &Path, records: Option<&Path>) -> Result<Check, Failure> {
    let now = OffsetDateTime::UNIX_EPOCH + time::Duration::milliseconds(SystemClock.now().millis());
    let check = match records {
        Some(records) => Check::over(dir, records, now),
        None => Check::read(dir, now),
    };
    check.map_err(|error| match error {
        SandboxError::Org(error) => ConnectError::Org { folder: shown(dir), error }.into(),
        other => ConnectError::Sandbox(other).into(),
    })
}

/// A refusal for scripts.
pub(crate) fn error_json(error: &RowError) -> Value {
    json!({
        "code": error.code,
        "message": error.message,
        "fields": error.fields,
        "rule": error.rule.as_ref().map(|rule| &rule.name),
        "kind": error.rule.as_ref().map(|rule| rule.kind),
        "file": error.rule.as_ref().map(|rule| &rule.file),
    })
}

/// A refusal for people: the rule, when one refused, then the CRM's words.
pub(crate) fn error_text(error: &RowError, width: usize) -> String {
    let mut text = String::new();
    let on = if error.fields.is_empty() { String::new() } else { format!(" on {}", error.fields.join(", ")) };
    let by = error.rule.as_ref().map_or_else(String::new, |rule| format!(" by {} {}", rule.kind, rule.name));
    let _ = writeln!(text, "  {STOP}{}{STOP:#}{on}{by}", error.code);
    text.push_str(&wrapped(&error.message, "    ", width));
    if let Some(rule) = &error.rule {
        let _ = writeln!(text, "    {DIM}{}{DIM:#}", rule.file);
    }
    text
}
