//! From a parsed query to one that can be run: names resolved, the user's rights applied, misuse refused.
//!
//! Grouped queries are planned by [`super::aggregate`]; how rows are found is [`super::rows`]'s.

use std::collections::HashSet;
use std::ops::ControlFlow;

use metadata::org::Object;
use time::Date;

use super::aggregate::Grouping;
use super::ast::{Condition, FieldSet, Operand, Path, Query, SelectItem};
use super::error::{Failure, QueryErrorKind};
use super::filter::{Filter, Resolve, Resolved, compile};
use super::keys::{Class, Key};
use super::names::{Children, Column, Scope};
use super::order::By;
use super::project::Node;
use super::rows::Rows;

/// Most rows of `FIELDS(ALL)` and `FIELDS(CUSTOM)`.
const MOST_ROWS_OF_ALL_FIELDS: u64 = 200;
/// Largest `OFFSET`.
const LARGEST_OFFSET: u64 = 2_000;

/// A query that can be run.
pub struct Plan<'v> {
    /// Whose records.
    pub object: &'v Object,
    /// Which of them.
    pub filter: Option<Filter<Column<'v>>>,
    /// What is answered.
    pub shape: Shape<'v>,
    /// Most rows.
    pub limit: Option<u64>,
    /// Rows passed over.
    pub offset: u64,
    /// `ALL ROWS`.
    pub deleted_too: bool,
}

impl<'v> Plan<'v> {
    /// The filter in the form that [`Rows::visit`] takes.
    pub fn filters(&self) -> Vec<&Filter<Column<'v>>> {
        self.filter.iter().collect()
    }
}

/// What a query answers.
pub enum Shape<'v> {
    /// `COUNT()`.
    Count,
    /// Records.
    Records {
        /// Their members.
        node: Node<'v>,
        /// Their order.
        order: Vec<By<Column<'v>>>,
    },
    /// `GROUP BY` or aggregates.
    Groups(Grouping<'v>),
}

/// Child records inside of a record.
pub struct ChildPlan<'v> {
    /// The relationship.
    pub children: Children<'v>,
    /// The subquery, without the condition that they belong to the parent.
    pub plan: Plan<'v>,
}

/// Plans a query.
///
/// # Errors
/// Unknown names, misuse, or a failing database (a semi-join is run while planning).
pub fn plan<'v>(rows: &Rows<'v>, query: &Query) -> Result<Plan<'v>, Failure> {
    let scope = Scope::new(rows.view, &query.from)?;
    plan_in(rows, query, scope)
}

/// Plans a query whose `FROM` is already understood.
fn plan_in<'v>(rows: &Rows<'v>, query: &Query, scope: Scope<'v, '_>) -> Result<Plan<'v>, Failure> {
    let shape = shape(rows, query, scope)?;
    let names = Where { rows, scope };
    let filter = query.condition.as_ref().map(|condition| compile(condition, &names)).transpose()?;
    let offset = match query.offset {
        Some((offset, at)) if offset > LARGEST_OFFSET => {
            return Err(QueryErrorKind::OffsetTooLarge.at(at).into());
        }
        Some((offset, _)) => offset,
        None => 0,
    };
    Ok(Plan { object: scope.object, filter, shape, limit: query.limit, offset, deleted_too: query.all_rows })
}

fn shape<'v>(rows: &Rows<'v>, query: &Query, scope: Scope<'v, '_>) -> Result<Shape<'v>, Failure> {
    if query.count_only {
        if let Some(path) = query.group_by.first() {
            return Err(QueryErrorKind::UnexpectedToken("GROUP".to_owned()).at(path.at).into());
        }
        return Ok(Shape::Count);
    }
    let aggregates = query.select.iter().any(|item| matches!(item, SelectItem::Aggregate { .. }));
    if aggregates || !query.group_by.is_empty() {
        return Ok(Shape::Groups(Grouping::new(rows, query, scope)?));
    }
    if query.having.is_some() {
        return Err(QueryErrorKind::Misuse("HAVING is only allowed with GROUP BY".to_owned()).into());
    }
    let node = select(rows, query, scope)?;
    let mut order = Vec::new();
    for item in &query.order_by {
        let Operand::Path(path) = &item.operand else {
            let message = "aggregate functions in ORDER BY need GROUP BY".to_owned();
            return Err(QueryErrorKind::Misuse(message).at(item.operand.at()).into());
        };
        let column = scope.column(path)?;
        if matches!(Class::of(column.field), Class::Opaque | Class::Several) {
            return Err(QueryErrorKind::Unusable { field: path.text(), used: "sorted" }.at(path.at).into());
        }
        order.push(By::new(column, item));
    }
    Ok(Shape::Records { node, order })
}

