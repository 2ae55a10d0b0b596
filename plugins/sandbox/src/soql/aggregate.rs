//! Grouped queries: `GROUP BY`, aggregate functions, `HAVING`.
//!
//! Without `GROUP BY` all rows are one group, also when there are none.

use std::collections::{BTreeMap, HashSet};
use std::ops::ControlFlow;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde_json::{Map, Number, Value, json};
use time::Date;

use super::ast::{Aggregate, AggregateCall, Condition, Operand, Path, Query, SelectItem};
use super::error::{Failure, QueryErrorKind};
use super::filter::{Filter, Resolve, Resolved, compile};
use super::keys::{Class, Key, decimal_value};
use super::names::{Column, Scope};
use super::order::{self, By};
use super::plan::{Plan, Where};
use super::rows::Rows;
use super::run::at_most;
use crate::store::Record;
use crate::values::parse_number;

/// What a grouped query answers.
pub struct Grouping<'v> {
    by: Vec<Column<'v>>,
    calls: Vec<(Aggregate, Column<'v>)>,
    /// Column names of the answer and where their values are.
    outputs: Vec<(String, Cell)>,
    having: Option<Filter<Cell>>,
    order: Vec<By<Cell>>,
}

/// A value of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cell {
    /// What is grouped by.
    By(usize),
    /// A function's result.
    Call(usize),
}

impl<'v> Grouping<'v> {
    /// Plans the groups of a query.
    ///
    /// # Errors
    /// Unknown names, fields that are neither grouped nor aggregated, functions that do not fit their field.
    pub fn new(rows: &Rows<'v>, query: &Query, scope: Scope<'v, '_>) -> Result<Grouping<'v>, Failure> {
        let mut grouping = Grouping {
            by: Vec::new(),
            calls: Vec::new(),
            outputs: Vec::new(),
            having: None,
            order: Vec::new(),
        };
        for path in &query.group_by {
            let column = scope.column(path)?;
            if !Class::of(column.field).groups() {
                return Err(QueryErrorKind::Unusable { field: path.text(), used: "grouped" }
                    .at(path.at)
                    .into());
            }
            grouping.by.push(column);
        }
        grouping.select(query, scope)?;
        for item in &query.order_by {
            let cell = match &item.operand {
                Operand::Path(path) => match grouping.output(path) {
                    Some(cell) => cell,
                    None => grouping.grouped(scope, path)?,
                },
                Operand::Aggregate(call) => grouping.call(scope, call)?,
            };
            grouping.order.push(By::new(cell, item));
        }
        if let Some(condition) = &query.having {
            grouping.add_calls(condition, scope)?;
            let names = Having { grouping: &grouping, scope, outer: Where { rows, scope } };
            grouping.having = Some(compile(condition, &names)?);
        }
        Ok(grouping)
    }

    fn select(&mut self, query: &Query, scope: Scope<'v, '_>) -> Result<(), Failure> {
        let mut unnamed = 0;
        for item in &query.select {
            let (name, cell, at) = match item {
                SelectItem::Field { path, alias } => {
                    let cell = self.grouped(scope, path)?;
                    let Cell::By(index) = cell else { continue };
                    let name = alias.clone().unwrap_or_else(|| self.by[index].field.api_name.clone());
                    (name, cell, path.at)
                }
                SelectItem::Aggregate { call, alias } => {
                    let cell = self.call(scope, call)?;
                    let name = alias.clone().unwrap_or_else(|| {
                        unnamed += 1;
                        format!("expr{}", unnamed - 1)
                    });
                    (name, cell, call.path.at)
                }
                SelectItem::Fields { at, .. } => {
                    let message = "the FIELDS function cannot stand in a grouped query".to_owned();
                    return Err(QueryErrorKind::Misuse(message).at(*at).into());
                }
                SelectItem::Children(query) => {
                    let message = "a subquery cannot stand in a grouped query".to_owned();
                    return Err(QueryErrorKind::Misuse(message).at(query.from.at).into());
                }
            };
            if self.outputs.iter().any(|(known, _)| known.eq_ignore_ascii_case(&name)) {
                return Err(QueryErrorKind::DuplicateAlias(name).at(at).into());
            }
            self.outputs.push((name, cell));
        }
        Ok(())
    }

    /// The output of this alias.
    fn output(&self, path: &Path) -> Option<Cell> {
        let [name] = path.parts.as_slice() else { return None };
        self.outputs.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, cell)| *cell)
    }

    /// The group's value of this field.
    fn grouped(&self, scope: Scope<'v, '_>, path: &Path) -> Result<Cell, Failure> {
        let column = scope.column(path)?;
        let index = self.by.iter().position(|by| by.same(&column));
        let not_grouped = || QueryErrorKind::NotGrouped(path.text()).at(path.at);
        Ok(Cell::By(index.ok_or_else(not_grouped)?))
    }

    /// The result of this function, which is added when it is new.
    fn call(&mut self, scope: Scope<'v, '_>, call: &AggregateCall) -> Result<Cell, Failure> {
        let column = scope.column(&call.path)?;
        let class = Class::of(column.field);
        let (name, fits) = match call.function {
            Aggregate::Count => ("COUNT", class != Class::Opaque),
            Aggregate::CountDistinct => ("COUNT_DISTINCT", class != Class::Opaque),
            Aggregate::Sum => ("SUM", matches!(class, Class::Number { .. })),
            Aggregate::Avg => ("AVG", matches!(class, Class::Number { .. })),
            Aggregate::Min => ("MIN", !matches!(class, Class::Boolean | Class::Several | Class::Opaque)),
            Aggregate::Max => ("MAX", !matches!(class, Class::Boolean | Class::Several | Class::Opaque)),
        };
        if !fits {
            let message = format!("field {} does not support aggregate operator {name}", call.path.text());
            return Err(QueryErrorKind::Misuse(message).at(call.path.at).into());
        }
        let known =
            self.calls.iter().position(|(function, by)| *function == call.function && by.same(&column));
        let index = known.unwrap_or(self.calls.len());
        if known.is_none() {
            self.calls.push((call.function, column));
        }
        Ok(Cell::Call(index))
    }

    /// Adds the functions that only a `HAVING` uses.
    fn add_calls(&mut self, condition: &Condition, scope: Scope<'v, '_>) -> Result<(), Failure> {
        match condition {
            Condition::And(terms) | Condition::Or(terms) => {
                terms.iter().try_for_each(|term| self.add_calls(term, scope))
            }
            Condition::Not(term) => self.add_calls(term, scope),
            Condition::Compare { operand, .. }
            | Condition::In { operand, .. }
            | Condition::SemiJoin { operand, .. }
            | Condition::Includes { operand, .. } => match operand {
                Operand::Aggregate(call) => self.call(scope, call).map(|_| ()),
                Operand::Path(_) => Ok(()),
            },
        }
    }

    /// How the values of a cell compare.
    fn class(&self, cell: Cell) -> Class {
        match cell {
            Cell::By(index) => Class::of(self.by[index].field),
            Cell::Call(index) => match &self.calls[index] {
                (Aggregate::Min | Aggregate::Max, column) => Class::of(column.field),
                (Aggregate::Count | Aggregate::CountDistinct, _) => Class::Number { whole: true },
                (Aggregate::Sum | Aggregate::Avg, _) => Class::Number { whole: false },
            },
        }
    }

    /// Names and types of the answer's columns; the last says whether a function computes it.
    pub fn columns(&self) -> impl Iterator<Item = (&str, Class, bool)> {
        self.outputs
            .iter()
            .map(|(name, cell)| (name.as_str(), self.class(*cell), matches!(cell, Cell::Call(_))))
    }
}

