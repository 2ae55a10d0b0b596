//! The four operations, the remainder and powers, rounded as the engine rounds: 39 digits, half up.

use dashu_int::IBig;

use super::number::{Decimal, digits, power_of_ten};
use super::rounding::Rounding;

/// Digits kept after an operation (`MC_PRECISION_INTERNAL` of Salesforce's engine).
const DIGITS_MAX: i64 = 39;
/// Digits kept by `^`.
const POWER_DIGITS_MAX: i64 = 18;
/// A power above `10^64` is out of range.
const POWER_MAGNITUDE_MAX: f64 = 64.0;
/// Numbers beyond `10^±10,000` are not calculated with; a hostile `1E999999999` would fill the memory.
const MAGNITUDE_MAX: i64 = 10_000;

/// Why a calculation has no result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ArithmeticError {
    /// A division or remainder by zero.
    #[error("division by zero")]
    DivisionByZero,
    /// The result is beyond what is calculated with.
    #[error("the number is too large to calculate with")]
    TooLarge,
    /// A power that is not whole, or whose result is above 10^64.
    #[error("the exponent of ^ must be a whole number, and the result below 10^64")]
    Power,
}

impl Decimal {
    /// The sum.
    #[must_use]
    pub fn add(&self, other: &Self) -> Self {
        let (left, right, scale) = aligned(self, other);
        rounded(left + right, scale)
    }

    /// The difference.
    #[must_use]
    pub fn subtract(&self, other: &Self) -> Self {
        let (left, right, scale) = aligned(self, other);
        rounded(left - right, scale)
    }

    /// The product.
    #[must_use]
    pub fn multiply(&self, other: &Self) -> Self {
        rounded(&self.mantissa * &other.mantissa, self.scale + other.scale)
    }

    /// The quotient, to 39 digits.
    pub fn divide(&self, other: &Self) -> Result<Self, ArithmeticError> {
        self.divide_digits(other, DIGITS_MAX)
    }

    fn divide_digits(&self, other: &Self, precision: i64) -> Result<Self, ArithmeticError> {
        if other.is_zero() {
            return Err(ArithmeticError::DivisionByZero);
        }
        if self.is_zero() {
            return Ok(Self::ZERO);
        }
        // Two digits more than asked for: half up needs only the first digit that is cut off.
        let wanted = (precision + 2 + other.precision() - self.precision()).max(0);
        let quotient = (&self.mantissa * power_of_ten(wanted)) / &other.mantissa;
        Ok(Self::new(quotient, self.scale - other.scale + wanted).round_digits(precision, Rounding::HalfUp))
    }

    /// What is left of a division towards zero; it has the sign of the dividend.
    pub fn remainder(&self, other: &Self) -> Result<Self, ArithmeticError> {
        if other.is_zero() {
            return Err(ArithmeticError::DivisionByZero);
        }
        let (left, right, scale) = aligned(self, other);
        if digits(&left) - digits(&right) > DIGITS_MAX {
            return Err(ArithmeticError::TooLarge);
        }
        Ok(Self::new(left % right, scale))
    }

    /// The power to a whole exponent, to 18 digits. Below `10^-39` it is zero.
    pub fn power(&self, exponent: &Self) -> Result<Self, ArithmeticError> {
        let whole = exponent.to_i32();
        let size = libm::log(self.abs().to_f64()) / libm::log(10.0) * f64::from(whole);
        let exact = Self::from(i64::from(whole)) == *exponent && whole.unsigned_abs() < 1_000_000_000;
        if size > POWER_MAGNITUDE_MAX || !exact {
            return Err(ArithmeticError::Power);
        }
        if whole != 0 && size < -10_000.0 {
            return Ok(Self::ZERO);
        }
        let exponent_digits = i64::from(whole.unsigned_abs().checked_ilog10().unwrap_or(0)) + 1;
        let working = POWER_DIGITS_MAX + exponent_digits + 1;
        let mut result = Self::ONE;
        for bit in (0..32).rev() {
            result = exact_product(&result, &result).round_digits(working, Rounding::HalfUp);
            if whole.unsigned_abs() >> bit & 1 == 1 {
                result = exact_product(&result, self).round_digits(working, Rounding::HalfUp);
            }
        }
        if whole < 0 {
            result = Self::ONE.divide_digits(&result, working).map_err(|_| ArithmeticError::Power)?;
        }
        let result = result.round_digits(POWER_DIGITS_MAX, Rounding::HalfUp);
        Ok(if result.magnitude() < -DIGITS_MAX { Self::ZERO } else { result })
    }