/// The members of the answered records.
fn select<'v>(rows: &Rows<'v>, query: &Query, scope: Scope<'v, '_>) -> Result<Node<'v>, Failure> {
    let mut node = Node::default();
    let add = |node: &mut Node<'v>, column: Column<'v>, path: &Path| match node.add(column) {
        true => Ok(()),
        false => Err(Failure::from(QueryErrorKind::DuplicateField(path.text()).at(path.at))),
    };
    for item in &query.select {
        match item {
            SelectItem::Field { path, alias: None } => add(&mut node, scope.column(path)?, path)?,
            SelectItem::Field { path, alias: Some(_) } => {
                return Err(QueryErrorKind::FieldAlias.at(path.at).into());
            }
            SelectItem::Fields { set, at } => {
                let unlimited = query.limit.is_none_or(|limit| limit > MOST_ROWS_OF_ALL_FIELDS);
                if *set != FieldSet::Standard && unlimited {
                    return Err(QueryErrorKind::FieldsWithoutLimit.into());
                }
                for field in rows.view.fields(scope.object) {
                    let custom = field.api_name.ends_with("__c");
                    if matches!((set, custom), (FieldSet::Standard, true) | (FieldSet::Custom, false)) {
                        continue;
                    }
                    let path = Path { parts: vec![field.api_name.clone()], at: *at };
                    add(&mut node, Column { steps: Vec::new(), field }, &path)?;
                }
            }
            SelectItem::Children(query) => {
                let (children, scope) = scope.children(&query.from)?;
                let plan = plan_in(rows, query, scope)?;
                if !matches!(plan.shape, Shape::Records { .. }) {
                    let message = "aggregate functions are not allowed in a subquery".to_owned();
                    return Err(QueryErrorKind::Misuse(message).at(query.from.at).into());
                }
                node.add_children(ChildPlan { children, plan });
            }
            // Queries with aggregates are planned as groups.
            SelectItem::Aggregate { call, .. } => {
                return Err(QueryErrorKind::UnexpectedToken(call.path.text()).at(call.path.at).into());
            }
        }
    }
    Ok(node)
}

/// Names of a `WHERE` clause.
pub(super) struct Where<'r, 'v, 'q> {
    /// Reads the rows of semi-joins.
    pub rows: &'r Rows<'v>,
    /// What stands behind `FROM`.
    pub scope: Scope<'v, 'q>,
}

impl<'v> Resolve<Column<'v>> for Where<'_, 'v, '_> {
    fn operand(&self, operand: &Operand) -> Result<Resolved<Column<'v>>, Failure> {
        let Operand::Path(path) = operand else {
            let message = "aggregate functions are not allowed in WHERE; use HAVING".to_owned();
            return Err(QueryErrorKind::Misuse(message).at(operand.at()).into());
        };
        let column = self.scope.column(path)?;
        match Class::of(column.field) {
            Class::Opaque => {
                Err(QueryErrorKind::Unusable { field: path.text(), used: "filtered" }.at(path.at).into())
            }
            class => Ok(Resolved { operand: column, class }),
        }
    }

    fn semi_join(&self, query: &Query) -> Result<HashSet<Key>, Failure> {
        if query.condition.as_ref().is_some_and(has_semi_join) {
            let message = "Nesting of semi join sub-selects is not supported".to_owned();
            return Err(QueryErrorKind::Misuse(message).at(query.from.at).into());
        }
        let scope = Scope::new(self.rows.view, &query.from)?;
        let [SelectItem::Field { path, alias: None }] = query.select.as_slice() else {
            let message = "a semi join selects exactly one field".to_owned();
            return Err(QueryErrorKind::Misuse(message).at(query.from.at).into());
        };
        let column = scope.column(path)?;
        if Class::of(column.field) != Class::Id {
            return Err(QueryErrorKind::BadOperator.at(path.at).into());
        }
        let plan = plan_in(self.rows, query, scope)?;
        let (mut keys, mut left) = (HashSet::new(), plan.limit.unwrap_or(u64::MAX));
        self.rows.visit(plan.object, &plan.filters(), false, |record| {
            if left == 0 {
                return Ok(ControlFlow::Break(()));
            }
            left -= 1;
            keys.insert(self.rows.key(&column, &record)?);
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(keys)
    }

    fn today(&self) -> Date {
        self.rows.view.now.to_offset(time::UtcOffset::UTC).date()
    }
}

fn has_semi_join(condition: &Condition) -> bool {
    match condition {
        Condition::And(terms) | Condition::Or(terms) => terms.iter().any(has_semi_join),
        Condition::Not(term) => has_semi_join(term),
        Condition::SemiJoin { .. } => true,
        _ => false,
    }
}
