//! The functions behind the imports: an arena of outcomes, and the steps of the reference evaluator on them.

use std::sync::Arc;

use super::answers::Answers;
use super::imports::{
    CALL, CALL_ARGUMENTS_MAX, CALL_MANY, CONDITION, EVENT, FALSE, FIELD, FIRST, IMPORTS, IS_ERROR, JOIN,
    NULL, PUSH, START, TRUE,
};
use super::tables::{Site, Step, Tables};
use crate::calendar::DateTime;
use crate::emit::FormulaId;
use crate::environment::Environment;
use crate::evaluate::{self, Arguments, Condition, Decision, Work};
use crate::functions::{Body, Event, Function};
use crate::outcome::{Outcome, ReasonKind, Reasons};
use crate::record::Record;
use crate::span::Span;
use crate::types::Type;
use crate::value::Value;

const CONSTANTS: [Outcome; 3] = [
    Outcome::Value(Value::Boolean(false)),
    Outcome::Value(Value::Boolean(true)),
    Outcome::Value(Value::Null),
];

/// What emitted formulas call. It owns all that it needs, so that it can live in a WASM store.
#[derive(Debug)]
pub struct Library {
    tables: Arc<Tables>,
    arena: Vec<Outcome>,
    pushed: Vec<i32>,
    work: Work,
    answers: Answers,
    environment: Environment<'static>,
    has_records: bool,
}

impl Library {
    /// A library for the code of a module.
    pub fn new(tables: &Arc<Tables>) -> Self {
        let start = DateTime::from_ms(0).expect("1970 is in range");
        Self {
            tables: tables.clone(),
            arena: Vec::new(),
            pushed: Vec::new(),
            work: Work::default(),
            answers: Answers::default(),
            environment: Environment::at(start),
            has_records: false,
        }
    }

    /// Another record comes, or the same after a change: earlier handles and answers are forgotten.
    pub fn begin(&mut self, environment: &Environment<'_>) {
        self.arena.clear();
        self.pushed.clear();
        self.answers.clear();
        self.environment = Environment {
            now: environment.now,
            offset_minutes: environment.offset_minutes,
            currency_rates: environment.currency_rates.clone(),
            session_id: environment.session_id.clone(),
            records: None,
        };
        self.has_records = environment.records.is_some();
    }

    /// Fetches what a formula may ask and the record has at hand, so that its run need not stop for it.
    pub fn prepare(&mut self, formula: FormulaId, record: &dyn Record) {
        let Some((first, end)) = self.tables.formulas.get(formula.0).copied() else { return };
        let tables = &self.tables;
        for site in &tables.sites[first..end] {
            match &site.step {
                Step::Field { field, .. } => {
                    let used = &tables.fields[*field];
                    if used.prior {
                        self.answers.prepare_event(record);
                    }
                    self.answers.prepare_value(record, &used.path, used.prior);
                }
                Step::Function { function, field, .. } => {
                    let path = field.map(|(field, _)| &tables.fields[field].path);
                    match (function.body, path) {
                        (Body::Event(Event::IsChanged), Some(path)) => {
                            self.answers.prepare_changed(record, path);
                        }
                        (Body::Event(_), path) => {
                            self.answers.prepare_event(record);
                            if let Some(path) = path {
                                self.answers.prepare_value(record, path, true);
                            }
                        }
                        _ => {}
                    }
                }
                Step::Operator { .. } => {}
            }
        }
    }

    /// After a call that failed: whether it stopped because something was not at hand. That is fetched now, and the
    /// call can be made again.
    pub fn answer(&mut self, record: &dyn Record, environment: &Environment<'_>) -> bool {
        self.pushed.clear();
        self.answers.answer(record, environment.records)
    }

    /// The outcome of a handle; none for a handle that is not one.
    pub fn outcome(&self, handle: i32) -> Option<&Outcome> {
        let handle = usize::try_from(handle).ok()?;
        if let Some(constant) = CONSTANTS.get(handle) {
            return Some(constant);
        }
        let place = handle - CONSTANTS.len();
        self.tables.literals.get(place).or_else(|| self.arena.get(place - self.tables.literals.len()))
    }

    /// A handle for an outcome; it is good until [`Library::begin`].
    pub fn intern(&mut self, outcome: Outcome) -> i32 {
        match outcome {
            Outcome::Value(Value::Boolean(false)) => FALSE,
            Outcome::Value(Value::Boolean(true)) => TRUE,
            Outcome::Value(Value::Null) => NULL,
            other => {
                self.arena.push(other);
                let place = self.tables.literals.len() + self.arena.len() - 1;
                FIRST + i32::try_from(place).expect("less than 2^31 outcomes fit into memory")
            }
        }
    }

    /// Calls an import of [`IMPORTS`](super::IMPORTS). An error stops the run: either code and tables do not belong
    /// together, or [`Library::answer`] must be asked.
    pub fn call(&mut self, import: usize, arguments: &[i32]) -> Result<i32, String> {
        let count = IMPORTS.get(import).map(|import| import.arguments);
        if count != Some(arguments.len()) {
            return Err(format!("import {import} does not take {} arguments", arguments.len()));
        }
        match (import, arguments) {
            (START, _) => {
                self.work = Work::default();
                Ok(0)
            }
            (FIELD, [_, site]) => self.field(*site),
            (EVENT, [_, site]) => self.event(*site),
            (PUSH, [handle]) => {
                self.pushed.push(*handle);
                Ok(0)
            }
            (CALL_MANY, [count, site]) => {
                let count = usize::try_from(*count).unwrap_or(usize::MAX);
                let first = self.pushed.len().checked_sub(count).ok_or("fewer arguments were pushed")?;
                let handles = self.pushed.split_off(first);
                self.apply(&handles, *site)
            }
            (CONDITION, [handle]) => self.condition(*handle),
            (JOIN, [before, handle]) => self.join(*before, *handle),
            (IS_ERROR, [handle]) => Ok(i32::from(matches!(self.known(*handle)?, Outcome::Error(_)))),
            (CALL.., [handles @ .., site]) if import <= CALL + CALL_ARGUMENTS_MAX => {
                self.apply(handles, *site)
            }
            _ => Err(format!("import {import} is not one of formulas")),
        }
    }

