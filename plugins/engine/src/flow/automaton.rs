//! Builds the automaton of a flow: elements, decisions and criteria become operations with their successors.

use metadata::flow::{Conditions, Criteria, ElementKind, Flow, Outcome};

use super::logic::Logic;
use super::plan::{ENDED, FAULT, NOT_STARTED, Operation, Plan, UNKNOWN};

/// An automaton with more operations is not built.
const OPERATIONS_MAX: usize = 20_000;

/// Where an evaluation of conditions goes on.
#[derive(Clone, Copy)]
struct Targets {
    no: i32,
    yes: i32,
    unknown: i32,
}

impl Plan {
    /// The automaton of a flow; says why there is none.
    pub(super) fn of(flow: &Flow) -> Result<Self, String> {
        let mut plan = Self::default();
        plan.push(Operation::Begin, [ENDED; 4]);
        for at in 0..flow.elements.len() {
            plan.push(Operation::Element(at), [ENDED, ENDED, UNKNOWN, FAULT]);
        }
        for at in 0..flow.elements.len() {
            plan.element(flow, at);
        }
        let first = plan.target(flow, flow.start.as_deref());
        plan.successors[0] = [plan.start(flow, first), UNKNOWN, UNKNOWN, UNKNOWN];
        if plan.operations.len() > OPERATIONS_MAX {
            return Err("its conditions are joined in too complicated a way".to_owned());
        }
        Ok(plan)
    }

    fn push(&mut self, operation: Operation, successors: [i32; 4]) -> i32 {
        if self.operations.len() > OPERATIONS_MAX {
            return UNKNOWN;
        }
        self.operations.push(operation);
        self.successors.push(successors);
        i32::try_from(self.operations.len() - 1).unwrap_or(UNKNOWN)
    }

    fn stop(&mut self, why: String) -> i32 {
        self.push(Operation::Stop(why), [UNKNOWN; 4])
    }

    /// The operation of the element of a name.
    fn target(&mut self, flow: &Flow, name: Option<&str>) -> i32 {
        let Some(name) = name else { return ENDED };
        match flow.elements.iter().position(|element| element.name.eq_ignore_ascii_case(name)) {
            Some(at) => i32::try_from(at + 1).unwrap_or(UNKNOWN),
            None => self.stop(format!("the flow leads to {name}, which is no element that is understood")),
        }
    }

    fn element(&mut self, flow: &Flow, at: usize) {
        let element = &flow.elements[at];
        let next = self.target(flow, element.next.as_deref());
        let fault = if element.fault.is_none() { FAULT } else { self.target(flow, element.fault.as_deref()) };
        self.successors[at + 1] = match &element.kind {
            ElementKind::Decision(outcomes) => {
                [self.decision(flow, at, outcomes, next), UNKNOWN, UNKNOWN, FAULT]
            }
            ElementKind::Loop(each) => {
                let body = each.body.as_deref();
                let body = if body.is_none() { next } else { self.target(flow, body) };
                [next, body, UNKNOWN, FAULT]
            }
            _ => [next, UNKNOWN, UNKNOWN, fault],
        };
    }

    fn decision(&mut self, flow: &Flow, element: usize, outcomes: &[Outcome], default: i32) -> i32 {
        let mut entry = self.push(Operation::Take { element, outcome: None }, [default; 4]);
        for (at, outcome) in outcomes.iter().enumerate().rev() {
            let next = self.target(flow, outcome.next.as_deref());
            let take = Operation::Take { element, outcome: Some(at) };
            let taken = self.push(take, [next; 4]);
            let targets = Targets { no: entry, yes: taken, unknown: UNKNOWN };
            let make = |item, prior| Operation::Condition { element, outcome: at, item, prior };
            entry = self.met(&outcome.conditions, outcome.only_when_changed_to_meet, &make, targets);
        }
        entry
    }

    fn start(&mut self, flow: &Flow, first: i32) -> i32 {
        let Some(trigger) = &flow.trigger else { return first };
        let targets = Targets { no: NOT_STARTED, yes: first, unknown: UNKNOWN };
        let changed = trigger.only_when_changed_to_meet;
        match &trigger.criteria {
            Criteria::All => first,
            Criteria::Conditions(conditions) => {
                let make = |item, prior| Operation::Criterion { item, prior };
                self.met(conditions, changed, &make, targets)
            }
            Criteria::Formula(..) => {
                let formula = Conditions { logic: "1".to_owned(), items: Vec::new() };
                let make = |_, prior| Operation::CriteriaFormula { prior };
                self.met(&formula, changed, &make, targets)
            }
        }
    }

    /// The conditions hold; when only a change counts, and the record is not new, they did not hold before it.
    fn met(
        &mut self,
        conditions: &Conditions,
        only_when_changed: bool,
        make: &dyn Fn(usize, bool) -> Operation,
        targets: Targets,
    ) -> i32 {
        let logic = match Logic::read(&conditions.logic, conditions.items.len().max(1)) {
            Ok(logic) => logic,
            Err(why) => return self.stop(why),
        };
        if !only_when_changed {
            return self.logic(&logic, &|item| make(item, false), targets);
        }
        let before = Targets { no: targets.yes, yes: targets.no, ..targets };
        let before = self.logic(&logic, &|item| make(item, true), before);
        let created = self.push(Operation::Created, [before, targets.yes, targets.unknown, FAULT]);
        self.logic(&logic, &|item| make(item, false), Targets { yes: created, ..targets })
    }

    fn logic(&mut self, logic: &Logic, make: &dyn Fn(usize) -> Operation, targets: Targets) -> i32 {
        let Targets { no, yes, unknown } = targets;
        match logic {
            Logic::Condition(item) => self.push(make(*item), [no, yes, unknown, FAULT]),
            Logic::Not(inner) => self.logic(inner, make, Targets { no: yes, yes: no, unknown }),
            Logic::All(parts) => self.chain(parts, make, targets, |go_on, pending| Targets {
                no,
                yes: go_on,
                unknown: pending,
            }),
            Logic::Any(parts) => {
                let targets = Targets { no: yes, yes: no, unknown };
                self.chain(parts, make, targets, |go_on, pending| Targets {
                    no: go_on,
                    yes,
                    unknown: pending,
                })
            }
        }
    }

    /// Goes through the parts of AND; for OR yes and no change places. Behind an unknown part it goes on, since a later
    /// one may decide, but can no longer end in yes: so each part is there twice.
    fn chain(
        &mut self,
        parts: &[Logic],
        make: &dyn Fn(usize) -> Operation,
        targets: Targets,
        of: impl Fn(i32, i32) -> Targets,
    ) -> i32 {
        let (mut clean, mut pending) = (targets.yes, targets.unknown);
        for part in parts.iter().rev() {
            let next_clean = self.logic(part, make, of(clean, pending));
            pending = self.logic(part, make, of(pending, pending));
            clean = next_clean;
        }
        clean
    }
}
