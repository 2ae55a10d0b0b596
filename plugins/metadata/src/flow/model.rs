//! The model of a flow: when it starts, its values and its conditions. Elements and resources have their own files.

use serde::{Deserialize, Serialize};

use super::element::Element;
use super::resource::Resource;

/// An active flow: record-triggered when it has a trigger, else one that other flows call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flow {
    /// API name, from the file's name.
    pub name: String,
    /// `label`: Salesforce's messages name the flow by it.
    pub label: String,
    /// Path relative to the org folder.
    pub file: String,
    /// Whole number of `apiVersion`; 0 when the file does not say.
    pub api_version: u32,
    /// When it starts by itself; none when only other flows start it.
    pub trigger: Option<Trigger>,
    /// Name of its first element; none when it does nothing at once.
    pub start: Option<String>,
    /// Its elements, in the order of the file.
    pub elements: Vec<Element>,
    /// Its variables, constants, formulas and so on.
    pub resources: Vec<Resource>,
}

impl Flow {
    /// API name of the object whose records start it.
    pub fn object(&self) -> Option<&str> {
        self.trigger.as_ref().map(|trigger| trigger.object.as_str())
    }

    /// The element of a name, in any case.
    pub fn element(&self, name: &str) -> Option<&Element> {
        self.elements.iter().find(|element| element.name.eq_ignore_ascii_case(name))
    }

    /// The resource of a name, in any case.
    pub fn resource(&self, name: &str) -> Option<&Resource> {
        self.resources.iter().find(|resource| resource.name.eq_ignore_ascii_case(name))
    }
}

/// When a record starts a flow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trigger {
    /// API name of the object.
    pub object: String,
    /// At which step of the save (reference §4).
    pub phase: Phase,
    /// Starts when a record is created.
    pub on_create: bool,
    /// Starts when a record is changed.
    pub on_update: bool,
    /// Which records start it.
    pub criteria: Criteria,
    /// `doesRequireRecordChangedToMeetCriteria`: a changed record starts it only when it did not meet the criteria before.
    pub only_when_changed_to_meet: bool,
    /// `triggerOrder`, 1 to 2000.
    pub order: Option<u32>,
    /// Paths that run after the save is committed. They cannot fail it.
    pub scheduled_paths: Vec<ScheduledPath>,
    /// Line of `<start>`.
    pub line: u32,
}

/// At which step of a save a flow runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Phase {
    /// Before the record is stored.
    BeforeSave,
    /// After it is stored, not committed.
    AfterSave,
    /// Before it is deleted.
    BeforeDelete,
}

/// Which records start a flow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Criteria {
    /// All.
    All,
    /// Those for which the conditions hold; they name fields of the record as `$Record.Type`.
    Conditions(Conditions),
    /// `filterFormula`, with the line on which its text begins.
    Formula(String, u32),
}

/// A path that runs after commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScheduledPath {
    /// API name; empty for the asynchronous path, which has none.
    pub name: String,
    /// Name of its first element.
    pub next: Option<String>,
}

/// Conditions and how they are joined.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Conditions {
    /// `and`, `or` or `1 AND (2 OR 3)`.
    pub logic: String,
    /// Numbered from 1.
    pub items: Vec<Condition>,
}

/// One condition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Condition {
    /// What is compared: a reference (`$Record.Type`, `Get_Account.Name`), or for records that are looked up a field.
    pub left: String,
    /// As metadata writes it: `EqualTo`, `IsNull`, `IsChanged`.
    pub operator: String,
    /// What it is compared with; none when it is left empty, which means null.
    pub right: Option<FlowValue>,
    /// Line of the condition.
    pub line: u32,
}

/// A value as a flow writes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum FlowValue {
    /// `stringValue`; may hold merge fields, `{!Name}`.
    Text(String),
    /// `numberValue`, in decimal digits.
    Number(String),
    /// `booleanValue`.
    Boolean(bool),
    /// `dateValue`, `2004-12-31`.
    Date(String),
    /// `dateTimeValue`, `2004-12-31T23:59:59.000Z`.
    DateTime(String),
    /// `timeValue`, `23:59:59.000Z`.
    Time(String),
    /// `elementReference`: `$Record.Name`, a variable, an element's output.
    Reference(String),
    /// A kind of value that is not understood, by its name in the file.
    Other(String),
}
