//! Reading and writing numbers: Java's grammar for reading (no spaces, an exponent is allowed), plain digits for
//! writing.

use std::fmt;
use std::str::FromStr;

use dashu_int::IBig;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::number::{Decimal, power_of_ten};

/// The text is not a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the text is not a number")]
pub struct ParseDecimalError;

impl FromStr for Decimal {
    type Err = ParseDecimalError;

    fn from_str(text: &str) -> Result<Self, ParseDecimalError> {
        let (number, exponent) = match text.split_once(['e', 'E']) {
            Some((number, exponent)) => (number, parse_exponent(exponent)?),
            None => (text, 0),
        };
        let negative = number.starts_with('-');
        let unsigned = number.strip_prefix(['-', '+']).unwrap_or(number);
        let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
        if whole.is_empty() && fraction.is_empty() {
            return Err(ParseDecimalError);
        }
        let digits: String = whole.chars().chain(fraction.chars()).collect();
        if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(ParseDecimalError);
        }
        let size = IBig::from_str_radix(&digits, 10).map_err(|_| ParseDecimalError)?;
        let decimals = i64::try_from(fraction.len()).map_err(|_| ParseDecimalError)?;
        let number = Self::new(if negative { -size } else { size }, decimals - exponent);
        number.in_range().map_err(|_| ParseDecimalError)
    }
}

fn parse_exponent(text: &str) -> Result<i64, ParseDecimalError> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if digits.is_empty() || digits.len() > 10 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(ParseDecimalError);
    }
    text.parse().map_err(|_| ParseDecimalError)
}

/// Plain digits without zeros at the end: what TEXT() gives.
impl fmt::Display for Decimal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_zero() {
            return formatter.write_str("0");
        }
        let sign = if self.is_negative() { "-" } else { "" };
        let digits = self.abs().mantissa.to_string();
        if self.scale <= 0 {
            return write!(
                formatter,
                "{sign}{digits}{}",
                "0".repeat(usize::try_from(-self.scale).unwrap_or(0))
            );
        }
        let scale = usize::try_from(self.scale).unwrap_or(0);
        let padded = format!("{}{digits}", "0".repeat((scale + 1).saturating_sub(digits.len())));
        let (whole, fraction) = padded.split_at(padded.len() - scale);
        let fraction = fraction.trim_end_matches('0');
        if fraction.is_empty() {
            write!(formatter, "{sign}{whole}")
        } else {
            write!(formatter, "{sign}{whole}.{fraction}")
        }
    }
}

/// Mantissa and exponent (`150e-2`), so that the scale comes back, too.
impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{}e{}", self.mantissa, -self.scale))
    }
}

impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

impl Decimal {
    /// Digits with exactly `decimals` places and commas between thousands, for money; rounded half to even.
    pub fn to_grouped(&self, decimals: usize) -> String {
        let scale = i64::try_from(decimals).unwrap_or(0);
        let rounded = self.round_scale(scale, super::Rounding::HalfEven);
        let mantissa = rounded.mantissa.clone() * power_of_ten((scale - rounded.scale).max(0));
        let negative = mantissa < IBig::ZERO;
        let digits = mantissa.to_string().trim_start_matches('-').to_owned();
        let padded = format!("{}{digits}", "0".repeat((decimals + 1).saturating_sub(digits.len())));
        let (whole, fraction) = padded.split_at(padded.len() - decimals);
        let mut grouped = String::new();
        for (at, digit) in whole.chars().enumerate() {
            if at > 0 && (whole.len() - at).is_multiple_of(3) {
                grouped.push(',');
            }
            grouped.push(digit);
        }
        let point = if decimals == 0 { "" } else { "." };
        format!("{}{grouped}{point}{fraction}", if negative { "-" } else { "" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_javas_grammar() {
        let check = |text: &str, expected: Option<&str>| {
            let read = text.parse::<Decimal>().ok().map(|number| number.to_string());
            assert_eq!(read.as_deref(), expected, "{text:?}");
        };
        check("-.244", Some("-0.244"));
        check("1.", Some("1"));
        check("1E3", Some("1000"));
        check("+1.50e-2", Some("0.015"));
        check("-0", Some("0"));
        for bad in ["", " 1", "1 ", "abc", "1,000", "1e", "e1", ".", "-", "--1", "0x1", "1e99999999999"] {
            check(bad, None);
        }
    }

    #[test]
    fn groups_thousands() {
        let check = |text: &str, decimals, expected: &str| {
            assert_eq!(text.parse::<Decimal>().unwrap().to_grouped(decimals), expected);
        };
        check("1234567.5", 2, "1,234,567.50");
        check("-0.005", 2, "0.00");
        check("-1.5", 0, "-2");
        check("100", 3, "100.000");
    }

    #[test]
    fn binary_numbers_come_over_with_their_shortest_digits() {
        assert_eq!(Decimal::from_f64(2.0_f64.sqrt()).unwrap().to_string(), "1.4142135623730951");
        assert_eq!(Decimal::from_f64(1e23).unwrap().to_string(), format!("1{}", "0".repeat(23)));
        assert_eq!(Decimal::from_f64(f64::NAN), None);
        assert_eq!("0.1".parse::<Decimal>().unwrap().to_f64(), 0.1);
    }
}
