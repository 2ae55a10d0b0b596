//! Flows: those of [`crate::flow`], and processes (Process Builder), which are flows of a form that is not understood.

use crate::error::OrgError;
use crate::flow;
use crate::read::Findings;
use crate::xml::Element;

/// Takes the flow `name`, or reports it when it runs on save and is not understood.
pub(super) fn read(root: Element<'_>, name: &str, findings: &mut Findings) -> Result<(), OrgError> {
    if let Some(flow) = flow::read(root, name)? {
        findings.rules.flows.push(flow);
        return Ok(());
    }
    if root.text("status").as_deref() != Some("Active") {
        return Ok(());
    }
    let process = root.text("processType").as_deref() == Some("Workflow");
    let start = root.child("start");
    let trigger = start.and_then(|start| start.text("triggerType"));
    if process {
        let reason = "processes of Process Builder are not read";
        findings.unknown(
            "Process Builder flow",
            name.to_string(),
            object(root).as_deref(),
            reason,
            root.file(),
        );
    } else if let Some(trigger) = trigger.filter(|trigger| trigger.starts_with("Record")) {
        let object = start.and_then(|start| start.text("object"));
        let reason = format!("flows with the trigger {trigger} are not read");
        findings.unknown("flow", name.to_string(), object.as_deref(), reason, root.file());
    }
    Ok(())
}

/// The object of a process, which is a remark of its builder.
fn object(root: Element<'_>) -> Option<String> {
    let mut remarks = root.children("processMetadataValues");
    let remark = remarks.find(|remark| remark.text("name").as_deref() == Some("ObjectType"))?;
    remark.child("value")?.text("stringValue")
}
