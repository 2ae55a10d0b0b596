//! Validation rules, lookup filters, record types, roll-ups, custom metadata records and labels.

use metadata::Org;
use metadata::rules::{Filter, FilterItem, Place, RollUp, RollUpOperation};

use crate::folder::{org, warnings, xml};

const RULE: &str = "<fullName>Tier_Needed</fullName><active>true</active>\n<errorConditionFormula>\n  \
    AND(ISBLANK(Tier__c),\n  TRUE)</errorConditionFormula><errorDisplayField>Tier__c</errorDisplayField>\
    <errorMessage>Velg et nivå.</errorMessage>";

fn place(file: &str, line: u32) -> Place {
    Place { file: file.into(), line }
}

fn item(field: &str, operation: &str, value: Option<&str>, value_field: Option<&str>) -> FilterItem {
    FilterItem {
        field: field.into(),
        operation: operation.into(),
        value: value.map(str::to_string),
        value_field: value_field.map(str::to_string),
    }
}

/// Validation rules, one line each.
fn validation(org: &Org) -> Vec<String> {
    let rules = org.rules.validation.iter();
    rules
        .map(|rule| {
            let (condition, place) = (rule.condition.replace('\n', "|"), &rule.place);
            format!(
                "{}.{} {:?} {:?} {condition} {}:{}",
                rule.object, rule.name, rule.field, rule.message, place.file, place.line
            )
        })
        .collect()
}

#[test]
fn validation_rules_in_both_formats() {
    let file = "objects/Account/validationRules/Tier_Needed.validationRule-meta.xml";
    let off = RULE.replace("true", "false");
    let source = org(&[
        (file, &xml("ValidationRule", RULE)),
        ("objects/Account/validationRules/Off.validationRule-meta.xml", &xml("ValidationRule", &off)),
    ]);
    let expected = "Account.Tier_Needed Some(\"Tier__c\") \"Velg et nivå.\" AND(ISBLANK(Tier__c),|  TRUE)";
    assert_eq!(validation(&source), [format!("{expected} {file}:5")], "the formula begins on line 5");
    let inline = format!("<validationRules>{RULE}</validationRules><validationRules>{off}</validationRules>");
    let older = org(&[("objects/Account.object", &xml("CustomObject", &inline))]);
    assert_eq!(validation(&older), [format!("{expected} objects/Account.object:5")]);
    assert_eq!((warnings(&source), warnings(&older)), (vec![], vec![]));
}

#[test]
fn of_two_rules_with_one_name_the_later_is_used() {
    let rule = |condition: &str| {
        let formula = format!("<errorConditionFormula>{condition}</errorConditionFormula>");
        xml("ValidationRule", &format!("<fullName>R</fullName>\n{formula}"))
    };
    let org = org(&[
        ("a/objects/Account/validationRules/R.validationRule-meta.xml", &rule("TRUE")),
        ("b/objects/Account/validationRules/R.validationRule-meta.xml", &rule("FALSE")),
        ("b/objects/Account/validationRules/S.validationRule-meta.xml", &xml("ValidationRule", "")),
        ("Stray.validationRule-meta.xml", &rule("TRUE")),
    ]);
    let file = "b/objects/Account/validationRules/R.validationRule-meta.xml";
    assert_eq!(validation(&org), [format!("Account.R None \"\" FALSE {file}:4")]);
    assert_eq!(
        warnings(&org),
        [
            "Stray.validationRule-meta.xml:0 not read: it lies in objects/<Object>/<kind>/, this file does not",
            "b/objects/Account/validationRules/R.validationRule-meta.xml:2 validation rule Account.R is defined again \
             (first in a/objects/Account/validationRules/R.validationRule-meta.xml); this definition is used",
            "b/objects/Account/validationRules/S.validationRule-meta.xml:2 validation rule Account.S has no \
             <errorConditionFormula>: not used",
        ]
    );
}

#[test]
fn lookup_filters_that_refuse() {
    let lookup = |name: &str, filter: &str| {
        format!(
            "<fields><fullName>{name}</fullName><type>Lookup</type><referenceTo>Account</referenceTo>\n\
             <lookupFilter>{filter}<filterItems><field>Account.Active__c</field><operation>equals</operation>\
             <value>True</value></filterItems><filterItems><field>Account.Type</field><operation>notEqual</operation>\
             <valueField>$Source.Type__c</valueField></filterItems></lookupFilter></fields>"
        )
    };
    let needed = "<active>true</active><booleanFilter>1 OR 2</booleanFilter><errorMessage>No.</errorMessage>\
                  <isOptional>false</isOptional>";
    let object = [
        lookup("Needed__c", needed),
        lookup("Bare__c", ""),
        lookup("Advised__c", "<active>true</active><isOptional>true</isOptional>"),
        lookup("Off__c", "<active>false</active><isOptional>false</isOptional>"),
    ];
    let org = org(&[("objects/Contact.object", &xml("CustomObject", &object.concat()))]);
    let items = vec![
        item("Account.Active__c", "equals", Some("True"), None),
        item("Account.Type", "notEqual", None, Some("$Source.Type__c")),
    ];
    let found = &org.rules.lookup_filters;
    let names: Vec<_> = found.iter().map(|rule| (rule.object.as_str(), rule.field.as_str())).collect();
    assert_eq!(names, [("Contact", "Needed__c"), ("Contact", "Bare__c")]);
    assert_eq!(found[0].filter, Filter { items: items.clone(), logic: Some("1 OR 2".into()) });
    assert_eq!(found[1].filter, Filter { items, logic: None });
    assert_eq!((found[0].message.as_deref(), found[1].message.as_deref()), (Some("No."), None));
    assert_eq!(found[0].place, place("objects/Contact.object", 4));
    assert_eq!(warnings(&org), [""; 0]);
}

