//! The types of the formula language, and which go together.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Type {
    /// Text of any kind: text, text area, email, phone, URL.
    Text,
    /// A number; how it is shown and stored is its style.
    Number(NumberStyle),
    /// A checkbox or condition.
    Boolean,
    /// A date.
    Date,
    /// A moment.
    DateTime,
    /// A time of day.
    Time,
    /// A picklist with one value.
    Picklist,
    /// A picklist with many values.
    MultiPicklist,
    /// A record's id, or a reference to another record.
    Id,
    /// A latitude and longitude.
    Location,
    /// The literal NULL.
    Null,
    /// Not known before evaluation: a field that is not described locally.
    Any,
}

/// How a number is shown and stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum NumberStyle {
    /// A plain number.
    Plain,
    /// Money.
    Currency,
    /// A percentage: stored as 50, one half in formulas.
    Percent,
}

impl Type {
    /// A plain number.
    pub const NUMBER: Self = Self::Number(NumberStyle::Plain);

    /// Whether it is a number of any style.
    pub fn is_number(self) -> bool {
        matches!(self, Self::Number(_))
    }

    /// Whether it behaves as text: null and "" are one.
    pub fn is_textual(self) -> bool {
        matches!(self, Self::Text | Self::Id | Self::Picklist | Self::MultiPicklist)
    }

    /// The type of a value that may be either; none when they do not go together.
    pub fn common(self, other: Self) -> Option<Self> {
        match (self, other) {
            (Self::Null, found) | (found, Self::Null) => Some(found),
            (Self::Any, _) | (_, Self::Any) => Some(Self::Any),
            (left, right) if left == right => Some(left),
            (left, right) if left.is_number() && right.is_number() => Some(Self::NUMBER),
            (Self::Text | Self::Id, Self::Text | Self::Id) => Some(Self::Text),
            _ => None,
        }
    }
}

/// As Salesforce's messages name it.
impl fmt::Display for Type {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Text => "Text",
            Self::Number(NumberStyle::Plain) => "Number",
            Self::Number(NumberStyle::Currency) => "Currency",
            Self::Number(NumberStyle::Percent) => "Percent",
            Self::Boolean => "Boolean",
            Self::Date => "Date",
            Self::DateTime => "DateTime",
            Self::Time => "Time",
            Self::Picklist => "Picklist",
            Self::MultiPicklist => "Multi-Select Picklist",
            Self::Id => "Id",
            Self::Location => "Location",
            Self::Null => "Null",
            Self::Any => "Any",
        })
    }
}

/// A set of types that a parameter takes. NULL and what is not known before evaluation fit every set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kinds(u16);

impl Kinds {
    /// Text and ids.
    pub const TEXT: Self = Self(1 | 1 << 8);
    /// Numbers.
    pub const NUMBER: Self = Self(1 << 1);
    /// Conditions.
    pub const BOOLEAN: Self = Self(1 << 2);
    /// Dates.
    pub const DATE: Self = Self(1 << 3);
    /// Moments.
    pub const DATETIME: Self = Self(1 << 4);
    /// Times of day.
    pub const TIME: Self = Self(1 << 5);
    /// Picklists with one value.
    pub const PICKLIST: Self = Self(1 << 6);
    /// Picklists with many values.
    pub const MULTIPICKLIST: Self = Self(1 << 7);
    /// Locations.
    pub const LOCATION: Self = Self(1 << 9);
    /// Every type.
    pub const ALL: Self = Self(0x3ff);

    /// Either set.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// This set without another.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether a type fits.
    pub fn fit(self, given: Type) -> bool {
        bit(given).is_none_or(|bit| self.0 >> bit & 1 == 1)
    }
}

fn bit(given: Type) -> Option<u16> {
    Some(match given {
        Type::Text => 0,
        Type::Number(_) => 1,
        Type::Boolean => 2,
        Type::Date => 3,
        Type::DateTime => 4,
        Type::Time => 5,
        Type::Picklist => 6,
        Type::MultiPicklist => 7,
        Type::Id => 8,
        Type::Location => 9,
        Type::Null | Type::Any => return None,
    })
}

/// `Number, Date or DateTime`.
impl fmt::Display for Kinds {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::ALL {
            return formatter.write_str("any type");
        }
        let all = [
            Type::Text,
            Type::NUMBER,
            Type::Boolean,
            Type::Date,
            Type::DateTime,
            Type::Time,
            Type::Picklist,
            Type::MultiPicklist,
            Type::Location,
        ];
        let names: Vec<String> = all.iter().filter(|given| self.fit(**given)).map(Type::to_string).collect();
        match names.split_last() {
            None => formatter.write_str("nothing"),
            Some((last, [])) => formatter.write_str(last),
            Some((last, rest)) => write!(formatter, "{} or {last}", rest.join(", ")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_name_themselves() {
        assert_eq!(Kinds::NUMBER.or(Kinds::DATE).or(Kinds::TEXT).to_string(), "Text, Number or Date");
        assert_eq!(Kinds::ALL.to_string(), "any type");
        assert!(
            Kinds::NUMBER.fit(Type::Null) && Kinds::TEXT.fit(Type::Id) && !Kinds::TEXT.fit(Type::Picklist)
        );
    }

    #[test]
    fn common_types() {
        assert_eq!(Type::Null.common(Type::Date), Some(Type::Date));
        assert_eq!(Type::Number(NumberStyle::Percent).common(Type::NUMBER), Some(Type::NUMBER));
        assert_eq!(Type::Date.common(Type::DateTime), None);
        assert_eq!(Type::Id.common(Type::Text), Some(Type::Text));
    }
}
