//! What a module's code refers to by number: literals, fields, and sites (an operator, function or field with its span
//! and types). They are stored beside the machine code.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::imports::{FALSE, FIRST, NULL, TRUE};
use crate::functions::{Function, function};
use crate::operators::Operator;
use crate::outcome::Outcome;
use crate::span::Span;
use crate::typed::FieldUse;
use crate::types::Type;
use crate::value::Value;

/// The tables of a module.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Tables {
    #[serde(serialize_with = "write_literals", deserialize_with = "read_literals")]
    pub(crate) literals: Vec<Outcome>,
    pub(crate) fields: Vec<FieldUse>,
    pub(crate) sites: Vec<Site>,
    /// The sites of each formula: the first, and the one after the last.
    pub(crate) formulas: Vec<(usize, usize)>,
}

/// A place in a formula.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Site {
    pub(crate) span: Span,
    pub(crate) step: Step,
}

/// What happens at a place.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum Step {
    /// A field is read.
    Field {
        field: usize,
        blank_as_zero: bool,
    },
    Operator {
        operator: Operator,
        textual: bool,
    },
    Function {
        #[serde(serialize_with = "write_function", deserialize_with = "read_function")]
        function: &'static Function,
        /// The types of its arguments.
        types: Vec<Type>,
        /// The field that it names, and whether a null one is read as zero.
        field: Option<(usize, bool)>,
    },
}

impl Tables {
    /// The handle of a literal.
    pub(crate) fn literal(&mut self, value: &Value) -> i32 {
        match value {
            Value::Boolean(false) => FALSE,
            Value::Boolean(true) => TRUE,
            Value::Null => NULL,
            other => {
                self.literals.push(Outcome::Value(other.clone()));
                FIRST + i32::try_from(self.literals.len()).expect("a module has less than 2^31 literals") - 1
            }
        }
    }

    /// The number of a new site.
    pub(crate) fn site(&mut self, span: Span, step: Step) -> i32 {
        self.sites.push(Site { span, step });
        i32::try_from(self.sites.len()).expect("a module has less than 2^31 sites") - 1
    }
}

fn write_literals<S: Serializer>(literals: &[Outcome], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(literals.iter().filter_map(Outcome::value))
}

fn read_literals<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Outcome>, D::Error> {
    Ok(Vec::<Value>::deserialize(deserializer)?.into_iter().map(Outcome::Value).collect())
}

fn write_function<S: Serializer>(function: &&'static Function, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(function.name)
}

fn read_function<'de, D: Deserializer<'de>>(deserializer: D) -> Result<&'static Function, D::Error> {
    let name = String::deserialize(deserializer)?;
    function(&name).ok_or_else(|| serde::de::Error::custom(format!("no function is called {name}")))
}
