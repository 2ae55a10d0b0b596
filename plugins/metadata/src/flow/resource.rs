//! The model of a flow's resources and how they are read: variables, constants, formulas, text templates, choices.

use serde::{Deserialize, Serialize};

use super::model::FlowValue;
use super::read::value;
use crate::error::OrgError;
use crate::xml::Element;

/// A resource.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resource {
    /// API name.
    pub name: String,
    /// Line in its file; for a formula the line of its expression.
    pub line: u32,
    /// The type of its value.
    pub data_type: DataType,
    /// What it is.
    pub kind: ResourceKind,
}

/// The kinds of resources.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ResourceKind {
    /// A variable.
    Variable {
        /// It holds many values.
        collection: bool,
        /// Its value at first.
        value: Option<FlowValue>,
    },
    /// A value that never changes; a choice, too.
    Constant(Option<FlowValue>),
    /// A formula's text.
    Formula(String),
    /// A text with merge fields.
    Template(String),
    /// A resource that is not understood, by its name in the file: `stages`, `dynamicChoiceSets`.
    Other(String),
}

/// The type of a resource's value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum DataType {
    /// `String`.
    Text,
    /// `Number` and `Currency`.
    Number,
    /// `Boolean`.
    Boolean,
    /// `Date`.
    Date,
    /// `DateTime`.
    DateTime,
    /// `Time`.
    Time,
    /// `Picklist`.
    Picklist,
    /// `Multipicklist`.
    MultiPicklist,
    /// `SObject` with the API name of its object.
    Record(String),
    /// Another type, as written: `Apex`.
    Other(String),
}

/// Resources that are not understood.
const OTHERS: [&str; 2] = ["stages", "dynamicChoiceSets"];

/// All resources of a flow.
pub(super) fn resources(root: Element<'_>) -> Result<Vec<Resource>, OrgError> {
    let mut found = Vec::new();
    for element in root.children("variables") {
        let collection = element.flag("isCollection")?.unwrap_or(false);
        let kind = ResourceKind::Variable { collection, value: value(element, "value")? };
        found.push(resource(element, kind));
    }
    for element in root.children("constants").chain(root.children("choices")) {
        found.push(resource(element, ResourceKind::Constant(value(element, "value")?)));
    }
    for element in root.children("formulas") {
        let kind = ResourceKind::Formula(element.text("expression").unwrap_or_default());
        let line = element.child("expression").map_or(element.line(), |expression| expression.text_line());
        found.push(Resource { line, ..resource(element, kind) });
    }
    for element in root.children("textTemplates") {
        let kind = ResourceKind::Template(element.text("text").unwrap_or_default());
        found.push(Resource { data_type: DataType::Text, ..resource(element, kind) });
    }
    for other in OTHERS {
        found.extend(
            root.children(other).map(|element| resource(element, ResourceKind::Other(other.to_string()))),
        );
    }
    Ok(found)
}

fn resource(element: Element<'_>, kind: ResourceKind) -> Resource {
    let name = element.text("name").unwrap_or_default();
    Resource { name, line: element.line(), data_type: data_type(element), kind }
}

fn data_type(element: Element<'_>) -> DataType {
    match element.text("dataType").as_deref() {
        None | Some("String") => DataType::Text,
        Some("Number" | "Currency") => DataType::Number,
        Some("Boolean") => DataType::Boolean,
        Some("Date") => DataType::Date,
        Some("DateTime") => DataType::DateTime,
        Some("Time") => DataType::Time,
        Some("Picklist") => DataType::Picklist,
        Some("Multipicklist") => DataType::MultiPicklist,
        Some("SObject") => DataType::Record(element.text("objectType").unwrap_or_default()),
        Some(other) => DataType::Other(other.to_string()),
    }
}
