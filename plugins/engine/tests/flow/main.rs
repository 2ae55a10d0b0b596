//! Flows of small orgs, from their XML through WASM, asked through the crate's public door.

mod after_save;
mod before_save;
mod elements;
mod entry;
mod nested;
mod org;
mod unknown;
mod world;

use engine::{Event, Verdict};
use metadata::flow::Phase;
use org::Org;
use world::Memory;

/// The verdict of the flows of `Account` in words, by both evaluators, which must agree in all that they do.
fn run(flows: &[&str], phase: Phase, world: &Memory) -> (Vec<String>, Memory) {
    let org = Org::new(flows);
    let mut worlds = org.evaluators().map(|rules| {
        let mut world = world.clone();
        let event = world.event();
        let verdict = match phase {
            Phase::BeforeSave => rules.before_save("Account", event, &mut world),
            Phase::AfterSave => rules.after_save("Account", event, &mut world),
            Phase::BeforeDelete => rules.before_delete("Account", &mut world),
        };
        (words(&verdict), world)
    });
    let (first, second) = (worlds.next().unwrap(), worlds.next().unwrap());
    assert_eq!((&first.0, &first.1.log), (&second.0, &second.1.log), "the evaluators disagree");
    first
}

/// Each refusal as `code [fields] message`, each unknown as `? reason`.
fn words(verdict: &Verdict) -> Vec<String> {
    let refusals = verdict
        .refusals
        .iter()
        .map(|refusal| format!("{} [{}] {}", refusal.code, refusal.fields.join(","), refusal.message));
    let unknown = verdict.unknown.iter().map(|unknown| format!("? {}", unknown.reason));
    refusals.chain(unknown).collect()
}

/// What a before-save flow with this body sets on a record, and its verdict.
fn before(world: &Memory, body: &str) -> (Vec<String>, Vec<String>) {
    let (verdict, world) = run(&[&triggered("RecordBeforeSave", "", body)], Phase::BeforeSave, world);
    (world.log, verdict)
}

/// What an after-save flow with this body does, and its verdict.
fn after(world: &Memory, body: &str) -> (Vec<String>, Vec<String>) {
    let (verdict, world) = run(&[&triggered("RecordAfterSave", "", body)], Phase::AfterSave, world);
    (world.log, verdict)
}

/// A flow on Account that begins with the element `First`.
fn triggered(trigger: &str, start: &str, body: &str) -> String {
    format!(
        "<apiVersion>60.0</apiVersion><label>Check tier</label><processType>AutoLaunchedFlow</processType>
        <status>Active</status><start>{}<object>Account</object><triggerType>{trigger}</triggerType>{start}</start>{body}",
        to("First")
    )
}

/// A connector to an element.
fn to(name: &str) -> String {
    format!("<connector><targetReference>{name}</targetReference></connector>")
}

/// An assignment element with one line; `value` is XML.
fn assign(name: &str, to: &str, operator: &str, value: &str, next: &str) -> String {
    format!(
        "<assignments><name>{name}</name><assignmentItems><assignToReference>{to}</assignToReference>\
        <operator>{operator}</operator><value>{value}</value></assignmentItems>{next}</assignments>"
    )
}

/// A condition; `right` is XML.
fn condition(left: &str, operator: &str, right: &str) -> String {
    format!(
        "<conditions><leftValueReference>{left}</leftValueReference><operator>{operator}</operator>\
        <rightValue>{right}</rightValue></conditions>"
    )
}

/// A decision with one outcome: to `yes` when it holds, else to `no`.
fn decide(name: &str, logic: &str, conditions: &str, yes: &str, no: &str) -> String {
    format!(
        "<decisions><name>{name}</name><defaultConnector><targetReference>{no}</targetReference></defaultConnector>\
        <rules><name>{name}_yes</name><conditionLogic>{logic}</conditionLogic>{conditions}{}</rules></decisions>",
        to(yes)
    )
}

fn text(value: &str) -> String {
    format!("<stringValue>{value}</stringValue>")
}

fn reference(value: &str) -> String {
    format!("<elementReference>{value}</elementReference>")
}

fn flag(value: bool) -> String {
    format!("<booleanValue>{value}</booleanValue>")
}

/// What happens to a record of a world.
impl Memory {
    fn event(&self) -> Event {
        if self.created { Event::Create } else { Event::Update }
    }
}
