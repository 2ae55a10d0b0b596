//! Data that travels as metadata: records of custom metadata types, and custom labels.
//!
//! Translations of labels are not read: formulas of the export user see the text in the org's own language.

use crate::error::OrgError;
use crate::read::Findings;
use crate::rules::CustomMetadataRecord;
use crate::xml::Element;

/// Takes the record of the file `name`: `Rule.Record`, without the type's `__mdt`.
pub(super) fn record(root: Element<'_>, name: &str, findings: &mut Findings) -> Result<(), OrgError> {
    let Some((object, name)) = name.split_once('.') else {
        let message = "not read: a record of a custom metadata type is named <Type>.<Record>";
        findings.warnings.push(root.warning(message));
        return Ok(());
    };
    let object = if object.ends_with("__mdt") { object.to_string() } else { format!("{object}__mdt") };
    let name_field = |field: &str, value: &str| (field.to_string(), Some(value.to_string()));
    let developer_name = name.split_once("__").map_or(name, |(_, name)| name);
    let mut values = vec![name_field("DeveloperName", developer_name), name_field("QualifiedApiName", name)];
    if let Some(label) = root.text("label") {
        values.extend([name_field("MasterLabel", &label), name_field("Label", &label)]);
    }
    for value in root.children("values") {
        let Some(field) = value.text("field") else { continue };
        values.push((field, value.text("value")));
    }
    let record = CustomMetadataRecord { object, name: name.to_string(), values };
    let same = |known: &CustomMetadataRecord| {
        known.object.eq_ignore_ascii_case(&record.object) && known.name.eq_ignore_ascii_case(&record.name)
    };
    match findings.rules.custom_metadata.iter_mut().find(|known| same(known)) {
        Some(known) => {
            let message =
                format!("record {}.{} is defined again; this definition is used", record.object, record.name);
            findings.warnings.push(root.warning(message));
            *known = record;
        }
        None => findings.rules.custom_metadata.push(record),
    }
    Ok(())
}

/// Takes the labels of a file.
pub(super) fn labels(root: Element<'_>, findings: &mut Findings) {
    for label in root.children("labels") {
        if let Some(name) = label.text("fullName") {
            findings.rules.labels.push((name, label.text("value").unwrap_or_default()));
        }
    }
}
