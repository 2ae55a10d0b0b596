//! Workflow rules: which fire, and what their field updates change.
//!
//! All rules of a round see the record as it was before the round. An update that asks for re-evaluation and changes
//! its field brings another round, for the rules that have not fired yet; after five of them it ends (Salesforce Help,
//! "Field Updates That Re-evaluate Workflow Rules").

use std::collections::BTreeMap;

use formula::{Lookup, Record, Value};

use super::judge::{Answer, Judge, raised};
use super::update::{fault_reason, value_of};
use crate::formulas::Formulas;
use crate::ids::case_safe;
use crate::plan::{ParentPlan, Trigger, UpdatePlan, WorkflowPlan};
use crate::verdict::{Change, Refusal, Unknown, Verdict};
use crate::world::{Event, Fault, RecordId, World};

/// Rounds after the first.
const REEVALUATIONS_MAX: usize = 5;

/// What the workflow rules of an object change on its record, in order. Parents are updated at once.
pub(crate) fn workflow(
    formulas: &Formulas,
    object: &str,
    event: Event,
    world: &mut dyn World,
) -> (Vec<Change>, Verdict) {
    let rules = formulas.plan().object(object).map_or(&[][..], |object| &object.workflow);
    let mut run = Run {
        formulas,
        object,
        event,
        changes: Vec::new(),
        values: BTreeMap::new(),
        verdict: Verdict::default(),
    };
    let mut waiting: Vec<&WorkflowPlan> = rules.iter().collect();
    for round in 0..=REEVALUATIONS_MAX {
        let fired = run.round(&mut waiting, round, world);
        if !fired {
            break;
        }
    }
    (run.changes, run.verdict)
}

struct Run<'a> {
    formulas: &'a Formulas,
    object: &'a str,
    event: Event,
    changes: Vec<Change>,
    /// The record's changed values by lower-cased field.
    values: BTreeMap<String, Value>,
    verdict: Verdict,
}

impl Run<'_> {
    /// Fires what is to be fired; whether rules are to be evaluated again.
    fn round(&mut self, waiting: &mut Vec<&WorkflowPlan>, round: usize, world: &mut dyn World) -> bool {
        let (mut fired, mut unknown) = (Vec::new(), Vec::new());
        {
            let record = Changed { record: world.record(), values: &self.values };
            let judge = Judge::of(self.formulas, self.object, &record, world.environment());
            let earlier = Before(world.record());
            let before = Judge::of(self.formulas, self.object, &earlier, world.environment());
            waiting.retain(|rule| match self.fires(rule, &judge, &before) {
                Answer::Yes => {
                    fired.push(*rule);
                    false
                }
                Answer::No => true,
                Answer::Unknown(reason) => {
                    unknown.push(Unknown { rule: rule.rule.clone(), reason });
                    // Once is enough to say so.
                    false
                }
            });
        }
        self.verdict.unknown.extend(unknown);
        let before = self.values.clone();
        let mut again = false;
        for rule in fired {
            for update in &rule.updates {
                again |= self.update(update, &before, world) && update.reevaluate;
            }
        }
        again && round < REEVALUATIONS_MAX
    }

    fn fires(&self, rule: &WorkflowPlan, judge: &Judge<'_>, before: &Judge<'_>) -> Answer {
        match (rule.trigger, self.event) {
            (_, Event::Delete) | (Trigger::Create, Event::Update) => Answer::No,
            (Trigger::CreateOrTurnsTrue, Event::Update) => match judge.ask(&rule.condition) {
                Answer::Yes => match before.ask(&rule.condition) {
                    Answer::Yes => Answer::No,
                    Answer::No => Answer::Yes,
                    unknown => unknown,
                },
                answer => answer,
            },
            _ => judge.ask(&rule.condition),
        }
    }

    /// Makes one field update; whether it changed its field.
    fn update(
        &mut self,
        update: &UpdatePlan,
        before: &BTreeMap<String, Value>,
        world: &mut dyn World,
    ) -> bool {
        let (value, parent) = {
            let record = Changed { record: world.record(), values: before };
            let judge = Judge::of(self.formulas, self.object, &record, world.environment());
            (value_of(update, &judge, world), update.parent.as_ref().map(|parent| parent_id(parent, &record)))
        };
        match (value, parent.transpose()) {
            (Err(reason), _) | (_, Err(reason)) => {
                self.verdict.unknown.push(Unknown { rule: update.rule.clone(), reason });
                false
            }
            (Ok(value), Ok(None)) => self.change(update, value, world.record()),
            (Ok(_), Ok(Some(None))) => false,
            (Ok(value), Ok(Some(Some(parent)))) => {
                let values = BTreeMap::from([(update.field.clone(), value)]);
                if let Err(fault) = world.update(&parent, &values) {
                    self.fault(update, fault);
                }
                false
            }
        }
    }

    fn change(&mut self, update: &UpdatePlan, value: Value, record: &dyn Record) -> bool {
        let current = Changed { record, values: &self.values }.value(&update.field);
        let changes = current != Lookup::Known(value.clone());
        self.values.insert(update.field.to_ascii_lowercase(), value.clone());
        self.changes.push(Change { field: update.field.clone(), value, rule: update.rule.clone() });
        changes
    }

    /// A parent that refuses its update refuses the record, with its own code (UNCONFIRMED).
    fn fault(&mut self, update: &UpdatePlan, fault: Fault) {
        let rule = update.rule.clone();
        match fault {
            Fault::Refused { code, message, fields } => {
                self.verdict.refusals.push(Refusal { code, message, fields, rule });
            }
            other => self.verdict.unknown.push(Unknown { rule, reason: fault_reason(&other) }),
        }
    }
}

/// The parent that a lookup leads to; none when it is empty.
fn parent_id(parent: &ParentPlan, record: &dyn Record) -> Result<Option<RecordId>, String> {
    match record.value(&parent.lookup) {
        Lookup::Known(Value::Text(id)) if !id.is_empty() => {
            Ok(Some(RecordId { object: parent.object.clone(), id: case_safe(&id) }))
        }
        Lookup::Known(_) => Ok(None),
        Lookup::Unknown(why) => Err(format!("{}: {why}", parent.lookup)),
        Lookup::Error(error) => Err(raised(&error)),
    }
}

/// The record with the values that workflow has given it.
struct Changed<'a> {
    record: &'a dyn Record,
    values: &'a BTreeMap<String, Value>,
}

impl Record for Changed<'_> {
    fn value(&self, path: &str) -> Lookup {
        match self.values.get(&path.to_ascii_lowercase()) {
            Some(value) => Lookup::Known(value.clone()),
            None => self.record.value(path),
        }
    }

    fn prior_value(&self, path: &str) -> Lookup {
        self.record.prior_value(path)
    }

    fn is_new(&self) -> Option<bool> {
        self.record.is_new()
    }

    fn is_clone(&self) -> Option<bool> {
        self.record.is_clone()
    }
}

/// The record before the change, as if it were saved unchanged.
struct Before<'a>(&'a dyn Record);

impl Record for Before<'_> {
    fn value(&self, path: &str) -> Lookup {
        if path.starts_with('$') { self.0.value(path) } else { self.0.prior_value(path) }
    }

    fn prior_value(&self, path: &str) -> Lookup {
        self.0.prior_value(path)
    }

    fn is_new(&self) -> Option<bool> {
        Some(false)
    }
}
