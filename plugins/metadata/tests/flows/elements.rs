//! Every kind of element.

use metadata::flow::{
    Assignment, Condition, Conditions, CustomError, Delete, ElementKind, FieldValue, FlowValue, Lookup, Loop,
    Outcome, Output, Subflow, Write,
};

use crate::flow;

/// An element's kind, where it leads, and where after a fault.
fn check(element: &str, inner: &str, next: Option<&str>, expected: ElementKind) {
    let body = format!(
        "<{element}><name>E</name>{inner}
        <faultConnector><targetReference>Oops</targetReference></faultConnector></{element}>"
    );
    let mut elements = flow(&format!("<label>x</label>\n{body}")).elements;
    assert_eq!(elements.len(), 1);
    let found = elements.remove(0);
    assert_eq!((found.name.as_str(), found.line), ("E", 3));
    assert_eq!((found.next.as_deref(), found.fault.as_deref()), (next, Some("Oops")), "{element}");
    assert_eq!(found.kind, expected);
}

const NEXT: &str = "<connector><targetReference>Next</targetReference></connector>";

fn text(value: &str) -> Option<FlowValue> {
    Some(FlowValue::Text(value.to_owned()))
}

fn reference(value: &str) -> Option<FlowValue> {
    Some(FlowValue::Reference(value.to_owned()))
}

fn filter(line: u32) -> Conditions {
    let items = vec![Condition {
        left: "Name".to_owned(),
        operator: "EqualTo".to_owned(),
        right: reference("$Record.Name"),
        line,
    }];
    Conditions { logic: "and".to_owned(), items }
}

const FILTER: &str = "<filters><field>Name</field><operator>EqualTo</operator>\
    <value><elementReference>$Record.Name</elementReference></value></filters>";

#[test]
fn decisions() {
    let inner = "<defaultConnector><targetReference>Other</targetReference></defaultConnector>
        <rules><name>Yes</name><conditionLogic>or</conditionLogic>
          <conditions><leftValueReference>$Record.Tier__c</leftValueReference><operator>IsNull</operator>
            <rightValue><booleanValue>true</booleanValue></rightValue></conditions>
          <doesRequireRecordChangedToMeetCriteria>true</doesRequireRecordChangedToMeetCriteria>
          <connector><targetReference>Stop</targetReference></connector></rules>
        <rules><name>No</name></rules>";
    let condition = Condition {
        left: "$Record.Tier__c".to_owned(),
        operator: "IsNull".to_owned(),
        right: Some(FlowValue::Boolean(true)),
        line: 5,
    };
    let yes = Outcome {
        name: "Yes".to_owned(),
        conditions: Conditions { logic: "or".to_owned(), items: vec![condition] },
        only_when_changed_to_meet: true,
        next: Some("Stop".to_owned()),
    };
    let no = Outcome {
        name: "No".to_owned(),
        conditions: Conditions { logic: "and".to_owned(), items: Vec::new() },
        only_when_changed_to_meet: false,
        next: None,
    };
    check("decisions", inner, Some("Other"), ElementKind::Decision(vec![yes, no]));
}

#[test]
fn assignments_and_loops() {
    let inner = format!(
        "{NEXT}<assignmentItems><assignToReference>$Record.Rating</assignToReference><operator>Assign</operator>\
        <value><stringValue>Hot</stringValue></value></assignmentItems>
        <assignmentItems><assignToReference>vCount</assignToReference><operator>AssignCount</operator></assignmentItems>"
    );
    let item = |to: &str, operator: &str, value, line| Assignment {
        to: to.to_owned(),
        operator: operator.to_owned(),
        value,
        line,
    };
    let items =
        vec![item("$Record.Rating", "Assign", text("Hot"), 3), item("vCount", "AssignCount", None, 4)];
    check("assignments", &inner, Some("Next"), ElementKind::Assignment(items));
    let inner = "<collectionReference>Get_All</collectionReference><iterationOrder>Desc</iterationOrder>
        <assignNextValueToReference>vItem</assignNextValueToReference>
        <nextValueConnector><targetReference>Body</targetReference></nextValueConnector>
        <noMoreValuesConnector><targetReference>Behind</targetReference></noMoreValuesConnector>";
    let each = Loop {
        collection: "Get_All".to_owned(),
        descending: true,
        item: Some("vItem".to_owned()),
        body: Some("Body".to_owned()),
    };
    check("loops", inner, Some("Behind"), ElementKind::Loop(each));
}

