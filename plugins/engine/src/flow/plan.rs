//! A flow as an automaton: operations, and which follows for which answer. The operations are done by the host; the
//! flow's WASM function picks the next one.

use serde::{Deserialize, Serialize};

/// The flow has ended.
pub(super) const ENDED: i32 = -1;
/// The operation's answer is not known; the flow cannot go on.
#[cfg(feature = "compile")]
pub(super) const UNKNOWN: i32 = -2;
/// A fault that no path catches.
pub(super) const FAULT: i32 = -3;
/// The record does not meet the criteria.
pub(super) const NOT_STARTED: i32 = -4;

/// What the host answers to an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    /// It is done; the condition does not hold; the loop has no more items.
    Done = 0,
    /// The condition holds; the loop has an item.
    True = 1,
    /// Not known.
    Unknown = 2,
    /// It failed.
    Fault = 3,
}

/// What the host does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Operation {
    /// Nothing: the flow begins.
    Begin,
    /// Is the record being created?
    Created,
    /// Does a condition of the start hold, now or before the change?
    Criterion {
        /// Which one.
        item: usize,
        /// Before the change.
        prior: bool,
    },
    /// Does the formula of the start hold, now or before the change?
    CriteriaFormula {
        /// Before the change.
        prior: bool,
    },
    /// Do what an element does; a decision only begins.
    Element(usize),
    /// Does a condition of a decision hold?
    Condition {
        /// Which element.
        element: usize,
        /// Which of its outcomes.
        outcome: usize,
        /// Which condition of it.
        item: usize,
        /// Before the change.
        prior: bool,
    },
    /// A decision has an outcome; none is its default.
    Take {
        /// Which element.
        element: usize,
        /// Which of its outcomes.
        outcome: Option<usize>,
    },
    /// It is not known what to do, and why.
    Stop(String),
}

/// The automaton of a flow.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Plan {
    /// The operations; the first begins.
    pub operations: Vec<Operation>,
    /// For each operation what follows each [`Answer`].
    pub successors: Vec<[i32; 4]>,
}
