//! The model of a flow's elements: what it does, step by step.

use serde::{Deserialize, Serialize};

use super::model::{Conditions, FlowValue};

/// An element.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Element {
    /// API name.
    pub name: String,
    /// Line in its file.
    pub line: u32,
    /// Name of the element behind it; none where the flow ends. Decisions and loops say it themselves.
    pub next: Option<String>,
    /// Name of the element that goes on after a fault.
    pub fault: Option<String>,
    /// What it does.
    pub kind: ElementKind,
}

/// The kinds of elements.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ElementKind {
    /// Takes the first outcome whose conditions hold, else the default.
    Decision(Vec<Outcome>),
    /// Gives variables and fields values, in order.
    Assignment(Vec<Assignment>),
    /// Goes through a collection.
    Loop(Loop),
    /// Get Records.
    Lookup(Lookup),
    /// Update Records.
    Update(Write),
    /// Create Records.
    Create(Write),
    /// Delete Records.
    Delete(Delete),
    /// Refuses the record.
    CustomError(Vec<CustomError>),
    /// Runs an action: Apex, an email, a notification.
    Action {
        /// `actionType`: `apex`, `emailAlert`, `customNotificationAction`.
        kind: String,
        /// `actionName`.
        name: String,
    },
    /// Runs another flow.
    Subflow(Subflow),
    /// An element, or a way to use one, that is not understood, by its name in the file: `screens`, `transforms`.
    Other(String),
}

/// An outcome of a decision. A decision's default path is its [`Element::next`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// API name; it is a resource, too: whether the outcome was taken.
    pub name: String,
    /// When it is taken.
    pub conditions: Conditions,
    /// Taken only when the triggering record did not meet the conditions before its change.
    pub only_when_changed_to_meet: bool,
    /// Name of the element behind it.
    pub next: Option<String>,
}

/// One line of an assignment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assignment {
    /// A variable, or a field of a record.
    pub to: String,
    /// `Assign`, `Add`, `AddItem`, `AssignCount`, ...
    pub operator: String,
    /// The value; none means null.
    pub value: Option<FlowValue>,
    /// Its line.
    pub line: u32,
}

/// A loop. Behind its last item follows [`Element::next`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Loop {
    /// The collection.
    pub collection: String,
    /// From the last item to the first.
    pub descending: bool,
    /// A variable that takes the current item; without it the loop's name is the item.
    pub item: Option<String>,
    /// Name of the element that runs for each item.
    pub body: Option<String>,
}

/// Get Records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lookup {
    /// API name of the object.
    pub object: String,
    /// Which records; [`super::Condition::left`] is a field of the object.
    pub conditions: Conditions,
    /// Only the first record.
    pub first_only: bool,
    /// The output is set to null when there is no record, else it stays.
    pub null_when_none: bool,
    /// Sorted by this field, descending when true.
    pub order: Option<(String, bool)>,
    /// At most so many.
    pub limit: Option<u32>,
    /// Where the records go.
    pub output: Output,
}

/// Where records go that were looked up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Output {
    /// The element's name is the output.
    Own,
    /// A record variable or collection.
    Variable(String),
    /// Each of these fields of the first record to a variable.
    Fields(Vec<(String, String)>),
}

/// Update Records or Create Records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Write {
    /// A record or a collection of records; none when object and conditions say which.
    pub input: Option<String>,
    /// API name of the object.
    pub object: Option<String>,
    /// Which records are updated.
    pub conditions: Conditions,
    /// Their new values.
    pub values: Vec<FieldValue>,
    /// A variable that takes the id of a created record.
    pub id_to: Option<String>,
}

/// Delete Records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delete {
    /// A record or a collection of records; none when object and conditions say which.
    pub input: Option<String>,
    /// API name of the object.
    pub object: Option<String>,
    /// Which records.
    pub conditions: Conditions,
}

/// A field's value, or a subflow's input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldValue {
    /// API name of the field, or of the subflow's variable.
    pub field: String,
    /// The value; none means null.
    pub value: Option<FlowValue>,
}

/// A message of a custom error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomError {
    /// The message; may hold merge fields.
    pub message: String,
    /// The field it stands at; none when it stands on the page.
    pub field: Option<String>,
}

/// A call of another flow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subflow {
    /// API name of the flow.
    pub flow: String,
    /// Its inputs.
    pub inputs: Vec<FieldValue>,
    /// Its variables that are assigned to ours: from, to.
    pub outputs: Vec<(String, String)>,
}
