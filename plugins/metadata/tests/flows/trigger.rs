//! Which files are flows of ours, and when they start.

use metadata::flow::{
    Condition, Conditions, Criteria, DataType, FlowValue, Phase, Resource, ResourceKind, ScheduledPath,
    Trigger,
};

use crate::{flow, flows};

#[test]
fn only_active_record_triggered_and_autolaunched_flows_are_read() {
    let check = |body: &str, expected: usize| assert_eq!(flows(body).len(), expected, "{body}");
    let start =
        |kind: &str| format!("<start><object>Account</object><triggerType>{kind}</triggerType></start>");
    check(&format!("<status>Active</status>{}", start("RecordAfterSave")), 1);
    check("<status>Active</status><processType>AutoLaunchedFlow</processType>", 1);
    check(&format!("<status>Draft</status>{}", start("RecordAfterSave")), 0);
    check(&format!("<status>Obsolete</status>{}", start("RecordBeforeSave")), 0);
    check(&start("RecordAfterSave"), 0);
    check(&format!("<status>Active</status>{}", start("Scheduled")), 0);
    check(&format!("<status>Active</status>{}", start("PlatformEvent")), 0);
    check("<status>Active</status><processType>Flow</processType>", 0);
    check("<status>Active</status><processType>Workflow</processType>", 0);
}

#[test]
fn a_start_is_read_as_a_whole() {
    let found = flow(
        "<apiVersion>59.0</apiVersion><label>My “flow”</label><triggerOrder>20</triggerOrder>
        <start><connector><targetReference>First</targetReference></connector>
          <doesRequireRecordChangedToMeetCriteria>true</doesRequireRecordChangedToMeetCriteria>
          <filterLogic>1 OR 2</filterLogic>
          <filters><field>Type</field><operator>EqualTo</operator><value><stringValue>Partner</stringValue></value></filters>
          <filters><field>Name</field><operator>IsChanged</operator><value><booleanValue>true</booleanValue></value></filters>
          <object>Account</object><recordTriggerType>Update</recordTriggerType>
          <scheduledPaths><name>Later</name><connector><targetReference>Mail</targetReference></connector></scheduledPaths>
          <scheduledPaths><pathType>AsyncAfterCommit</pathType></scheduledPaths>
          <triggerType>RecordAfterSave</triggerType></start>",
    );
    assert_eq!((found.name.as_str(), found.label.as_str()), ("My_Flow", "My “flow”"));
    assert_eq!((found.file.as_str(), found.api_version), ("flows/My_Flow.flow-meta.xml", 59));
    assert_eq!((found.start.as_deref(), found.object()), (Some("First"), Some("Account")));
    let condition = |left: &str, operator: &str, right, line| Condition {
        left: left.to_owned(),
        operator: operator.to_owned(),
        right: Some(right),
        line,
    };
    let items = vec![
        condition("$Record.Type", "EqualTo", FlowValue::Text("Partner".to_owned()), 6),
        condition("$Record.Name", "IsChanged", FlowValue::Boolean(true), 7),
    ];
    let path = |name: &str, next: Option<&str>| ScheduledPath {
        name: name.to_owned(),
        next: next.map(str::to_owned),
    };
    let expected = Trigger {
        object: "Account".to_owned(),
        phase: Phase::AfterSave,
        on_create: false,
        on_update: true,
        criteria: Criteria::Conditions(Conditions { logic: "1 OR 2".to_owned(), items }),
        only_when_changed_to_meet: true,
        order: Some(20),
        scheduled_paths: vec![path("Later", Some("Mail")), path("", None)],
        line: 3,
    };
    assert_eq!(found.trigger, Some(expected));
}

