//! Lists the rules of an org that nothing enforces yet, so that the sandbox can say what it leaves out.
//!
//! Only what can refuse or change a record on save is listed, and only while it is active.

use crate::error::OrgError;
use crate::folder::{FileKind, Folder, Source};
use crate::org::{Unchecked, UncheckedKind};
use crate::read::Findings;
use crate::xml::Element;

/// Lists the rules that lie in files of their own.
pub(crate) fn of_files(folder: &Folder, findings: &mut Findings) -> Result<(), OrgError> {
    for source in folder.of(FileKind::ValidationRule) {
        let name = in_object(source);
        one(source, UncheckedKind::ValidationRule, name, findings, |root| root.flag("active"))?;
    }
    for source in folder.of(FileKind::RecordType) {
        let name = in_object(source);
        one(source, UncheckedKind::RecordType, name, findings, |root| root.flag("active"))?;
    }
    for source in folder.of(FileKind::DuplicateRule) {
        let name = source.name.clone();
        one(source, UncheckedKind::DuplicateRule, name, findings, |root| root.flag("isActive"))?;
    }
    for source in folder.of(FileKind::Flow) {
        one(source, UncheckedKind::Flow, source.name.clone(), findings, |root| Ok(Some(runs_on_save(root))))?;
    }
    for source in folder.of(FileKind::Trigger) {
        let (kind, name) = (UncheckedKind::ApexTrigger, source.name.clone());
        if source.is_code() {
            findings.unchecked.push(Unchecked { kind, name, file: source.file.clone() });
            continue;
        }
        let active = |root: Element<'_>| Ok(root.text("status").map(|status| status == "Active"));
        one(source, kind, name, findings, active)?;
    }
    for source in folder.of(FileKind::Workflow) {
        source.read(findings, |root, findings| {
            let kind = UncheckedKind::WorkflowRule;
            let active = |rule: Element<'_>| rule.flag("active");
            many(&source.name, kind, root, "rules", active, &mut findings.unchecked)
        })?;
    }
    for source in folder.of(FileKind::MatchingRule) {
        source.read(findings, |root, findings| {
            let kind = UncheckedKind::MatchingRule;
            let active = |rule: Element<'_>| Ok(Some(rule.text("ruleStatus").as_deref() == Some("Active")));
            many(&source.name, kind, root, "matchingRules", active, &mut findings.unchecked)
        })?;
    }
    Ok(())
}

/// Lists the rules that an older `.object` file holds itself.
pub(crate) fn of_object(object: &str, root: Element<'_>, found: &mut Vec<Unchecked>) -> Result<(), OrgError> {
    let active = |rule: Element<'_>| rule.flag("active");
    many(object, UncheckedKind::ValidationRule, root, "validationRules", active, found)?;
    many(object, UncheckedKind::RecordType, root, "recordTypes", active, found)
}

/// Whether a field has a lookup filter that refuses a record. An optional one only advises.
pub(crate) fn has_lookup_filter(field: Element<'_>) -> Result<bool, OrgError> {
    let Some(filter) = field.child("lookupFilter") else { return Ok(false) };
    Ok(filter.flag("active")?.unwrap_or(true) && !filter.flag("isOptional")?.unwrap_or(false))
}

/// An active flow that a save starts, or a process (Process Builder), which always is one.
fn runs_on_save(flow: Element<'_>) -> bool {
    let trigger = flow.child("start").and_then(|start| start.text("triggerType"));
    let on_save = trigger.is_some_and(|trigger| trigger.starts_with("Record"));
    let process = flow.text("processType").as_deref() == Some("Workflow");
    flow.text("status").as_deref() == Some("Active") && (on_save || process)
}

fn in_object(source: &Source) -> String {
    source.object().map_or_else(|| source.name.clone(), |object| format!("{object}.{}", source.name))
}

/// Adds the rule of a file. `active` gives none when the file does not say; it counts as active then.
fn one(
    source: &Source,
    kind: UncheckedKind,
    name: String,
    findings: &mut Findings,
    active: impl FnOnce(Element<'_>) -> Result<Option<bool>, OrgError>,
) -> Result<(), OrgError> {
    if source.read(findings, |root, _| active(root))?.is_some_and(|active| active.unwrap_or(true)) {
        findings.unchecked.push(Unchecked { kind, name, file: source.file.clone() });
    }
    Ok(())
}

fn many(
    object: &str,
    kind: UncheckedKind,
    root: Element<'_>,
    element: &str,
    active: impl Fn(Element<'_>) -> Result<Option<bool>, OrgError>,
    found: &mut Vec<Unchecked>,
) -> Result<(), OrgError> {
    for rule in root.children(element) {
        if active(rule)?.unwrap_or(true) {
            let name = format!("{object}.{}", rule.text("fullName").unwrap_or_default());
            found.push(Unchecked { kind, name, file: rule.file().to_string() });
        }
    }
    Ok(())
}
