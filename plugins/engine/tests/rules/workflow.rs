//! Workflow rules and their field updates.

use engine::{Event, Fault};
use metadata::rules::{FieldUpdate, RuleSet, UpdateValue, WorkflowCondition, WorkflowRule, WorkflowTrigger};

use crate::org::{BOTH, compiled, filter, place};
use crate::world::{Memory, change, new, words};

fn update(field: &str, value: UpdateValue) -> FieldUpdate {
    let target = field.split_once('/').map(|(target, _)| target.to_owned());
    let field = field.rsplit('/').next().unwrap().to_owned();
    FieldUpdate { name: format!("Set_{field}"), field, target, value, reevaluate: false, place: place("Set") }
}

fn again(field: &str, value: UpdateValue) -> FieldUpdate {
    FieldUpdate { reevaluate: true, ..update(field, value) }
}

fn rule(name: &str, trigger: WorkflowTrigger, condition: &str, updates: Vec<FieldUpdate>) -> WorkflowRule {
    WorkflowRule {
        object: "Account".into(),
        name: name.into(),
        trigger,
        condition: WorkflowCondition::Formula(condition.into()),
        updates,
        other_actions: vec![],
        place: place(name),
    }
}

fn literal(text: &str) -> UpdateValue {
    UpdateValue::Literal(text.into())
}

fn formula(text: &str) -> UpdateValue {
    UpdateValue::Formula(text.into())
}

/// The changes as `field=value`, what was updated elsewhere as `id.field=value`, and the verdict's words.
fn check(rules: &[WorkflowRule], event: Event, world: impl Fn() -> Memory, expected: &[&str]) {
    for evaluator in BOTH {
        let compiled = compiled(RuleSet { workflow: rules.to_vec(), ..RuleSet::default() }, evaluator);
        let mut world = world();
        let (changes, verdict) = compiled.rules.workflow("Account", event, &mut world);
        let changes = changes.iter().map(|change| format!("{}={}", change.field, change.value));
        let updated = world.updated.iter().map(|(id, field, value)| format!("{id}.{field}={value}"));
        let found: Vec<_> = changes.chain(updated).chain(words(&verdict)).collect();
        assert_eq!(found, expected, "by {evaluator:?}");
    }
}

#[test]
fn rules_fire_as_their_trigger_says() {
    use WorkflowTrigger::{Create, CreateOrTurnsTrue, EverySave};
    let rules = [
        rule("A", Create, "Score__c > 5", vec![update("Name", literal("create"))]),
        rule("B", EverySave, "Score__c > 5", vec![update("Name", literal("every"))]),
        rule("C", CreateOrTurnsTrue, "Score__c > 5", vec![update("Name", literal("turns"))]),
    ];
    let (high, low) = ("Score__c:number=6", "Score__c:number=");
    let name = "Name=x";
    check(&rules, Event::Create, || new(&[high, name]), &["Name=create", "Name=every", "Name=turns"]);
    check(&rules, Event::Create, || new(&[low, name]), &[]);
    check(&rules, Event::Update, || change(&[low, name], &[high, name]), &["Name=every", "Name=turns"]);
    check(&rules, Event::Update, || change(&[high, name], &[high, name]), &["Name=every"]);
    check(&rules, Event::Delete, || change(&[high, name], &[high, name]), &[]);
    let unknown =
        ["? Account.B: Score__c: the field was not sent", "? Account.C: Score__c: the field was not sent"];
    check(&rules, Event::Update, || change(&[name], &[name]), &unknown);
}

