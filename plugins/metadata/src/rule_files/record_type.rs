//! Record types and the picklist values that they offer.
//!
//! Layouts and defaults by record type are not read, nor are business processes, which choose the values of `StageName`
//! and `Status`.

use super::collect::{add, place};
use crate::error::OrgError;
use crate::folder::decoded;
use crate::read::Findings;
use crate::rules::RecordType;
use crate::xml::Element;

/// Takes the record type `name` of `object` when it is active.
pub(super) fn read(
    element: Element<'_>,
    object: &str,
    name: &str,
    findings: &mut Findings,
) -> Result<(), OrgError> {
    if !element.flag("active")?.unwrap_or(true) {
        return Ok(());
    }
    let picklists = element.children("picklistValues");
    let record_type = RecordType {
        object: object.to_string(),
        name: name.to_string(),
        label: element.text("label").unwrap_or_else(|| name.to_string()),
        picklists: picklists.filter_map(picklist).collect(),
        place: place(element),
    };
    findings.warnings.extend(add(&mut findings.rules.record_types, record_type, element));
    Ok(())
}

/// Values are URL-encoded here (`R%26D`), unlike those of the field itself.
fn picklist(element: Element<'_>) -> Option<(String, Vec<String>)> {
    let values = element.children("values").filter_map(|value| value.text("fullName"));
    Some((element.text("picklist")?, values.map(|value| decoded(&value)).collect()))
}
