//! What a field's element holds besides the field: its lookup filter, and what a roll-up summary sums up.
//!
//! An optional lookup filter only advises people, so it is no rule.

use super::collect::{add, place};
use super::filter;
use crate::error::OrgError;
use crate::read::Findings;
use crate::rules::{LookupFilter, RollUp, RollUpOperation};
use crate::xml::Element;

/// Takes what the element of `object`'s field `field` says.
pub(crate) fn of_field(
    object: &str,
    field: &str,
    element: Element<'_>,
    findings: &mut Findings,
) -> Result<(), OrgError> {
    if let Some(filter) = element.child("lookupFilter") {
        lookup_filter(object, field, filter, findings)?;
    }
    if element.child("summaryOperation").is_some() {
        roll_up(object, field, element, findings);
    }
    Ok(())
}

fn lookup_filter(
    object: &str,
    field: &str,
    element: Element<'_>,
    findings: &mut Findings,
) -> Result<(), OrgError> {
    if !element.flag("active")?.unwrap_or(true) || element.flag("isOptional")?.unwrap_or(false) {
        return Ok(());
    }
    let rule = LookupFilter {
        object: object.to_string(),
        field: field.to_string(),
        filter: filter::read(element, "filterItems"),
        message: element.text("errorMessage"),
        place: place(element),
    };
    findings.warnings.extend(add(&mut findings.rules.lookup_filters, rule, element));
    Ok(())
}

fn roll_up(object: &str, field: &str, element: Element<'_>, findings: &mut Findings) {
    let operation = match element.text("summaryOperation").as_deref() {
        Some("sum") => Some(RollUpOperation::Sum),
        Some("count") => Some(RollUpOperation::Count),
        Some("min") => Some(RollUpOperation::Min),
        Some("max") => Some(RollUpOperation::Max),
        _ => None,
    };
    let key = element.text("summaryForeignKey");
    let key = key.as_deref().and_then(|key| key.split_once('.'));
    let (Some(operation), Some((child, foreign_key))) = (operation, key) else {
        let message = format!("roll-up summary {object}.{field} says not what it sums up: it stays blank");
        findings.warnings.push(element.warning(message));
        return;
    };
    let summarized = element.text("summarizedField");
    let roll_up = RollUp {
        object: object.to_string(),
        field: field.to_string(),
        operation,
        child: child.to_string(),
        foreign_key: foreign_key.to_string(),
        summarized: summarized.map(|field| field.rsplit('.').next().unwrap_or(&field).to_string()),
        filter: filter::read(element, "summaryFilterItems"),
        place: place(element),
    };
    // That the field is defined again is said already.
    add(&mut findings.rules.roll_ups, roll_up, element);
}
