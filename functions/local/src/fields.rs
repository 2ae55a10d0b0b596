//! Finds out what fields take, for CSV: in the org folder for the sandbox, else by asking the CRM.

use std::collections::HashMap;
use std::path::Path;

use jobs::crm::CrmFailure;
use metadata::org::FieldKind;
use sandbox::Running;
use serde_json::Value;

use crate::connect::{ConnectError, Connection};
use crate::exit::Failure;
use crate::input::{FieldTypes, InputFile};
use crate::output;
use crate::queue::{Queue, Target};
use crate::rules::read_org;

/// The field types of the objects that come as CSV, by object name.
pub(crate) type TypesByObject = HashMap<String, FieldTypes>;

/// Finds the types of every object that a CSV file of the export is about. What the CRM says is remembered in the queue.
///
/// # Errors
/// The org folder is broken, or the CRM does not answer and never described the object before.
pub(crate) async fn find(
    target: &Target,
    connection: &Connection,
    queue: Option<&Queue>,
    files: &[InputFile],
) -> Result<TypesByObject, Failure> {
    let mut found = TypesByObject::new();
    for object in files.iter().filter_map(InputFile::csv_object) {
        if found.contains_key(object) {
            continue;
        }
        let types = match target {
            Target::Org(folder) => of_folder(folder, object)?,
            Target::Crm(_) => of_crm(target, connection, queue, object).await?,
        };
        found.insert(object.to_owned(), types);
    }
    Ok(found)
}

/// Finds the types in an org folder alone.
#[cfg(feature = "aws")]
pub(crate) fn in_folder(folder: &Path, files: &[InputFile]) -> Result<TypesByObject, ConnectError> {
    let objects = files.iter().filter_map(InputFile::csv_object);
    objects.map(|object| Ok((object.to_owned(), of_folder(folder, object)?))).collect()
}

/// The field types of a file that is judged by the org of a folder.
pub(crate) fn of_file(folder: &Path, file: &InputFile) -> Result<FieldTypes, ConnectError> {
    file.csv_object().map_or_else(|| Ok(FieldTypes::default()), |object| of_folder(folder, object))
}

fn of_folder(folder: &Path, object: &str) -> Result<FieldTypes, ConnectError> {
    let org = read_org(folder)?;
    let mut types = FieldTypes::default();
    // An object that is not there is for the CRM to refuse, record by record.
    for field in org.object(object).into_iter().flat_map(|object| object.fields.values()) {
        match &field.kind {
            FieldKind::Number { .. } => types.number(&field.api_name),
            FieldKind::Checkbox => types.boolean(&field.api_name),
            FieldKind::Reference(reference) => types.reference(&field.api_name, &reference.relationship_name),
            _ => {}
        }
    }
    Ok(types)
}

async fn of_crm(
    target: &Target,
    connection: &Connection,
    queue: Option<&Queue>,
    object: &str,
) -> Result<FieldTypes, Failure> {
    let error = match connection.crm.describe(object).await {
        Ok(description) => {
            let types = of_description(&description);
            if let Some(queue) = queue {
                queue.remember_field_types(target, object, &types)?;
            }
            return Ok(types);
        }
        Err(error) => error,
    };
    if let Some(types) = queue.map(|queue| queue.field_types(target, object)).transpose()?.flatten() {
        return Ok(types);
    }
    match error.failure() {
        CrmFailure::Refused(_) => {
            output::warn(&format!(
                "the CRM does not tell what the fields of {object} take; CSV cells go out as text"
            ));
            Ok(FieldTypes::default())
        }
        CrmFailure::Unavailable { error, .. } => Err(Failure::Fields {
            object: object.to_owned(),
            reason: format!("{}: {}", error.code, error.message),
        }),
    }
}

fn of_description(description: &Value) -> FieldTypes {
    let mut types = FieldTypes::default();
    for field in description["fields"].as_array().into_iter().flatten() {
        let text = |member: &str| field.get(member).and_then(Value::as_str).unwrap_or_default();
        let name = text("name");
        match text("type") {
            "double" | "int" | "long" | "currency" | "percent" => types.number(name),
            "boolean" => types.boolean(name),
            _ => {}
        }
        let relationship = text("relationshipName");
        if !relationship.is_empty() {
            types.reference(name, relationship);
        }
    }
    types
}

/// What the org that a sandbox serves has whose effect is not known here, and what in it was read past: for people.
pub(crate) fn org_notes(sandbox: &Running) -> Vec<String> {
    const WARNINGS_SHOWN: usize = 5;
    let Some((org, errors)) = sandbox.org() else { return Vec::new() };
    let mut kinds: Vec<(String, usize)> = Vec::new();
    for rule in &org.unchecked {
        let kind = rule.kind.to_string();
        match kinds.iter_mut().find(|(name, _)| *name == kind) {
            Some((_, count)) => *count += 1,
            None => kinds.push((kind, 1)),
        }
    }
    let mut notes = Vec::new();
    if !kinds.is_empty() {
        let list: Vec<String> =
            kinds.iter().map(|(kind, count)| crate::report::counted(*count as u64, kind)).collect();
        notes.push(format!(
            "what these rules of the org do is not known here, so the sandbox does not enforce them: {}",
            list.join(", ")
        ));
    }
    for error in errors.iter().take(WARNINGS_SHOWN) {
        notes.push(format!(
            "{}:{}: {} {} does not compile and is not enforced: {}",
            error.file, error.line, error.rule.kind, error.rule.name, error.message
        ));
    }
    if errors.len() > WARNINGS_SHOWN {
        notes.push(format!("... and {} more; `rules compile` shows all", errors.len() - WARNINGS_SHOWN));
    }
    for warning in org.warnings.iter().take(WARNINGS_SHOWN) {
        let line = if warning.line > 0 { format!(":{}", warning.line) } else { String::new() };
        notes.push(format!("{}{line}: {}", warning.file, warning.message));
    }
    if org.warnings.len() > WARNINGS_SHOWN {
        notes.push(format!("... and {} more about the org folder", org.warnings.len() - WARNINGS_SHOWN));
    }
    notes
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_description_is_read() {
        let field = |name: &str, kind: &str, relationship: Option<&str>| json!({"name": name, "type": kind, "relationshipName": relationship});
        let fields = [
            field("Score__c", "double", None),
            field("Active__c", "boolean", None),
            field("Boss__c", "reference", Some("Boss__r")),
            field("LastName", "string", None),
        ];
        let mut expected = FieldTypes::default();
        expected.number("Score__c");
        expected.boolean("Active__c");
        expected.reference("Boss__c", "Boss__r");
        assert_eq!(of_description(&json!({"name": "Contact", "fields": fields})), expected);
        assert_eq!(of_description(&json!({})), FieldTypes::default());
    }
}
