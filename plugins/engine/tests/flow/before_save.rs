//! Flows before the save: assignments, decisions, formulas, custom errors.

use crate::world::{Memory, change, new};
use crate::{assign, before, condition, decide, flag, reference, text, to};

/// What is set, or else the verdict.
fn check(world: &Memory, body: &str, expected: &[&str]) {
    let (mut log, verdict) = before(world, body);
    log.extend(verdict);
    assert_eq!(log, expected, "{body}");
}

fn formula(name: &str, data_type: &str, expression: &str) -> String {
    format!(
        "<formulas><name>{name}</name><dataType>{data_type}</dataType><expression>{expression}</expression></formulas>"
    )
}

#[test]
fn assignments_are_seen_by_later_elements() {
    let body = assign("First", "$Record.Site", "Assign", &text("North"), &to("Second"))
        + &assign("Second", "$Record.Tier__c", "Assign", &reference("$Record.Site"), &to("Third"))
        + &assign("Third", "$Record.Tier__c", "Add", &text("&amp; {!$Record.Site}"), "");
    check(
        &new(&["Name=Acme"]),
        &body,
        &["set Site = North", "set Tier__c = North", "set Tier__c = North& North"],
    );
}

#[test]
fn update_of_the_record_itself_only_sets_its_fields() {
    let body = "<recordUpdates><name>First</name><inputReference>$Record</inputReference>\
        <inputAssignments><field>Site</field><value><stringValue>North</stringValue></value></inputAssignments>\
        <inputAssignments><field>Since__c</field><value><elementReference>$Flow.CurrentDate</elementReference></value>\
        </inputAssignments><inputAssignments><field>Fax</field></inputAssignments></recordUpdates>";
    check(&new(&[]), body, &["set Site = North", "set Since__c = 2024-01-31", "set Fax = "]);
}

#[test]
fn decisions_take_the_first_outcome_that_holds() {
    let body = |logic: &str, conditions: &str| {
        decide("First", logic, conditions, "Yes", "No")
            + &assign("Yes", "$Record.Site", "Assign", &text("yes"), "")
            + &assign("No", "$Record.Site", "Assign", &text("no"), "")
    };
    let world = new(&["Name=Acme", "Score__c:number=5", "Open__c:boolean=true", "Site=", "Fax=1"]);
    let holds = |logic: &str, conditions: &[String], expected: bool| {
        let expected = if expected { "set Site = yes" } else { "set Site = no" };
        check(&world, &body(logic, &conditions.concat()), &[expected]);
    };
    let yes = || condition("$Record.Name", "EqualTo", &text("Acme"));
    let no = || condition("$Record.Score__c", "GreaterThan", "<numberValue>5.0</numberValue>");
    let gone = || condition("$Record.Industry", "EqualTo", &text("Steel"));
    holds("and", &[yes(), yes()], true);
    holds("and", &[yes(), no()], false);
    holds("or", &[no(), yes()], true);
    holds("or", &[no(), no()], false);
    holds("1 AND (2 OR 3)", &[yes(), no(), yes()], true);
    holds("1 AND (2 OR 3)", &[no(), yes(), yes()], false);
    holds("NOT(1) AND 2", &[no(), yes()], true);
    // What is not known matters only when nothing else decides.
    holds("or", &[gone(), yes()], true);
    holds("and", &[gone(), no()], false);
    holds("(1 OR 2) AND (3 OR 4)", &[gone(), yes(), gone(), yes()], true);
    holds("and", &[condition("$Record.Site", "IsNull", &flag(true))], true);
    holds("and", &[condition("$Record.Site", "IsBlank", &flag(false))], false);
    holds("and", &[condition("$Record.Open__c", "EqualTo", &flag(true))], true);
    holds("and", &[condition("$Record.Fax", "NotEqualTo", &text("2"))], true);
    holds("and", &[condition("$Record.Name", "StartsWith", &text("Ac"))], true);
    holds("and", &[condition("$Record.Name", "Contains", &text("ac"))], false);
    let (log, verdict) = before(&world, &body("and", &[gone(), yes()].concat()));
    let reason = "? First: Industry: the field was not sent".to_owned();
    assert_eq!((log, verdict), (Vec::new(), vec![reason]));
}

