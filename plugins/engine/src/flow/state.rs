//! What a running flow holds: records, variables, loops, and what it has done.

use std::collections::{BTreeMap, BTreeSet};

use formula::Value;
use metadata::flow::{DataType, Flow, ResourceKind};

use super::held::Held;
use crate::world::RecordId;

/// The place of the triggering record in [`State::records`].
pub(super) const TRIGGERING: usize = 0;

/// Everything that a running flow holds.
#[derive(Debug, Clone, Default)]
pub(super) struct State {
    /// Records that variables, loops and collections point to. A flow that is called shares them.
    pub records: Vec<Entry>,
    /// By lower-cased name: variables, and what elements gave.
    pub variables: BTreeMap<String, Held>,
    /// The loops that are under way, by element: the items and which is next.
    pub loops: BTreeMap<usize, (Vec<Held>, usize)>,
    /// `$Flow.FaultMessage`.
    pub fault: Option<String>,
    /// Outcomes that were taken, lower-cased.
    pub taken: BTreeSet<String>,
    /// Elements that ran, lower-cased.
    pub visited: BTreeSet<String>,
}

/// A record in the flow's memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    /// API name of its object.
    pub object: String,
    /// Where it comes from.
    pub origin: Origin,
    /// What the flow assigned and did not save, by lower-cased name: the name as written and the value, or why it is
    /// not known.
    pub fields: BTreeMap<String, (String, Result<Value, String>)>,
}

/// Where a record comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Origin {
    /// It started the flow.
    Triggering,
    /// It is stored.
    Stored(RecordId),
    /// The flow made it.
    New,
}

impl Entry {
    /// A record without values.
    pub(super) fn new(object: &str, origin: Origin) -> Self {
        Self { object: object.to_owned(), origin, fields: BTreeMap::new() }
    }

    /// What was assigned to a field.
    pub(super) fn assigned(&self, field: &str) -> Option<&Result<Value, String>> {
        self.fields.get(&field.to_ascii_lowercase()).map(|(_, value)| value)
    }
}

impl State {
    /// A flow's state before it begins; `records` holds the triggering record, if there is one, first.
    pub(super) fn new(flow: &Flow, records: Vec<Entry>) -> Self {
        let mut state = Self { records, ..Self::default() };
        for resource in &flow.resources {
            let first = match &resource.kind {
                ResourceKind::Variable { collection: true, .. } => Held::List(Vec::new()),
                ResourceKind::Variable { .. } => Held::NULL,
                _ => continue,
            };
            state.variables.insert(resource.name.to_ascii_lowercase(), first);
        }
        state
    }

    /// Adds a record; the answer points to it.
    pub(super) fn add(&mut self, entry: Entry) -> Held {
        self.records.push(entry);
        Held::Record(self.records.len() - 1)
    }

    /// A copy that changes on its own: variables do not share records. (Whether Salesforce copies in every such case is
    /// UNCONFIRMED; a loop's item stays a part of its collection.)
    pub(super) fn copy(&mut self, held: &Held) -> Held {
        match held {
            Held::Record(at) => {
                let entry = self.records[*at].clone();
                self.add(entry)
            }
            Held::List(items) => Held::List(items.iter().map(|item| self.copy(item)).collect()),
            Held::Value(_) | Held::Unknown(_) => held.clone(),
        }
    }
}

/// The object of a record variable.
pub(super) fn object_of<'f>(flow: &'f Flow, variable: &str) -> Option<&'f str> {
    match flow.resource(variable).map(|resource| &resource.data_type) {
        Some(DataType::Record(object)) => Some(object),
        _ => None,
    }
}
