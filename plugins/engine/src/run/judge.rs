//! Asks one decision of a plan about a record.

use formula::{Environment, EvaluationError, Lookup, Outcome, Record};

use super::view::View;
use crate::formulas::{Formulas, Session};
use crate::plan::Decision;
use crate::verdict::{RuleName, Unknown};
use crate::world::World;

/// What a decision says about a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Answer {
    /// It is true.
    Yes,
    /// It is false or null.
    No,
    /// It is not known, and why.
    Unknown(String),
}

impl Answer {
    /// The answer as an unknown of a rule.
    pub fn unknown(self, rule: &RuleName) -> Option<Unknown> {
        match self {
            Self::Unknown(reason) => Some(Unknown { rule: rule.clone(), reason }),
            Self::Yes | Self::No => None,
        }
    }
}

/// A record of an object with its surroundings, for as many questions as there are.
pub(crate) struct Judge<'a> {
    pub formulas: &'a Formulas,
    pub object: &'a str,
    pub record: &'a dyn Record,
    pub environment: Environment<'a>,
    session: Session<'a>,
}

impl<'a> Judge<'a> {
    /// The record of a world.
    pub fn new(formulas: &'a Formulas, object: &'a str, world: &'a dyn World) -> Self {
        Self::of(formulas, object, world.record(), world.environment())
    }

    /// A record in surroundings.
    pub fn of(
        formulas: &'a Formulas,
        object: &'a str,
        record: &'a dyn Record,
        environment: Environment<'a>,
    ) -> Self {
        Self { formulas, object, record, environment, session: Session::new(formulas) }
    }

    /// The record with its formula fields.
    pub fn view(&self) -> View<'_> {
        View::new(self.formulas, self.object, self.record, &self.environment)
    }

    /// What a formula gives.
    pub fn evaluate(&self, number: usize) -> Outcome {
        self.session.evaluate(number, &self.view(), &self.environment)
    }

    /// What a decision says.
    pub fn ask(&self, decision: &Decision) -> Answer {
        match decision {
            Decision::Always => Answer::Yes,
            Decision::Unknown(reason) => Answer::Unknown(reason.clone()),
            Decision::Formula(number) => match self.evaluate(*number) {
                Outcome::Error(error) => Answer::Unknown(raised(&error)),
                Outcome::Unknown(reasons) => Answer::Unknown(reasons.to_string()),
                outcome if outcome.is_true() => Answer::Yes,
                Outcome::Value(_) => Answer::No,
            },
        }
    }
}

/// A rule whose formula raises an error while it is evaluated. Whether Salesforce refuses the record then is
/// UNCONFIRMED (reference §5 says nothing), so it is not known here either.
pub(crate) fn raised(error: &EvaluationError) -> String {
    format!("its formula raises an error ({error}), and what Salesforce does then is not confirmed")
}

/// An outcome as a field's value.
pub(crate) fn lookup_of(outcome: Outcome) -> Lookup {
    match outcome {
        Outcome::Value(value) => Lookup::Known(value),
        Outcome::Unknown(reasons) => Lookup::Unknown(reasons.to_string()),
        Outcome::Error(error) => Lookup::Error(error),
    }
}