#[test]
fn formulas_variables_constants_and_templates() {
    let body = assign("First", "$Record.Tier__c", "Assign", &reference("fTier"), &to("Second"))
        + &assign("Second", "$Record.Site", "Assign", &reference("tHello"), &to("Third"))
        + &assign("Third", "$Record.Score__c", "Assign", &reference("fSum"), "")
        + &formula("fBig", "Boolean", "{!$Record.Score__c} &gt; {!cLimit} &amp;&amp; NOT(ISBLANK({! vWord }))")
        + &formula("fTier", "String", "IF({!fBig}, \"{!big}\", {!vWord} &amp; \"?\")")
        + &formula("fSum", "Number", "{!$Record.Score__c} + {!Score__c}")
        + "<constants><name>cLimit</name><dataType>Number</dataType><value><numberValue>10.0</numberValue></value></constants>
        <variables><name>vWord</name><dataType>String</dataType><value><stringValue>small</stringValue></value></variables>
        <variables><name>Score__c</name><dataType>Number</dataType><value><numberValue>100</numberValue></value></variables>
        <textTemplates><name>tHello</name><text>Hello {!$Record.Name}, {!fTier}!</text></textTemplates>";
    let expected = ["set Tier__c = {!big}", "set Site = Hello Acme, {!big}!", "set Score__c = 111"];
    check(&new(&["Name=Acme", "Score__c:number=11"]), &body, &expected);
    let expected = ["set Tier__c = small?", "set Site = Hello Acme, small?!", "set Score__c = 109"];
    check(&new(&["Name=Acme", "Score__c:number=9"]), &body, &expected);
}

#[test]
fn formula_fields_and_percentages() {
    let body = assign("First", "$Record.Score__c", "Assign", &reference("$Record.Double__c"), &to("Second"))
        + &assign("Second", "$Record.Share__c", "Assign", "<numberValue>25</numberValue>", &to("Third"))
        + &assign("Third", "$Record.Site", "Assign", &text("{!$Record.Share__c} {!fShare}"), "")
        + &formula("fShare", "Number", "{!$Record.Share__c} * 4");
    let world = new(&["Score__c:number=4", "Share__c:percent=50"]);
    check(&world, &body, &["set Score__c = 8", "set Share__c = 0.25", "set Site = 25 1"]);
}

#[test]
fn before_the_change() {
    let body = assign("First", "$Record.Site", "Assign", &reference("$Record__Prior.Name"), &to("Second"))
        + &decide("Second", "and", &condition("$Record.Name", "IsChanged", &flag(true)), "Third", "Fourth")
        + &assign("Third", "$Record.Fax", "Assign", &reference("fChange"), "")
        + &assign("Fourth", "$Record.Fax", "Assign", &text("same"), "")
        + &formula(
            "fChange",
            "String",
            "{!$Record__Prior.Name} &amp; \"-\" &amp; PRIORVALUE({!$Record.Name})",
        );
    check(&change(&["Name=Old"], &["Name=New"]), &body, &["set Site = Old", "set Fax = Old-Old"]);
    check(&change(&["Name=Old"], &["Name=Old"]), &body, &["set Site = Old", "set Fax = same"]);
    check(&new(&["Name=New"]), &body, &["set Site = ", "set Fax = same"]);
}

#[test]
fn all_custom_errors_are_collected() {
    let body = "<customErrors><name>First</name><customErrorMessages><errorMessage>Tier of {!$Record.Name} is needed.\
        </errorMessage><fieldSelection>Tier__c</fieldSelection><isFieldError>true</isFieldError></customErrorMessages>\
        <customErrorMessages><errorMessage>Ask {!$Record.Gone__c}.</errorMessage><isFieldError>false</isFieldError>\
        </customErrorMessages><connector><targetReference>Second</targetReference></connector></customErrors>\
        <customErrors><name>Second</name><customErrorMessages><errorMessage>No.</errorMessage></customErrorMessages>\
        </customErrors>";
    let code = "FIELD_CUSTOM_VALIDATION_EXCEPTION";
    let expected = [
        format!("{code} [Tier__c] Tier of Acme is needed."),
        format!("{code} [] Ask {{!$Record.Gone__c}}."),
        format!("{code} [] No."),
    ];
    check(&new(&["Name=Acme"]), body, &expected.each_ref().map(String::as_str));
}
