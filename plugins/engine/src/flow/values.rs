//! What references and values in a flow give: formulas by the runner, texts with their merge fields.

use formula::{Outcome, Type, Value};
use metadata::flow::{DataType, FlowValue, ResourceKind};

use super::compiled::FormulaUse;
use super::held::{Found, Held, Miss, raised};
use super::interview::Interview;
use super::read::{OWN, View};

/// Formulas and texts may use each other so deep.
const DEPTH_MAX: usize = 50;

impl Interview<'_> {
    /// What a reference gives; formulas and text templates are computed.
    pub(super) fn read(&mut self, reference: &str) -> Found {
        self.read_at(reference, false)
    }

    /// The same, perhaps with the triggering record as it was before the change.
    pub(super) fn read_at(&mut self, reference: &str, prior: bool) -> Found {
        let compiled = self.compiled;
        match compiled.formulas.get(&reference.to_ascii_lowercase()) {
            Some(Ok(used)) => {
                let held = self.formula(used, reference, prior)?;
                let resource = compiled.flow.resource(reference);
                return Ok(resource.map_or(held.clone(), |resource| fit(held, &resource.data_type)));
            }
            Some(Err(why)) => return Err(Miss::Unknown(why.clone())),
            None => {}
        }
        match compiled.flow.resource(reference).map(|resource| &resource.kind) {
            Some(ResourceKind::Template(text)) => self.merge(text).map(Held::Value),
            _ => self.view(prior).read(reference),
        }
    }

    /// What a formula gives.
    pub(super) fn formula(&mut self, used: &FormulaUse, name: &str, prior: bool) -> Found {
        if self.formula_depth >= DEPTH_MAX {
            return Err(Miss::Unknown(format!("the formulas behind {name} use each other too deep")));
        }
        self.formula_depth += 1;
        let computed = used.needs.iter().map(|need| (need.clone(), self.read_at(need, prior))).collect();
        self.formula_depth -= 1;
        let view = View { computed, formula: true, ..self.view(prior) };
        match self.runner.evaluate(used.number, &view, &self.world.environment()) {
            Outcome::Value(value) => Ok(Held::Value(value)),
            Outcome::Unknown(reasons) => {
                Err(Miss::Unknown(format!("{name}: {}", reasons.to_string().replace(OWN, ""))))
            }
            Outcome::Error(error) => Err(raised(&error, name)),
        }
    }

    /// What a value in the flow gives.
    pub(super) fn literal(&mut self, value: &FlowValue) -> Found {
        let read = |given: Type, text: &str| {
            let failed = |error: formula::ReadValueError| Miss::Unknown(error.to_string());
            Value::read(given, text).map(Held::Value).map_err(failed)
        };
        match value {
            FlowValue::Text(text) if text.contains("{!") => self.merge(text).map(Held::Value),
            FlowValue::Text(text) => Ok(Held::Value(Value::text(text.clone()))),
            FlowValue::Number(text) => read(Type::NUMBER, text),
            FlowValue::Boolean(value) => Ok(Held::boolean(*value)),
            FlowValue::Date(text) => read(Type::Date, text),
            FlowValue::DateTime(text) => read(Type::DateTime, text),
            FlowValue::Time(text) => read(Type::Time, text),
            FlowValue::Reference(reference) => self.read(reference),
            FlowValue::Other(kind) => {
                Err(Miss::Unknown(format!("a value of the kind {kind} is not understood")))
            }
        }
    }

    /// The same; none is null.
    pub(super) fn optional(&mut self, value: Option<&FlowValue>) -> Found {
        value.map_or(Ok(Held::NULL), |value| self.literal(value))
    }

    /// A text with its merge fields filled in. A text that is one merge field is its value as text.
    pub(super) fn merge(&mut self, text: &str) -> Result<Value, Miss> {
        if self.formula_depth >= DEPTH_MAX {
            return Err(Miss::Unknown("the text's merge fields use each other too deep".to_owned()));
        }
        self.formula_depth += 1;
        let merged = self.merged(text);
        self.formula_depth -= 1;
        merged.map(Value::text)
    }

    fn merged(&mut self, text: &str) -> Result<String, Miss> {
        let mut out = String::new();
        let mut rest = text;
        while let Some((before, behind)) = rest.split_once("{!") {
            out.push_str(before);
            let Some((name, behind)) = behind.split_once('}') else {
                rest = "";
                break;
            };
            let name = name.trim();
            out.push_str(&as_text(self.read(name)?.value(name)?, name)?);
            rest = behind;
        }
        out.push_str(rest);
        Ok(out)
    }
}

/// A value in a text. How dates are shown depends on the user's locale, which is not simulated.
fn as_text(value: Value, name: &str) -> Result<String, Miss> {
    match value {
        Value::Date(_) | Value::DateTime(_) | Value::Time(_) => {
            Err(Miss::Unknown(format!("how {name}, a {}, is shown in a text is not known", value.kind())))
        }
        value => Ok(value.to_string()),
    }
}

/// A value for a variable or formula of a type.
pub(super) fn fit(held: Held, data_type: &DataType) -> Held {
    let given = match data_type {
        DataType::Date => Type::Date,
        DataType::DateTime => Type::DateTime,
        DataType::Number => Type::NUMBER,
        _ => return held,
    };
    match held {
        Held::Value(Value::Text(text)) => Held::Value(Value::read(given, &text).unwrap_or(Value::Text(text))),
        Held::Value(value) => Held::Value(value.to_stored(given)),
        held => held,
    }
}
