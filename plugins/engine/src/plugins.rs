//! Authors' plugins: which are asked about a record, with what, and what becomes of their answers.
//!
//! A plugin that breaks a limit is unknown for the record, with its name and the limit; never a refusal.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fmt;

use formula::{DateTime, Lookup, Record, Type, Value};
use host::component::{self, Answer, Context, Phase, Plugin, Row};

use crate::formulas::Formulas;
use crate::ids::case_safe;
use crate::run::{Judge, fault_reason};
use crate::verdict::{Refusal, RuleKind, RuleName, Unknown, Verdict};
use crate::world::{Event, Fault, RecordId, World};

/// What a trigger's failed save is called (reference §3.2).
const TRIGGER_FAILED: &str = "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY";
/// Saves that after-save plugins make inside of each other (Apex Developer Guide, "Triggers": 16).
const DEPTH_MAX: usize = 16;

thread_local! {
    static DEPTH: Cell<usize> = const { Cell::new(0) };
}

/// The plugins of an org folder, in the order of their names.
#[derive(Clone, Default)]
pub(crate) struct Plugins(pub Vec<Plugin>);

/// When plugins are asked.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'a> {
    /// API name of the object.
    pub object: &'a str,
    /// The step of the save.
    pub phase: Phase,
    /// What happens to the record.
    pub event: Event,
}

impl Plugins {
    /// Asks all plugins that want to see the record, one after the other; each sees what those before it changed.
    pub fn run(&self, asked: Asked<'_>, formulas: &Formulas, world: &mut dyn World) -> Verdict {
        let mut verdict = Verdict::default();
        for plugin in self.0.iter().filter(|plugin| wants(plugin, asked)) {
            let rule = rule(plugin.name());
            let answer = ask(plugin, asked, &Judge::new(formulas, asked.object, world));
            match answer {
                Answer::Accept => {}
                Answer::Refuse(refusals) => {
                    verdict.refusals.extend(refusals.into_iter().map(|refusal| Refusal {
                        code: refusal.code,
                        message: refusal.message,
                        fields: refusal.fields,
                        rule: rule.clone(),
                    }))
                }
                Answer::Unknown(reason) => verdict.unknown.push(Unknown { rule, reason }),
                Answer::Change(changes) => verdict.extend(change(&rule, asked, changes, world)),
            }
        }
        verdict
    }
}

/// The name of a plugin of the org folder.
pub(crate) fn rule(name: &str) -> RuleName {
    RuleName { kind: RuleKind::Plugin, name: name.to_owned(), file: format!("plugins/{name}.wasm") }
}

fn wants(plugin: &Plugin, asked: Asked<'_>) -> bool {
    let description = plugin.description();
    let event = event_of(asked.event);
    description.objects.iter().any(|object| object.eq_ignore_ascii_case(asked.object))
        && description.triggers.iter().any(|trigger| trigger.phase == asked.phase && trigger.event == event)
}

fn event_of(event: Event) -> component::Event {
    match event {
        Event::Create => component::Event::Create,
        Event::Update => component::Event::Update,
        Event::Delete => component::Event::Delete,
    }
}

/// What a plugin says about a record.
fn ask(plugin: &Plugin, asked: Asked<'_>, judge: &Judge<'_>) -> Answer {
    let (plan, view) = (judge.formulas.plan(), judge.view());
    let types = plan.object(asked.object).map(|object| &object.types);
    let given =
        |path: &str| types.and_then(|types| types.get(&path.to_ascii_lowercase())).map(|given| given.0);
    let fields = &plugin.description().fields;
    let values = |read: &dyn Fn(&str) -> Lookup| -> Vec<component::Value> {
        let value = |path: &String| match given(path) {
            Some(given) => outgoing(read(path), given),
            // The object has no such field.
            None => component::Value::Null,
        };
        fields.iter().map(value).collect()
    };
    let prior = (asked.event != Event::Create).then(|| values(&|path| view.prior_value(path)));
    let row = Row { values: values(&|path| view.value(path)), prior };
    let context = Context {
        object: asked.object.to_owned(),
        phase: asked.phase,
        event: event_of(asked.event),
        user: plan.user.clone(),
        now: moment(judge.environment.now),
    };
    match plugin.evaluate(&context, &[row]) {
        Ok(answers) => answers.into_iter().next().unwrap_or(Answer::Accept),
        Err(failure) => Answer::Unknown(failure.kind.to_string()),
    }
}

