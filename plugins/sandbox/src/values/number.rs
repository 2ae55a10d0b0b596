//! Numbers with the digits they came with, rounded half up to their field's scale.
//!
//! A number with more than 28 digits is beyond every field; it stays as it came and validation refuses it.

use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::{Number, Value};

/// A number as text, also in scientific notation; `None` for what is no number or has more than 28 digits.
pub fn parse_number(text: &str) -> Option<Decimal> {
    text.parse().ok().or_else(|| Decimal::from_scientific(text).ok())
}

/// Rounds half away from zero, as Salesforce stores numbers.
pub fn rounded(number: Decimal, scale: u32) -> Decimal {
    number.round_dp_with_strategy(scale, RoundingStrategy::MidpointAwayFromZero).normalize()
}

/// A number in the way Salesforce's messages and answers write a double: with at least one digit after the point.
pub fn java_text(number: Decimal) -> String {
    let text = number.normalize().to_string();
    if text.contains('.') { text } else { format!("{text}.0") }
}

/// As JSON: whole for integers, else with at least one digit after the point.
pub(super) fn to_json(number: Decimal, integer: bool) -> Value {
    let text = if integer { number.normalize().to_string() } else { java_text(number) };
    // A decimal's text is always a JSON number.
    text.parse::<Number>().map(Value::Number).unwrap_or(Value::Null)
}

/// A decimal as a JSON number, written as Salesforce writes a double.
pub fn number_value(number: Decimal) -> Value {
    to_json(number, false)
}

/// Whether a text has the form of a JSON number, however large.
pub(super) fn looks_like_number(text: &str) -> bool {
    text.parse::<Number>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding_is_half_away_from_zero() {
        let check = |text: &str, scale: u32, expected: &str| {
            let number = rounded(parse_number(text).unwrap(), scale);
            assert_eq!(to_json(number, false).to_string(), expected, "{text}");
        };
        check("1.005", 2, "1.01");
        check("-1.005", 2, "-1.01");
        check("2.5", 0, "3.0");
        check("12345678901234567.89", 2, "12345678901234567.89");
        check("1e2", 2, "100.0");
        check("10.50", 2, "10.5");
    }
}
