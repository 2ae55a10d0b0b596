//! Keeps flows from starting themselves for ever.
//!
//! A save that a flow makes starts flows again, on the same thread, inside of it. A flow does not start for a record for
//! which it is running: that much Salesforce's recursion control amounts to for a flow that updates its own record;
//! how often it lets a flow run in one transaction beyond that is UNCONFIRMED.

use std::cell::RefCell;

thread_local! {
    static RUNNING: RefCell<Vec<(String, Option<String>)>> = const { RefCell::new(Vec::new()) };
}

/// Flows that start each other deeper than this fail. Salesforce's limit for triggers; for flows UNCONFIRMED.
pub(super) const DEPTH_MAX: usize = 16;

/// A flow that is running, until it is dropped.
pub(super) struct Running;

/// Whether a flow may start.
pub(super) enum Entry {
    /// It may, and is running now.
    Started(Running),
    /// It is running for this record already.
    Again,
    /// Too many flows have started each other.
    TooDeep,
}

/// Starts a flow for a record; one that is being created has no id yet.
pub(super) fn enter(flow: &str, id: Option<String>) -> Entry {
    RUNNING.with_borrow_mut(|running| {
        if id.is_some() && running.iter().any(|(name, of)| name == flow && *of == id) {
            return Entry::Again;
        }
        if running.len() >= DEPTH_MAX {
            return Entry::TooDeep;
        }
        running.push((flow.to_owned(), id));
        Entry::Started(Running)
    })
}

impl Drop for Running {
    fn drop(&mut self) {
        RUNNING.with_borrow_mut(|running| {
            running.pop();
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flow_runs_once_for_a_record_and_not_too_deep() {
        let id = |text: &str| Some(text.to_owned());
        let Entry::Started(first) = enter("A", id("1")) else { panic!("the first may start") };
        assert!(matches!(enter("A", id("1")), Entry::Again));
        let others: Vec<Entry> = (0..DEPTH_MAX - 1).map(|_| enter("A", None)).collect();
        assert!(others.iter().all(|entry| matches!(entry, Entry::Started(_))));
        assert!(matches!(enter("B", id("2")), Entry::TooDeep));
        drop((others, first));
        assert!(matches!(enter("A", id("1")), Entry::Started(_)));
    }
}
