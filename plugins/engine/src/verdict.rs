//! What rules answer: refusals, changes, and what is not known.

use std::fmt;

use formula::Value;
use serde::{Deserialize, Serialize};

/// Which rule spoke.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RuleName {
    /// What it is.
    pub kind: RuleKind,
    /// API name with its object: `Contact.Tier_Needed`; a flow's own name.
    pub name: String,
    /// Path relative to the org folder.
    pub file: String,
}

/// The kinds of rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RuleKind {
    /// A validation rule.
    Validation,
    /// A required lookup filter.
    LookupFilter,
    /// A workflow rule or its field update.
    Workflow,
    /// A record-triggered flow.
    Flow,
    /// A duplicate rule.
    Duplicate,
    /// An author's plugin, `plugins/*.wasm` of the org folder.
    Plugin,
    /// A formula field, or a default value that is a formula.
    Formula,
    /// The field itself: who may write it, and what fits.
    Field,
    /// What metadata cannot tell: an Apex trigger, a process.
    Automation,
}

impl fmt::Display for RuleKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Validation => "validation rule",
            Self::LookupFilter => "lookup filter",
            Self::Workflow => "workflow rule",
            Self::Flow => "flow",
            Self::Duplicate => "duplicate rule",
            Self::Plugin => "plugin",
            Self::Formula => "formula field",
            Self::Field => "field",
            Self::Automation => "automation",
        })
    }
}

/// A rule refuses the record, in Salesforce's words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Refusal {
    /// Salesforce's status code, for example `FIELD_CUSTOM_VALIDATION_EXCEPTION`.
    pub code: String,
    /// The message.
    pub message: String,
    /// API names of the fields it stands at.
    pub fields: Vec<String>,
    /// Who refuses.
    pub rule: RuleName,
}

/// What a rule would do is not known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unknown {
    /// Which rule.
    pub rule: RuleName,
    /// Why, lower-case, in one line.
    pub reason: String,
}

/// What the rules of one step say about one record.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Every rule that refuses; Salesforce reports them all together.
    pub refusals: Vec<Refusal>,
    /// Every rule whose answer is not known. An unknown is never a refusal.
    pub unknown: Vec<Unknown>,
}

impl Verdict {
    /// Adds another step's answers.
    pub fn extend(&mut self, other: Self) {
        self.refusals.extend(other.refusals);
        self.unknown.extend(other.unknown);
    }
}

/// A rule changes a field of the record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// API name of the field.
    pub field: String,
    /// Its new value, as formulas see it (a percentage of 50 is 0.5).
    pub value: Value,
    /// Who changes it.
    pub rule: RuleName,
}
