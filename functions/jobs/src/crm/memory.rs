//! A CRM in memory, for tests and the simulation: it keeps what was written and refuses what it is told to refuse.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use domain::decide::RowAnswer;
use domain::{CrmError, Operation, Record};
use serde_json::{Map, Value};

use super::{Chunk, Crm, CrmFailure, Reply};

/// Says why a record is refused, or `None`.
pub type Rule = Box<dyn Fn(&Record) -> Option<Vec<CrmError>> + Send + Sync>;

/// A CRM in memory.
#[derive(Default)]
pub struct MemoryCrm {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    records: BTreeMap<(String, String), Map<String, Value>>,
    written: Vec<String>,
    calls: Vec<Vec<String>>,
    rule: Option<Rule>,
    whole_call: Option<Rule>,
    down: Option<CrmFailure>,
}

impl MemoryCrm {
    /// Refuses what `rule` refuses from now on.
    pub fn refuse(&self, rule: impl Fn(&Record) -> Option<Vec<CrmError>> + Send + Sync + 'static) {
        self.state().rule = Some(Box::new(rule));
    }

    /// Refuses every call whole that carries a record which `rule` refuses, as Salesforce does with a value of the wrong
    /// JSON type.
    pub fn refuse_whole_calls(
        &self,
        rule: impl Fn(&Record) -> Option<Vec<CrmError>> + Send + Sync + 'static,
    ) {
        self.state().whole_call = Some(Box::new(rule));
    }

    /// Accepts everything from now on.
    pub fn accept(&self) {
        let mut state = self.state();
        state.rule = None;
        state.whole_call = None;
        state.down = None;
    }

    /// Answers every call with this failure from now on.
    pub fn fail(&self, failure: CrmFailure) {
        self.state().down = Some(failure);
    }

    /// The fields of a record, if it is there.
    pub fn record(&self, object: &str, external_id: &str) -> Option<Map<String, Value>> {
        self.state().records.get(&(object.to_owned(), external_id.to_owned())).cloned()
    }

    /// The external ids that were written, in the order of writing.
    pub fn written(&self) -> Vec<String> {
        self.state().written.clone()
    }

    /// The external ids of each call since the last time this was asked.
    pub fn take_calls(&self) -> Vec<Vec<String>> {
        std::mem::take(&mut self.state().calls)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn answer(&mut self, chunk: &Chunk<'_>) -> Vec<RowAnswer> {
        let verdict = |record: &&Record| match self.rule.as_ref().and_then(|rule| rule(record)) {
            Some(errors) => RowAnswer::Refused(errors),
            None => RowAnswer::Done,
        };
        let mut rows: Vec<RowAnswer> = chunk.records.iter().map(verdict).collect();
        if chunk.all_or_none && rows.iter().any(|row| *row != RowAnswer::Done) {
            for row in rows.iter_mut().filter(|row| **row == RowAnswer::Done) {
                let rolled_back = CrmError::new("ALL_OR_NONE_OPERATION_ROLLED_BACK", "rolled back", &[]);
                *row = RowAnswer::Refused(vec![rolled_back]);
            }
            return rows;
        }
        for (record, _) in chunk.records.iter().zip(&rows).filter(|(_, row)| **row == RowAnswer::Done) {
            self.write(record);
        }
        rows
    }

    fn write(&mut self, record: &Record) {
        let key = (record.object.clone(), record.external_id.value.clone());
        self.written.push(record.external_id.value.clone());
        match record.operation {
            Operation::Delete => drop(self.records.remove(&key)),
            Operation::Upsert => self.records.entry(key).or_default().extend(record.fields.clone()),
        }
    }
}

#[async_trait]
impl Crm for MemoryCrm {
    async fn send(&self, chunk: Chunk<'_>) -> Reply {
        let mut state = self.state();
        state.calls.push(chunk.records.iter().map(|record| record.external_id.value.clone()).collect());
        let refused_whole =
            state.whole_call.as_ref().and_then(|rule| chunk.records.iter().find_map(|record| rule(record)));
        let outcome = match (&state.down, refused_whole) {
            (Some(failure), _) => Err(failure.clone()),
            (None, Some(errors)) => Err(CrmFailure::Refused(errors)),
            (None, None) => Ok(state.answer(&chunk)),
        };
        Reply { outcome, calls: 1, usage: None }
    }
}
