//! Validation rules for many records at once: what flat records decide is decided by one call, the rest one by one.

use formula::flat::State;
use formula::{Environment, Record};

use super::conditions::{refusal, validate};
use super::judge::{Answer, Judge};
use super::view::View;
use crate::formulas::Formulas;
use crate::plan::{BatchPlan, Decision, ObjectPlan};
use crate::verdict::Verdict;

/// What the validation rules of an object say about each record.
pub(crate) fn validate_batch(
    formulas: &Formulas,
    object: &str,
    records: &[&dyn Record],
    environment: &Environment<'_>,
) -> Vec<Verdict> {
    let Some(plan) = formulas.plan().object(object) else { return vec![Verdict::default(); records.len()] };
    let mut run = Run { formulas, object, plan, environment, verdicts: Vec::with_capacity(records.len()) };
    match &plan.batch {
        Some(batch) => run.batches(batch, records),
        None => records.iter().for_each(|record| run.alone(*record)),
    }
    run.verdicts
}

struct Run<'a> {
    formulas: &'a Formulas,
    object: &'a str,
    plan: &'a ObjectPlan,
    environment: &'a Environment<'a>,
    verdicts: Vec<Verdict>,
}

impl Run<'_> {
    fn judge<'r>(&'r self, record: &'r dyn Record) -> Judge<'r> {
        Judge::of(self.formulas, self.object, record, self.environment.clone())
    }

    fn alone(&mut self, record: &dyn Record) {
        let verdict = validate(&self.plan.validation, &self.judge(record));
        self.verdicts.push(verdict);
    }

    /// Records are collected as long as they fit into the module's memory.
    fn batches(&mut self, batch: &BatchPlan, records: &[&dyn Record]) {
        let (mut bytes, mut waiting) = (Vec::new(), 0);
        for (at, record) in records.iter().enumerate() {
            let before = bytes.len();
            let view = View::new(self.formulas, self.object, *record, self.environment);
            batch.layout.write(&view, self.environment, &mut bytes);
            if batch.layout.fits(waiting + 1, bytes.len()) {
                waiting += 1;
                continue;
            }
            let last = bytes.split_off(before);
            self.together(batch, &records[at - waiting..at], &bytes);
            bytes = last;
            waiting = 1;
            if !batch.layout.fits(1, bytes.len()) {
                self.alone(*record);
                bytes.clear();
                waiting = 0;
            }
        }
        self.together(batch, &records[records.len() - waiting..], &bytes);
    }

    fn together(&mut self, batch: &BatchPlan, records: &[&dyn Record], bytes: &[u8]) {
        // A module that was stopped, or that is not there, says nothing about any of them.
        let Some(Ok(states)) = self.formulas.decide(batch, records.len(), bytes) else {
            return records.iter().for_each(|record| self.alone(*record));
        };
        let mut verdicts = vec![self.undecided(); records.len()];
        let mut open: Option<(usize, Judge<'_>)> = None;
        for (record, condition, state) in batch.layout.states(&states) {
            let Some(rule) = batch.rules.get(condition).and_then(|rule| self.plan.validation.get(*rule))
            else {
                continue;
            };
            let answer = match state {
                State::No => Answer::No,
                State::Yes => Answer::Yes,
                State::Ask => {
                    if open.as_ref().is_none_or(|(of, _)| *of != record) {
                        open = Some((record, self.judge(records[record])));
                    }
                    open.as_ref().map_or(Answer::No, |(_, judge)| judge.ask(&rule.condition))
                }
            };
            match answer {
                Answer::Yes => verdicts[record].refusals.push(refusal(rule)),
                answer => verdicts[record].unknown.extend(answer.unknown(&rule.rule)),
            }
        }
        drop(open);
        self.verdicts.extend(verdicts);
    }

    /// The rules that are in no batch because they are not known.
    fn undecided(&self) -> Verdict {
        let unknown = self.plan.validation.iter().filter_map(|rule| match &rule.condition {
            Decision::Unknown(reason) => Answer::Unknown(reason.clone()).unknown(&rule.rule),
            Decision::Always | Decision::Formula(_) => None,
        });
        Verdict { refusals: Vec::new(), unknown: unknown.collect() }
    }
}