    /// Refuses a number that is too large to calculate with; one that is too small becomes zero.
    pub fn in_range(self) -> Result<Self, ArithmeticError> {
        if self.is_zero() {
            return Ok(if self.scale.abs() > MAGNITUDE_MAX { Self::ZERO } else { self });
        }
        if self.precision() > MAGNITUDE_MAX {
            return self.kept().in_range();
        }
        let magnitude = self.magnitude();
        if magnitude > MAGNITUDE_MAX {
            Err(ArithmeticError::TooLarge)
        } else if magnitude < -MAGNITUDE_MAX {
            Ok(Self::ZERO)
        } else {
            Ok(self)
        }
    }

    /// Rounds to the 39 digits that the engine keeps.
    #[must_use]
    pub fn kept(&self) -> Self {
        self.round_digits(DIGITS_MAX, Rounding::HalfUp)
    }
}

fn exact_product(left: &Decimal, right: &Decimal) -> Decimal {
    Decimal::new(&left.mantissa * &right.mantissa, left.scale + right.scale)
}

fn aligned(left: &Decimal, right: &Decimal) -> (IBig, IBig, i64) {
    let scale = left.scale.max(right.scale);
    let lift = |number: &Decimal| {
        if number.scale == scale {
            number.mantissa.clone()
        } else if number.is_zero() {
            IBig::ZERO
        } else {
            &number.mantissa * power_of_ten(scale - number.scale)
        }
    };
    (lift(left), lift(right), scale)
}

fn rounded(mantissa: IBig, scale: i64) -> Decimal {
    Decimal::new(mantissa, scale).kept()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn divides_to_39_digits() {
        let third = number("1").divide(&number("3")).unwrap();
        assert_eq!(third.to_string(), format!("0.{}", "3".repeat(39)));
        assert_eq!(third.multiply(&number("3")).to_string(), format!("0.{}", "9".repeat(39)));
        let two_thirds = number("2").divide(&number("3")).unwrap();
        assert_eq!(two_thirds.to_string(), format!("0.{}7", "6".repeat(38)));
        assert_eq!(number("1").divide(&Decimal::ZERO), Err(ArithmeticError::DivisionByZero));
    }

    #[test]
    fn remainders_have_the_sign_of_the_dividend() {
        let check = |left, right, expected: &str| {
            assert_eq!(number(left).remainder(&number(right)).unwrap().to_string(), expected);
        };
        check("-1", "2", "-1");
        check("20.12345", "2", "0.12345");
        check("46", "-456", "46");
        check("20", "-1", "0");
    }

    #[test]
    fn powers_are_whole_and_bounded() {
        assert_eq!(number("10").power(&number("-2")).unwrap().to_string(), "0.01");
        assert_eq!(number("0").power(&number("0")).unwrap().to_string(), "1");
        assert_eq!(number("2").power(&number("0.5")), Err(ArithmeticError::Power));
        assert_eq!(number("10").power(&number("65")), Err(ArithmeticError::Power));
        assert_eq!(number("0").power(&number("-1")), Err(ArithmeticError::Power));
        assert_eq!(number("0.1").power(&number("40")).unwrap().to_string(), "0");
        assert_eq!(number("-2").power(&number("3")).unwrap().to_string(), "-8");
    }
}
