//! Between what is stored and what formulas see: a percentage of 50 is 0.5 there, ids have 15 characters.

use formula::{Lookup, Type, Value as Seen};
use metadata::Org;
use metadata::org::{Field, Object};
use serde_json::Value;

use super::convert::from_json;
use super::number::java_text;
use crate::error::RowError;

/// A stored value as formulas see it.
pub fn to_formula(org: &Org, object: &Object, field: &Field, stored: &Value) -> Lookup {
    match Seen::read_json(metadata::field_type(org, object, field), stored) {
        Ok(value) => Lookup::Known(value),
        Err(_) => Lookup::Unknown(format!("what is stored in {} does not fit its type", field.api_name)),
    }
}

/// A formula's value as a field stores it.
///
/// # Errors
/// The field cannot hold a value of this type.
pub fn from_formula(field: &Field, value: &Seen) -> Result<Value, RowError> {
    from_json(field, &metadata::to_json(field, value)).map_err(|mismatch| {
        RowError::on(&field.api_name, "INVALID_TYPE_ON_FIELD_IN_RECORD", mismatch.message())
    })
}

/// A computed value as answers show it: numbers as Salesforce writes a double.
pub fn shown(field: &Field, value: &Seen) -> Value {
    match metadata::to_json(field, value) {
        Value::Number(number) => {
            let text = number.as_str().parse().map(java_text).unwrap_or_else(|_| number.to_string());
            text.parse().map_or(Value::Number(number), Value::Number)
        }
        other => other,
    }
}

/// Whether formulas see the field as an id.
pub fn is_id(org: &Org, object: &Object, field: &Field) -> bool {
    metadata::field_type(org, object, field) == Type::Id
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;
    use metadata::org::{FieldKind, NumberStyle};
    use serde_json::json;

    #[test]
    fn values_come_and_go() {
        let check = |name: &str, stored: Value, seen: &str| {
            let org = fixture::org();
            let contact = org.object("Contact").unwrap();
            let field = contact.field(name).unwrap();
            let found = to_formula(&org, contact, field, &stored);
            let Lookup::Known(value) = found else { panic!("{name} {stored}") };
            assert_eq!(value.to_string(), seen, "{name} {stored}");
            assert_eq!(from_formula(field, &value), Ok(stored), "{name}");
        };
        check("LastName", json!("Lee"), "Lee");
        check("LastName", Value::Null, "");
        check("Score__c", json!(7.5), "7.5");
        check("Active__c", json!(true), "true");
        check("Day__c", json!("2026-11-23"), "2026-11-23");
        check("CreatedDate", json!("2026-11-23T10:00:00.000+0000"), "2026-11-23T10:00:00Z");
        check("Interests__c", json!("A;B"), "A;B");
        check("AccountId", json!("001D000000IRFmaIAH"), "001D000000IRFma");
    }

    #[test]
    fn a_percentage_is_a_fraction_for_formulas() {
        let org = fixture::org();
        let contact = org.object("Contact").unwrap();
        let kind = FieldKind::Number { precision: 5, scale: 2, style: NumberStyle::Percent };
        let field = Field { kind, ..contact.field("Score__c").unwrap().clone() };
        let half = Seen::Number("0.5".parse().unwrap());
        assert_eq!(to_formula(&org, contact, &field, &json!(50.0)), Lookup::Known(half.clone()));
        assert_eq!(from_formula(&field, &half), Ok(json!(50.0)));
        assert_eq!(shown(&field, &half), json!(50.0));
        let code = from_formula(&field, &Seen::Text("x".into())).unwrap_err().code;
        assert_eq!(code, "INVALID_TYPE_ON_FIELD_IN_RECORD");
    }
}
