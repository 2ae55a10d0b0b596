//! What the CRM's fields take: a CSV cell is text, and Salesforce refuses text where a number or a truth value belongs.
//!
//! Where this is learnt (the org folder, the CRM) is not known here.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The fields of one object that do not take text, and its lookups. Names are lower-cased.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FieldTypes {
    numbers: Vec<String>,
    booleans: Vec<String>,
    /// Relationship name to the lookup field's own spelling: `contact__r` to `Contact__c`.
    lookups: HashMap<String, String>,
}

impl FieldTypes {
    /// A field that takes numbers.
    pub(crate) fn number(&mut self, name: &str) {
        self.numbers.push(name.to_lowercase());
    }

    /// A field that takes true or false.
    pub(crate) fn boolean(&mut self, name: &str) {
        self.booleans.push(name.to_lowercase());
    }

    /// A lookup, and the name of the relationship that it is.
    pub(crate) fn reference(&mut self, name: &str, relationship: &str) {
        self.lookups.insert(relationship.to_lowercase(), name.to_owned());
    }

    /// A cell as the field takes it. What does not read as the field's type stays text: the CRM says why it refuses it.
    pub(crate) fn value(&self, field: &str, cell: &str) -> Value {
        let name = field.to_lowercase();
        if self.numbers.contains(&name) {
            return number(cell.trim()).unwrap_or_else(|| Value::from(cell));
        }
        if self.booleans.contains(&name) {
            match cell.trim().to_lowercase().as_str() {
                "true" => return Value::Bool(true),
                "false" => return Value::Bool(false),
                _ => {}
            }
        }
        Value::from(cell)
    }

    /// The lookup field behind a relationship, for a parent that is set to null. Unknown ones follow the CRM's naming.
    pub(crate) fn lookup(&self, relationship: &str) -> String {
        if let Some(field) = self.lookups.get(&relationship.to_lowercase()) {
            return field.clone();
        }
        match relationship.strip_suffix("__r").or_else(|| relationship.strip_suffix("__R")) {
            Some(name) => format!("{name}__c"),
            None => format!("{relationship}Id"),
        }
    }
}

/// A decimal as a JSON number with the digits it came with; `+7`, `007` and `.5` are written as JSON wants them.
fn number(cell: &str) -> Option<Value> {
    let (sign, digits) = match cell.as_bytes().first()? {
        b'-' => ("-", &cell[1..]),
        b'+' => ("", &cell[1..]),
        _ => ("", cell),
    };
    let (mantissa, exponent) = digits.find(['e', 'E']).map_or((digits, ""), |at| digits.split_at(at));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    let point = if fraction.is_empty() { "" } else { "." };
    let value = serde_json::from_str(&format!("{sign}{whole}{point}{fraction}{exponent}")).ok()?;
    matches!(value, Value::Number(_)).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_become_what_the_field_takes() {
        let mut types = FieldTypes::default();
        types.number("Score__c");
        types.number("Count__c");
        types.boolean("Active__c");
        let check = |field: &str, cell: &str, expected: &str| {
            assert_eq!(types.value(field, cell).to_string(), expected, "{field} {cell}");
        };
        check("score__C", "12345678901234567.890", "12345678901234567.890");
        check("Score__c", " -0.5 ", "-0.5");
        check("Score__c", "+.5", "0.5");
        check("Count__c", "007", "7");
        check("Count__c", "000", "0");
        check("Score__c", "1e3", "1e+3");
        check("Count__c", "1,000", "\"1,000\"");
        for cell in ["-", ".", "--1", "1.2.3", "0x10", "12 3", "1e"] {
            check("Score__c", cell, &format!("\"{cell}\""));
        }
        check("Active__c", "TRUE", "true");
        check("Active__c", "no", "\"no\"");
        check("LastName", "42", "\"42\"");
        check("Unknown__c", "true", "\"true\"");
    }

    #[test]
    fn a_relationship_leads_to_its_lookup() {
        let mut types = FieldTypes::default();
        types.reference("Boss__c", "Chief__r");
        assert_eq!(types.lookup("chief__r"), "Boss__c");
        assert_eq!(types.lookup("Contact__r"), "Contact__c");
        assert_eq!(types.lookup("Account"), "AccountId");
    }
}
