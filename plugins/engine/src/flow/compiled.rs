//! The flows of an org after compilation, as data.

use std::collections::{BTreeMap, BTreeSet};

use metadata::flow::{Flow, Phase};
use serde::{Deserialize, Serialize};

use super::plan::Plan;
use crate::stored::StoredType;

/// An org's flows, ready to be run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct FlowSet {
    /// In the order in which Salesforce runs them; those that only other flows start among them.
    pub(super) flows: Vec<CompiledFlow>,
}

/// One flow.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct CompiledFlow {
    /// Its model.
    pub flow: Flow,
    /// Its operations; for a flow that could not be compiled the reason.
    pub plan: Result<Plan, String>,
    /// The name of its WASM function.
    pub export: String,
    /// Its formulas by lower-cased name; for one that does not compile the reason.
    pub formulas: BTreeMap<String, Result<FormulaUse, String>>,
    /// The formula of its criteria.
    pub filter: Option<Result<FormulaUse, String>>,
    /// Types of the fields that it reads or writes, by `object.path` in lower case.
    pub types: BTreeMap<String, StoredType>,
    /// References to a parent record of the triggering record, in lower case: the path of its id, and its object.
    pub parents: BTreeMap<String, (String, String)>,
}

/// A compiled formula.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct FormulaUse {
    /// Its number, as the builder gave it.
    pub number: usize,
    /// Formulas and text templates whose values it needs, lower-cased.
    pub needs: BTreeSet<String>,
}

impl FlowSet {
    /// The flow of a name, in any case.
    pub(super) fn flow(&self, name: &str) -> Option<&CompiledFlow> {
        self.flows.iter().find(|compiled| compiled.flow.name.eq_ignore_ascii_case(name))
    }

    /// The flows that an object's records start at a step.
    pub(super) fn of<'s>(&'s self, object: &'s str, phase: Phase) -> impl Iterator<Item = &'s CompiledFlow> {
        self.flows.iter().filter(move |compiled| {
            let trigger = compiled.flow.trigger.as_ref();
            trigger
                .is_some_and(|trigger| trigger.phase == phase && trigger.object.eq_ignore_ascii_case(object))
        })
    }

    /// Whether records of an object start a flow at a step.
    pub fn concerns(&self, object: &str, phase: Phase) -> bool {
        self.of(object, phase).next().is_some()
    }

    /// Where a flow stands in the order: those with a number up to 1000, then those without one, then the others
    /// (Salesforce Help, "Define the Run Order of Record-Triggered Flows"). Flows without one run by their creation date,
    /// which is not in metadata: here by name.
    #[cfg(feature = "compile")]
    pub(super) fn order(flow: &Flow) -> (u8, u32, String) {
        let order = flow.trigger.as_ref().and_then(|trigger| trigger.order);
        let part = order.map_or(1, |order| if order <= 1000 { 0 } else { 2 });
        (part, order.unwrap_or(0), flow.name.to_ascii_lowercase())
    }
}
