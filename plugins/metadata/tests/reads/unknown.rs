//! Rules whose effect is not known, each reported by name with the reason.

use crate::folder::{org, warnings, xml};

fn check(files: &[(&str, &str)], expected: &[&str]) {
    let org = org(files);
    let unknown = org.rules.unknown.iter();
    let found: Vec<_> = unknown
        .map(|rule| {
            let object = rule.object.as_deref().unwrap_or("?");
            format!("{} {} on {object} in {}: {}", rule.kind, rule.name, rule.file, rule.reason)
        })
        .collect();
    assert_eq!(found, expected);
    assert_eq!(org.unchecked, org.rules.unknown);
    assert_eq!(warnings(&org), [""; 0]);
}

#[test]
fn triggers() {
    let meta = |status: &str| xml("ApexTrigger", &format!("<status>{status}</status>"));
    let apex = "what Apex does cannot be known from metadata";
    check(
        &[
            ("triggers/Both.trigger", "// of us\ntrigger Both on Account (before insert) {}"),
            ("triggers/Both.trigger-meta.xml", &meta("Active")),
            ("triggers/Code.trigger", "trigger Code on A__c (before insert) {}"),
            ("triggers/Hidden.trigger-meta.xml", &meta("Active")),
            ("triggers/Off.trigger", "trigger Off on Account (before insert) {}"),
            ("triggers/Off.trigger-meta.xml", &meta("Inactive")),
        ],
        &[
            &format!("Apex trigger Both on Account in triggers/Both.trigger-meta.xml: {apex}"),
            &format!("Apex trigger Code on A__c in triggers/Code.trigger: {apex}"),
            &format!("Apex trigger Hidden on ? in triggers/Hidden.trigger-meta.xml: {apex}"),
        ],
    );
}

#[test]
fn processes_and_flows() {
    let flow = |status: &str, rest: &str| xml("Flow", &format!("<status>{status}</status>{rest}"));
    let process = "<processType>Workflow</processType><processMetadataValues><name>ObjectType</name>\
                   <value><stringValue>Lead</stringValue></value></processMetadataValues>";
    let odd = "<start><object>Account</object><triggerType>RecordOddly</triggerType></start>";
    check(
        &[
            ("flows/Odd.flow-meta.xml", &flow("Active", odd)),
            ("flows/Off.flow", &flow("Obsolete", process)),
            ("flows/Process.flow", &flow("Active", process)),
            ("flows/Screen.flow-meta.xml", &flow("Active", "<start/><processType>Flow</processType>")),
        ],
        &[
            "flow Odd on Account in flows/Odd.flow-meta.xml: flows with the trigger RecordOddly are not read",
            "Process Builder flow Process on Lead in flows/Process.flow: processes of Process Builder are not read",
        ],
    );
}

#[test]
fn record_triggered_flows_are_known() {
    let start = "<processType>AutoLaunchedFlow</processType><status>Active</status>\
                 <start><object>Account</object><recordTriggerType>Create</recordTriggerType>\
                 <triggerType>RecordBeforeSave</triggerType></start>";
    let draft = start.replace("Active", "Draft");
    let org =
        org(&[("flows/On.flow-meta.xml", &xml("Flow", start)), ("flows/Draft.flow", &xml("Flow", &draft))]);
    let flows: Vec<_> = org.rules.flows.iter().map(|flow| flow.name.as_str()).collect();
    assert_eq!((flows, org.rules.unknown), (vec!["On"], vec![]));
}
