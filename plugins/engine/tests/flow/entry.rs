//! Which records start a flow, and in which order flows run.

use engine::flow::FlowTrace;
use metadata::flow::Phase;

use crate::world::{Memory, change, new};
use crate::{assign, flag, run, text, triggered};

/// Whether a flow with this start runs; a verdict instead when it is not known.
fn check(start: &str, world: &Memory, expected: &[&str]) {
    let flow =
        triggered("RecordBeforeSave", start, &assign("First", "$Record.Site", "Assign", &text("ran"), ""));
    let (verdict, world) = run(&[&flow], Phase::BeforeSave, world);
    assert_eq!([world.log, verdict].concat(), expected, "{start}");
}

fn filter(field: &str, operator: &str, value: &str) -> String {
    format!("<filters><field>{field}</field><operator>{operator}</operator><value>{value}</value></filters>")
}

const RAN: &[&str] = &["set Site = ran"];
const CHANGED: &str = "<doesRequireRecordChangedToMeetCriteria>true</doesRequireRecordChangedToMeetCriteria>";

#[test]
fn filters_decide() {
    let world = change(&["Name=Old", "Tier__c=Gold"], &["Name=Acme", "Tier__c=Gold", "Fax="]);
    let gold = filter("Tier__c", "EqualTo", &text("Gold"));
    check(&gold, &world, RAN);
    check(&filter("Tier__c", "NotEqualTo", &text("Gold")), &world, &[]);
    check(&filter("Name", "IsChanged", &flag(true)), &world, RAN);
    check(&filter("Tier__c", "IsChanged", &flag(true)), &world, &[]);
    check(&filter("Tier__c", "IsChanged", &flag(false)), &world, RAN);
    check(&filter("Fax", "IsNull", &flag(true)), &world, RAN);
    check(&filter("Name", "Contains", &text("cm")), &world, RAN);
    let either = format!("<filterLogic>1 OR 2</filterLogic>{gold}{}", filter("Fax", "IsNull", &flag(false)));
    check(&either, &world, RAN);
    check(&filter("Name", "IsChanged", &flag(true)), &new(&["Name=Acme"]), &[]);
    let unknown = filter("Industry", "EqualTo", &text("Steel"));
    check(&unknown, &world, &["? the start: Industry: the field was not sent"]);
    let logic = format!("<filterLogic>1 XOR 2</filterLogic>{gold}");
    check(&logic, &world, &["? the start: the condition logic \"1 XOR 2\" is not understood"]);
}

#[test]
fn formulas_decide() {
    let formula = |text: &str| format!("<filterFormula>{text}</filterFormula>");
    let world = change(&["Name=Old"], &["Name=Acme"]);
    check(&formula("ISCHANGED({!$Record.Name}) &amp;&amp; {!$Record.Name} = \"Acme\""), &world, RAN);
    check(&formula("ISNEW()"), &world, &[]);
    check(&formula("{!$Record__Prior.Name} = \"Old\""), &world, RAN);
    let broken = "? the start: the start does not compile (F101: an expression is expected)";
    let flow = formula("AND(");
    let (verdict, _) = run(&[&triggered("RecordBeforeSave", &flow, "")], Phase::BeforeSave, &world);
    assert!(verdict[0].starts_with(broken.split(" (").next().unwrap()), "{verdict:?}");
}

#[test]
fn only_a_change_that_meets_the_criteria_counts() {
    let gold = format!("{CHANGED}{}", filter("Tier__c", "EqualTo", &text("Gold")));
    check(&gold, &change(&["Tier__c=Gold"], &["Tier__c=Gold"]), &[]);
    check(&gold, &change(&["Tier__c=Old"], &["Tier__c=Gold"]), RAN);
    check(&gold, &change(&["Tier__c=Gold"], &["Tier__c=Old"]), &[]);
    check(&gold, &new(&["Tier__c=Gold"]), RAN);
    let formula = format!("{CHANGED}<filterFormula>{{!$Record.Tier__c}} = \"Gold\"</filterFormula>");
    check(&formula, &change(&["Tier__c=Gold"], &["Tier__c=Gold"]), &[]);
    check(&formula, &change(&["Tier__c=Old"], &["Tier__c=Gold"]), RAN);
    check(
        &formula,
        &change(&["Name=x"], &["Tier__c=Gold"]),
        &["? the start: the start's formula: Tier__c: Tier__c: the field was not sent"],
    );
}

#[test]
fn events_and_phases_choose_flows() {
    let on = |event: &str| format!("<recordTriggerType>{event}</recordTriggerType>");
    let (created, changed) = (new(&["Name=x"]), change(&["Name=x"], &["Name=x"]));
    check(&on("Create"), &created, RAN);
    check(&on("Create"), &changed, &[]);
    check(&on("Update"), &created, &[]);
    check(&on("Update"), &changed, RAN);
    check(&on("CreateAndUpdate"), &created, RAN);
    let body = assign("First", "$Record.Site", "Assign", &text("ran"), "");
    let (_, world) = run(&[&triggered("RecordAfterSave", "", &body)], Phase::BeforeSave, &created);
    assert_eq!(world.log, Vec::<String>::new());
}

#[test]
fn flows_run_in_their_order() {
    let flow = |order: &str, site: &str| {
        let body = assign("First", "$Record.Site", "Assign", &text(site), "");
        format!("{order}{}", triggered("RecordBeforeSave", "", &body))
    };
    let order = |number: u32| format!("<triggerOrder>{number}</triggerOrder>");
    let flows = [
        flow(&order(1500), "last"),
        flow("", "by name"),
        flow(&order(20), "20"),
        flow(&order(3), "3"),
        flow("", "next"),
    ];
    let (_, world) = run(&flows.each_ref().map(String::as_str), Phase::BeforeSave, &new(&[]));
    assert_eq!(world.log, ["3", "20", "by name", "next", "last"].map(|site| format!("set Site = {site}")));
}

#[test]
fn a_trace_says_what_ran() {
    let start = format!(
        "{}<scheduledPaths><name>Later</name></scheduledPaths>",
        filter("Tier__c", "EqualTo", &text("Gold"))
    );
    let body = assign("First", "$Record.Site", "Assign", &text("ran"), "");
    let org = crate::org::Org::new(&[&triggered("RecordBeforeSave", &start, &body)]);
    let trace = |world: &Memory| {
        let explanation = org.wasm.rules.explain("Account", engine::Event::Create, &mut world.clone());
        let steps = |trace: &FlowTrace| {
            let shown = |step: &engine::FlowStep| format!("{} {} {}", step.element, step.kind, step.detail);
            trace.steps.iter().map(shown).collect::<Vec<_>>()
        };
        explanation.flows.iter().flat_map(steps).collect::<Vec<_>>()
    };
    let criterion = |holds: bool, tier: &str| {
        format!("start criterion $Record.Tier__c EqualTo: {holds} (\"{tier}\" and \"Gold\")")
    };
    let expected = vec![
        criterion(true, "Gold"),
        "First element assignment".to_owned(),
        "First assignment $Record.Site = \"ran\"".to_owned(),
        "Later scheduled runs after the save is committed: not run".to_owned(),
        "end end the flow ends".to_owned(),
    ];
    assert_eq!(trace(&new(&["Tier__c=Gold"])), expected);
    let expected =
        vec![criterion(false, "Old"), "start end the record does not meet the criteria".to_owned()];
    assert_eq!(trace(&new(&["Tier__c=Old"])), expected);
}
