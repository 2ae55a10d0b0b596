//! Reads the elements of a flow.

use super::element::{
    Assignment, CustomError, Delete, Element, ElementKind, FieldValue, Lookup, Loop, Outcome, Output,
    Subflow, Write,
};
use super::model::Conditions;
use super::read::{conditions, connector, value};
use crate::error::OrgError;
use crate::xml;

type Read = fn(xml::Element<'_>) -> Result<ElementKind, OrgError>;

/// The elements that are understood.
const KINDS: [(&str, Read); 10] = [
    ("decisions", decision),
    ("assignments", assignment),
    ("loops", a_loop),
    ("recordLookups", lookup),
    ("recordUpdates", update),
    ("recordCreates", create),
    ("recordDeletes", delete),
    ("customErrors", custom_error),
    ("actionCalls", action),
    ("subflows", subflow),
];

/// The elements that are not.
const OTHERS: [&str; 9] = [
    "apexPluginCalls",
    "collectionProcessors",
    "experiments",
    "orchestratedStages",
    "recordRollbacks",
    "screens",
    "steps",
    "transforms",
    "waits",
];

/// Ways to use an element that change what it does and are not understood.
const UNKNOWN_USES: [(&str, &str); 4] = [
    ("recordCreates", "operationMultMatchingRecords"),
    ("recordCreates", "operationOneMatchingRecord"),
    ("recordCreates", "operationZeroMatchingRecords"),
    ("recordLookups", "relatedRecords"),
];

/// All elements of a flow.
pub(super) fn elements(root: xml::Element<'_>) -> Result<Vec<Element>, OrgError> {
    let mut found = Vec::new();
    for (name, read) in KINDS {
        for element in root.children(name) {
            let unknown = UNKNOWN_USES.iter().find(|(of, used)| *of == name && element.child(used).is_some());
            let kind = match unknown {
                Some((_, used)) => ElementKind::Other((*used).to_string()),
                None => read(element)?,
            };
            found.push(self::element(element, kind));
        }
    }
    for name in OTHERS {
        let other = |element| self::element(element, ElementKind::Other(name.to_string()));
        found.extend(root.children(name).map(other));
    }
    Ok(found)
}

fn element(element: xml::Element<'_>, kind: ElementKind) -> Element {
    let next = match &kind {
        ElementKind::Decision(_) => "defaultConnector",
        ElementKind::Loop(_) => "noMoreValuesConnector",
        _ => "connector",
    };
    Element {
        name: element.text("name").unwrap_or_default(),
        line: element.line(),
        next: connector(element, next),
        fault: connector(element, "faultConnector"),
        kind,
    }
}

fn decision(element: xml::Element<'_>) -> Result<ElementKind, OrgError> {
    let outcomes = element.children("rules").map(|rule| {
        Ok(Outcome {
            name: rule.text("name").unwrap_or_default(),
            conditions: conditions(rule, "conditionLogic", "conditions", "leftValueReference", "rightValue")?,
            only_when_changed_to_meet: rule.flag("doesRequireRecordChangedToMeetCriteria")?.unwrap_or(false),
            next: connector(rule, "connector"),
        })
    });
    Ok(ElementKind::Decision(outcomes.collect::<Result<_, OrgError>>()?))
}

fn assignment(element: xml::Element<'_>) -> Result<ElementKind, OrgError> {
    let items = element.children("assignmentItems").map(|item| {
        Ok(Assignment {
            to: item.text("assignToReference").unwrap_or_default(),
            operator: item.text("operator").unwrap_or_else(|| "Assign".to_string()),
            value: value(item, "value")?,
            line: item.line(),
        })
    });
    Ok(ElementKind::Assignment(items.collect::<Result<_, OrgError>>()?))
}

fn a_loop(element: xml::Element<'_>) -> Result<ElementKind, OrgError> {
    Ok(ElementKind::Loop(Loop {
        collection: element.text("collectionReference").unwrap_or_default(),
        descending: element.text("iterationOrder").as_deref() == Some("Desc"),
        item: element.text("assignNextValueToReference"),
        body: connector(element, "nextValueConnector"),
    }))
}

fn filters(element: xml::Element<'_>) -> Result<Conditions, OrgError> {
    conditions(element, "filterLogic", "filters", "field", "value")
}

fn lookup(element: xml::Element<'_>) -> Result<ElementKind, OrgError> {
    let variable = element.text("outputReference");
    let fields = element.children("outputAssignments").map(|output| {
        let text = |name| output.text(name).unwrap_or_default();
        (text("field"), text("assignToReference"))
    });
    let output = match variable {
        _ if element.flag("storeOutputAutomatically")?.unwrap_or(false) => Output::Own,
        Some(variable) => Output::Variable(variable),
        None => Output::Fields(fields.collect()),
    };
    let to_variable = matches!(output, Output::Variable(_));
    let descending = element.text("sortOrder").as_deref() == Some("Desc");
    Ok(ElementKind::Lookup(Lookup {
        object: element.text("object").unwrap_or_default(),
        conditions: filters(element)?,
        first_only: element.flag("getFirstRecordOnly")?.unwrap_or(!to_variable),
        null_when_none: element.flag("assignNullValuesIfNoRecordsFound")?.unwrap_or(false),
        order: element.text("sortField").map(|field| (field, descending)),
        limit: element.number("limit")?,
        output,
    }))
}

fn field_values(element: xml::Element<'_>, name: &str) -> Result<Vec<FieldValue>, OrgError> {
    let read = |item: xml::Element<'_>| {
        Ok(FieldValue { field: item.text(name).unwrap_or_default(), value: value(item, "value")? })
    };
    element.children("inputAssignments").map(read).collect()
}

fn write(element: xml::Element<'_>) -> Result<Write, OrgError> {
    Ok(Write {
        input: element.text("inputReference"),
        object: element.text("object"),
        conditions: filters(element)?,
        values: field_values(element, "field")?,
        id_to: element.text("assignRecordIdToReference"),
    })
}

fn update(element: xml::Element<'_>) -> Result<ElementKind, OrgError> {
    write(element).map(ElementKind::Update)
}

fn create(element: xml::Element<'_>) -> Result<ElementKind, OrgError> {
    write(element).map(ElementKind::Create)
}

fn delete(element: xml::Element<'_>) -> Result<ElementKind, OrgError> {
    Ok(ElementKind::Delete(Delete {
        input: element.text("inputReference"),
        object: element.text("object"),
        conditions: filters(element)?,
    }))
}

fn custom_error(element: xml::Element<'_>) -> Result<ElementKind, OrgError> {
    let messages = element.children("customErrorMessages").map(|message| {
        let at_field = message.flag("isFieldError")?.unwrap_or(false);
        Ok(CustomError {
            message: message.text("errorMessage").unwrap_or_default(),
            field: message.text("fieldSelection").filter(|_| at_field),
        })
    });
    Ok(ElementKind::CustomError(messages.collect::<Result<_, OrgError>>()?))
}

fn action(element: xml::Element<'_>) -> Result<ElementKind, OrgError> {
    let text = |name| element.text(name).unwrap_or_default();
    Ok(ElementKind::Action { kind: text("actionType"), name: text("actionName") })
}

fn subflow(element: xml::Element<'_>) -> Result<ElementKind, OrgError> {
    let outputs = element.children("outputAssignments").map(|output| {
        let text = |name| output.text(name).unwrap_or_default();
        (text("name"), text("assignToReference"))
    });
    Ok(ElementKind::Subflow(Subflow {
        flow: element.text("flowName").unwrap_or_default(),
        inputs: field_values(element, "name")?,
        outputs: outputs.collect(),
    }))
}
