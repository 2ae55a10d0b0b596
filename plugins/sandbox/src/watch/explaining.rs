//! Explanations of refusals, while somebody asks for them: kept from the moment of the refusal, when the values that
//! decided are still there.

use std::sync::{Mutex, PoisonError};

use engine::{Explained, FlowTrace};

/// What a save had to explain.
#[derive(Debug, Clone, Default)]
pub struct Explanations {
    /// Every refusal by a rule.
    pub refused: Vec<Explained>,
    /// The elements that ran of each flow.
    pub flows: Vec<FlowTrace>,
}

/// Collects explanations; does nothing unless it was asked to.
#[derive(Default)]
pub struct Explaining {
    found: Option<Mutex<Explanations>>,
}

impl Explaining {
    /// Collects from now on.
    pub fn asked() -> Self {
        Self { found: Some(Mutex::default()) }
    }

    /// Whether explanations are wanted: they cost a second evaluation.
    pub fn wanted(&self) -> bool {
        self.found.is_some()
    }

    /// Adds what a step had to explain.
    pub fn add(&self, refused: impl IntoIterator<Item = Explained>, flows: Vec<FlowTrace>) {
        if let Some(found) = &self.found {
            let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
            found.refused.extend(refused);
            found.flows.extend(flows);
        }
    }

    /// Hands over what was collected.
    pub fn take(&self) -> Explanations {
        let take = |found: &Mutex<Explanations>| {
            std::mem::take(&mut *found.lock().unwrap_or_else(PoisonError::into_inner))
        };
        self.found.as_ref().map(take).unwrap_or_default()
    }
}
