//! The header row of an ingest job: which field each column is for, and how a row becomes a record to save.
//!
//! An empty cell changes nothing, `#N/A` empties the field (reference §2.8, unconfirmed).

use metadata::org::{Field, FieldKind, Object};
use serde_json::{Map, Value, json};

use super::job::{Job, Operation};
use crate::error::RowError;
use crate::save::{self, Row, upsert_key};
use crate::values;
use crate::view::View;

/// The text that empties a field.
const NULL: &str = "#N/A";

/// What a column is for.
#[derive(Debug)]
enum Column<'v> {
    /// The record's id.
    Id,
    /// A field.
    Field(&'v Field),
    /// `Account.Ext__c`: the parent by its external id.
    Parent { lookup: &'v Field, relationship: String, key: &'v Field },
}

/// The columns of a job's CSV.
#[derive(Debug)]
pub struct Header<'v> {
    columns: Vec<Column<'v>>,
    object: &'v Object,
}

impl<'v> Header<'v> {
    /// Understands a header row. The error is the job's `errorMessage`.
    pub fn read(view: &View<'v>, job: &Job, names: &[String]) -> Result<Header<'v>, String> {
        let Some(object) = view.object(&job.object) else {
            return Err(format!("InvalidEntity : Entity '{}' is not supported by the Bulk API.", job.object));
        };
        if names.iter().all(|name| name.is_empty()) {
            return Err("InvalidBatch : The CSV has no header row".to_owned());
        }
        let mut columns = Vec::with_capacity(names.len());
        for (index, name) in names.iter().enumerate() {
            if names[..index].iter().any(|before| before.eq_ignore_ascii_case(name)) {
                return Err(format!("InvalidBatch : Duplicate field name : {name}"));
            }
            let column = column(view, object, name);
            columns.push(column.ok_or_else(|| format!("InvalidBatch : Field name not found : {name}"))?);
        }
        let deletes = matches!(job.operation, Operation::Delete | Operation::HardDelete);
        if deletes && !matches!(columns.as_slice(), [Column::Id]) {
            return Err("InvalidBatch : delete batch must contain only ids".to_owned());
        }
        Ok(Header { columns, object })
    }

    /// The row as a record to save.
    ///
    /// # Errors
    /// Cells that cannot be read, in the words of Bulk API 2.0.
    pub fn row(&self, job: &Job, cells: &[String]) -> Result<Row, Vec<RowError>> {
        if cells.len() > self.columns.len() {
            let message = format!("the row has {} cells and the header {}", cells.len(), self.columns.len());
            return Err(vec![RowError::new("INVALID_FIELD", message)]);
        }
        let (mut id, mut values, mut errors) = (String::new(), Map::new(), Vec::new());
        for (index, (column, cell)) in self.columns.iter().zip(cells).enumerate() {
            if cell.trim().is_empty() {
                continue;
            }
            match column {
                Column::Id => id = cell.trim().to_owned(),
                Column::Field(field) if cell == NULL => {
                    values.insert(field.api_name.clone(), Value::Null);
                }
                Column::Field(field) => {
                    errors.extend(unreadable(index, field, cell));
                    values.insert(field.api_name.clone(), cell.as_str().into());
                }
                Column::Parent { lookup, .. } if cell == NULL => {
                    values.insert(lookup.api_name.clone(), Value::Null);
                }
                Column::Parent { relationship, key, .. } => {
                    errors.extend(unreadable(index, key, cell));
                    values.insert(relationship.clone(), json!({ key.api_name.as_str(): cell }));
                }
            }
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        let operation = match job.operation {
            Operation::Update => save::Operation::Update { id },
            Operation::Delete | Operation::HardDelete => save::Operation::Delete { id },
            other => {
                if !id.is_empty() {
                    values.insert("Id".into(), id.into());
                }
                match (other, &job.key) {
                    (Operation::Upsert, Some(key)) => save::Operation::Upsert { key: key.clone() },
                    _ => save::Operation::Insert,
                }
            }
        };
        Ok(Row { object: self.object.api_name.clone(), operation, values, text: true })
    }
}

fn column<'v>(view: &View<'v>, object: &'v Object, name: &str) -> Option<Column<'v>> {
    let Some((relationship, key)) = name.split_once('.') else {
        let field = view.field(object, name)?;
        return Some(if field.kind == FieldKind::Id { Column::Id } else { Column::Field(field) });
    };
    let lookup =
        object.relationship(relationship).filter(|field| view.field_rights(object, field).readable)?;
    let FieldKind::Reference(reference) = &lookup.kind else { return None };
    let mut parents = reference.to.iter().filter_map(|to| view.object(to));
    let key = parents.find_map(|parent| upsert_key(view, parent, key))?;
    Some(Column::Parent { lookup, relationship: reference.relationship_name.clone(), key })
}

/// The error of a cell that does not fit its field's type, as Bulk API 2.0 words it (public failure logs show
/// `INVALID_FIELD:Failed to deserialize field at col 3. Due to, '...' is not a valid value for the type
/// xsd:date:CloseDate --`).
fn unreadable(index: usize, field: &Field, cell: &str) -> Option<RowError> {
    let kind = match values::type_name(field) {
        "double" | "currency" | "percent" => "double",
        "int" => "int",
        "boolean" => "boolean",
        "date" => "date",
        "datetime" => "dateTime",
        "time" => "time",
        _ => return None,
    };
    // A read-only field is refused as such, whatever stands in it.
    if field.read_only || values::from_text(field, cell).is_ok() {
        return None;
    }
    let message = format!(
        "Failed to deserialize field at col {index}. Due to, '{cell}' is not a valid value for the type xsd:{kind}"
    );
    Some(RowError::on(&field.api_name, "INVALID_FIELD", message))
}
