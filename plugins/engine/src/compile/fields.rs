//! Formula fields, and defaults that are formulas.

use formula::{Schema, Type};
use metadata::OrgSchema;
use metadata::org::FieldKind;
use metadata::rules::Place;

use super::compiler::{Compiler, Subject, decision, rule};
use crate::plan::{FieldPlan, Usage};
use crate::verdict::RuleKind;

/// All fields with formulas.
pub(super) fn fields(compiler: &mut Compiler<'_>) {
    let org = compiler.org;
    for object in org.objects.values() {
        for field in object.fields.values() {
            let found = match (&field.kind, &field.default_formula) {
                (FieldKind::Formula { formula, blank_as_zero, .. }, _) => {
                    let usage = if *blank_as_zero { Usage::FieldZero } else { Usage::FieldBlank };
                    (formula.as_str(), usage)
                }
                (_, Some(formula)) => (formula.as_str(), Usage::Rule),
                _ => continue,
            };
            add(compiler, (&object.api_name, &field.api_name), found);
        }
    }
}

fn add(compiler: &mut Compiler<'_>, (object, field): (&str, &str), (source, usage): (&str, Usage)) {
    // The model does not say in which file a field stands.
    let place = Place { file: format!("objects/{object}/fields/{field}.field-meta.xml"), line: 0 };
    let name = rule(RuleKind::Formula, object, field, &place);
    let given = OrgSchema::new(compiler.org, object).field(field).unwrap_or(Type::Any);
    let subject = Subject { rule: &name, place: &place, object };
    let value = decision(compiler.formula(subject, source, usage, given));
    compiler.done(&name, &value);
    let plan = compiler.object(object);
    let fields = if usage == Usage::Rule { &mut plan.defaults } else { &mut plan.formula_fields };
    fields.insert(field.to_ascii_lowercase(), FieldPlan { rule: name, value });
}
