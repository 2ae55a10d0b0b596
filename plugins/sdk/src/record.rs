//! The record under judgment, read by the names of its fields.

use crate::description::{Event, Phase};
use crate::value::Value;

/// Who saves.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct User {
    /// Login name.
    pub username: String,
    /// Name of the profile.
    pub profile: String,
    /// API names of permission sets.
    pub permission_sets: Vec<String>,
    /// API names of custom permissions.
    pub custom_permissions: Vec<String>,
}

/// What a rule knows besides the record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context {
    /// API name of the record's object.
    pub object: String,
    /// At which step of the save.
    pub phase: Phase,
    /// What happens.
    pub event: Event,
    /// Who saves.
    pub user: User,
    /// The time of the save: `2026-11-23T19:05:00.000Z`. There is no other clock.
    pub now: String,
}

/// A record under judgment.
#[derive(Debug, Clone, Copy)]
pub struct Record<'a> {
    /// What is known besides.
    pub context: &'a Context,
    fields: &'a [String],
    values: &'a [Value],
    prior: Option<&'a [Value]>,
}

/// A value is needed that cannot be known here. `?` makes it the answer [`crate::Answer::Unknown`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown {
    /// Why, in one line.
    pub reason: String,
}

impl<'a> Record<'a> {
    pub(crate) fn new(
        context: &'a Context,
        fields: &'a [String],
        values: &'a [Value],
        prior: Option<&'a [Value]>,
    ) -> Self {
        Self { context, fields, values, prior }
    }

    /// The value of a field that the rule's description names.
    pub fn value(&self, field: &str) -> Result<&'a Value, Unknown> {
        self.find(self.values, field)
    }

    /// The value before the update; that of a new record is none.
    pub fn prior(&self, field: &str) -> Result<Option<&'a Value>, Unknown> {
        self.prior.map(|values| self.find(values, field)).transpose()
    }

    /// Whether an update gives the field another value. That of a new record always does.
    pub fn is_changed(&self, field: &str) -> Result<bool, Unknown> {
        Ok(self.prior(field)? != Some(self.value(field)?))
    }

    /// The field's text, date, time or digits; none when it is blank or a checkbox.
    pub fn text(&self, field: &str) -> Result<Option<&'a str>, Unknown> {
        Ok(match self.value(field)? {
            Value::Text(text)
            | Value::Decimal(text)
            | Value::Date(text)
            | Value::DateTime(text)
            | Value::Time(text) => Some(text),
            Value::Null | Value::Boolean(_) | Value::Unknown => None,
        })
    }

    /// Whether the field is blank.
    pub fn is_blank(&self, field: &str) -> Result<bool, Unknown> {
        Ok(match self.value(field)? {
            Value::Null => true,
            Value::Text(text) => text.is_empty(),
            _ => false,
        })
    }

    fn find(&self, values: &'a [Value], field: &str) -> Result<&'a Value, Unknown> {
        let at = self.fields.iter().position(|name| name.eq_ignore_ascii_case(field));
        match at.and_then(|at| values.get(at)) {
            Some(Value::Unknown) => Err(Unknown { reason: format!("{field} is not known") }),
            Some(value) => Ok(value),
            None => {
                Err(Unknown { reason: format!("the rule's description does not name the field {field}") })
            }
        }
    }
}