/// Names of a `HAVING` clause.
struct Having<'g, 'r, 'v, 'q> {
    grouping: &'g Grouping<'v>,
    scope: Scope<'v, 'q>,
    outer: Where<'r, 'v, 'q>,
}

impl Resolve<Cell> for Having<'_, '_, '_, '_> {
    fn operand(&self, operand: &Operand) -> Result<Resolved<Cell>, Failure> {
        let cell = match operand {
            Operand::Path(path) => self.grouping.grouped(self.scope, path)?,
            Operand::Aggregate(call) => {
                let column = self.scope.column(&call.path)?;
                let same =
                    |(function, by): &(Aggregate, Column<'_>)| *function == call.function && by.same(&column);
                let index = self.grouping.calls.iter().position(same);
                Cell::Call(
                    index.ok_or_else(|| QueryErrorKind::NotGrouped(call.path.text()).at(call.path.at))?,
                )
            }
        };
        Ok(Resolved { operand: cell, class: self.grouping.class(cell) })
    }

    fn semi_join(&self, query: &Query) -> Result<HashSet<Key>, Failure> {
        self.outer.semi_join(query)
    }

    fn today(&self) -> Date {
        self.outer.today()
    }
}

/// What is known of a group.
struct Group {
    by: Vec<Value>,
    calls: Vec<Sums>,
}

/// What is known of one function's values in a group.
#[derive(Default)]
struct Sums {
    count: u64,
    sum: Decimal,
    different: HashSet<Key>,
    least: Option<(Key, Value)>,
    most: Option<(Key, Value)>,
}

impl Sums {
    fn add(&mut self, function: Aggregate, key: Key, value: Value) {
        self.count += 1;
        match (function, &key) {
            (Aggregate::Sum | Aggregate::Avg, Key::Number(number)) => {
                self.sum = self.sum.saturating_add(*number)
            }
            (Aggregate::CountDistinct, _) => {
                self.different.insert(key);
            }
            (Aggregate::Min, _) if self.least.as_ref().is_none_or(|(least, _)| key < *least) => {
                self.least = Some((key, value));
            }
            (Aggregate::Max, _) if self.most.as_ref().is_none_or(|(most, _)| key > *most) => {
                self.most = Some((key, value));
            }
            _ => {}
        }
    }

