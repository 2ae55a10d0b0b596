//! Makes a failing plan smaller while the same invariant still breaks: fewer steps, then fewer records.
//!
//! What is left draws its chances anew, so a cut may hide the fault; such a cut is not taken.

use super::engine::simulate;
use super::mutant::Mutant;
use super::plan::{Act, Plan, Step};

/// The most simulations that shrinking may take.
const TRIES_MAX: u32 = 600;

/// The smallest plan that was found to break the same invariant.
pub(super) fn shrink(plan: &Plan, mutant: Option<Mutant>, check: &str) -> Plan {
    let mut shrinker = Shrinker { mutant, check: check.to_owned(), tries: 0 };
    let mut best = plan.clone();
    shrinker.fewer_faults(&mut best);
    loop {
        let before = best.steps.len();
        shrinker.fewer_steps(&mut best);
        shrinker.fewer_records(&mut best);
        if best.steps.len() == before || shrinker.tries >= TRIES_MAX {
            return best;
        }
    }
}

struct Shrinker {
    mutant: Option<Mutant>,
    check: String,
    tries: u32,
}

impl Shrinker {
    fn still_fails(&mut self, plan: &Plan) -> bool {
        self.tries += 1;
        let violation =
            (self.tries <= TRIES_MAX).then(|| simulate(plan, self.mutant, false).violation).flatten();
        violation.is_some_and(|violation| violation.check == self.check)
    }

    fn take(&mut self, best: &mut Plan, candidate: Plan) -> bool {
        let smaller = self.still_fails(&candidate);
        if smaller {
            *best = candidate;
        }
        smaller
    }

    fn fewer_faults(&mut self, best: &mut Plan) {
        let mut calm = best.clone();
        calm.outages.clear();
        self.take(best, calm);
        let count = best.faults.rates().len();
        for at in 0..count {
            let mut calm = best.clone();
            *calm.faults.rates()[at] = 0;
            self.take(best, calm);
        }
    }

    /// Cuts runs of steps out, long ones first.
    fn fewer_steps(&mut self, best: &mut Plan) {
        let mut length = best.steps.len() / 2;
        while length > 0 {
            let mut from = 0;
            while from < best.steps.len() {
                let mut candidate = best.clone();
                candidate.steps.drain(from..(from + length).min(best.steps.len()));
                if !self.take(best, candidate) {
                    from += length;
                }
            }
            length /= 2;
        }
    }

    fn fewer_records(&mut self, best: &mut Plan) {
        for at in 0..best.steps.len() {
            let mut from = 0;
            while let Step { act: Act::Send(_, items), .. } = &best.steps[at] {
                if from >= items.len() || items.len() == 1 {
                    break;
                }
                let mut candidate = best.clone();
                if let Act::Send(_, items) = &mut candidate.steps[at].act {
                    items.remove(from);
                }
                if !self.take(best, candidate) {
                    from += 1;
                }
            }
        }
    }
}
