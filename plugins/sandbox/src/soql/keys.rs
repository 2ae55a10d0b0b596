//! How values compare: what kind of comparison a field has, and values in the form that compares.
//!
//! Text is compared without case unless its field is case sensitive; null and empty text are the same, as in SOQL.

use metadata::org::{Field, FieldKind};
use rust_decimal::Decimal;
use serde_json::Value;
use time::Date;

use super::ast::{Literal, LiteralValue};
use super::error::{QueryError, QueryErrorKind};
use crate::ids;
use crate::values::{date_text, datetime_text, java_text, parse_number, type_name};

/// How a field's values compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Text; picklists too.
    Text {
        /// Case matters.
        exact: bool,
    },
    /// Record ids, in their 18-character form.
    Id,
    /// Numbers.
    Number {
        /// Described as `int`.
        whole: bool,
    },
    /// True or false.
    Boolean,
    /// Calendar dates.
    Date,
    /// Instants.
    DateTime,
    /// Times of day.
    Time,
    /// Several values joined by `;`.
    Several,
    /// Not compared: long text, places, compound fields.
    Opaque,
}

impl Class {
    /// The class of a field's values.
    pub fn of(field: &Field) -> Class {
        match (&field.kind, type_name(field)) {
            (FieldKind::LongText { length, .. }, _) if *length > 255 => Class::Opaque,
            (_, "id" | "reference") => Class::Id,
            (_, "double" | "currency" | "percent") => Class::Number { whole: false },
            (_, "int") => Class::Number { whole: true },
            (_, "boolean") => Class::Boolean,
            (_, "date") => Class::Date,
            (_, "datetime") => Class::DateTime,
            (_, "time") => Class::Time,
            (_, "multipicklist") => Class::Several,
            (_, "location" | "address") => Class::Opaque,
            _ => Class::Text { exact: field.case_sensitive },
        }
    }

    /// Whether `GROUP BY` takes such a field; numbers with decimals, instants and long texts are no groups.
    pub fn groups(self) -> bool {
        !matches!(self, Class::Number { whole: false } | Class::DateTime | Class::Several | Class::Opaque)
    }

    /// A value of such a field as it compares.
    pub fn key(self, value: &Value) -> Key {
        match (self, value) {
            (Class::Boolean, value) => Key::Boolean(value.as_bool().unwrap_or_default()),
            (_, Value::Null) => Key::Null,
            (Class::Number { .. }, value) => parse_number(&value.to_string()).map_or(Key::Null, Key::Number),
            (Class::Text { exact: false } | Class::Several, Value::String(text)) => {
                Key::text(text.to_lowercase())
            }
            (_, Value::String(text)) => Key::text(text.clone()),
            (_, other) => Key::text(other.to_string()),
        }
    }

    /// A literal as it compares with such a field; not for date literals.
    ///
    /// # Errors
    /// The literal's type is not the field's, or the text is no record id. `field` is the name to show.
    pub fn literal(self, literal: &Literal, field: &str) -> Result<Key, QueryError> {
        let wrong =
            || QueryErrorKind::WrongType { field: field.to_owned(), wanted: self.wanted() }.at(literal.at);
        Ok(match (self, &literal.value) {
            (_, LiteralValue::Null) => Key::Null,
            (Class::Boolean, LiteralValue::Boolean(value)) => Key::Boolean(*value),
            (Class::Number { .. }, LiteralValue::Number(digits)) => {
                Key::Number(parse_number(digits).ok_or_else(wrong)?)
            }
            (Class::Date, LiteralValue::Date(date)) => Key::Text(date_text(*date)),
            (Class::DateTime, LiteralValue::DateTime(at)) => Key::Text(datetime_text(*at)),
            (Class::Id, LiteralValue::Text(text)) => match ids::normalise(text) {
                Some(id) => Key::Text(id),
                None => return Err(QueryErrorKind::BadId(text.clone()).at(literal.at)),
            },
            (Class::Text { exact: true } | Class::Time, LiteralValue::Text(text)) => Key::text(text.clone()),
            (Class::Text { .. } | Class::Several, LiteralValue::Text(text)) => Key::text(text.to_lowercase()),
            _ => return Err(wrong()),
        })
    }

    /// The type that a literal must have, as the message says it.
    pub fn wanted(self) -> &'static str {
        match self {
            Class::Text { .. } | Class::Id | Class::Several | Class::Opaque => {
                "string and should be enclosed in quotes"
            }
            Class::Number { whole: true } => "int and should not be enclosed in quotes",
            Class::Number { whole: false } => "double and should not be enclosed in quotes",
            Class::Boolean => "boolean and should not be enclosed in quotes",
            Class::Date => "date and should not be enclosed in quotes",
            Class::DateTime => "dateTime and should not be enclosed in quotes",
            Class::Time => "time and should not be enclosed in quotes",
        }
    }

    /// First moment of a day.
    pub fn start_of(self, day: Date) -> Key {
        Key::Text(match self {
            Class::DateTime => datetime_text(day.midnight().assume_utc()),
            _ => date_text(day),
        })
    }
}

/// A value that compares with others of its class. Null is smallest.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// Nothing.
    Null,
    /// True or false.
    Boolean(bool),
    /// A number.
    Number(Decimal),
    /// Text, ids, dates and instants: the texts of the last two sort by time.
    Text(String),
}

impl Key {
    fn text(text: String) -> Key {
        if text.is_empty() { Key::Null } else { Key::Text(text) }
    }

    /// As the store's index takes it.
    pub fn to_value(&self) -> Value {
        match self {
            Key::Null => Value::Null,
            Key::Boolean(value) => Value::Bool(*value),
            Key::Number(number) => decimal_value(*number),
            Key::Text(text) => Value::String(text.clone()),
        }
    }
}

/// A decimal as a JSON number, written as Salesforce writes a double.
pub fn decimal_value(number: Decimal) -> Value {
    // A decimal's text is always a JSON number.
    java_text(number).parse().map(Value::Number).unwrap_or_default()
}