    fn result(&self, function: Aggregate) -> Value {
        let value =
            |found: &Option<(Key, Value)>| found.as_ref().map_or(Value::Null, |(_, value)| value.clone());
        match function {
            Aggregate::Count => json!(self.count),
            Aggregate::CountDistinct => json!(self.different.len()),
            Aggregate::Min => value(&self.least),
            Aggregate::Max => value(&self.most),
            Aggregate::Sum | Aggregate::Avg if self.count == 0 => Value::Null,
            Aggregate::Sum => decimal_value(self.sum),
            // Salesforce answers averages as doubles.
            Aggregate::Avg => {
                let average =
                    self.sum.checked_div(Decimal::from(self.count)).and_then(|average| average.to_f64());
                average.and_then(Number::from_f64).map_or(Value::Null, Value::Number)
            }
        }
    }
}

impl Group {
    fn value(&self, grouping: &Grouping<'_>, cell: Cell) -> Value {
        match cell {
            Cell::By(index) => self.by[index].clone(),
            Cell::Call(index) => self.calls[index].result(grouping.calls[index].0),
        }
    }

    fn key(&self, grouping: &Grouping<'_>, cell: Cell) -> Key {
        match (grouping.class(cell), self.value(grouping, cell)) {
            (Class::Number { .. }, value) => parse_number(&value.to_string()).map_or(Key::Null, Key::Number),
            (class, value) => class.key(&value),
        }
    }
}

/// The records of a grouped query's answer.
///
/// # Errors
/// The database fails.
pub(super) fn groups<'v>(
    rows: &Rows<'v>,
    plan: &Plan<'v>,
    grouping: &Grouping<'v>,
) -> Result<Vec<Value>, Failure> {
    let mut groups: BTreeMap<Vec<Key>, Group> = BTreeMap::new();
    rows.visit(plan.object, &plan.filters(), plan.deleted_too, |record| {
        add(rows, grouping, &mut groups, &record)?;
        Ok(ControlFlow::Continue(()))
    })?;
    if grouping.by.is_empty() && groups.is_empty() {
        groups.insert(Vec::new(), empty(grouping, Vec::new()));
    }
    let mut found: Vec<Group> = Vec::new();
    for group in groups.into_values() {
        let holds = match &grouping.having {
            Some(having) => having.holds(&mut |cell| Ok::<_, Failure>(group.key(grouping, *cell)))?,
            None => true,
        };
        if holds {
            found.push(group);
        }
    }
    let keys =
        |group: &Group| grouping.order.iter().map(|by| group.key(grouping, by.operand)).collect::<Vec<_>>();
    let mut sorted: Vec<(Vec<Key>, Group)> = found.into_iter().map(|group| (keys(&group), group)).collect();
    sorted.sort_by(|(left, _), (right, _)| order::compare(&grouping.order, left, right));
    let (skip, take) = (at_most(plan.offset), plan.limit.map_or(usize::MAX, at_most));
    Ok(sorted.into_iter().skip(skip).take(take).map(|(_, group)| show(grouping, &group)).collect())
}

fn empty(grouping: &Grouping<'_>, by: Vec<Value>) -> Group {
    Group { by, calls: grouping.calls.iter().map(|_| Sums::default()).collect() }
}

/// Adds a record to its group.
fn add<'v>(
    rows: &Rows<'v>,
    grouping: &Grouping<'v>,
    groups: &mut BTreeMap<Vec<Key>, Group>,
    record: &Record,
) -> Result<(), Failure> {
    let keys = grouping.by.iter().map(|column| rows.key(column, record)).collect::<Result<Vec<_>, _>>()?;
    if !groups.contains_key(&keys) {
        let by =
            grouping.by.iter().map(|column| rows.value(column, record)).collect::<Result<Vec<_>, _>>()?;
        groups.insert(keys.clone(), empty(grouping, by));
    }
    let Some(group) = groups.get_mut(&keys) else { return Ok(()) };
    for ((function, column), sums) in grouping.calls.iter().zip(&mut group.calls) {
        let value = rows.value(column, record)?;
        let key = rows.key(column, record)?;
        if key != Key::Null {
            sums.add(*function, key, value);
        }
    }
    Ok(())
}

fn show(grouping: &Grouping<'_>, group: &Group) -> Value {
    let mut shown = Map::new();
    shown.insert("attributes".into(), json!({ "type": "AggregateResult" }));
    for (name, cell) in &grouping.outputs {
        shown.insert(name.clone(), group.value(grouping, *cell));
    }
    Value::Object(shown)
}
