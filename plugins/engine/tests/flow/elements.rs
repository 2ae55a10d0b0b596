//! Loops, lookups, collections, creates, deletes, subflows.

use metadata::flow::Phase;

use crate::world::{Memory, change, new};
use crate::{after, assign, before, condition, decide, flag, reference, run, text, to, triggered};

const CONTACTS: [(&str, &str); 3] =
    [("003000000000001AAA", "One"), ("003000000000002AAA", "Two"), ("003000000000003AAA", "Three")];

/// A stored account with three contacts.
fn account() -> Memory {
    let account = new(&["Name=Acme", "Score__c:number=1"]).stored();
    CONTACTS.iter().fold(account, |world, (id, name)| {
        world.with(id, "Contact", &[&format!("LastName={name}"), &format!("AccountId={}", crate::world::ID)])
    })
}

fn get(name: &str, object: &str, filter: &str, more: &str) -> String {
    format!("<recordLookups><name>{name}</name><object>{object}</object>{filter}{more}</recordLookups>")
}

fn filter(field: &str, operator: &str, value: &str) -> String {
    format!("<filters><field>{field}</field><operator>{operator}</operator><value>{value}</value></filters>")
}

const ALL: &str =
    "<getFirstRecordOnly>false</getFirstRecordOnly><storeOutputAutomatically>true</storeOutputAutomatically>";
const FIRST: &str =
    "<getFirstRecordOnly>true</getFirstRecordOnly><storeOutputAutomatically>true</storeOutputAutomatically>";

fn contacts() -> String {
    get(
        "First",
        "Contact",
        &filter("AccountId", "EqualTo", &reference("$Record.Id")),
        &format!("{ALL}{}", to("Each")),
    )
}

fn each(collection: &str, body: &str, behind: &str) -> String {
    format!(
        "<loops><name>Each</name><collectionReference>{collection}</collectionReference>\
        <nextValueConnector><targetReference>{body}</targetReference></nextValueConnector>\
        <noMoreValuesConnector><targetReference>{behind}</targetReference></noMoreValuesConnector></loops>"
    )
}

fn variable(name: &str, data_type: &str, more: &str) -> String {
    format!("<variables><name>{name}</name><dataType>{data_type}</dataType>{more}</variables>")
}

#[test]
fn a_loop_goes_through_all_that_was_found() {
    let body = contacts()
        + &each("First", "Count", "Save")
        + &assign("Count", "vNames", "Add", &reference("fPart"), &to("Rename"))
        + &assign("Rename", "Each.FirstName", "Assign", &reference("$Record.Name"), &to("Collect"))
        + &assign("Collect", "vChanged", "Add", &reference("Each"), &to("Each"))
        + "<recordUpdates><name>Save</name><inputReference>vChanged</inputReference>\
          <connector><targetReference>Show</targetReference></connector></recordUpdates>"
        + "<recordUpdates><name>Show</name><inputReference>$Record</inputReference><inputAssignments><field>Site</field>\
          <value><elementReference>vNames</elementReference></value></inputAssignments><inputAssignments>\
          <field>Score__c</field><value><elementReference>vCount</elementReference></value></inputAssignments></recordUpdates>"
        + &variable("vNames", "String", "")
        + &variable("vCount", "Number", "<value><numberValue>7</numberValue></value>")
        + &variable(
            "vChanged",
            "SObject",
            "<objectType>Contact</objectType><isCollection>true</isCollection>",
        )
        + "<formulas><name>fPart</name><dataType>String</dataType>\
          <expression>LEFT({!Each.LastName}, 2) &amp; \",\"</expression></formulas>";
    let (log, verdict) = after(&account(), &body);
    let mut expected: Vec<String> =
        CONTACTS.iter().map(|(id, _)| format!("update Contact {id}: FirstName = Acme")).collect();
    expected.push(format!("update Account {}: Score__c = 7, Site = On,Tw,Th,", crate::world::ID));
    assert_eq!((log, verdict), (expected, Vec::new()));
}

#[test]
fn an_empty_loop_is_passed() {
    let body = get(
        "First",
        "Contact",
        &filter("LastName", "EqualTo", &text("None")),
        &format!("{ALL}{}", to("Each")),
    ) + &each("First", "Inside", "Behind")
        + &assign("Inside", "$Record.Site", "Assign", &text("inside"), &to("Each"))
        + &decide("Behind", "and", &condition("First", "IsEmpty", &flag(true)), "Empty", "Inside")
        + &assign("Empty", "vCount", "AssignCount", &reference("First"), &to("Save"))
        + &assign("Save", "$Record.Score__c", "Assign", &reference("vCount"), "")
        + &variable("vCount", "Number", "");
    assert_eq!(before(&account(), &body), (vec!["set Score__c = 0".to_owned()], Vec::new()));
}

#[test]
fn the_first_record_that_is_found_or_none() {
    let body = |name: &str| {
        get(
            "First",
            "Contact",
            &filter("LastName", "EqualTo", &text(name)),
            &format!("{FIRST}{}", to("Found")),
        ) + &decide("Found", "and", &condition("First", "IsNull", &flag(false)), "Yes", "No")
            + &assign("Yes", "$Record.Site", "Assign", &reference("First.LastName"), &to("Id"))
            + &assign("Id", "$Record.Fax", "Assign", &reference("First.Id"), "")
            + &assign("No", "$Record.Site", "Assign", &text("none"), "")
    };
    let set =
        |fields: &[&str]| (fields.iter().map(|field| format!("set {field}")).collect(), Vec::<String>::new());
    assert_eq!(before(&account(), &body("Two")), set(&["Site = Two", "Fax = 003000000000002AAA"]));
    assert_eq!(before(&account(), &body("Gone")), set(&["Site = none"]));
    let blind = get(
        "First",
        "Contact",
        &filter("LastName", "EqualTo", &text("Gone")),
        &format!("{FIRST}{}", to("Blind")),
    ) + &assign("Blind", "$Record.Site", "Assign", &reference("First.LastName"), "");
    let reason =
        "? Blind: First holds no record; whether First.LastName is then null or a fault is not confirmed";
    assert_eq!(before(&account(), &blind), (Vec::new(), vec![reason.to_owned()]));
}

