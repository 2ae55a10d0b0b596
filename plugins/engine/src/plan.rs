//! What rules an org has after compilation, without their code: names, messages, fields, and which formula decides.
//!
//! It stands beside the WASM in an artifact, so that loading needs neither the org's metadata nor a compiler of
//! machine code. Names that are keys are lower-cased.

use std::collections::BTreeMap;

use formula::flat::Layout;
use formula::{Blanks, Context, Options, Schema, Type, global};
use host::component::User;
use serde::{Deserialize, Serialize};

use crate::flow::FlowSet;
use crate::stored::{StoredType, StoredValue};
use crate::verdict::{RuleName, Unknown};

/// All that the rules of an org are, apart from code.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// The formulas; a formula's number is its place here and in the WASM.
    pub formulas: Vec<FormulaPlan>,
    /// The objects that have rules.
    pub objects: BTreeMap<String, ObjectPlan>,
    /// Globals that formulas use and the org folder decides: `$permission.bypass`.
    pub globals: BTreeMap<String, StoredValue>,
    /// Record-triggered flows.
    pub flows: FlowSet,
    /// Who saves, as authors' plugins see it.
    pub user: User,
    /// Rules that cannot be known, with the object whose records they concern.
    pub unknown: Vec<(Option<String>, Unknown)>,
}

/// A formula's source, and how it is read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormulaPlan {
    /// Its text; for criteria and filters the text that they were translated to.
    pub source: String,
    /// The object whose records it reads.
    pub object: String,
    /// What it is for.
    pub usage: Usage,
    /// The type that its result must fit.
    pub result: Option<StoredType>,
}

/// What a formula is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Usage {
    /// A condition or value of a rule, or a default value.
    Rule,
    /// Conditions of metadata, written as a formula by us: no limit of length.
    Filter,
    /// A formula field with blanks as blanks.
    FieldBlank,
    /// A formula field with blanks as zeros.
    FieldZero,
    /// A flow's formula, in the words of the compiler: no limit of length.
    Flow,
}

impl FormulaPlan {
    /// How it is compiled.
    pub fn options(&self) -> Options {
        let (context, blanks) = match self.usage {
            Usage::Rule | Usage::Filter => (Context::Rule, Blanks::AsBlank),
            Usage::FieldBlank => (Context::FormulaField, Blanks::AsBlank),
            Usage::FieldZero => (Context::FormulaField, Blanks::AsZero),
            Usage::Flow => (Context::Flow, Blanks::AsBlank),
        };
        let mut options = Options::new(context, blanks);
        if matches!(self.usage, Usage::Filter | Usage::Flow) {
            options.source_chars_max = usize::MAX;
        }
        options.result = self.result.map(|given| given.0);
        options
    }
}

/// What decides a question about a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Decision {
    /// Yes, for every record.
    Always,
    /// This formula.
    Formula(usize),
    /// Not known, and why.
    Unknown(String),
}

/// The rules of one object.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ObjectPlan {
    /// Validation rules, in the order of their names.
    pub validation: Vec<ValidationPlan>,
    /// How the validation rules are decided for many records at once.
    pub batch: Option<BatchPlan>,
    /// Required lookup filters.
    pub lookup_filters: Vec<LookupPlan>,
    /// Duplicate rules, in their order.
    pub duplicates: Vec<DuplicatePlan>,
    /// Workflow rules, in the order of their names.
    pub workflow: Vec<WorkflowPlan>,
    /// Formula fields.
    pub formula_fields: BTreeMap<String, FieldPlan>,
    /// Fields whose default is a formula.
    pub defaults: BTreeMap<String, FieldPlan>,
    /// Paths of formulas over this object that end at a formula field.
    pub computed: BTreeMap<String, ComputedPlan>,
    /// The types of all paths of formulas over this object.
    pub types: BTreeMap<String, StoredType>,
}

/// A validation rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ValidationPlan {
    /// Its name.
    pub rule: RuleName,
    /// Line of its formula in the file.
    pub line: u32,
    /// True refuses the record.
    pub condition: Decision,
    /// The message.
    pub message: String,
    /// The field that the message stands at.
    pub field: Option<String>,
}

