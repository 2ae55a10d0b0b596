//! `ORDER BY`: compares rows by their keys.
//!
//! Rows that compare equal keep the order in which they were created.

use std::cmp::Ordering;

use super::ast::Order;
use super::keys::Key;

/// One item of `ORDER BY`.
#[derive(Debug, Clone)]
pub struct By<T> {
    /// By what.
    pub operand: T,
    descending: bool,
    nulls_last: bool,
}

impl<T> By<T> {
    /// By this operand, as the query says.
    pub fn new(operand: T, order: &Order) -> By<T> {
        By { operand, descending: order.descending, nulls_last: order.nulls_last }
    }
}

/// Compares the keys of two rows, one key for each item.
pub fn compare<T>(order: &[By<T>], left: &[Key], right: &[Key]) -> Ordering {
    for (by, (left, right)) in order.iter().zip(left.iter().zip(right)) {
        let ordering = match (left == &Key::Null, right == &Key::Null) {
            (true, true) => Ordering::Equal,
            (true, false) if by.nulls_last => Ordering::Greater,
            (true, false) => Ordering::Less,
            (false, true) if by.nulls_last => Ordering::Less,
            (false, true) => Ordering::Greater,
            (false, false) if by.descending => right.cmp(left),
            (false, false) => left.cmp(right),
        };
        if ordering != Ordering::Equal {
            return ordering;
        }
    }
    Ordering::Equal
}
