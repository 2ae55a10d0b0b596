//! Rounding: to a count of digits, to a count of decimals, and Salesforce's own ROUND and TRUNC.

use dashu_int::IBig;
use dashu_int::ops::{Abs, DivRem};

use super::number::{Decimal, power_of_ten};

/// Which neighbour a number between two is rounded to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rounding {
    /// The nearer one; from the middle away from zero.
    HalfUp,
    /// The nearer one; from the middle towards zero.
    HalfDown,
    /// The nearer one; from the middle to the even one.
    HalfEven,
    /// Towards zero.
    Down,
    /// Away from zero.
    Up,
    /// Towards minus infinity.
    Floor,
    /// Towards plus infinity.
    Ceiling,
}

impl Decimal {
    /// Rounds to at most `precision` digits.
    #[must_use]
    pub fn round_digits(&self, precision: i64, rounding: Rounding) -> Self {
        let mut number = self.clone();
        // A carry (999.6 to 1000) can add a digit, hence the second look.
        for _ in 0..2 {
            let excess = number.precision() - precision;
            if excess <= 0 {
                break;
            }
            let mantissa = divide_rounded(&number.mantissa, &power_of_ten(excess), rounding);
            number = Self::new(mantissa, number.scale - excess);
        }
        number
    }

    /// Rounds to `scale` decimals; a number with fewer is left as it is.
    #[must_use]
    pub fn round_scale(&self, scale: i64, rounding: Rounding) -> Self {
        if self.scale <= scale {
            return self.clone();
        }
        let excess = self.scale - scale;
        // A divisor far above the number gives the same as one just above it.
        let excess_used = excess.min(self.precision() + 2);
        let mantissa = divide_rounded(&self.mantissa, &power_of_ten(excess_used), rounding);
        Self::new(mantissa, scale)
    }

    /// ROUND and TRUNC of the formula language: below one the digits are counted as if a one stood before the point,
    /// and a place left of the first digit gives zero (ROUND(60, -2) is 0).
    #[must_use]
    pub fn round_formula(&self, scale: i32, rounding: Rounding) -> Self {
        let size = self.abs();
        if size < Self::ONE {
            let precision = i64::from(scale.wrapping_add(1));
            if precision <= 0 {
                return Self::ZERO;
            }
            let rounded = size.add(&Self::ONE).round_digits(precision, rounding).subtract(&Self::ONE);
            return if self.is_negative() { rounded.negate() } else { rounded };
        }
        let precision = self.precision() - self.scale + i64::from(scale);
        if precision <= 0 { Self::ZERO } else { self.round_digits(precision, rounding) }
    }
}

fn divide_rounded(mantissa: &IBig, divisor: &IBig, rounding: Rounding) -> IBig {
    let (quotient, remainder) = mantissa.div_rem(divisor);
    if remainder.is_zero() {
        return quotient;
    }
    let negative = *mantissa < IBig::ZERO;
    let half = ((&remainder).abs() * IBig::from(2)).cmp(divisor);
    let away = match rounding {
        Rounding::Up => true,
        Rounding::Down => false,
        Rounding::Floor => negative,
        Rounding::Ceiling => !negative,
        Rounding::HalfUp => half.is_ge(),
        Rounding::HalfDown => half.is_gt(),
        Rounding::HalfEven => half.is_gt() || (half.is_eq() && !(&quotient % IBig::from(2)).is_zero()),
    };
    match (away, negative) {
        (false, _) => quotient,
        (true, false) => quotient + IBig::ONE,
        (true, true) => quotient - IBig::ONE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, scale: i32, rounding: Rounding, expected: &str) {
        let number: Decimal = text.parse().unwrap();
        assert_eq!(number.round_formula(scale, rounding).to_string(), expected, "{text} to {scale}");
    }

    #[test]
    fn rounds_as_salesforce_does() {
        check("20.12345", 4, Rounding::HalfUp, "20.1235");
        check("-1.5", 0, Rounding::HalfUp, "-2");
        check("0.003", 2, Rounding::HalfUp, "0");
        check("0.999", 2, Rounding::HalfUp, "1");
        check("60", -2, Rounding::HalfUp, "0");
        check("155", -1, Rounding::HalfUp, "160");
        check("-123456.7895", -2, Rounding::Down, "-123400");
        check("-.2345", 2, Rounding::Down, "-0.23");
    }

    #[test]
    fn whole_numbers_by_direction() {
        let check = |text: &str, rounding, expected: &str| {
            let number: Decimal = text.parse().unwrap();
            assert_eq!(number.round_scale(0, rounding).to_string(), expected, "{text} {rounding:?}");
        };
        check("-0.4", Rounding::Up, "-1");
        check("-0.4", Rounding::Ceiling, "0");
        check("-0.4", Rounding::Floor, "-1");
        check("2.5", Rounding::HalfEven, "2");
        check("2.5", Rounding::HalfDown, "2");
        check("1e-300", Rounding::Up, "1");
    }
}