/// A value as the contract writes it.
fn outgoing(found: Lookup, given: Type) -> component::Value {
    use component::Value as Out;
    let Lookup::Known(value) = found else { return Out::Unknown };
    match value {
        Value::Null => Out::Null,
        Value::Boolean(value) => Out::Boolean(value),
        Value::Number(number) => Out::Decimal(number.to_string()),
        Value::Text(text) if given == Type::Id => Out::Text(case_safe(&text)),
        Value::Text(text) => Out::Text(text),
        Value::Date(date) => Out::Date(date.to_string()),
        Value::DateTime(at) => Out::DateTime(moment(at)),
        Value::Time(time) => Out::Time(time.to_string()),
        Value::Location(..) => Out::Unknown,
    }
}

/// `2026-11-23T19:05:00.000Z`
fn moment(at: DateTime) -> String {
    format!("{}T{}Z", at.date(0), at.time())
}

/// A value that a plugin gives; `Err` says why it is none.
fn incoming(value: component::Value) -> Result<Value, String> {
    use component::Value as In;
    let read = |given: Type, text: &str| Value::read(given, text).map_err(|error| error.to_string());
    match value {
        In::Null => Ok(Value::Null),
        In::Boolean(value) => Ok(Value::Boolean(value)),
        In::Decimal(digits) => read(Type::NUMBER, &digits),
        In::Text(text) => Ok(Value::text(text)),
        In::Date(text) => read(Type::Date, &text),
        In::DateTime(text) => read(Type::DateTime, &text),
        In::Time(text) => read(Type::Time, &text),
        In::Unknown => Err("it gives a field a value that is not known".to_owned()),
    }
}

/// Makes a plugin's changes: before the save in the record, after it by a save of its own.
fn change(
    rule: &RuleName,
    asked: Asked<'_>,
    changes: Vec<component::Change>,
    world: &mut dyn World,
) -> Verdict {
    let mut values = BTreeMap::new();
    for change in changes {
        match incoming(change.value) {
            Ok(value) => values.insert(change.field, value),
            Err(reason) => return unknown(rule, format!("{}: {reason}", change.field)),
        };
    }
    match (asked.phase, world.id()) {
        (Phase::BeforeSave, _) => {
            for (field, value) in values {
                if let Err(fault) = world.set(&field, value) {
                    return refused(rule, fault);
                }
            }
            Verdict::default()
        }
        (Phase::AfterSave, None) => unknown(rule, "the record has no id here".to_owned()),
        (Phase::AfterSave, Some(id)) => {
            values.retain(|field, value| world.record().value(field) != Lookup::Known(value.clone()));
            save_again(rule, asked, RecordId { object: asked.object.to_owned(), id }, &values, world)
        }
    }
}

fn save_again(
    rule: &RuleName,
    asked: Asked<'_>,
    record: RecordId,
    values: &BTreeMap<String, Value>,
    world: &mut dyn World,
) -> Verdict {
    if values.is_empty() {
        return Verdict::default();
    }
    if DEPTH.get() >= DEPTH_MAX {
        let message = format!("{}: maximum trigger depth exceeded", rule.name);
        return refusal(rule, TRIGGER_FAILED.to_owned(), message, Vec::new());
    }
    DEPTH.set(DEPTH.get() + 1);
    let saved = world.update(&record, values);
    DEPTH.set(DEPTH.get() - 1);
    match saved {
        Ok(()) => Verdict::default(),
        Err(Fault::Refused { code, message, fields }) => {
            let event = if asked.event == Event::Create { "AfterInsert" } else { "AfterUpdate" };
            let message = format!(
                "{}: execution of {event}\n\ncaused by: System.DmlException: Update failed. First exception on row 0 \
                 with id {}; first error: {code}, {message}: [{}]",
                rule.name,
                record.id,
                fields.join(", ")
            );
            refusal(rule, TRIGGER_FAILED.to_owned(), message, Vec::new())
        }
        Err(other) => unknown(rule, fault_reason(&other)),
    }
}

fn refused(rule: &RuleName, fault: Fault) -> Verdict {
    match fault {
        Fault::Refused { code, message, fields } => refusal(rule, code, message, fields),
        other => unknown(rule, fault_reason(&other)),
    }
}

fn refusal(rule: &RuleName, code: String, message: String, fields: Vec<String>) -> Verdict {
    Verdict { refusals: vec![Refusal { code, message, fields, rule: rule.clone() }], unknown: Vec::new() }
}

fn unknown(rule: &RuleName, reason: String) -> Verdict {
    Verdict { refusals: Vec::new(), unknown: vec![Unknown { rule: rule.clone(), reason }] }
}

impl fmt::Debug for Plugins {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self.0.iter().map(Plugin::name)).finish()
    }
}
