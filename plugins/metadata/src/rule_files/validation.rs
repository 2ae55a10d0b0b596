//! Validation rules: reference §6.1.

use super::collect::{add, formula_place};
use crate::error::OrgError;
use crate::read::Findings;
use crate::rules::ValidationRule;
use crate::xml::Element;

/// Takes the rule `name` of `object` when it is active.
pub(super) fn read(
    element: Element<'_>,
    object: &str,
    name: &str,
    findings: &mut Findings,
) -> Result<(), OrgError> {
    if !element.flag("active")?.unwrap_or(true) {
        return Ok(());
    }
    let Some(condition) = element.text("errorConditionFormula") else {
        let message = format!("validation rule {object}.{name} has no <errorConditionFormula>: not used");
        findings.warnings.push(element.warning(message));
        return Ok(());
    };
    let rule = ValidationRule {
        object: object.to_string(),
        name: name.to_string(),
        condition,
        message: element.text("errorMessage").unwrap_or_default(),
        field: element.text("errorDisplayField"),
        place: formula_place(element, "errorConditionFormula"),
    };
    findings.warnings.extend(add(&mut findings.rules.validation, rule, element));
    Ok(())
}