#[test]
fn record_types_with_their_values() {
    let partner = "<fullName>Partner</fullName><active>true</active><label>Partnere</label><picklistValues>\
        <picklist>Tier__c</picklist><values><fullName>R%26D</fullName></values><values><fullName>100%</fullName>\
        </values></picklistValues>";
    let off = "<fullName>Off</fullName><active>false</active>";
    let file = "objects/Account/recordTypes/Partner.recordType-meta.xml";
    let source = org(&[
        (file, &xml("RecordType", partner)),
        ("objects/Account/recordTypes/Off.recordType-meta.xml", &xml("RecordType", off)),
    ]);
    let inline = format!("<recordTypes>{partner}</recordTypes><recordTypes>{off}</recordTypes>");
    let older = org(&[("objects/Account.object", &xml("CustomObject", &inline))]);
    for org in [&source, &older] {
        let [found] = &org.rules.record_types[..] else { panic!("{:?}", org.rules.record_types) };
        assert_eq!(
            (found.object.as_str(), found.name.as_str(), found.label.as_str()),
            ("Account", "Partner", "Partnere")
        );
        assert_eq!(found.picklists, [("Tier__c".into(), vec!["R&D".into(), "100%".into()])]);
        assert!(org.object("Account").unwrap().field("RecordTypeId").is_some());
    }
    let id = source.rules.record_types[0].id();
    assert_eq!((id.len(), &id[..3]), (18, "012"));
    assert_eq!(id, older.rules.record_types[0].id(), "the id depends on object and name alone");
    let found = |name: &str| source.rules.record_type("account", name).map(|found| found.name.as_str());
    assert_eq!([found("partner"), found(&id), found(&id[..15])], [Some("Partner"); 3]);
    assert_eq!([found("Off"), found(""), found("012sb0000000000AAA")], [None; 3]);
    assert_eq!(source.rules.record_type("Contact", "Partner"), None);
}

#[test]
fn roll_ups() {
    let fields = "<fields><fullName>Sum__c</fullName><summarizedField>Item__c.Price__c</summarizedField>\
        <summaryFilterItems><field>Item__c.Open__c</field><operation>equals</operation><value>True</value>\
        </summaryFilterItems><summaryForeignKey>Item__c.Order__c</summaryForeignKey>\
        <summaryOperation>sum</summaryOperation><type>Summary</type></fields>\
        <fields><fullName>Count__c</fullName><summaryForeignKey>Item__c.Order__c</summaryForeignKey>\
        <summaryOperation>count</summaryOperation><type>Summary</type></fields>\n\
        <fields><fullName>Odd__c</fullName><summaryOperation>average</summaryOperation><type>Summary</type></fields>";
    let file = "objects/Order__c.object";
    let org = org(&[(file, &xml("CustomObject", fields))]);
    let sum = RollUp {
        object: "Order__c".into(),
        field: "Sum__c".into(),
        operation: RollUpOperation::Sum,
        child: "Item__c".into(),
        foreign_key: "Order__c".into(),
        summarized: Some("Price__c".into()),
        filter: Filter { items: vec![item("Item__c.Open__c", "equals", Some("True"), None)], logic: None },
        place: place(file, 3),
    };
    assert_eq!(org.rules.roll_up("order__c", "sum__C"), Some(&sum));
    let count = RollUp {
        field: "Count__c".into(),
        operation: RollUpOperation::Count,
        summarized: None,
        filter: Filter::default(),
        ..sum
    };
    assert_eq!(org.rules.roll_up("Order__c", "Count__c"), Some(&count));
    assert_eq!(org.rules.roll_up("Order__c", "Odd__c"), None);
    assert_eq!(
        warnings(&org),
        [format!("{file}:4 roll-up summary Order__c.Odd__c says not what it sums up: it stays blank")]
    );
}

#[test]
fn records_and_labels() {
    let record = "<label>First</label><values><field>On__c</field><value xsi:type=\"xsd:boolean\">true</value></values>\
        <values><field>Text__c</field><value xsi:nil=\"true\"/></values>";
    let labels =
        "<labels><fullName>Hello</fullName><value>Hei</value></labels><labels><value>x</value></labels>";
    let org = org(&[
        ("customMetadata/Rule.First.md-meta.xml", &xml("CustomMetadata", record)),
        ("older/customMetadata/ns__Rule.ns__Other.md", &xml("CustomMetadata", "")),
        ("customMetadata/Odd.md-meta.xml", &xml("CustomMetadata", "")),
        ("labels/CustomLabels.labels-meta.xml", &xml("CustomLabels", labels)),
    ]);
    let found: Vec<_> = org
        .rules
        .custom_metadata
        .iter()
        .map(|record| {
            let shown = |value: &(String, Option<String>)| {
                format!("{}={}", value.0, value.1.as_deref().unwrap_or("null"))
            };
            let values: Vec<_> = record.values.iter().map(shown).collect();
            format!("{}.{}: {}", record.object, record.name, values.join(" "))
        })
        .collect();
    assert_eq!(
        found,
        [
            "Rule__mdt.First: DeveloperName=First QualifiedApiName=First MasterLabel=First Label=First On__c=true \
             Text__c=null",
            "ns__Rule__mdt.ns__Other: DeveloperName=Other QualifiedApiName=ns__Other",
        ]
    );
    assert_eq!(org.rules.labels, [("Hello".to_string(), "Hei".to_string())]);
    let odd = "customMetadata/Odd.md-meta.xml:2 not read: a record of a custom metadata type is named <Type>.<Record>";
    assert_eq!(warnings(&org), [odd]);
}
