//! One record through all steps, in Salesforce's order (reference §4; its numbers stand here).
//!
//! A recursive save, of a record that is being saved further out, ends before step 9: so says the source of §4 in a note
//! that the sheet leaves out, and so a flow that updates its own record ends.

use engine::{Event, FlowTrace, Rules, Verdict};

use super::draft::{Draft, Refusal, heed, stop_if_any};
use super::nested::{self, Nest};
use super::row::{Operation, Row, RowResult, SaveOptions};
use super::world::{Acting, Ground, Known};
use super::{
    defaults, duplicates, overlay, record_types, references, removal, summary, target, unique, validate,
    write,
};
use crate::error::RowError;
use crate::view::View;
use crate::watch::Write;

/// Saves or deletes one row. What it did before it was refused is undone by the caller.
pub fn save(view: &View<'_>, row: &Row, options: SaveOptions) -> Result<RowResult, Refusal> {
    let target = target::find(view, row, options.update_only)?;
    let nest = Nest::default();
    if let (Operation::Delete { .. }, Some(record)) = (&row.operation, &target.prior) {
        meet_fault(view, &Draft::change(target.object, record.clone()))?;
        removal::remove(view, target.object, record, &nest)?;
        return Ok(RowResult { id: Some(record.id.clone()), ..RowResult::default() });
    }
    note_unknown(view, &target.object.api_name);
    let created = target.prior.is_none();
    let draft = overlay::overlay(view, target, row)?;
    meet_fault(view, &draft)?;
    let id = run(view, draft, &nest)?;
    Ok(RowResult { id: Some(id), created, errors: Vec::new() })
}

/// Runs a record through the steps from its overlaid values on, and says its id. What it did before it was refused is
/// undone by the caller.
pub fn run<'a>(view: &View<'a>, draft: Draft<'a>, nest: &Nest) -> Result<String, Refusal> {
    let event = if draft.prior.is_none() { Event::Create } else { Event::Update };
    let mut saving = Saving { view, draft, nest, event };
    saving.prepare()?;
    saving
        .flows(true, |rules, object, world, traces| rules.before_save_traced(object, event, world, traces))?;
    saving.judge()?;
    duplicates::check(view, &saving.draft)?;
    saving.write()?;
    saving.act(false, |rules, object, world| rules.after_trigger(object, event, world))?;
    let id = saving.draft.id().unwrap_or_default().to_owned();
    if !nest.holds(&id) {
        saving.workflow()?;
        saving.flows(false, |rules, object, world, traces| {
            rules.after_save_traced(object, event, world, traces)
        })?;
        saving.sum_up()?;
    }
    Ok(id)
}

/// What may refuse or change a record of this object, but cannot be known: Apex triggers, processes.
fn note_unknown(view: &View<'_>, object: &str) {
    let unknown: Vec<_> = view.rules.plan().unknown_of(object).cloned().collect();
    view.watch.unknown.note(&unknown);
}

/// A fault that was ordered for this record.
fn meet_fault(view: &View<'_>, draft: &Draft<'_>) -> Result<(), RowError> {
    if !view.watch.has_faults() {
        return Ok(());
    }
    let value = |name: &str| {
        let value = draft.get(&draft.object.field(name)?.api_name);
        Some(value.as_str().map_or_else(|| value.to_string(), str::to_owned))
    };
    let write = Write { object: &draft.object.api_name, value: &value };
    view.watch.on_row(&write, draft.id()).map_or(Ok(()), Err)
}

/// A record on its way.
struct Saving<'s, 'a> {
    view: &'s View<'a>,
    draft: Draft<'a>,
    nest: &'s Nest,
    event: Event,
}

