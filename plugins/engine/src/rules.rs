//! The rules of an org, ready to be asked at each step of a save.

use std::sync::Arc;

use formula::{Environment, Lookup, Record};
use host::component;
use metadata::Org;
use metadata::flow::Phase;
use metadata::rules::DuplicateRule;

use crate::evaluator::Evaluator;
use crate::flow::{FlowTrace, Moment};
use crate::formulas::Formulas;
use crate::plan::{ObjectPlan, Plan};
use crate::plugins::{Asked, Plugins};
use crate::run::{self, FlowRunner, Judge};
use crate::verdict::{Change, Unknown, Verdict};
use crate::world::{Event, World};

/// An org's compiled rules. Cheap to clone; every method may be called from many threads.
#[derive(Debug, Clone)]
pub struct Rules {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    org: Arc<Org>,
    formulas: Formulas,
    plugins: Plugins,
}

impl Rules {
    pub(crate) fn new(org: Arc<Org>, formulas: Formulas, plugins: Plugins) -> Self {
        Self { inner: Arc::new(Inner { org, formulas, plugins }) }
    }

    /// The org whose rules these are; an empty one when they come from an artifact.
    pub fn org(&self) -> &Arc<Org> {
        &self.inner.org
    }

    /// What evaluates the formulas.
    pub fn evaluator(&self) -> Evaluator {
        self.inner.formulas.evaluator()
    }

    /// What rules there are.
    pub fn plan(&self) -> &Plan {
        self.inner.formulas.plan()
    }

    pub(crate) fn formulas(&self) -> &Formulas {
        &self.inner.formulas
    }

    fn object(&self, object: &str) -> Option<&ObjectPlan> {
        self.plan().object(object)
    }

    fn judge<'a>(&'a self, object: &'a str, world: &'a dyn World) -> Judge<'a> {
        Judge::new(&self.inner.formulas, object, world)
    }

    /// Step 2: the value of a field whose default is a formula; none when it has none.
    pub fn default_value(&self, object: &str, field: &str, world: &dyn World) -> Option<Lookup> {
        let found = self.object(object)?.defaults.get(&field.to_ascii_lowercase())?;
        Some(self.judge(object, world).view().formula_field(&found.value))
    }

    /// The value of a formula field for the record under judgment; none when it is not a formula field.
    pub fn formula_field(&self, object: &str, field: &str, world: &dyn World) -> Option<Lookup> {
        let found = self.object(object)?.formula_fields.get(&field.to_ascii_lowercase())?;
        Some(self.judge(object, world).view().formula_field(&found.value))
    }

    /// Step 3 and 4: before-save flows, then authors' before-save plugins. What they assign goes through [`World::set`].
    pub fn before_save(&self, object: &str, event: Event, world: &mut dyn World) -> Verdict {
        self.before_save_traced(object, event, world, None)
    }

    /// Step 4 alone: authors' before-save plugins, which run again after a workflow's field updates. Flows do not.
    pub fn before_trigger(&self, object: &str, event: Event, world: &mut dyn World) -> Verdict {
        let asked = Asked { object, phase: component::Phase::BeforeSave, event };
        self.inner.plugins.run(asked, &self.inner.formulas, world)
    }

    /// Step 5: required lookup filters.
    pub fn lookup_filters(&self, object: &str, world: &dyn World) -> Verdict {
        let filters = self.object(object).map_or(&[][..], |plan| &plan.lookup_filters);
        run::lookup_filters(filters, &self.judge(object, world))
    }

    /// Step 5: validation rules; all that fail are reported together.
    pub fn validate(&self, object: &str, world: &dyn World) -> Verdict {
        let rules = self.object(object).map_or(&[][..], |plan| &plan.validation);
        run::validate(rules, &self.judge(object, world))
    }

    /// Step 5 for many records of an object: what [`Rules::validate`] says about each, in their order. What was unknown
    /// before and what fields decide comes in another order.
    pub fn validate_batch(
        &self,
        object: &str,
        records: &[&dyn Record],
        environment: &Environment<'_>,
    ) -> Vec<Verdict> {
        run::validate_batch(&self.inner.formulas, object, records, environment)
    }

    /// Step 6: the duplicate rules whose filter holds for the record, in their order. What they match is looked up by the
    /// sandbox. An artifact knows none.
    pub fn duplicate_rules(&self, object: &str, world: &dyn World) -> (Vec<&DuplicateRule>, Vec<Unknown>) {
        let rules = self.object(object).map_or(&[][..], |plan| &plan.duplicates);
        let (found, unknown) = run::duplicates(rules, &self.judge(object, world));
        (found.into_iter().filter_map(|place| self.inner.org.rules.duplicates.get(place)).collect(), unknown)
    }

    /// Step 8: authors' after-save plugins.
    pub fn after_trigger(&self, object: &str, event: Event, world: &mut dyn World) -> Verdict {
        let asked = Asked { object, phase: component::Phase::AfterSave, event };
        self.inner.plugins.run(asked, &self.inner.formulas, world)
    }

    /// Step 11: the field updates of the workflow rules that fire, in order. Updates of a parent's field go through
    /// [`World::update`] at once.
    pub fn workflow(&self, object: &str, event: Event, world: &mut dyn World) -> (Vec<Change>, Verdict) {
        run::workflow(&self.inner.formulas, object, event, world)
    }

    /// Step 14: after-save flows.
    pub fn after_save(&self, object: &str, event: Event, world: &mut dyn World) -> Verdict {
        self.after_save_traced(object, event, world, None)
    }

    /// After-save flows; what they did is added to the traces.
    pub fn after_save_traced(
        &self,
        object: &str,
        event: Event,
        world: &mut dyn World,
        traces: Option<&mut Vec<FlowTrace>>,
    ) -> Verdict {
        self.flows(&Moment { object, phase: Phase::AfterSave, event }, world, traces)
    }

    /// Before a record is deleted: before-delete flows, then authors' plugins.
    pub fn before_delete(&self, object: &str, world: &mut dyn World) -> Verdict {
        let event = Event::Delete;
        let verdict = self.flows(&Moment { object, phase: Phase::BeforeDelete, event }, world, None);
        self.then_triggers(verdict, object, event, world)
    }

    /// Before-save flows and plugins; what the flows did is added to the traces.
    pub fn before_save_traced(
        &self,
        object: &str,
        event: Event,
        world: &mut dyn World,
        traces: Option<&mut Vec<FlowTrace>>,
    ) -> Verdict {
        let verdict = self.flows(&Moment { object, phase: Phase::BeforeSave, event }, world, traces);
        self.then_triggers(verdict, object, event, world)
    }

    /// Plugins are asked about what flows do not refuse.
    fn then_triggers(
        &self,
        mut verdict: Verdict,
        object: &str,
        event: Event,
        world: &mut dyn World,
    ) -> Verdict {
        if verdict.refusals.is_empty() {
            verdict.extend(self.before_trigger(object, event, world));
        }
        verdict
    }

    fn flows(
        &self,
        moment: &Moment<'_>,
        world: &mut dyn World,
        traces: Option<&mut Vec<FlowTrace>>,
    ) -> Verdict {
        self.plan().flows.run(&FlowRunner(&self.inner.formulas), moment, world, traces)
    }
}
