//! Types and values of formulas as they stand in an artifact: types by name, values as the CRM stores them.

use formula::{NumberStyle, Type, Value};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A type, serialised by a short name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoredType(pub Type);

const NAMES: [(&str, Type); 14] = [
    ("text", Type::Text),
    ("number", Type::NUMBER),
    ("currency", Type::Number(NumberStyle::Currency)),
    ("percent", Type::Number(NumberStyle::Percent)),
    ("boolean", Type::Boolean),
    ("date", Type::Date),
    ("date-time", Type::DateTime),
    ("time", Type::Time),
    ("picklist", Type::Picklist),
    ("multi-picklist", Type::MultiPicklist),
    ("id", Type::Id),
    ("location", Type::Location),
    ("null", Type::Null),
    ("any", Type::Any),
];

impl StoredType {
    /// Its short name.
    pub fn name(self) -> &'static str {
        NAMES.iter().find(|(_, given)| *given == self.0).map_or("any", |(name, _)| name)
    }
}

impl Serialize for StoredType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for StoredType {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        let found = NAMES.iter().find(|(known, _)| *known == name);
        let refused = || serde::de::Error::custom(format!("{name} is not a type of formulas"));
        found.map(|(_, given)| Self(*given)).ok_or_else(refused)
    }
}

/// A value with the type of its field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredValue {
    /// The field's type.
    #[serde(rename = "type")]
    pub given: StoredType,
    /// As [`Value::read`] reads it; empty for null.
    pub text: String,
}

impl StoredValue {
    /// A value as formulas see it, for a field of a type; of a type that is not known the value's own counts.
    pub fn new(given: Type, value: &Value) -> Self {
        let given = if given == Type::Any { value.kind() } else { given };
        Self { given: StoredType(given), text: value.to_stored(given).to_string() }
    }

    /// The value as formulas see it.
    pub fn value(&self) -> Value {
        Value::read(self.given.0, &self.text).unwrap_or(Value::Null)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_and_values_come_back_from_json() {
        for (name, given) in NAMES {
            let json = serde_json::to_string(&StoredType(given)).unwrap();
            assert_eq!(json, format!("\"{name}\""));
            assert_eq!(serde_json::from_str::<StoredType>(&json).unwrap(), StoredType(given));
        }
        let half = Value::Number("0.5".parse().unwrap());
        let stored = StoredValue::new(Type::Number(NumberStyle::Percent), &half);
        assert_eq!(stored.text, "50");
        assert_eq!(stored.value(), half);
        assert_eq!(StoredValue::new(Type::Any, &Value::Boolean(true)).value(), Value::Boolean(true));
        assert!(serde_json::from_str::<StoredType>("\"blob\"").is_err());
    }
}