#[test]
fn lookups_give_variables_their_values() {
    let outputs = "<outputAssignments><assignToReference>vName</assignToReference><field>LastName</field></outputAssignments>";
    let order = "<sortField>LastName</sortField><sortOrder>Desc</sortOrder>";
    let body = get("First", "Contact", "", &format!("{order}{outputs}{}", to("Second")))
        + &get("Second", "Contact", "", &format!("<outputReference>vOne</outputReference>{}", to("Third")))
        + &assign("Third", "$Record.Site", "Assign", &text("{!vName} {!vOne.LastName}"), "")
        + &variable("vName", "String", "")
        + &variable("vOne", "SObject", "<objectType>Contact</objectType>");
    assert_eq!(before(&account(), &body), (vec!["set Site = Three One".to_owned()], Vec::new()));
}

#[test]
fn records_are_created_and_deleted() {
    let body = "<recordCreates><name>First</name><object>Task</object><inputAssignments><field>Subject</field><value>\
          <stringValue>Call {!$Record.Name}</stringValue></value></inputAssignments><inputAssignments><field>WhatId</field>\
          <value><elementReference>$Record.Id</elementReference></value></inputAssignments>\
          <connector><targetReference>Fill</targetReference></connector></recordCreates>"
        .to_owned()
        + &assign("Fill", "vTask.Subject", "Assign", &reference("First"), &to("Second"))
        + "<recordCreates><name>Second</name><inputReference>vTask</inputReference>\
          <assignRecordIdToReference>vId</assignRecordIdToReference>\
          <connector><targetReference>Third</targetReference></connector></recordCreates>\
          <recordDeletes><name>Third</name><inputReference>vTask</inputReference>\
          <connector><targetReference>Fourth</targetReference></connector></recordDeletes>\
          <recordDeletes><name>Fourth</name><object>Contact</object><filters><field>LastName</field><operator>NotEqualTo\
          </operator><value><stringValue>Two</stringValue></value></filters></recordDeletes>"
        + &variable("vTask", "SObject", "<objectType>Task</objectType>")
        + &variable("vId", "String", "");
    let (log, verdict) = after(&account(), &body);
    let expected = [
        "insert Task : Subject = Call Acme, WhatId = 001000000000001AAA",
        "insert Task : Subject = 00T000000000009AAA",
        "delete Task 00T000000000009AAA: ",
        "delete Contact 003000000000001AAA: ",
        "delete Contact 003000000000003AAA: ",
    ];
    assert_eq!(log, expected);
    assert_eq!(verdict, Vec::<String>::new());
}

#[test]
fn a_flow_that_is_called_gives_its_outputs() {
    let main = "<subflows><name>First</name><flowName>Flow2</flowName><inputAssignments><name>vIn</name><value>\
        <elementReference>$Record.Name</elementReference></value></inputAssignments><connector><targetReference>Second\
        </targetReference></connector></subflows>"
        .to_owned()
        + &assign("Second", "$Record.Site", "Assign", &reference("First.vOut"), "");
    let called = "<status>Active</status><processType>AutoLaunchedFlow</processType><start><connector>\
        <targetReference>Do</targetReference></connector></start>"
        .to_owned()
        + &assign(
            "Do",
            "vOut",
            "Assign",
            &text("<{!vIn}>").replace("<{", "&lt;{").replace("}>", "}&gt;"),
            "",
        )
        + &variable("vIn", "String", "<isInput>true</isInput>")
        + &variable("vOut", "String", "<isOutput>true</isOutput>");
    let main = triggered("RecordBeforeSave", "", &main);
    let (verdict, world) = run(&[&main, &called], Phase::BeforeSave, &account());
    assert_eq!((world.log, verdict), (vec!["set Site = <Acme>".to_owned()], Vec::new()));
    let (verdict, _) = run(&[&main], Phase::BeforeSave, &account());
    let reason =
        "? First: First calls the flow Flow2, which is not in the org folder as an active autolaunched flow";
    assert_eq!(verdict, [reason]);
}

#[test]
fn before_delete_flows_see_the_record() {
    let body = decide(
        "First",
        "and",
        &condition("$Record.Name", "EqualTo", &text("Acme")),
        "Other",
        "Nothing",
    ) + "<recordUpdates><name>Other</name><object>Contact</object><filters><field>LastName</field><operator>EqualTo\
          </operator><value><stringValue>Two</stringValue></value></filters><inputAssignments><field>Fax</field><value>\
          <stringValue>1</stringValue></value></inputAssignments></recordUpdates>";
    let mut world = change(&["Name=Acme"], &["Name=Acme"]);
    world.others = account().others;
    let (verdict, world) = run(&[&triggered("RecordBeforeDelete", "", &body)], Phase::BeforeDelete, &world);
    assert_eq!(
        (world.log, verdict),
        (vec!["update Contact 003000000000002AAA: Fax = 1".to_owned()], Vec::new())
    );
}
