//! Reads a flow's file: whether it is one of ours, when it starts, and values and conditions.

use super::model::{Condition, Conditions, Criteria, Flow, FlowValue, Phase, ScheduledPath, Trigger};
use super::{read_element, resource};
use crate::error::OrgError;
use crate::xml::Element;

/// Kinds of values that are not understood.
const OTHER_VALUES: [&str; 6] = [
    "apexValue",
    "formulaExpression",
    "setupReference",
    "sobjectValue",
    "setupReferenceType",
    "transformValueReference",
];

/// Reads the flow of a file's root element; none when it is not active, or neither record-triggered nor autolaunched.
///
/// # Errors
/// [`OrgError`] when a number or flag in it is none.
pub(crate) fn read(root: Element<'_>, name: &str) -> Result<Option<Flow>, OrgError> {
    let active = root.text("status").as_deref() == Some("Active");
    let autolaunched = matches!(root.text("processType").as_deref(), None | Some("AutoLaunchedFlow"));
    if !active || !autolaunched {
        return Ok(None);
    }
    let start = root.child("start");
    let trigger_type = start.and_then(|start| start.text("triggerType"));
    let trigger = match (start, trigger_type.as_deref()) {
        (Some(start), Some("RecordBeforeSave")) => Some(trigger(root, start, Phase::BeforeSave)?),
        (Some(start), Some("RecordAfterSave")) => Some(trigger(root, start, Phase::AfterSave)?),
        (Some(start), Some("RecordBeforeDelete")) => Some(trigger(root, start, Phase::BeforeDelete)?),
        (_, Some(_)) => return Ok(None),
        (_, None) => None,
    };
    let first = start.and_then(|start| connector(start, "connector"));
    let api_version = root.text("apiVersion").and_then(|text| text.split('.').next()?.parse().ok());
    Ok(Some(Flow {
        name: name.to_string(),
        label: root.text("label").unwrap_or_else(|| name.to_string()),
        file: root.file().to_string(),
        api_version: api_version.unwrap_or(0),
        trigger,
        start: first.or_else(|| root.text("startElementReference")),
        elements: read_element::elements(root)?,
        resources: resource::resources(root)?,
    }))
}

fn trigger(root: Element<'_>, start: Element<'_>, phase: Phase) -> Result<Trigger, OrgError> {
    let events = start.text("recordTriggerType");
    let events = events.as_deref().unwrap_or("CreateAndUpdate");
    let mut filters = conditions(start, "filterLogic", "filters", "field", "value")?;
    for filter in &mut filters.items {
        filter.left = format!("$Record.{}", filter.left);
    }
    let formula = start.child("filterFormula").filter(|formula| !formula.own_text().is_empty());
    let criteria = match formula {
        Some(formula) => Criteria::Formula(formula.own_text(), formula.text_line()),
        None if filters.items.is_empty() => Criteria::All,
        None => Criteria::Conditions(filters),
    };
    let path = |path: Element<'_>| ScheduledPath {
        name: path.text("name").unwrap_or_default(),
        next: connector(path, "connector"),
    };
    Ok(Trigger {
        object: start.text("object").unwrap_or_default(),
        phase,
        on_create: phase != Phase::BeforeDelete && events.contains("Create"),
        on_update: phase != Phase::BeforeDelete && events.contains("Update"),
        criteria,
        only_when_changed_to_meet: start.flag("doesRequireRecordChangedToMeetCriteria")?.unwrap_or(false),
        order: root.number("triggerOrder")?,
        scheduled_paths: start.children("scheduledPaths").map(path).collect(),
        line: start.line(),
    })
}

/// Where a connector leads.
pub(super) fn connector(element: Element<'_>, name: &str) -> Option<String> {
    element.child(name)?.text("targetReference")
}

/// Conditions: in `items`, each with a `left` side and a `right` side.
pub(super) fn conditions(
    element: Element<'_>,
    logic: &str,
    items: &str,
    left: &str,
    right: &str,
) -> Result<Conditions, OrgError> {
    let logic = element.text(logic).unwrap_or_else(|| "and".to_string());
    let items = element.children(items).map(|item| {
        Ok(Condition {
            left: item.text(left).unwrap_or_default(),
            operator: item.text("operator").unwrap_or_else(|| "EqualTo".to_string()),
            right: value(item, right)?,
            line: item.line(),
        })
    });
    Ok(Conditions { logic, items: items.collect::<Result<_, OrgError>>()? })
}

type Make = fn(String) -> FlowValue;

/// The value in the child of this name; none when it is missing or empty.
pub(super) fn value(element: Element<'_>, name: &str) -> Result<Option<FlowValue>, OrgError> {
    let Some(held) = element.child(name) else { return Ok(None) };
    if let Some(flag) = held.flag("booleanValue")? {
        return Ok(Some(FlowValue::Boolean(flag)));
    }
    let texts: [(&str, Make); 6] = [
        ("stringValue", FlowValue::Text),
        ("numberValue", FlowValue::Number),
        ("elementReference", FlowValue::Reference),
        ("dateValue", FlowValue::Date),
        ("dateTimeValue", FlowValue::DateTime),
        ("timeValue", FlowValue::Time),
    ];
    let found = texts.into_iter().find_map(|(name, make)| held.text(name).map(make));
    let other = || OTHER_VALUES.into_iter().find(|other| held.child(other).is_some());
    Ok(found.or_else(|| other().map(|other| FlowValue::Other(other.to_string()))))
}
