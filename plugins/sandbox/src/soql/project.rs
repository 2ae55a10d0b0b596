//! Writes records as answers show them: `attributes` first, then the fields in the order of the select list.
//!
//! Parents are nested records, children nested lists. A child list is always whole: it has no pages of its own.

use metadata::org::Field;
use serde_json::{Map, Value, json};

use super::error::Failure;
use super::names::{Column, relationship_name};
use super::plan::{ChildPlan, Shape};
use super::rows::Rows;
use super::run::{ids_of, show};
use crate::store::Record;

/// The members of a record in an answer.
#[derive(Default)]
pub struct Node<'v> {
    items: Vec<Item<'v>>,
}

enum Item<'v> {
    Field(&'v Field),
    Parent { lookup: &'v Field, node: Node<'v> },
    Children(Box<ChildPlan<'v>>),
}

impl<'v> Node<'v> {
    /// Adds a column; false when it is there already.
    pub fn add(&mut self, column: Column<'v>) -> bool {
        let mut node = self;
        for lookup in column.steps {
            let known = node.items.iter().position(|item| match item {
                Item::Parent { lookup: known, .. } => known.api_name == lookup.api_name,
                _ => false,
            });
            let place = known.unwrap_or(node.items.len());
            if known.is_none() {
                node.items.push(Item::Parent { lookup, node: Node::default() });
            }
            let Item::Parent { node: parent, .. } = &mut node.items[place] else { return false };
            node = parent;
        }
        let known =
            |item: &Item<'_>| matches!(item, Item::Field(field) if field.api_name == column.field.api_name);
        if node.items.iter().any(known) {
            return false;
        }
        node.items.push(Item::Field(column.field));
        true
    }

    /// Adds a list of children.
    pub fn add_children(&mut self, children: ChildPlan<'v>) {
        self.items.push(Item::Children(Box::new(children)));
    }

    /// The columns in the order of the answer; children are left out.
    pub fn columns(&self) -> Vec<Column<'v>> {
        let mut columns = Vec::new();
        for item in &self.items {
            match item {
                Item::Field(field) => columns.push(Column { steps: Vec::new(), field }),
                Item::Parent { lookup, node } => {
                    columns.extend(node.columns().into_iter().map(|mut column| {
                        column.steps.insert(0, *lookup);
                        column
                    }))
                }
                Item::Children(_) => {}
            }
        }
        columns
    }

    /// The lists of children.
    pub fn children(&self) -> impl Iterator<Item = &ChildPlan<'v>> {
        self.items.iter().filter_map(|item| match item {
            Item::Children(children) => Some(children.as_ref()),
            _ => None,
        })
    }

    /// A record as the answer shows it.
    ///
    /// # Errors
    /// The database fails.
    pub fn show(&self, rows: &Rows<'v>, record: &Record) -> Result<Value, Failure> {
        let mut shown = Map::new();
        if let Some(object) = rows.view.org.object(&record.object) {
            shown.insert("attributes".into(), rows.view.attributes(object, &record.id));
        }
        for item in &self.items {
            match item {
                Item::Field(field) => {
                    shown.insert(field.api_name.clone(), rows.view.value(field, record));
                }
                Item::Parent { lookup, node } => {
                    let parent = match rows.parent(record.get(&lookup.api_name))? {
                        Some(parent) => node.show(rows, &parent)?,
                        None => Value::Null,
                    };
                    shown.insert(relationship_name(lookup).to_owned(), parent);
                }
                Item::Children(children) => {
                    let list = show_children(rows, children, &record.id)?;
                    shown.insert(children.children.name.clone(), list);
                }
            }
        }
        Ok(Value::Object(shown))
    }
}

/// The children of a record; null when there are none.
fn show_children<'v>(rows: &Rows<'v>, children: &ChildPlan<'v>, parent: &str) -> Result<Value, Failure> {
    let Shape::Records { node, .. } = &children.plan.shape else { return Ok(Value::Null) };
    let ids = ids_of(rows, &children.plan, Some(&children.children.of(parent)))?;
    let records = show(rows, node, &ids)?;
    match records.len() {
        0 => Ok(Value::Null),
        size => Ok(json!({ "totalSize": size, "done": true, "records": records })),
    }
}
