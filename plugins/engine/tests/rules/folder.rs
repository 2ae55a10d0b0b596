//! An org folder with each kind of rule, from its files to a verdict.

use std::fs;
use std::sync::Arc;

use engine::{Compiled, Event, RuleKind, compile};
use metadata::Org;
use serde_json::json;

use crate::world::{new, words};

const FILES: &[(&str, &str, &str)] = &[
    (
        "objects/Account/fields/Tier__c.field-meta.xml",
        "CustomField",
        "<fullName>Tier__c</fullName><label>Tier</label><type>Text</type><length>20</length>",
    ),
    (
        "objects/Account/fields/Stars__c.field-meta.xml",
        "CustomField",
        "<fullName>Stars__c</fullName><label>Stars</label><type>Number</type><precision>4</precision><scale>0</scale>\
         <formula>LEN(Tier__c)</formula>",
    ),
    (
        "objects/Account/validationRules/Tier_Needed.validationRule-meta.xml",
        "ValidationRule",
        "<fullName>Tier_Needed</fullName><active>true</active>\n<errorConditionFormula>AND(\n\
         NOT($Permission.Bypass), Stars__c &lt; 4)</errorConditionFormula>\
         <errorDisplayField>Tier__c</errorDisplayField><errorMessage>Choose a tier.</errorMessage>",
    ),
    (
        "objects/Account/validationRules/Broken.validationRule-meta.xml",
        "ValidationRule",
        "<fullName>Broken</fullName><active>true</active><errorConditionFormula>LENN(Tier__c) = 1\
         </errorConditionFormula><errorMessage>No.</errorMessage>",
    ),
    (
        "objects/Contact/fields/AccountId.field-meta.xml",
        "CustomField",
        "<fullName>AccountId</fullName><type>Lookup</type><lookupFilter><active>true</active><filterItems>\
         <field>Account.Tier__c</field><operation>equals</operation><value>Gold</value></filterItems>\
         <isOptional>false</isOptional></lookupFilter>",
    ),
    (
        "workflows/Account.workflow-meta.xml",
        "Workflow",
        "<fieldUpdates><fullName>Set_Site</fullName><field>Site</field><literalValue>HQ</literalValue>\
         <operation>Literal</operation></fieldUpdates><rules><fullName>Gold</fullName><active>true</active>\
         <actions><name>Set_Site</name><type>FieldUpdate</type></actions><criteriaItems><field>Account.Tier__c</field>\
         <operation>equals</operation><value>gold</value></criteriaItems>\
         <triggerType>onAllChanges</triggerType></rules>",
    ),
    (
        "flows/Default_Tier.flow-meta.xml",
        "Flow",
        "<apiVersion>59.0</apiVersion><label>Default tier</label><processType>AutoLaunchedFlow</processType>\
         <status>Active</status><start><connector><targetReference>Set_Tier</targetReference></connector>\
         <object>Account</object><recordTriggerType>CreateAndUpdate</recordTriggerType>\
         <triggerType>RecordBeforeSave</triggerType><filterLogic>and</filterLogic><filters><field>Tier__c</field>\
         <operator>EqualTo</operator><value><stringValue>default</stringValue></value></filters></start>\
         <assignments><name>Set_Tier</name><label>Set</label><assignmentItems>\
         <assignToReference>$Record.Tier__c</assignToReference><operator>Assign</operator>\
         <value><stringValue>Gold</stringValue></value></assignmentItems></assignments>",
    ),
    (
        "permissionsets/Exporter.permissionset-meta.xml",
        "PermissionSet",
        "<label>Exporter</label><customPermissions><enabled>true</enabled><name>Other</name></customPermissions>\
         <fieldPermissions><editable>true</editable><field>Account.Tier__c</field><readable>true</readable></fieldPermissions>",
    ),
    ("triggers/Sync.trigger", "", "trigger Sync on Account (before insert) {}"),
];

