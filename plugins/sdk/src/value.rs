//! Values of fields, as `plugins/wit/v1` has them.

/// The value of a field. Texts have the forms given here; the host refuses changes to others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Blank.
    Null,
    /// A checkbox.
    Boolean(bool),
    /// A number, currency or percent (50 % is `0.5`), in plain digits: `-1234.50`.
    Decimal(String),
    /// Text, a picklist's API name, several of them joined by `;`, an id of 18 characters, an address.
    Text(String),
    /// `2026-11-23`
    Date(String),
    /// `2026-11-23T19:05:00.000Z`, always UTC.
    DateTime(String),
    /// `19:05:00.000`
    Time(String),
    /// It cannot be known here: the field was not sent, or lies on a record that is not at hand.
    Unknown,
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Boolean(value)
    }
}
