//! What elements do, apart from decisions: assignments, loops, custom errors, subflows and actions. Records are read and
//! written in `write.rs`.

use metadata::flow::{Element, ElementKind, Loop, Subflow};

use super::fault::{self, CUSTOM_ERROR_CODE};
use super::held::{Held, Miss};
use super::interview::{End, Interview};
use super::plan::Answer;
use crate::verdict::Refusal;

/// Actions that leave records as they are: they are not run, and the flow goes on.
const HARMLESS: [&str; 5] =
    ["chatterPost", "customNotificationAction", "emailAlert", "emailSimple", "slackPostMessage"];

/// Flows that call each other deeper than this are not run.
const DEPTH_MAX: usize = 16;

/// Whether an action of this kind leaves records as they are.
pub(super) fn is_harmless(kind: &str) -> bool {
    HARMLESS.contains(&kind)
}

/// Why an action is not known.
pub(super) fn no_action(element: &str, kind: &str, name: &str) -> String {
    match kind {
        "apex" => {
            format!("{element} runs the Apex action {name}, and what Apex does cannot be known from metadata")
        }
        kind => format!("{element} runs the action {name} ({kind}), which is not simulated"),
    }
}

/// Why a subflow is not known.
pub(super) fn no_subflow(element: &str, flow: &str) -> String {
    format!("{element} calls the flow {flow}, which is not in the org folder as an active autolaunched flow")
}

/// Why an element is not known.
pub(super) fn not_understood(element: &str, kind: &str) -> String {
    format!("{element} ({kind}) is not understood")
}

/// What an element is, for a trace.
pub(super) fn shown(kind: &ElementKind) -> String {
    match kind {
        ElementKind::Decision(_) => "decision".to_owned(),
        ElementKind::Assignment(_) => "assignment".to_owned(),
        ElementKind::Loop(each) => format!("loop over {}", each.collection),
        ElementKind::Lookup(lookup) => format!("get records of {}", lookup.object),
        ElementKind::Update(write) => format!("update records: {}", written(&write.input, &write.object)),
        ElementKind::Create(write) => format!("create records: {}", written(&write.input, &write.object)),
        ElementKind::Delete(delete) => format!("delete records: {}", written(&delete.input, &delete.object)),
        ElementKind::CustomError(_) => "custom error".to_owned(),
        ElementKind::Action { kind, name } if is_harmless(kind) => {
            format!("action {name} ({kind}), not run: it leaves records as they are")
        }
        ElementKind::Action { kind, name } => format!("action {name} ({kind})"),
        ElementKind::Subflow(subflow) => format!("flow {}", subflow.flow),
        ElementKind::Other(kind) => kind.clone(),
    }
}

fn written<'e>(input: &'e Option<String>, object: &'e Option<String>) -> &'e str {
    input.as_deref().or(object.as_deref()).unwrap_or_default()
}

impl Interview<'_> {
    /// Does what the element at a place does.
    pub(super) fn act(&mut self, at: usize, element: &Element) -> Result<Answer, Miss> {
        match &element.kind {
            ElementKind::Decision(_) => {}
            ElementKind::Assignment(items) => {
                for item in items {
                    self.assign(&element.name, item)?;
                }
            }
            ElementKind::Loop(each) => return self.next(at, element, each),
            ElementKind::Lookup(lookup) => self.lookup(element, lookup)?,
            ElementKind::Update(write) => self.update(write)?,
            ElementKind::Create(write) => self.create(element, write)?,
            ElementKind::Delete(delete) => self.delete(delete)?,
            ElementKind::CustomError(messages) => {
                for message in messages {
                    self.refuse(&message.message, message.field.as_deref())?;
                }
            }
            ElementKind::Action { kind, .. } if is_harmless(kind) => {}
            ElementKind::Action { kind, name } => {
                return Err(Miss::Unknown(no_action(&element.name, kind, name)));
            }
            ElementKind::Subflow(subflow) => self.subflow(element, subflow)?,
            ElementKind::Other(kind) => return Err(Miss::Unknown(not_understood(&element.name, kind))),
        }
        Ok(Answer::Done)
    }

    /// A message that is not known in full refuses all the same: with its merge fields as they are written.
    fn refuse(&mut self, message: &str, field: Option<&str>) -> Result<(), Miss> {
        let text = match self.merge(message) {
            Ok(text) => text.to_string(),
            Err(Miss::Unknown(_)) => message.to_owned(),
            Err(miss) => return Err(miss),
        };
        self.refusals.push(Refusal {
            code: CUSTOM_ERROR_CODE.to_owned(),
            message: text,
            fields: field.into_iter().map(str::to_owned).collect(),
            rule: fault::rule(&self.compiled.flow),
        });
        Ok(())
    }

    /// Gives the loop its next item. The collection is the one that was there when the loop began.
    fn next(&mut self, at: usize, element: &Element, each: &Loop) -> Result<Answer, Miss> {
        if !self.state.loops.contains_key(&at) {
            let mut items = match self.read(&each.collection)? {
                Held::List(items) => items,
                held if held.is_blank() => Vec::new(),
                held => {
                    return Err(Miss::Unknown(format!(
                        "{} is {}, no collection",
                        each.collection,
                        held.shown()
                    )));
                }
            };
            if each.descending {
                items.reverse();
            }
            self.state.loops.insert(at, (items, 0));
        }
        let item = self.state.loops.get_mut(&at).and_then(|(items, next)| {
            *next += 1;
            items.get(*next - 1).cloned()
        });
        let Some(item) = item else {
            self.state.loops.remove(&at);
            return Ok(Answer::Done);
        };
        let name = each.item.as_deref().unwrap_or(&element.name);
        self.state.variables.insert(name.to_ascii_lowercase(), item);
        Ok(Answer::True)
    }

    fn subflow(&mut self, element: &Element, subflow: &Subflow) -> Result<(), Miss> {
        let set = self.set;
        let found = set.flow(&subflow.flow).filter(|found| found.flow.trigger.is_none());
        let Some(called) = found else {
            return Err(Miss::Unknown(no_subflow(&element.name, &subflow.flow)));
        };
        if self.depth >= DEPTH_MAX {
            return Err(Miss::Unknown(format!("flows call each other more than {DEPTH_MAX} deep")));
        }
        let mut inputs = Vec::new();
        for input in &subflow.inputs {
            let held = self.optional(input.value.as_ref())?;
            inputs.push((input.field.to_ascii_lowercase(), self.state.copy(&held)));
        }
        let mut run = self.call(called);
        run.given = inputs;
        let end = run.run();
        let (state, refusals) = (std::mem::take(&mut run.state), std::mem::take(&mut run.refusals));
        let (steps, executed) = (run.steps.take(), run.executed);
        self.state.records = state.records;
        (self.refusals, self.steps, self.executed) = (refusals, steps, executed);
        match end {
            End::Done => {}
            End::Unknown(why) => return Err(Miss::Unknown(format!("{}.{why}", called.flow.name))),
            End::Fault { message, .. } => return Err(Miss::Fault(message)),
        }
        for (from, to) in &subflow.outputs {
            let held = state.variables.get(&from.to_ascii_lowercase()).cloned().unwrap_or(Held::NULL);
            self.store(to, held)?;
        }
        let own = element.name.to_ascii_lowercase();
        for (name, held) in state.variables {
            self.state.variables.insert(format!("{own}.{name}"), held);
        }
        Ok(())
    }
}