fn compiled() -> Compiled {
    let folder = tempfile::tempdir().unwrap();
    for (path, root, inner) in FILES {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let namespace = "http://soap.sforce.com/2006/04/metadata";
        let text = match *root {
            "" => (*inner).to_owned(),
            root => format!("<{root} xmlns=\"{namespace}\">{inner}</{root}>"),
        };
        fs::write(path, text).unwrap();
    }
    compile(&Arc::new(Org::read(folder.path()).unwrap()))
}

#[test]
fn every_rule_of_the_folder_is_in_the_report() {
    let report = compiled().report;
    let mut names: Vec<_> = report.compiled.iter().map(|rule| (rule.kind, rule.name.as_str())).collect();
    names.sort_unstable();
    assert_eq!(
        names,
        [
            (RuleKind::Validation, "Account.Tier_Needed"),
            (RuleKind::LookupFilter, "Contact.AccountId"),
            (RuleKind::Workflow, "Account.Gold"),
            (RuleKind::Flow, "Default_Tier"),
            (RuleKind::Formula, "Account.Stars__c"),
        ]
    );
    let [error] = &report.errors[..] else { panic!("{:?}", report.errors) };
    assert_eq!((error.file.as_str(), error.code.as_str()), (FILES[3].0, "F201"));
    let unknown: Vec<_> =
        report.unknown.iter().map(|entry| (entry.kind.as_str(), entry.name.as_str())).collect();
    assert_eq!(unknown, [("Apex trigger", "Sync")]);
    assert!(report.sizes.formulas == 4 && report.sizes.wasm_bytes > 0 && report.without_wasm.is_none());
}

#[test]
fn flows_validation_lookups_and_workflow_have_their_say() {
    const REFUSED: &str = "FIELD_CUSTOM_VALIDATION_EXCEPTION [Tier__c] Choose a tier.";
    const BROKEN: &str = "? Account.Broken: its formula does not compile (F201: no function is called LENN)";
    let rules = compiled().rules;
    let permission = "$Permission.Bypass:boolean=";
    let mut short = new(&["Tier__c=abc", permission]);
    assert_eq!(words(&rules.before_save("Account", Event::Create, &mut short)), [""; 0]);
    assert_eq!(words(&rules.validate("Account", &short)), [REFUSED, BROKEN]);
    let explained = rules.explain("Account", Event::Create, &mut short);
    assert_eq!((explained.refused[0].line, explained.flows[0].flow.as_str()), (2, "Default_Tier"));

    let mut flow = new(&["Tier__c=default", permission]);
    assert_eq!(words(&rules.before_save("Account", Event::Create, &mut flow)), [""; 0]);
    assert_eq!(words(&rules.validate("Account", &flow)), [BROKEN]);
    let (changes, _) = rules.workflow("Account", Event::Create, &mut flow);
    let changes: Vec<_> = changes.iter().map(|change| format!("{}={}", change.field, change.value)).collect();
    assert_eq!(changes, ["Site=HQ"]);

    let contact = new(&["AccountId=001000000000001", "Account.Tier__c=silver"]);
    let refused = "FIELD_FILTER_VALIDATION_EXCEPTION [AccountId] Value does not exist or does not match filter criteria.";
    assert_eq!(words(&rules.lookup_filters("Contact", &contact)), [refused]);

    let now = formula::DateTime::read("2024-01-31 12:00:00").unwrap();
    let preflight =
        |json: serde_json::Value| words(&rules.preflight("Account", json.as_object().unwrap(), now));
    let apex = "? Sync: Apex trigger Sync: what Apex does cannot be known from metadata";
    // The folder's permission sets say that the user lacks the permission, and the flow runs in a preflight, too.
    assert_eq!(preflight(json!({"Tier__c": "abc"})), [REFUSED, BROKEN, apex]);
    assert_eq!(preflight(json!({"Tier__c": "default"})), [BROKEN, apex]);
    // A right on a field is looked at first.
    let locked = preflight(json!({"Tier__c": "abc", "Stars__c": 5}));
    assert!(locked[0].starts_with("INVALID_FIELD_FOR_INSERT_UPDATE [Stars__c] "), "{locked:?}");
    let found = preflight(json!({"Name": "x"}));
    assert!(found.len() == 4 && found.iter().all(|word| word.starts_with("? ")), "{found:?}");
}