#[test]
fn phases_events_and_formulas() {
    let check = |inner: &str, expected: (Phase, bool, bool)| {
        let found = flow(&format!("<start><object>Account</object>{inner}</start>")).trigger.unwrap();
        assert_eq!((found.phase, found.on_create, found.on_update), expected, "{inner}");
        found.criteria
    };
    let before = "<triggerType>RecordBeforeSave</triggerType>";
    let all = check(before, (Phase::BeforeSave, true, true));
    assert_eq!(all, Criteria::All);
    let create = format!("{before}<recordTriggerType>Create</recordTriggerType>");
    check(&create, (Phase::BeforeSave, true, false));
    check("<triggerType>RecordBeforeDelete</triggerType>", (Phase::BeforeDelete, false, false));
    let formula = format!("{before}\n<filterFormula>\nISNEW()</filterFormula>");
    let formula = check(&formula, (Phase::BeforeSave, true, true));
    assert_eq!(formula, Criteria::Formula("ISNEW()".to_owned(), 4));
    assert_eq!(flow("<startElementReference>Old</startElementReference>").start.as_deref(), Some("Old"));
}

#[test]
fn resources_of_every_kind() {
    let found = flow(
        "<variables><name>vText</name><dataType>String</dataType><value><stringValue>a</stringValue></value></variables>
        <variables><name>vAll</name><dataType>SObject</dataType><objectType>Account</objectType><isCollection>true</isCollection></variables>
        <constants><name>cTen</name><dataType>Number</dataType><value><numberValue>10.5</numberValue></value></constants>
        <choices><name>Yes</name><dataType>Boolean</dataType><value><booleanValue>true</booleanValue></value></choices>
        <formulas><name>fDay</name><dataType>Date</dataType>
          <expression>{!$Flow.CurrentDate} + 1</expression></formulas>
        <textTemplates><name>tHello</name><text>Hello {!vText}</text></textTemplates>
        <stages><name>One</name></stages>",
    );
    let resource =
        |name: &str, line, data_type, kind| Resource { name: name.to_owned(), line, data_type, kind };
    let variable = |collection, value| ResourceKind::Variable { collection, value };
    let expected = vec![
        resource("vText", 2, DataType::Text, variable(false, Some(FlowValue::Text("a".to_owned())))),
        resource("vAll", 3, DataType::Record("Account".to_owned()), variable(true, None)),
        resource(
            "cTen",
            4,
            DataType::Number,
            ResourceKind::Constant(Some(FlowValue::Number("10.5".to_owned()))),
        ),
        resource("Yes", 5, DataType::Boolean, ResourceKind::Constant(Some(FlowValue::Boolean(true)))),
        resource("fDay", 7, DataType::Date, ResourceKind::Formula("{!$Flow.CurrentDate} + 1".to_owned())),
        resource("tHello", 8, DataType::Text, ResourceKind::Template("Hello {!vText}".to_owned())),
        resource("One", 9, DataType::Text, ResourceKind::Other("stages".to_owned())),
    ];
    assert_eq!(found.resources, expected);
}

#[test]
fn values_of_every_kind() {
    let check = |inner: &str, expected: Option<FlowValue>| {
        let body = format!("<constants><name>c</name><value>{inner}</value></constants>");
        let kind = flow(&body).resources.remove(0).kind;
        assert_eq!(kind, ResourceKind::Constant(expected), "{inner}");
    };
    check("<dateValue>2024-01-31</dateValue>", Some(FlowValue::Date("2024-01-31".to_owned())));
    let moment = "2024-01-31T12:00:00.000Z".to_owned();
    check("<dateTimeValue>2024-01-31T12:00:00.000Z</dateTimeValue>", Some(FlowValue::DateTime(moment)));
    check("<timeValue>12:00:00.000Z</timeValue>", Some(FlowValue::Time("12:00:00.000Z".to_owned())));
    check("<elementReference>$Record.Name</elementReference>", {
        Some(FlowValue::Reference("$Record.Name".to_owned()))
    });
    check("<stringValue></stringValue>", None);
    check("<booleanValue>false</booleanValue>", Some(FlowValue::Boolean(false)));
    check("<apexValue>{}</apexValue>", Some(FlowValue::Other("apexValue".to_owned())));
}
