//! Reads rows: the records that satisfy a filter, and values of them and of their parents.
//!
//! Records are found by the store's index where the filter allows it; else an object's records are read through.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;
use std::rc::Rc;

use metadata::org::{FieldKind, Object};
use serde_json::Value;

use super::error::Failure;
use super::filter::{Filter, Test};
use super::keys::{Class, Key};
use super::names::Column;
use crate::store::Record;
use crate::view::View;

/// Parents that are remembered at once; a query over many children of few parents reads each parent once.
const REMEMBERED: usize = 10_000;

/// Reads the rows of one query.
pub struct Rows<'v> {
    /// What the user sees.
    pub view: View<'v>,
    parents: RefCell<HashMap<String, Option<Rc<Record>>>>,
}

impl<'v> Rows<'v> {
    /// Reads by this view.
    pub fn new(view: View<'v>) -> Rows<'v> {
        Rows { view, parents: RefCell::default() }
    }

    /// The record that a lookup points to; `None` when the lookup is empty, or its target is gone or may not be seen.
    pub fn parent(&self, id: &Value) -> Result<Option<Rc<Record>>, Failure> {
        let Some(id) = id.as_str() else { return Ok(None) };
        if let Some(known) = self.parents.borrow().get(id) {
            return Ok(known.clone());
        }
        let record = self.view.store.get(id)?.filter(|record| !record.deleted);
        let record = record.filter(|record| self.view.object(&record.object).is_some()).map(Rc::new);
        let mut parents = self.parents.borrow_mut();
        if parents.len() >= REMEMBERED {
            parents.clear();
        }
        parents.insert(id.to_owned(), record.clone());
        Ok(record)
    }

    /// A column's value as answers show it.
    pub fn value(&self, column: &Column<'_>, record: &Record) -> Result<Value, Failure> {
        let Some((first, rest)) = column.steps.split_first() else {
            return Ok(self.view.value(column.field, record));
        };
        let mut parent = self.parent(record.get(&first.api_name))?;
        for step in rest {
            let Some(found) = parent else { return Ok(Value::Null) };
            parent = self.parent(found.get(&step.api_name))?;
        }
        Ok(parent.map_or(Value::Null, |record| self.view.value(column.field, &record)))
    }

    /// A column's value as it compares. Through an empty lookup even a checkbox is null.
    pub fn key(&self, column: &Column<'_>, record: &Record) -> Result<Key, Failure> {
        Ok(match (Class::of(column.field), self.value(column, record)?) {
            (Class::Boolean, Value::Null) if !column.steps.is_empty() => Key::Null,
            (class, value) => class.key(&value),
        })
    }

    /// Visits the records of an object that satisfy all filters, in the order of their creation, until the visitor
    /// breaks.
    pub fn visit(
        &self,
        object: &Object,
        filters: &[&Filter<Column<'_>>],
        deleted_too: bool,
        mut visit: impl FnMut(Record) -> Result<ControlFlow<()>, Failure>,
    ) -> Result<(), Failure> {
        let mut judge = |record: Record| -> Result<ControlFlow<()>, Failure> {
            for filter in filters {
                if !filter.holds(&mut |column: &Column<'_>| self.key(column, &record))? {
                    return Ok(ControlFlow::Continue(()));
                }
            }
            visit(record)
        };
        let Some(candidates) = self.candidates(object, filters, deleted_too)? else {
            return self.view.store.scan(&object.api_name, deleted_too, judge);
        };
        for id in candidates {
            let record = self.view.store.get(&id)?;
            let ours = |record: &Record| {
                record.object.eq_ignore_ascii_case(&object.api_name) && (deleted_too || !record.deleted)
            };
            if let Some(record) = record.filter(ours)
                && judge(record)?.is_break()
            {
                break;
            }
        }
        Ok(())
    }

    /// Ids, sorted, of the only records that can satisfy the filters; `None` when only reading all of them tells.
    fn candidates(
        &self,
        object: &Object,
        filters: &[&Filter<Column<'_>>],
        deleted_too: bool,
    ) -> Result<Option<Vec<String>>, Failure> {
        let terms = filters.iter().flat_map(|filter| match filter {
            Filter::All(terms) => terms.as_slice(),
            other => std::slice::from_ref(*other),
        });
        let mut best: Option<Vec<String>> = None;
        for term in terms {
            let Filter::Test { operand, test: Test::In { keys, negated: false } } = term else { continue };
            if !operand.steps.is_empty() || keys.contains(&Key::Null) {
                continue;
            }
            let mut ids: Vec<String> = if operand.field.kind == FieldKind::Id {
                keys.iter().filter_map(|key| key.to_value().as_str().map(str::to_owned)).collect()
            } else if !deleted_too && self.view.store.is_indexed(&object.api_name, &operand.field.api_name) {
                self.find(object, &operand.field.api_name, keys)?
            } else {
                continue;
            };
            ids.sort_unstable();
            ids.dedup();
            if best.as_ref().is_none_or(|best| ids.len() < best.len()) {
                best = Some(ids);
            }
        }
        Ok(best)
    }

    fn find(&self, object: &Object, field: &str, keys: &HashSet<Key>) -> Result<Vec<String>, Failure> {
        let mut ids = Vec::new();
        for key in keys {
            ids.extend(self.view.store.find(&object.api_name, field, &key.to_value(), u32::MAX)?);
        }
        Ok(ids)
    }
}