impl<'a> Saving<'_, 'a> {
    /// Step 2: defaults; formats and lookups of what was sent. When they refuse, what is missing is told with them.
    fn prepare(&mut self) -> Result<(), Refusal> {
        defaults::fill(self.view, &mut self.draft)?;
        let errors = self.misfits()?;
        if errors.is_empty() {
            return Ok(());
        }
        stop_if_any(validate::missing(&self.draft).into_iter().chain(errors).collect())
    }

    /// Values that do not fit their fields, and lookups that point nowhere.
    fn misfits(&mut self) -> Result<Vec<RowError>, Refusal> {
        self.draft.unchecked = false;
        let mut errors = validate::formats(&self.draft);
        errors.extend(record_types::failures(self.view, &self.draft));
        errors.extend(references::failures(self.view, &self.draft)?);
        Ok(errors)
    }

    /// All of system validation once more; formats only when rules have changed something.
    fn check_system(&mut self) -> Result<Vec<RowError>, Refusal> {
        let mut errors: Vec<RowError> = validate::missing(&self.draft).into_iter().collect();
        if self.draft.unchecked {
            errors.extend(self.misfits()?);
        }
        Ok(errors)
    }

    /// Step 5: system validation, lookup filters and validation rules; all failures are reported together.
    fn judge(&mut self) -> Result<(), Refusal> {
        let mut errors = self.check_system()?;
        let ground = Ground::new(self.view);
        let prior = self.draft.prior.as_ref().map(|prior| &prior.fields);
        let known = Known::new(&ground, self.draft.object, &self.draft.values, prior);
        let object = &self.draft.object.api_name;
        let mut verdict = self.view.rules.lookup_filters(object, &known);
        verdict.extend(self.view.rules.validate(object, &known));
        ground.check()?;
        errors.extend(heed(self.view, object, verdict, &known));
        stop_if_any(errors)
    }

    /// Step 7.
    fn write(&mut self) -> Result<(), Refusal> {
        stop_if_any(unique::failures(self.view, &self.draft)?)?;
        Ok(write::write(self.view, &mut self.draft)?)
    }

    /// Asks the rules of one step. They may give the record values before it is written, and save others.
    fn act(
        &mut self,
        may_set: bool,
        step: impl FnOnce(&Rules, &str, &mut Acting<'_, 'a>) -> Verdict,
    ) -> Result<(), Refusal> {
        let (object, inner) = (self.draft.object, self.nest.around(self.draft.id()));
        let mut acting = Acting::new(self.view, &mut self.draft, &inner, may_set);
        let verdict = step(self.view.rules, &object.api_name, &mut acting);
        acting.ground().check()?;
        let errors = heed(self.view, &object.api_name, verdict, &acting);
        if acting.wrote && !may_set {
            self.draft.reload(self.view)?;
        }
        stop_if_any(errors)
    }

    /// Asks a step with flows. What they did is kept when somebody asked for explanations.
    fn flows(
        &mut self,
        may_set: bool,
        step: impl FnOnce(&Rules, &str, &mut Acting<'_, 'a>, Option<&mut Vec<FlowTrace>>) -> Verdict,
    ) -> Result<(), Refusal> {
        let mut traces = self.view.watch.explaining.wanted().then(Vec::new);
        let done = self.act(may_set, |rules, object, world| step(rules, object, world, traces.as_mut()));
        self.view.watch.explaining.add([], traces.unwrap_or_default());
        done
    }

    /// Step 11: field updates, system validation, triggers once more, written again. No validation rule sees them.
    fn workflow(&mut self) -> Result<(), Refusal> {
        let (event, mut changes) = (self.event, Vec::new());
        self.act(false, |rules, object, world| {
            let (found, verdict) = rules.workflow(object, event, world);
            changes = found;
            verdict
        })?;
        if changes.is_empty() {
            return Ok(());
        }
        for change in changes {
            let assigned = nested::assign(&mut self.draft, &change.field, &change.value);
            assigned.map_err(|error| RowError { rule: Some(Box::new(change.rule)), ..error })?;
        }
        self.act(true, |rules, object, world| rules.before_trigger(object, Event::Update, world))?;
        let errors = self.check_system()?;
        stop_if_any(errors)?;
        self.write()?;
        self.act(false, |rules, object, world| rules.after_trigger(object, Event::Update, world))
    }

    /// Step 16: roll-up summaries of the parents.
    fn sum_up(&mut self) -> Result<(), Refusal> {
        let [before, after] = [&self.draft.prior, &self.draft.stored]
            .map(|record| record.as_ref().map(|record| &record.fields));
        let nest = self.nest.around(self.draft.id());
        summary::update_parents(self.view, self.draft.object, before, after, &nest)
    }
}
