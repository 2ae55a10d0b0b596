//! Values at evaluation, and how they come from and go to Salesforce's stored forms.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::calendar::{Date, DateTime, Time, read_api_date};
use crate::decimal::Decimal;
use crate::types::{NumberStyle, Type};

/// A value. A picklist is its API value, many picked values are joined by `;`, an id is text. Its serialised form is
/// that of a module's tables; for people and the API there are [`Value::read`] and its display.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Value {
    /// Blank.
    Null,
    /// A number; a percentage of 50 is 0.5 here.
    Number(Decimal),
    /// Text.
    Text(String),
    /// A condition.
    Boolean(bool),
    /// A date.
    Date(Date),
    /// A moment.
    DateTime(DateTime),
    /// A time of day.
    Time(Time),
    /// A latitude and a longitude in degrees.
    Location(Decimal, Decimal),
}

/// A stored value does not fit its field's type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not a {expected}")]
pub struct ReadValueError {
    /// What was stored.
    pub text: String,
    /// What the field holds.
    pub expected: Type,
}

impl Value {
    /// Whether it is null. An empty text is not, though most functions treat it alike.
    pub fn is_null(&self) -> bool {
        *self == Self::Null
    }

    /// Whether it is null or an empty text.
    pub fn is_blank(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Text(text) => text.is_empty(),
            _ => false,
        }
    }

    /// Text, with the empty text as null: what Salesforce stores.
    pub fn text(text: impl Into<String>) -> Self {
        let text = text.into();
        if text.is_empty() { Self::Null } else { Self::Text(text) }
    }

    /// A whole number.
    pub fn whole(number: i64) -> Self {
        Self::Number(Decimal::from(number))
    }

    /// Reads a stored value: numbers as decimal text (a percentage of one half is `50`), `true`, `2004-12-31`,
    /// `2004-12-31T23:59:59Z`, `23:59:59.123`; the empty text is null. For [`Type::Any`] it is text.
    pub fn read(given: Type, text: &str) -> Result<Self, ReadValueError> {
        let refused = || ReadValueError { text: text.chars().take(100).collect(), expected: given };
        if text.is_empty() {
            return Ok(if given == Type::Boolean { Self::Boolean(false) } else { Self::Null });
        }
        match given {
            Type::Number(style) => {
                let number: Decimal = text.trim().parse().map_err(|_| refused())?;
                Ok(Self::Number(number).from_stored(style))
            }
            Type::Boolean if text.eq_ignore_ascii_case("true") => Ok(Self::Boolean(true)),
            Type::Boolean if text.eq_ignore_ascii_case("false") => Ok(Self::Boolean(false)),
            Type::Boolean => Err(refused()),
            Type::Date => read_api_date(text).map(Self::Date).ok_or_else(refused),
            Type::DateTime => {
                let moment = DateTime::read_api(text).or_else(|| Some(read_api_date(text)?.midnight()));
                moment.map(Self::DateTime).ok_or_else(refused)
            }
            Type::Time => Time::read_api(text).map(Self::Time).ok_or_else(refused),
            Type::Location | Type::Null => Err(refused()),
            // Formulas see ids with 15 characters, whatever the API sends.
            Type::Id if text.len() == 18 && text.is_ascii() => Ok(Self::Text(text[..15].to_owned())),
            Type::Text | Type::Picklist | Type::MultiPicklist | Type::Id | Type::Any => {
                Ok(Self::Text(text.to_owned()))
            }
        }
    }

    /// Reads a value of a record in JSON, as Salesforce's REST API sends and takes it.
    pub fn read_json(given: Type, json: &serde_json::Value) -> Result<Self, ReadValueError> {
        match (given, json) {
            (_, serde_json::Value::Null) => Self::read(given, ""),
            (Type::Any, serde_json::Value::Bool(value)) => Ok(Self::Boolean(*value)),
            (Type::Any, serde_json::Value::Number(number)) => Self::read(Type::NUMBER, &number.to_string()),
            (Type::Location, serde_json::Value::Object(parts)) => {
                let part = |name: &str| parts.get(name).and_then(|part| part.to_string().parse().ok());
                match (part("latitude"), part("longitude")) {
                    (Some(latitude), Some(longitude)) => Ok(Self::Location(latitude, longitude)),
                    _ => Err(ReadValueError { text: json.to_string(), expected: given }),
                }
            }
            (_, serde_json::Value::String(text)) => Self::read(given, text),
            (_, other) => Self::read(given, &other.to_string()),
        }
    }

    /// A stored number as formulas see it.
    #[must_use]
    pub fn from_stored(self, style: NumberStyle) -> Self {
        match (self, style) {
            (Self::Number(number), NumberStyle::Percent) => Self::Number(number.move_point_right(-2)),
            (other, _) => other,
        }
    }

    /// The value as a field of a type stores it: percentages times a hundred, moments cut to dates, a null condition
    /// as false (checkboxes are never null), the empty text as null.
    #[must_use]
    pub fn to_stored(&self, given: Type) -> Self {
        match (self, given) {
            (Self::Number(number), Type::Number(NumberStyle::Percent)) => {
                Self::Number(number.move_point_right(2))
            }
            (Self::DateTime(moment), Type::Date) => Self::Date(moment.date(0)),
            (Self::Date(date), Type::DateTime) => Self::DateTime(date.midnight()),
            (Self::Null, Type::Boolean) => Self::Boolean(false),
            (Self::Text(text), _) => Self::text(text.clone()),
            (other, _) => other.clone(),
        }
    }

    /// The type of the value.
    pub fn kind(&self) -> Type {
        match self {
            Self::Null => Type::Null,
            Self::Number(_) => Type::NUMBER,
            Self::Text(_) => Type::Text,
            Self::Boolean(_) => Type::Boolean,
            Self::Date(_) => Type::Date,
            Self::DateTime(_) => Type::DateTime,
            Self::Time(_) => Type::Time,
            Self::Location(..) => Type::Location,
        }
    }
}

/// In the forms that [`Value::read`] reads; null is empty.
impl fmt::Display for Value {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => Ok(()),
            Self::Number(number) => number.fmt(formatter),
            Self::Text(text) => formatter.write_str(text),
            Self::Boolean(value) => value.fmt(formatter),
            Self::Date(date) => date.fmt(formatter),
            Self::DateTime(moment) => {
                let (hours, minutes, seconds, ms) = moment.time().parts();
                write!(formatter, "{}T{hours:02}:{minutes:02}:{seconds:02}", moment.date(0))?;
                if ms > 0 {
                    write!(formatter, ".{ms:03}")?;
                }
                formatter.write_str("Z")
            }
            Self::Time(time) => time.fmt(formatter),
            Self::Location(latitude, longitude) => write!(formatter, "{latitude}, {longitude}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stored_values_come_and_go() {
        let check = |given: Type, text: &str, shown: &str| {
            let value = Value::read(given, text).unwrap();
            assert_eq!(value.to_stored(given).to_string(), shown, "{text}");
        };
        let percent = Type::Number(NumberStyle::Percent);
        assert_eq!(Value::read(percent, "50").unwrap(), Value::Number("0.5".parse().unwrap()));
        check(percent, "50", "50");
        check(Type::Date, "2004-12-31", "2004-12-31");
        check(Type::DateTime, "2004-12-31T23:59:59Z", "2004-12-31T23:59:59Z");
        check(Type::Time, "10:40", "10:40:00.000");
        check(Type::Boolean, "", "false");
        check(Type::Text, "", "");
        assert!(Value::read(Type::NUMBER, "abc").is_err());
    }
}