    fn known(&self, handle: i32) -> Result<&Outcome, String> {
        self.outcome(handle).ok_or_else(|| format!("{handle} is not a handle"))
    }

    /// Hands out an outcome, unless it was made from something that is not at hand.
    fn give(&mut self, outcome: Outcome) -> Result<i32, String> {
        if self.answers.is_asking() {
            return Err("something that the formula needs is not at hand".to_owned());
        }
        Ok(self.intern(outcome))
    }

    fn field(&mut self, site: i32) -> Result<i32, String> {
        let Site { span, step: Step::Field { field, blank_as_zero } } = found(&self.tables, site)? else {
            return Err(format!("site {site} is not a field"));
        };
        let outcome = evaluate::field(&self.answers, &self.tables.fields[*field], *blank_as_zero, *span);
        self.give(outcome)
    }

    fn event(&mut self, site: i32) -> Result<i32, String> {
        let Site { span, step: Step::Function { function, field, .. } } = found(&self.tables, site)? else {
            return Err(format!("site {site} is not a function"));
        };
        let Body::Event(event) = function.body else { return Err(format!("site {site} is not an event")) };
        let field = field.map(|(field, blank_as_zero)| (&self.tables.fields[field], blank_as_zero));
        let outcome = evaluate::event(&self.answers, event, field, *span);
        self.give(outcome)
    }

    fn apply(&mut self, handles: &[i32], site: i32) -> Result<i32, String> {
        let tables = self.tables.clone();
        let Site { span, step } = found(&tables, site)?;
        let mut work = std::mem::take(&mut self.work);
        let outcomes = handles.iter().map(|handle| self.known(*handle)).collect::<Result<Vec<_>, _>>()?;
        let outcome = match step {
            Step::Operator { operator, textual } => work.operator(*operator, &outcomes, *textual, *span),
            Step::Function { function, types, .. } => {
                self.function(function, (&outcomes, types), *span, &mut work)
            }
            Step::Field { .. } => return Err(format!("site {site} is a field")),
        };
        self.work = work;
        self.give(outcome)
    }

    fn function(
        &self,
        function: &'static Function,
        (outcomes, types): (&[&Outcome], &[Type]),
        span: Span,
        work: &mut Work,
    ) -> Outcome {
        match function.body {
            Body::Strict(body) => {
                if !self.has_records {
                    return work.strict(function, body, (outcomes, types), &self.environment, span);
                }
                let mut environment: Environment<'_> = self.environment.clone();
                environment.records = Some(&self.answers);
                work.strict(function, body, (outcomes, types), &environment, span)
            }
            Body::Lazy(lazy) => {
                match evaluate::decide(lazy, outcomes.len(), &Evaluated { outcomes, types }) {
                    Decision::Done(outcome) => outcome,
                    Decision::Need(_) => Outcome::Value(Value::Null),
                }
            }
            Body::NotLocal(why) => {
                Outcome::unknown(ReasonKind::NotLocal(why.to_owned()), function.name, span)
            }
            Body::Event(_) => Outcome::unknown(ReasonKind::NoEvent, "the record", span),
        }
    }

    fn condition(&mut self, handle: i32) -> Result<i32, String> {
        match evaluate::condition(Some(self.known(handle)?)) {
            Condition::Known(known) => Ok(i32::from(known)),
            Condition::Open(Outcome::Unknown(_)) => Ok(handle),
            Condition::Open(error) => Ok(self.intern(error)),
        }
    }

    fn join(&mut self, before: i32, handle: i32) -> Result<i32, String> {
        let mut reasons = match self.known(before)? {
            Outcome::Unknown(reasons) => reasons.clone(),
            _ => Reasons::default(),
        };
        match evaluate::condition(Some(self.known(handle)?)) {
            Condition::Known(_) => Ok(before),
            Condition::Open(Outcome::Unknown(found)) => {
                reasons.extend(&found);
                Ok(self.intern(Outcome::Unknown(reasons)))
            }
            Condition::Open(error) => Ok(!self.intern(evaluate::ended(error, reasons))),
        }
    }
}

fn found(tables: &Tables, site: i32) -> Result<&Site, String> {
    let place = usize::try_from(site).ok();
    place.and_then(|place| tables.sites.get(place)).ok_or_else(|| format!("there is no site {site}"))
}

/// The arguments of a function that needs them all, though it is a lazy one.
struct Evaluated<'a> {
    outcomes: &'a [&'a Outcome],
    types: &'a [Type],
}

impl Arguments for Evaluated<'_> {
    fn count(&self) -> usize {
        self.outcomes.len()
    }

    fn outcome(&self, at: usize) -> Option<&Outcome> {
        self.outcomes.get(at).copied()
    }

    fn given(&self, at: usize) -> Type {
        self.types.get(at).copied().unwrap_or(Type::Any)
    }
}