#[test]
fn lookups() {
    let lookup = |first_only, output| Lookup {
        object: "Account".to_owned(),
        conditions: filter(3),
        first_only,
        null_when_none: true,
        order: Some(("CreatedDate".to_owned(), true)),
        limit: Some(5),
        output,
    };
    let inner = |output: &str| {
        format!(
            "{FILTER}<object>Account</object><assignNullValuesIfNoRecordsFound>true</assignNullValuesIfNoRecordsFound>
            <sortField>CreatedDate</sortField><sortOrder>Desc</sortOrder><limit>5</limit>{NEXT}{output}"
        )
    };
    let own = "<getFirstRecordOnly>false</getFirstRecordOnly><storeOutputAutomatically>true</storeOutputAutomatically>";
    check("recordLookups", &inner(own), Some("Next"), ElementKind::Lookup(lookup(false, Output::Own)));
    let variable = "<outputReference>vAccount</outputReference>";
    let expected = lookup(false, Output::Variable("vAccount".to_owned()));
    check("recordLookups", &inner(variable), Some("Next"), ElementKind::Lookup(expected));
    let fields = "<outputAssignments><assignToReference>vName</assignToReference><field>Name</field></outputAssignments>";
    let expected = lookup(true, Output::Fields(vec![("Name".to_owned(), "vName".to_owned())]));
    check("recordLookups", &inner(fields), Some("Next"), ElementKind::Lookup(expected));
}

#[test]
fn writes() {
    let values = "<inputAssignments><field>Rating</field><value><stringValue>Hot</stringValue></value></inputAssignments>
        <inputAssignments><field>Site</field></inputAssignments>";
    let value = |field: &str, value| FieldValue { field: field.to_owned(), value };
    let none = Conditions { logic: "and".to_owned(), items: Vec::new() };
    let mut expected = Write {
        input: Some("$Record".to_owned()),
        object: None,
        conditions: none.clone(),
        values: vec![value("Rating", text("Hot")), value("Site", None)],
        id_to: None,
    };
    let inner = format!("<inputReference>$Record</inputReference>{values}");
    check("recordUpdates", &inner, None, ElementKind::Update(expected.clone()));
    expected.input = None;
    expected.object = Some("Account".to_owned());
    expected.id_to = Some("vId".to_owned());
    let inner = format!(
        "{values}<object>Account</object><assignRecordIdToReference>vId</assignRecordIdToReference>{NEXT}"
    );
    check("recordCreates", &inner, Some("Next"), ElementKind::Create(expected));
    let inner = format!("<object>Account</object>{FILTER}");
    let expected = Delete { input: None, object: Some("Account".to_owned()), conditions: filter(3) };
    check("recordDeletes", &inner, None, ElementKind::Delete(expected));
}

#[test]
fn errors_actions_and_calls() {
    let inner = "<customErrorMessages><errorMessage>Tier is needed.</errorMessage><fieldSelection>Tier__c</fieldSelection>\
        <isFieldError>true</isFieldError></customErrorMessages>
        <customErrorMessages><errorMessage>No.</errorMessage><isFieldError>false</isFieldError></customErrorMessages>";
    let message = |message: &str, field: Option<&str>| CustomError {
        message: message.to_owned(),
        field: field.map(str::to_owned),
    };
    let expected = vec![message("Tier is needed.", Some("Tier__c")), message("No.", None)];
    check("customErrors", inner, None, ElementKind::CustomError(expected));
    let inner = format!("<actionName>SyncTier</actionName><actionType>apex</actionType>{NEXT}");
    let expected = ElementKind::Action { kind: "apex".to_owned(), name: "SyncTier".to_owned() };
    check("actionCalls", &inner, Some("Next"), expected);
    let inner = "<flowName>Other_Flow</flowName>
        <inputAssignments><name>vIn</name><value><elementReference>$Record.Id</elementReference></value></inputAssignments>
        <outputAssignments><assignToReference>vMine</assignToReference><name>vOut</name></outputAssignments>";
    let expected = Subflow {
        flow: "Other_Flow".to_owned(),
        inputs: vec![FieldValue { field: "vIn".to_owned(), value: reference("$Record.Id") }],
        outputs: vec![("vOut".to_owned(), "vMine".to_owned())],
    };
    check("subflows", inner, None, ElementKind::Subflow(expected));
}

#[test]
fn what_is_not_understood_keeps_its_name() {
    for element in
        ["screens", "transforms", "collectionProcessors", "waits", "apexPluginCalls", "orchestratedStages"]
    {
        check(element, NEXT, Some("Next"), ElementKind::Other(element.to_owned()));
    }
    let upsert = "<operationOneMatchingRecord>UPDATE</operationOneMatchingRecord>";
    let expected = ElementKind::Other("operationOneMatchingRecord".to_owned());
    check("recordCreates", upsert, None, expected);
}
