//! What cannot be known or is not understood: the flow stops there, what it did before stays. Also limits.

use metadata::flow::Phase;

use crate::nested::Nested;
use crate::org::Org;
use crate::world::new;
use crate::{assign, before, condition, decide, reference, run, text, to, triggered, words};

/// The flow sets a field and then runs into something.
fn check(second: &str, reason: &str) {
    let body = assign("First", "$Record.Site", "Assign", &text("kept"), &to("Second")) + second;
    let (log, verdict) = before(&new(&["Name=Acme"]), &body);
    assert_eq!(log, ["set Site = kept"], "{second}");
    assert_eq!(verdict, [format!("? {reason}")]);
}

#[test]
fn the_element_is_named() {
    let apex = "<actionCalls><name>Second</name><actionName>SyncTier</actionName><actionType>apex</actionType></actionCalls>";
    check(
        apex,
        "Second: Second runs the Apex action SyncTier, and what Apex does cannot be known from metadata",
    );
    let submit = apex.replace("apex", "submit");
    check(&submit, "Second: Second runs the action SyncTier (submit), which is not simulated");
    check("<screens><name>Second</name></screens>", "Second: Second (screens) is not understood");
    check("", "the start: the flow leads to Second, which is no element that is understood");
    check(
        &assign("Second", "$Record.Fax", "Assign", &reference("$Record.Industry"), ""),
        "Second: Industry: the field was not sent",
    );
    check(
        &assign("Second", "$Record.Fax", "Multiply", &text("2"), ""),
        "Second: Fax: the field was not sent",
    );
    check(
        &decide("Second", "and", &condition("$Record.Name", "Resembles", &text("x")), "Second", "Second"),
        "Second: the operator Resembles is not understood",
    );
    check(
        &assign("Second", "$Record.Fax", "Assign", &text("on {!$Flow.CurrentDate}"), ""),
        "Second: how $Flow.CurrentDate, a Date, is shown in a text is not known",
    );
}

#[test]
fn notifications_leave_the_record_as_it_is() {
    let body =
        "<actionCalls><name>First</name><actionName>Tell</actionName><actionType>emailAlert</actionType>\
        <connector><targetReference>Second</targetReference></connector></actionCalls>"
            .to_owned()
            + &assign("Second", "$Record.Site", "Assign", &text("on"), "");
    assert_eq!(before(&new(&[]), &body), (vec!["set Site = on".to_owned()], Vec::new()));
}

#[test]
fn an_unknown_value_may_be_held_until_it_matters() {
    let body = assign("First", "vText", "Assign", &reference("$Record.Industry"), &to("Second"))
        + &assign("Second", "$Record.Site", "Assign", &text("on"), &to("Third"))
        + &assign("Third", "$Record.Fax", "Assign", &reference("vText"), "")
        + "<variables><name>vText</name><dataType>String</dataType></variables>";
    let reason = "? Third: Industry: the field was not sent".to_owned();
    assert_eq!(before(&new(&[]), &body), (vec!["set Site = on".to_owned()], vec![reason]));
}

#[test]
fn a_flow_that_never_ends_is_stopped() {
    let forever = assign("First", "vCount", "Add", "<numberValue>1</numberValue>", &to("First"))
        + "<variables><name>vCount</name><dataType>Number</dataType></variables>";
    let flow = triggered("RecordBeforeSave", "", &forever);
    let verdict = |flow: &str| run(&[flow], Phase::BeforeSave, &new(&[])).0;
    assert_eq!(verdict(&flow), ["? First: more than 50000 elements ran"]);
    let [refusal] = &verdict(&flow.replace("60.0", "56.0"))[..] else { panic!("one refusal") };
    assert!(refusal.starts_with("CANNOT_EXECUTE_FLOW_TRIGGER []"), "{refusal}");
    assert!(refusal.contains("Number of iterations exceeded (2000 executed elements)"), "{refusal}");
}

#[test]
fn the_report_tells_what_is_understood() {
    let formula = |text: &str| {
        let body = assign("First", "$Record.Site", "Assign", &reference("fText"), "");
        let formula = format!(
            "{body}<formulas><name>fText</name><dataType>String</dataType>\n<expression>\n{text}</expression></formulas>"
        );
        triggered("RecordBeforeSave", "", &formula)
    };
    let good = formula("{!$Record.Name}");
    let missing = formula("{!vGone}");
    let broken = formula("UPPER(");
    let apex = triggered(
        "RecordAfterSave",
        "",
        "<actionCalls><name>First</name><actionName>A</actionName>\
        <actionType>apex</actionType></actionCalls>",
    );
    let org = Org::new(&[&good, &missing, &broken, &apex]);
    let report = &org.wasm.report;
    let compiled: Vec<&str> = report.compiled.iter().map(|rule| rule.name.as_str()).collect();
    assert_eq!(compiled.iter().filter(|name| name.starts_with("Flow")).collect::<Vec<_>>(), [&"Flow1"]);
    let unknown: Vec<String> =
        report.unknown.iter().map(|found| format!("{}: {}", found.name, found.reason)).collect();
    assert!(
        unknown[0].starts_with("Flow2: formula fText does not compile (F202: there is no field vGone"),
        "{unknown:?}"
    );
    assert!(unknown.contains(
        &"Flow4: First runs the Apex action A, and what Apex does cannot be known from metadata".to_owned()
    ));
    let errors: Vec<_> = report.errors.iter().map(|error| (error.rule.name.as_str(), error.line)).collect();
    assert!(!errors.is_empty() && errors.iter().all(|error| error.0 == "Flow3"), "{errors:?}");
}

#[test]
fn the_first_flow_that_refuses_is_the_last() {
    let stop = "<customErrors><name>First</name><customErrorMessages><errorMessage>No.</errorMessage></customErrorMessages>\
        </customErrors>";
    let stop = triggered("RecordBeforeSave", "", stop);
    let (verdict, world) = run(&[&stop, &stop], Phase::BeforeSave, &new(&[]));
    assert_eq!(verdict, ["FIELD_CUSTOM_VALIDATION_EXCEPTION [] No."]);
    assert_eq!(world.log, Vec::<String>::new());
}

#[test]
fn a_flow_does_not_start_itself_again() {
    let body = "<recordUpdates><name>First</name><inputReference>$Record</inputReference></recordUpdates>";
    let org = Org::new(&[&triggered("RecordAfterSave", "", body)]);
    for rules in org.evaluators() {
        let mut world = Nested { inner: new(&[]).stored(), rules, depth: 0 };
        let verdict = rules.after_save("Account", engine::Event::Update, &mut world);
        assert_eq!(words(&verdict), Vec::<String>::new());
        assert_eq!(world.inner.log.len(), 1, "{:?}", world.inner.log);
    }
}

#[test]
fn flows_that_start_each_other_on_new_records_are_stopped() {
    let body = "<recordCreates><name>First</name><object>Account</object></recordCreates>";
    let org = Org::new(&[&triggered("RecordAfterSave", "", body)]);
    for rules in org.evaluators() {
        let mut world = Nested { inner: new(&[]).stored(), rules, depth: 0 };
        let verdict = words(&rules.after_save("Account", engine::Event::Create, &mut world));
        assert!(verdict[0].contains("Flows have started each other more than 16 deep."), "{verdict:?}");
        assert_eq!(world.inner.log.len(), 16);
    }
}