#[test]
fn updates_give_fields_their_values() {
    let every = |updates| [rule("R", WorkflowTrigger::EverySave, "TRUE", updates)];
    let fields =
        &["Score__c:number=3", "Tier__c=Silver", "Name=x", "ParentId=001D000000IRFma", "OwnerId=005"];
    let world = || {
        let found = vec![("User", "Username", "ada@example.com", "005000000000001AAA")];
        Memory { found, ..new(fields) }
    };
    let rules = every(vec![
        update("Score__c", formula("Score__c * 2")),
        update("Share__c", literal("50")),
        update("Open__c", literal("1")),
        update("Tier__c", UpdateValue::Step(1)),
        update("Name", UpdateValue::Null),
        update("OwnerId", UpdateValue::Lookup("ada@example.com".into(), Some("User".into()))),
    ]);
    let expected = [
        "Score__c=6",
        "Share__c=0.5",
        "Open__c=true",
        "Tier__c=Bronze",
        "Name=",
        "OwnerId=005000000000001AAA",
    ];
    check(&rules, Event::Create, world, &expected);

    let parents = every(vec![
        update("Parent/Name", formula("Name & \"!\"")),
        update("ParentId/Score__c", literal("ten")),
        update("Gone__c/Name", literal("a")),
    ]);
    let expected = [
        "001D000000IRFmaIAH.Name=x!",
        "? Account.R.Set_Score__c: its value cannot be stored: \"ten\" is not a Number",
        "? Account.R.Set_Name: it updates Gone__c, to which Account has no lookup",
    ];
    check(&parents, Event::Create, world, &expected);
    check(&parents[..], Event::Create, || new(&["ParentId=", "Name=x"]), &expected[1..]);

    let unknown = every(vec![
        update("OwnerId", UpdateValue::Lookup("Support".into(), Some("Queue".into()))),
        update("ParentId", UpdateValue::Lookup("Acme".into(), None)),
        update("Score__c", formula("Share__c")),
        update("Score__c", formula("1 / 0")),
    ]);
    let expected = [
        "? Account.R.Set_OwnerId: there is no Group whose DeveloperName is \"Support\" here",
        "? Account.R.Set_ParentId: which Account \"Acme\" of Account.ParentId names is not known",
        "? Account.R.Set_Score__c: Share__c: the field was not sent",
        "? Account.R.Set_Score__c: its formula raises an error (F901: division by zero), and what Salesforce does then \
         is not confirmed",
    ];
    check(&unknown, Event::Create, world, &expected);
}

#[test]
fn a_parent_that_refuses_refuses_the_record() {
    let rules = [rule("R", WorkflowTrigger::EverySave, "TRUE", vec![update("Parent/Name", literal("a"))])];
    let fault = Fault::Refused { code: "CODE".into(), message: "No.".into(), fields: vec!["Name".into()] };
    let world = || Memory { fault: Some(fault.clone()), ..new(&["ParentId=001D000000IRFma"]) };
    check(&rules, Event::Create, world, &["001D000000IRFmaIAH.Name=a", "CODE [Name] No."]);
}

#[test]
fn a_change_may_bring_another_round() {
    use WorkflowTrigger::EverySave;
    let world = || new(&["Score__c:number=0", "Name=x"]);
    let first = |update: FieldUpdate| rule("Z", EverySave, "Score__c = 0", vec![update]);
    let second =
        rule("A", EverySave, "Score__c = 1", vec![update("Name", formula("\"score \" & TEXT(Score__c)"))]);
    check(
        &[first(again("Score__c", literal("1"))), second.clone()],
        Event::Create,
        world,
        &["Score__c=1", "Name=score 1"],
    );
    check(&[first(update("Score__c", literal("1"))), second.clone()], Event::Create, world, &["Score__c=1"]);
    check(&[first(again("Score__c", literal("0"))), second], Event::Create, world, &["Score__c=0"]);

    let chain: Vec<_> = (0..9)
        .map(|score| {
            let next = again("Score__c", literal(&(score + 1).to_string()));
            rule(&format!("R{score}"), EverySave, &format!("Score__c = {score}"), vec![next])
        })
        .collect();
    let expected = ["Score__c=1", "Score__c=2", "Score__c=3", "Score__c=4", "Score__c=5", "Score__c=6"];
    check(&chain, Event::Create, world, &expected);
}

#[test]
fn criteria_decide_too() {
    let mut found = rule("R", WorkflowTrigger::EverySave, "", vec![update("Name", literal("hit"))]);
    let criteria = filter(Some("1 OR 2"), &["Account.Share__c greaterThan 50", "Account.Name equals a,B"]);
    found.condition = WorkflowCondition::Criteria(criteria);
    let rules = [found];
    check(&rules, Event::Create, || new(&["Share__c:percent=51", "Name=x"]), &["Name=hit"]);
    check(&rules, Event::Create, || new(&["Share__c:percent=50", "Name=b"]), &["Name=hit"]);
    check(&rules, Event::Create, || new(&["Share__c:percent=50", "Name=x"]), &[]);
}
