//! Rules that are listed because nothing enforces them yet.

use crate::folder::{org, warnings, xml};

fn check(files: &[(&str, &str)], expected: &[&str]) {
    let org = org(files);
    let found: Vec<_> =
        org.unchecked.iter().map(|rule| format!("{} {} {}", rule.kind, rule.name, rule.file)).collect();
    assert_eq!(found, expected);
    assert_eq!(warnings(&org), [""; 0]);
}

#[test]
fn files_of_their_own() {
    let active = |root| xml(root, "<active>true</active>");
    let inactive = |root| xml(root, "<active>false</active>");
    check(
        &[
            ("objects/Account/validationRules/On.validationRule-meta.xml", &active("ValidationRule")),
            ("objects/Account/validationRules/Off.validationRule-meta.xml", &inactive("ValidationRule")),
            ("objects/Account/recordTypes/On.recordType-meta.xml", &active("RecordType")),
            ("objects/Account/recordTypes/Off.recordType-meta.xml", &inactive("RecordType")),
            (
                "duplicateRules/Account.On.duplicateRule-meta.xml",
                &xml("DuplicateRule", "<isActive>true</isActive>"),
            ),
            ("duplicateRules/Account.Off.duplicateRule", &xml("DuplicateRule", "<isActive>false</isActive>")),
        ],
        &[
            "validation rule Account.On objects/Account/validationRules/On.validationRule-meta.xml",
            "record type Account.On objects/Account/recordTypes/On.recordType-meta.xml",
            "duplicate rule Account.On duplicateRules/Account.On.duplicateRule-meta.xml",
        ],
    );
}

#[test]
fn flows_that_a_save_starts() {
    let flow = |status: &str, start: &str| xml("Flow", &format!("<status>{status}</status>{start}"));
    let on_save = "<start><object>Account</object><triggerType>RecordBeforeSave</triggerType></start>";
    check(
        &[
            ("flows/Active.flow-meta.xml", &flow("Active", on_save)),
            ("flows/Draft.flow-meta.xml", &flow("Draft", on_save)),
            ("flows/Process.flow", &flow("Active", "<processType>Workflow</processType>")),
            ("flows/Screen.flow-meta.xml", &flow("Active", "<start/><processType>Flow</processType>")),
        ],
        &["flow Active flows/Active.flow-meta.xml", "flow Process flows/Process.flow"],
    );
}

#[test]
fn triggers() {
    let meta = |status: &str| xml("ApexTrigger", &format!("<status>{status}</status>"));
    check(
        &[
            ("triggers/Both.trigger", "trigger Both on Account (before insert) {}"),
            ("triggers/Both.trigger-meta.xml", &meta("Active")),
            ("triggers/Code.trigger", "trigger Code on Account (before insert) {}"),
            ("triggers/Off.trigger", "trigger Off on Account (before insert) {}"),
            ("triggers/Off.trigger-meta.xml", &meta("Inactive")),
        ],
        &["Apex trigger Both triggers/Both.trigger-meta.xml", "Apex trigger Code triggers/Code.trigger"],
    );
}

#[test]
fn several_in_one_file() {
    let rules = "<rules><fullName>On</fullName><active>true</active></rules>\
                 <rules><fullName>Off</fullName><active>false</active></rules>";
    let matching = "<matchingRules><fullName>On</fullName><ruleStatus>Active</ruleStatus></matchingRules>\
                    <matchingRules><fullName>Off</fullName><ruleStatus>Inactive</ruleStatus></matchingRules>";
    let lookup = |name: &str, filter: &str| {
        format!(
            "<fields><fullName>{name}</fullName><type>Lookup</type><referenceTo>Account</referenceTo>\
             <lookupFilter>{filter}</lookupFilter></fields>"
        )
    };
    let object = format!(
        "<validationRules><fullName>V</fullName><active>true</active></validationRules>\
         <recordTypes><fullName>R</fullName><active>true</active></recordTypes>{}{}{}",
        lookup("Needed__c", "<active>true</active><isOptional>false</isOptional>"),
        lookup("Advised__c", "<active>true</active><isOptional>true</isOptional>"),
        lookup("Off__c", "<active>false</active><isOptional>false</isOptional>"),
    );
    check(
        &[
            ("workflows/Account.workflow", &xml("Workflow", rules)),
            ("matchingRules/Account.matchingRule-meta.xml", &xml("MatchingRules", matching)),
            ("objects/Account.object", &xml("CustomObject", &object)),
        ],
        &[
            "lookup filter Account.Needed__c objects/Account.object",
            "validation rule Account.V objects/Account.object",
            "record type Account.R objects/Account.object",
            "workflow rule Account.On workflows/Account.workflow",
            "matching rule Account.On matchingRules/Account.matchingRule-meta.xml",
        ],
    );
}
