//! Flows after the save: updates of the record and its parent, refusals, fault paths.

use engine::Fault;

use crate::world::{ID, Memory, change, new, refused};
use crate::{after, assign, condition, decide, flag, reference, text, to};

const PARENT: &str = "001000000000002AAA";

/// A stored account with a parent.
fn child() -> Memory {
    let short = &PARENT[..15];
    new(&["Name=Acme", &format!("ParentId:id={short}"), "Site="]).stored()
}

fn update(name: &str, input: &str, field: &str, value: &str, more: &str) -> String {
    format!(
        "<recordUpdates><name>{name}</name><inputReference>{input}</inputReference><inputAssignments>\
        <field>{field}</field><value>{value}</value></inputAssignments>{more}</recordUpdates>"
    )
}

fn fault(name: &str) -> String {
    format!("<faultConnector><targetReference>{name}</targetReference></faultConnector>")
}

#[test]
fn the_record_is_saved_again_with_what_was_assigned() {
    let body = assign("First", "$Record.Fax", "Assign", &text("1"), &to("Second"))
        + &assign("Second", "$Record.Site", "Assign", &reference("$Record.Fax"), &to("Third"))
        + &update("Third", "$Record", "Phone", &text("2"), "");
    assert_eq!(
        after(&child(), &body),
        (vec![format!("update Account {ID}: Fax = 1, Phone = 2, Site = 1")], Vec::new())
    );
}

#[test]
fn what_is_assigned_and_not_saved_is_lost() {
    let body = assign("First", "$Record.Fax", "Assign", &text("1"), "");
    assert_eq!(after(&child(), &body), (Vec::new(), Vec::new()));
}

#[test]
fn a_parent_is_updated() {
    let body = update("First", "$Record.Parent", "Site", &reference("$Record.Name"), "");
    assert_eq!(after(&child(), &body), (vec![format!("update Account {PARENT}: Site = Acme")], Vec::new()));
    assert_eq!(after(&new(&["Name=Acme", "ParentId="]).stored(), &body), (Vec::new(), Vec::new()));
}

#[test]
fn a_refused_update_without_a_fault_path_refuses_the_record() {
    let body = update("First", "$Record.Parent", "Site", &text("x"), &to("Second"))
        + &update("Second", "$Record", "Site", &text("never"), "");
    let world = child().failing("Account", refused("FIELD_CUSTOM_VALIDATION_EXCEPTION", "Tier is needed."));
    let (log, verdict) = after(&world, &body);
    assert_eq!(log, [format!("update Account {PARENT}: Site = x")]);
    let [refusal] = &verdict[..] else { panic!("one refusal: {verdict:?}") };
    let (text, id) = refusal.split_once(" Error ID: ").unwrap();
    let expected = "CANNOT_EXECUTE_FLOW_TRIGGER [] We can't save this record because the “Check tier” process failed. \
        Give your Salesforce admin these details. This error occurred when the flow tried to update records: \
        FIELD_CUSTOM_VALIDATION_EXCEPTION: Tier is needed. \
        You can look up ExceptionCode values in the SOAP API Developer Guide.";
    assert_eq!(text, expected);
    let digits: String =
        id.chars().map(|letter| if letter.is_ascii_digit() { '9' } else { letter }).collect();
    assert_eq!(digits, "999999999-9999 (-99999999)");
    assert_eq!(after(&world, &body).1, verdict, "the error's id is stable");
}

#[test]
fn a_fault_path_goes_on() {
    let body = update("First", "$Record.Parent", "Site", &text("x"), &(to("Never") + &fault("Caught")))
        + "<recordCreates><name>Caught</name><object>Task</object><inputAssignments><field>Subject</field><value>\
          <elementReference>$Flow.FaultMessage</elementReference></value></inputAssignments></recordCreates>"
        + &update("Never", "$Record", "Site", &text("never"), "");
    let world = child().failing("Account", refused("DUPLICATE_VALUE", "duplicate value found"));
    let message = "This error occurred when the flow tried to update records: DUPLICATE_VALUE: duplicate value found. \
        You can look up ExceptionCode values in the SOAP API Developer Guide.";
    let expected =
        vec![format!("update Account {PARENT}: Site = x"), format!("insert Task : Subject = {message}")];
    assert_eq!(after(&world, &body), (expected, Vec::new()));
}

#[test]
fn what_the_world_does_not_know_is_unknown_even_with_a_fault_path() {
    let body = update("First", "$Record.Parent", "Site", &text("x"), &fault("Caught"))
        + &update("Caught", "$Record", "Site", &text("never"), "");
    let world = child().failing("Account", Fault::Unknown("other records are not known locally".into()));
    let (log, verdict) = after(&world, &body);
    assert_eq!(log.len(), 1);
    assert_eq!(verdict, ["? First: other records are not known locally"]);
}

#[test]
fn decisions_after_the_save_see_the_change() {
    let body =
        decide("First", "and", &condition("$Record.Site", "IsChanged", &flag(true)), "Second", "Nothing")
            + &update("Second", "$Record", "Fax", &reference("$Record__Prior.Site"), "");
    let world = change(&["Site=a"], &["Site=b"]);
    assert_eq!(after(&world, &body), (vec![format!("update Account {ID}: Fax = a")], Vec::new()));
}
