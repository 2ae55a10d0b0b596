//! What a query's columns are: for `query?columns=true`, which `sf` asks before it shows an answer, and for CSV.
//!
//! Cells of CSV are the texts of the values; null is an empty cell.

use metadata::org::Field;
use serde_json::{Value, json};

use super::error::{Failure, QueryErrorKind};
use super::keys::Class;
use super::names::{Column, relationship_name};
use super::plan::{Plan, Shape};
use super::project::Node;
use super::rows::Rows;
use super::run::{QueryOptions, ids_of, planned};
use crate::error::ApiError;
use crate::values::type_name;
use crate::view::View;

/// The body of `query?columns=true`: the columns of the answer, not its records.
///
/// # Errors
/// As [`super::run`].
pub fn columns(view: &View<'_>, soql: &str) -> Result<Value, ApiError> {
    let rows = Rows::new(*view);
    let plan = planned(&rows, soql, QueryOptions::default()).map_err(|failure| failure.answer(soql))?;
    let (columns, grouped) = match &plan.shape {
        Shape::Count => (Vec::new(), false),
        Shape::Records { node, .. } => (describe(node), false),
        Shape::Groups(grouping) => {
            (grouping.columns().map(|(name, class, computed)| group(name, class, computed)).collect(), true)
        }
    };
    let selected = |column: &Value| column["columnName"] == "Id";
    Ok(json!({
        "columnMetadata": columns,
        "entityName": plan.object.api_name,
        "groupBy": grouped,
        "idSelected": columns.iter().any(selected),
        "keyPrefix": plan.object.key_prefix,
    }))
}

/// Plain columns, then each parent and each list of children with its own columns inside.
fn describe(node: &Node<'_>) -> Vec<Value> {
    let mut described: Vec<Value> = Vec::new();
    for column in node.columns() {
        add(&mut described, &column.steps, column.field);
    }
    for child in node.children() {
        let Shape::Records { node, .. } = &child.plan.shape else { continue };
        let mut list = group(&child.children.name, Class::Opaque, true);
        list["joinColumns"] = Value::Array(describe(node));
        described.push(list);
    }
    described
}

fn add(described: &mut Vec<Value>, steps: &[&Field], field: &Field) {
    let Some((first, rest)) = steps.split_first() else {
        described.push(leaf(field));
        return;
    };
    let name = relationship_name(first);
    let known = described.iter().position(|column| column["columnName"] == name);
    let place = known.unwrap_or_else(|| {
        described.push(group(name, Class::Opaque, false));
        described.len() - 1
    });
    if let Some(inside) = described[place]["joinColumns"].as_array_mut() {
        add(inside, rest, field);
    }
}

fn leaf(field: &Field) -> Value {
    let mut column = group(&field.api_name, Class::of(field), false);
    column["apexType"] = json!(type_name(field));
    column["custom"] = json!(field.api_name.ends_with("__c"));
    column["insertable"] = json!(!field.read_only);
    column["updatable"] = json!(!field.read_only);
    column
}

fn group(name: &str, class: Class, computed: bool) -> Value {
    json!({
        "aggregate": computed,
        "apexType": null,
        "booleanType": class == Class::Boolean,
        "columnName": name,
        "custom": name.ends_with("__c"),
        "displayName": name,
        "foreignKeyName": null,
        "insertable": false,
        "joinColumns": [],
        "numberType": matches!(class, Class::Number { .. }),
        "textType": matches!(class, Class::Text { .. } | Class::Several),
        "updatable": false,
    })
}

/// A query's records as a table: its columns, and the ids of its rows.
pub struct Table<'v> {
    rows: Rows<'v>,
    columns: Vec<Column<'v>>,
    plan: Plan<'v>,
}

/// Plans a query whose answer is a table, as Bulk API 2.0 answers.
///
/// # Errors
/// As [`super::run`]; also 400 for aggregates and subqueries, which have no place in a table.
pub fn table<'v>(view: &View<'v>, soql: &str, deleted_too: bool) -> Result<Table<'v>, ApiError> {
    let rows = Rows::new(*view);
    let options = QueryOptions { deleted_too, ..QueryOptions::default() };
    let plan = planned(&rows, soql, options).map_err(|failure| failure.answer(soql))?;
    let columns = match &plan.shape {
        Shape::Records { node, .. } if node.children().next().is_none() => node.columns(),
        _ => {
            let message = "Aggregate functions and subqueries are not supported in Bulk Query".to_owned();
            return Err(Failure::Query(QueryErrorKind::Misuse(message).into()).answer(soql));
        }
    };
    Ok(Table { rows, columns, plan })
}

impl Table<'_> {
    /// API name of the object behind `FROM`.
    pub fn object(&self) -> &str {
        &self.plan.object.api_name
    }

    /// `Id`, `Account.Name`.
    pub fn header(&self) -> Vec<String> {
        self.columns.iter().map(Column::path).collect()
    }

    /// Ids of the rows in their order.
    ///
    /// # Errors
    /// The database fails.
    pub fn ids(&self) -> Result<Vec<String>, ApiError> {
        ids_of(&self.rows, &self.plan, None).map_err(|failure| failure.answer(""))
    }

    /// The cells of a row; `None` when the record was removed since.
    ///
    /// # Errors
    /// The database fails.
    pub fn cells(&self, id: &str) -> Result<Option<Vec<String>>, ApiError> {
        let Some(record) = self.rows.view.store.get(id)? else { return Ok(None) };
        let mut cells = Vec::with_capacity(self.columns.len());
        for column in &self.columns {
            let value = self.rows.value(column, &record).map_err(|failure| failure.answer(""))?;
            cells.push(match value {
                Value::Null => String::new(),
                Value::String(text) => text,
                other => other.to_string(),
            });
        }
        Ok(Some(cells))
    }
}
