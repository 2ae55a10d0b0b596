//! What a flow did, to explain it.

use serde::Serialize;

/// One flow's run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct FlowTrace {
    /// API name.
    pub flow: String,
    /// What it did, in order. Without an `element` step the record did not meet the criteria.
    pub steps: Vec<FlowStep>,
}

/// One step of a flow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FlowStep {
    /// API name of the element; `start` for the criteria; behind a point those of a flow that is called.
    pub element: String,
    /// `criterion`, `element`, `condition`, `outcome`, `assignment`, `scheduled`, `end`.
    pub kind: &'static str,
    /// What happened: `$Record.Tier__c IsNull true: true, it is null`.
    pub detail: String,
}
