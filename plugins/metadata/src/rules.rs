//! The model of an org's rules: what may refuse or change a record on save, as its metadata says it.
//!
//! Only active rules are here. They are not judged: the engine compiles their formulas and runs them.

use crate::flow::Flow;
use crate::ids;

/// All active rules of an org.
#[derive(Debug, Clone, Default)]
pub struct RuleSet {
    /// Validation rules.
    pub validation: Vec<ValidationRule>,
    /// Required lookup filters.
    pub lookup_filters: Vec<LookupFilter>,
    /// Workflow rules, those without a field update included.
    pub workflow: Vec<WorkflowRule>,
    /// Record-triggered flows.
    pub flows: Vec<Flow>,
    /// Duplicate rules, by object and `sort_order`.
    pub duplicates: Vec<DuplicateRule>,
    /// Matching rules that the duplicate rules name.
    pub matching: Vec<MatchingRule>,
    /// Record types.
    pub record_types: Vec<RecordType>,
    /// Records of custom metadata types, for `$CustomMetadata`.
    pub custom_metadata: Vec<CustomMetadataRecord>,
    /// Custom labels, for `$Label`: API name and text.
    pub labels: Vec<(String, String)>,
    /// Roll-up summary fields.
    pub roll_ups: Vec<RollUp>,
    /// What may refuse or change a record but cannot be known from metadata, or not by us: Apex triggers, processes, cross-object actions.
    pub unknown: Vec<UnknownRule>,
}

impl RuleSet {
    /// What the roll-up summary `field` of `object` sums up; case is ignored.
    pub fn roll_up(&self, object: &str, field: &str) -> Option<&RollUp> {
        self.roll_ups.iter().find(|roll_up| {
            roll_up.object.eq_ignore_ascii_case(object) && roll_up.field.eq_ignore_ascii_case(field)
        })
    }

    /// The record type of `object` with this developer name, or with this id in 15 or 18 characters.
    pub fn record_type(&self, object: &str, id_or_name: &str) -> Option<&RecordType> {
        let mut own = self.record_types.iter().filter(|found| found.object.eq_ignore_ascii_case(object));
        own.find(|found| found.name.eq_ignore_ascii_case(id_or_name) || ids::same(&found.id(), id_or_name))
    }
}

/// Where a rule stands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Place {
    /// Path relative to the org folder.
    pub file: String,
    /// Line of its formula or first element, from 1.
    pub line: u32,
}

/// A validation rule: a condition that refuses a record when it is true.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValidationRule {
    /// API name of its object.
    pub object: String,
    /// API name, without the object.
    pub name: String,
    /// `errorConditionFormula`.
    pub condition: String,
    /// `errorMessage`.
    pub message: String,
    /// `errorDisplayField`: API name of the field the message stands at.
    pub field: Option<String>,
    /// Where it stands; the line is that of the formula.
    pub place: Place,
}

/// One condition of a filter: a lookup filter's or duplicate rule's item, a workflow rule's criterion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilterItem {
    /// The field, as metadata writes it: `Contact.Active__c`, `Account.Owner.Profile.Name`, `$Source.Type`. Those of
    /// duplicate rules are written in the same way: `Contact.Email`; `$User.X` for `User` as the table.
    pub field: String,
    /// `equals`, `notEqual`, `lessThan`, `greaterThan`, `lessOrEqual`, `greaterOrEqual`, `contains`, `notContain`, `startsWith`, `includes`, `excludes`, `within`.
    pub operation: String,
    /// `value`: for `equals` a comma means any of.
    pub value: Option<String>,
    /// `valueField`: compare with this field.
    pub value_field: Option<String>,
}

/// Conditions and how they are joined: `1 AND (2 OR 3)`; all must hold when there is none.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    /// The conditions, numbered from 1.
    pub items: Vec<FilterItem>,
    /// `booleanFilter`.
    pub logic: Option<String>,
}

/// A required lookup filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LookupFilter {
    /// Object that has the lookup.
    pub object: String,
    /// The lookup field.
    pub field: String,
    /// What the looked-up record must satisfy. `$Source.X` is a field of the record that has the lookup.
    pub filter: Filter,
    /// `errorMessage`; without one Salesforce says `Value does not exist or does not match filter criteria.`
    pub message: Option<String>,
    /// Where it stands.
    pub place: Place,
}

/// When a workflow rule is evaluated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WorkflowTrigger {
    /// `onCreateOnly`.
    Create,
    /// `onAllChanges`: on every save.
    EverySave,
    /// `onCreateOrTriggeringUpdate`: on create, and when an update makes its condition true.
    CreateOrTurnsTrue,
}

/// What makes a workflow rule fire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WorkflowCondition {
    /// `formula`.
    Formula(String),
    /// `criteriaItems` with `booleanFilter`.
    Criteria(Filter),
}

/// A workflow rule with its field updates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkflowRule {
    /// API name of its object.
    pub object: String,
    /// `fullName`, without the object.
    pub name: String,
    /// When it is evaluated.
    pub trigger: WorkflowTrigger,
    /// What makes it fire.
    pub condition: WorkflowCondition,
    /// Its immediate field updates, in order.
    pub updates: Vec<FieldUpdate>,
    /// Its other immediate actions (alerts, tasks, outbound messages), by kind and name: they refuse nothing and change no field.
    pub other_actions: Vec<String>,
    /// Where it stands.
    pub place: Place,
}

