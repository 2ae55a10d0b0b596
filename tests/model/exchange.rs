//! One call of the CRM, what the production decisions make of its answers, and what it does to the invariants.

use domain::Refusal;
use domain::codes::Advice;
use domain::decide::{Decision, RowAnswer, decide_all_or_none, decide_partial};
use domain::policy::QUICK_RETRIES;

use super::crm::{Answer, Outcome};
use super::plan::{Break, Content};
use super::run::Turn;
use super::set::{Set, small};
use super::state::{Crm, Delivery, Fate, Hold, Stage, Step, Stopped, Why};

impl Turn<'_> {
    /// Sends the records at these indexes of the chunk.
    pub fn call(&mut self, mut delivery: Delivery, sent: Set, answer: Answer) {
        let in_order = self.run.in_order(delivery.from);
        let contents: Vec<Content> = sent.iter().map(|index| delivery.chunk[usize::from(index)]).collect();
        let before = self.state.crm.clone();
        let outcome = self.state.crm.call(self.plan, &contents, in_order, answer);
        self.judge(&before, &outcome);
        self.run.called = true;
        delivery.sent = true;
        match outcome.told {
            Some(rows) => {
                self.run.learned |= rows.iter().any(says_something);
                let told = if in_order { Self::told_in_order } else { Self::told };
                let blamed = told(self, &mut delivery, sent, &rows);
                self.founded(&before, &delivery, &blamed);
            }
            None if self.plan.is(Break::UnavailableBlamed) => {
                let blamed = sent.first().unwrap_or_default();
                delivery.fates[usize::from(blamed)] = Fate::Refused;
                delivery.stopped = if in_order { Stopped::Refused } else { Stopped::No };
                self.founded(&before, &delivery, &[blamed]);
            }
            None => delivery.stopped = Stopped::Unavailable,
        }
        self.refused_in_order(&mut delivery, in_order);
        if delivery.stopped != Stopped::No || delivery.unknown().is_empty() {
            delivery.step = Step::Write(0);
            return self.write_down(delivery);
        }
        self.stage(Stage::Deliver(delivery));
    }

    /// Invariant 4, of every record that this answer blames.
    fn founded(&mut self, before: &Crm, delivery: &Delivery, blamed: &[u8]) {
        let has_flaw = |index: &u8| self.plan.flaw_of(delivery.chunk[usize::from(*index)]).is_some();
        let founded = !before.mended && !before.away && blamed.iter().all(has_flaw);
        self.state.wrong.unfounded |= !blamed.is_empty() && !founded;
    }

    /// What all or none was answered. Answers whom it blames.
    fn told_in_order(&mut self, delivery: &mut Delivery, sent: Set, rows: &[RowAnswer]) -> Vec<u8> {
        let next = sent.first().unwrap_or_default();
        let collateral = self.plan.is(Break::CollateralBlamed);
        let decision = match decide_all_or_none(rows) {
            Decision::Halt { refusal, .. } if collateral => Decision::Halt { culprit: 0, refusal },
            decision => decision,
        };
        match decision {
            Decision::Exported => {
                for index in sent.iter() {
                    delivery.fates[usize::from(index)] = Fate::Exported;
                }
                delivery.alone = false;
                delivery.blamed =
                    delivery.blamed.filter(|(at, _)| usize::from(*at) >= usize::from(next) + sent.len());
            }
            Decision::Halt { culprit, refusal } => {
                delivery.blamed = Some((next + small(culprit), refusal.advice == Advice::OnceMore));
                return vec![next + small(culprit)];
            }
            Decision::Split => {}
            Decision::Wait(_) => wait(delivery),
            Decision::Suspend(_) => delivery.stopped = Stopped::Unavailable,
            Decision::Pass(_) => unreachable!("all or none never passes a record"),
        }
        Vec::new()
    }

    /// The record that is next was refused: it has its one more try, or the job halts there.
    fn refused_in_order(&mut self, delivery: &mut Delivery, in_order: bool) {
        let next = delivery.unknown().first();
        let Some((at, once)) = delivery.blamed.filter(|(at, _)| in_order && Some(*at) == next) else {
            return;
        };
        if once && !delivery.alone {
            (delivery.blamed, delivery.alone) = (None, true);
            return;
        }
        delivery.fates[usize::from(at)] = Fate::Refused;
        delivery.stopped = Stopped::Refused;
    }

    /// The same with partial success.
    fn told(&mut self, delivery: &mut Delivery, sent: Set, rows: &[RowAnswer]) -> Vec<u8> {
        let indexes: Vec<usize> = sent.iter().map(usize::from).collect();
        let pass = match decide_partial(rows) {
            Decision::Exported => Default::default(),
            Decision::Split => return Vec::new(),
            Decision::Pass(pass) => pass,
            _ => unreachable!("partial success never halts"),
        };
        for (index, _) in indexes.iter().zip(rows).filter(|(_, row)| **row == RowAnswer::Done) {
            delivery.fates[*index] = Fate::Exported;
        }
        for (row, _) in &pass.refused {
            delivery.fates[indexes[*row]] = Fate::Refused;
        }
        if !pass.suspend.is_empty() {
            delivery.stopped = Stopped::Unavailable;
        } else if !pass.wait.is_empty() {
            wait(delivery);
        }
        pass.refused.iter().map(|(row, _)| small(indexes[*row])).collect()
    }

    /// Invariants 2 and 3, of everything that this call wrote.
    fn judge(&mut self, before: &Crm, outcome: &Outcome) {
        let skipped = match (self.run.why, self.run.began.hold) {
            (Why::Skip, Hold::Refused(place)) => Some(place),
            _ => None,
        };
        for content in &outcome.landed {
            let kept = before.records[usize::from(self.plan.id_of(content.place))];
            self.state.wrong.older |= kept.goes_back(*content);
            let mut earlier = (self.run.began.passed..content.place).filter(|place| Some(*place) != skipped);
            let behind = earlier.any(|place| !self.state.crm.has(self.plan, place));
            self.state.wrong.behind |= self.run.pause && behind;
        }
    }
}

/// A lock or a busy CRM: the same again in a moment, but not for ever.
fn wait(delivery: &mut Delivery) {
    delivery.waits += 1;
    if usize::from(delivery.waits) > QUICK_RETRIES.len() {
        delivery.stopped = Stopped::Unavailable;
    }
}

/// Whether an answer is anything but unavailable.
fn says_something(row: &RowAnswer) -> bool {
    match row {
        RowAnswer::Done => true,
        RowAnswer::Refused(errors) => {
            let class = Refusal::new(errors.clone()).class;
            class.is_record_error() || class == domain::codes::Class::Collateral
        }
    }
}