/// The validation rules of an object as one function over flat records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchPlan {
    /// The function's export.
    pub export: String,
    /// What it reads of a record, and where.
    pub layout: Layout,
    /// For each condition the place of its rule in [`ObjectPlan::validation`].
    pub rules: Vec<usize>,
}

/// A required lookup filter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LookupPlan {
    /// Its name: object and lookup field.
    pub rule: RuleName,
    /// Line of the filter in the file.
    pub line: u32,
    /// API name of the lookup field.
    pub lookup: String,
    /// Anything but true refuses the record.
    pub filter: Decision,
    /// The message.
    pub message: String,
}

/// A duplicate rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DuplicatePlan {
    /// Its name.
    pub rule: RuleName,
    /// Its place among the org's duplicate rules.
    pub index: usize,
    /// Whether it concerns a record.
    pub filter: Decision,
}

/// When a workflow rule is evaluated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trigger {
    /// When a record is created.
    Create,
    /// On every save.
    EverySave,
    /// When a record is created, and when a change makes the condition true.
    CreateOrTurnsTrue,
}

/// A workflow rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkflowPlan {
    /// Its name.
    pub rule: RuleName,
    /// When it is evaluated.
    pub trigger: Trigger,
    /// Whether it fires.
    pub condition: Decision,
    /// Its field updates, in order.
    pub updates: Vec<UpdatePlan>,
}

/// A field update.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpdatePlan {
    /// Its name.
    pub rule: RuleName,
    /// API name of the field.
    pub field: String,
    /// The parent whose field it is; the record itself when there is none.
    pub parent: Option<ParentPlan>,
    /// What the field becomes.
    pub value: UpdatePlanValue,
    /// Whether workflow rules are evaluated again when the field changes.
    pub reevaluate: bool,
}

/// A parent record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParentPlan {
    /// API name of its object.
    pub object: String,
    /// API name of the lookup that leads to it.
    pub lookup: String,
}

/// What a field update gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UpdatePlanValue {
    /// What a formula gives.
    Formula(usize),
    /// Always this.
    Constant(StoredValue),
    /// The id of the one record of an object whose field has this value.
    Find {
        /// API name of the object.
        object: String,
        /// The field.
        field: String,
        /// Its value.
        value: String,
    },
    /// The picklist value so many steps further.
    Step {
        /// 1 or -1.
        by: i8,
        /// Active values, in order.
        values: Vec<String>,
    },
    /// Not known, and why.
    Unknown(String),
}

/// A field with a formula.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldPlan {
    /// Its name: object and field.
    pub rule: RuleName,
    /// What gives its value.
    pub value: Decision,
}

/// Where a path that ends at a formula field leads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComputedPlan {
    /// The object that has the formula field, lower-cased.
    pub object: String,
    /// The formula field, lower-cased.
    pub field: String,
    /// How the object is reached, when it is another record.
    pub through: Option<Through>,
}

/// The way to another record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Through {
    /// The relationships with their points: `Account.Parent.`.
    pub prefix: String,
    /// The path of the last lookup: `Account.ParentId`.
    pub lookup: String,
}

impl Plan {
    /// An object's rules.
    pub fn object(&self, object: &str) -> Option<&ObjectPlan> {
        self.objects.get(&object.to_ascii_lowercase())
    }

    /// The rules that cannot be known and concern an object's records, or records of nobody knows which object.
    pub fn unknown_of<'p>(&'p self, object: &'p str) -> impl Iterator<Item = &'p Unknown> {
        let concerns =
            |of: &Option<String>| of.as_deref().is_none_or(|name| name.eq_ignore_ascii_case(object));
        self.unknown.iter().filter(move |(of, _)| concerns(of)).map(|(_, unknown)| unknown)
    }
}

/// The paths that an object's formulas use, as the schema to compile them again.
impl Schema for ObjectPlan {
    fn field(&self, path: &str) -> Option<Type> {
        let known = self.types.get(&path.to_ascii_lowercase()).map(|given| given.0);
        known.or_else(|| global(path))
    }
}