/// A workflow's field update.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldUpdate {
    /// `fullName`.
    pub name: String,
    /// The field.
    pub field: String,
    /// `targetObject`: the lookup of the parent whose field is updated; the record itself when there is none.
    pub target: Option<String>,
    /// What it becomes.
    pub value: UpdateValue,
    /// `reevaluateOnChange`.
    pub reevaluate: bool,
    /// Where it stands.
    pub place: Place,
}

/// What a field update gives a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UpdateValue {
    /// `Formula`.
    Formula(String),
    /// `Literal`.
    Literal(String),
    /// `LookupValue`: a record by name (a user, queue or record type); `lookupValue` and its type.
    Lookup(String, Option<String>),
    /// `Null`.
    Null,
    /// `NextValue` and `PreviousValue` of a picklist.
    Step(i8),
}

/// What happens when a duplicate rule matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DuplicateAction {
    /// Saved, perhaps with an alert (see [`DuplicateRule::alerts`]).
    Allow,
    /// Refused.
    Block,
}

/// A duplicate rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DuplicateRule {
    /// API name of its object.
    pub object: String,
    /// API name, without the object.
    pub name: String,
    /// `actionOnInsert`.
    pub on_insert: DuplicateAction,
    /// `actionOnUpdate`.
    pub on_update: DuplicateAction,
    /// `operationsOnInsert` has `Alert`: an API save without `allowSave` is refused too.
    pub alert_on_insert: bool,
    /// `operationsOnUpdate` has `Alert`.
    pub alert_on_update: bool,
    /// `alertText`.
    pub alert_text: Option<String>,
    /// Which records it concerns.
    pub filter: Filter,
    /// `matchRuleSObjectType`, matching rule's name, and fields of the record paired with fields of the other object.
    pub matches: Vec<DuplicateMatch>,
    /// `sortOrder`.
    pub sort_order: i64,
    /// Where it stands.
    pub place: Place,
}

/// One object that a duplicate rule compares with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DuplicateMatch {
    /// The object whose records are compared.
    pub object: String,
    /// The matching rule's name.
    pub rule: String,
    /// `mappingFields`: input field, output field. Empty when the object is the record's own.
    pub mapping: Vec<(String, String)>,
}

/// A matching rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatchingRule {
    /// API name of its object.
    pub object: String,
    /// API name, without the object.
    pub name: String,
    /// `booleanFilter`; all items must match when there is none.
    pub logic: Option<String>,
    /// Its items, numbered from 1.
    pub items: Vec<MatchingItem>,
    /// Where it stands.
    pub place: Place,
}

/// A field that must match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatchingItem {
    /// The field.
    pub field: String,
    /// `Exact`, or one of the fuzzy methods, which are not known.
    pub method: String,
    /// `MatchBlanks`: two blanks match; otherwise (`NullNotAllowed`) a blank matches nothing.
    pub match_blanks: bool,
}

/// A record type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordType {
    /// API name of its object.
    pub object: String,
    /// `fullName` (developer name), without the object.
    pub name: String,
    /// `label`.
    pub label: String,
    /// Values of each picklist that it offers: field, values; a picklist that is not listed offers all.
    pub picklists: Vec<(String, Vec<String>)>,
    /// Where it stands.
    pub place: Place,
}

impl RecordType {
    /// Its id, 18 characters. Metadata does not tell the real one; this one depends on object and name alone.
    pub fn id(&self) -> String {
        ids::of_name("012", &format!("{}.{}", self.object, self.name))
    }

    /// Whether it is the one that profiles name `Account.Partner`.
    pub(crate) fn is_named(&self, name: &str) -> bool {
        name.split_once('.').is_some_and(|(object, name)| {
            self.object.eq_ignore_ascii_case(object) && self.name.eq_ignore_ascii_case(name)
        })
    }
}

/// What a roll-up summary field sums up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RollUp {
    /// API name of the object that has the field.
    pub object: String,
    /// The field.
    pub field: String,
    /// How.
    pub operation: RollUpOperation,
    /// API name of the detail object whose records are summed up.
    pub child: String,
    /// The detail object's field that points to the record.
    pub foreign_key: String,
    /// The detail object's field that is summed up; none for [`RollUpOperation::Count`].
    pub summarized: Option<String>,
    /// Which detail records count. Fields are written with their object: `Item__c.Amount__c`.
    pub filter: Filter,
    /// Where it stands.
    pub place: Place,
}

/// How a roll-up summary sums up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RollUpOperation {
    /// The sum.
    Sum,
    /// How many there are.
    Count,
    /// The least.
    Min,
    /// The greatest.
    Max,
}

/// A record of a custom metadata type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomMetadataRecord {
    /// `Rule__mdt`.
    pub object: String,
    /// Its developer name.
    pub name: String,
    /// Field and stored text; none for null. `DeveloperName`, `MasterLabel` and `QualifiedApiName` are among them.
    pub values: Vec<(String, Option<String>)>,
}

/// Something that may refuse or change a record, but what it does is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownRule {
    /// What it is, as shown: `Apex trigger`, `Process Builder flow`, `duplicate rule`; an `s` makes it plural.
    pub kind: String,
    /// API name, with its object where it has one.
    pub name: String,
    /// API name of the object whose records it concerns, when that is known.
    pub object: Option<String>,
    /// Why it is not known, as the end of a sentence: `what Apex does cannot be known from metadata`.
    pub reason: String,
    /// Path relative to the org folder.
    pub file: String,
}
