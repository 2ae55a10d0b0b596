//! The number itself: a whole mantissa and a scale. Comparison is by value; arithmetic and text live beside it.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

use dashu_int::ops::{Abs, UnsignedAbs};
use dashu_int::{IBig, UBig};

/// A decimal number, `mantissa * 10^-scale`. `1.50` and `1.5` are equal.
#[derive(Debug, Clone)]
pub struct Decimal {
    pub(super) mantissa: IBig,
    pub(super) scale: i64,
}

impl Decimal {
    /// Zero.
    pub const ZERO: Self = Self { mantissa: IBig::ZERO, scale: 0 };
    /// One.
    pub const ONE: Self = Self { mantissa: IBig::ONE, scale: 0 };

    pub(super) fn new(mantissa: IBig, scale: i64) -> Self {
        Self { mantissa, scale }
    }

    /// Whether it is zero.
    pub fn is_zero(&self) -> bool {
        self.mantissa.is_zero()
    }

    /// Whether it is below zero.
    pub fn is_negative(&self) -> bool {
        self.mantissa < IBig::ZERO
    }

    /// The number without its sign.
    #[must_use]
    pub fn abs(&self) -> Self {
        Self::new((&self.mantissa).abs(), self.scale)
    }

    /// The number with the other sign.
    #[must_use]
    pub fn negate(&self) -> Self {
        Self::new(-&self.mantissa, self.scale)
    }

    /// The number times `10^places`, exactly.
    #[must_use]
    pub fn move_point_right(&self, places: i64) -> Self {
        Self::new(self.mantissa.clone(), self.scale - places)
    }

    /// The count of its digits; zero has one.
    pub(super) fn precision(&self) -> i64 {
        digits(&self.mantissa)
    }

    /// The power of ten of its first digit, so that its size can be limited; zero for zero.
    pub fn magnitude(&self) -> i64 {
        if self.is_zero() { 0 } else { self.precision() - self.scale - 1 }
    }

    /// The whole part, without rounding.
    pub(super) fn whole(&self) -> IBig {
        if self.scale <= 0 {
            &self.mantissa * power_of_ten(-self.scale)
        } else if self.scale > self.precision() {
            IBig::ZERO
        } else {
            &self.mantissa / power_of_ten(self.scale)
        }
    }

    /// The whole part as Java's `longValue` gives it: the low 64 bits.
    pub fn to_i64(&self) -> i64 {
        if self.magnitude() > 400 {
            return 0;
        }
        let whole = self.whole();
        if let Ok(small) = i64::try_from(&whole) {
            return small;
        }
        let modulus = IBig::ONE << 64;
        let low = ((whole % &modulus) + &modulus) % &modulus;
        u64::try_from(&low).map_or(0, u64::cast_signed)
    }

    /// The whole part as Java's `intValue` gives it: the low 32 bits.
    pub fn to_i32(&self) -> i32 {
        let bytes = self.to_i64().to_le_bytes();
        i32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])
    }

    /// The whole part as a count, held between zero and `usize::MAX`.
    pub fn to_count(&self) -> usize {
        if self.is_negative() {
            return 0;
        }
        if self.magnitude() > 18 {
            return usize::MAX;
        }
        usize::try_from(self.to_i64()).unwrap_or(usize::MAX)
    }

    /// The number times `10^decimals` as a whole number below 2^62; none when it is not one.
    pub(crate) fn to_scaled(&self, decimals: i64) -> Option<i64> {
        /// So that the difference of two fits.
        const SCALED_MAX: u64 = 1 << 62;
        let power = |places: i64| 10_i64.checked_pow(u32::try_from(places).ok()?);
        let mantissa = i64::try_from(&self.mantissa).ok()?;
        let scaled = if self.scale <= decimals {
            mantissa.checked_mul(power(decimals - self.scale)?)?
        } else {
            let divisor = power(self.scale - decimals)?;
            if mantissa % divisor != 0 {
                return None;
            }
            mantissa / divisor
        };
        (scaled.unsigned_abs() < SCALED_MAX).then_some(scaled)
    }

    /// The nearest binary number, for functions that are not exact anyway.
    pub fn to_f64(&self) -> f64 {
        format!("{}e{}", self.mantissa, -self.scale).parse().unwrap_or(f64::NAN)
    }

    /// The shortest decimal that reads back as `value`; none for infinities and not-a-number.
    pub fn from_f64(value: f64) -> Option<Self> {
        if value.is_finite() { format!("{value:e}").parse().ok() } else { None }
    }
}

/// `10^places`; `places` must not be negative.
pub(super) fn power_of_ten(places: i64) -> IBig {
    /// The largest power of ten that an `i128` holds.
    const SMALL: u32 = 38;
    match u32::try_from(places) {
        Ok(places) if places <= SMALL => IBig::from(10_i128.pow(places)),
        _ => IBig::from(UBig::from(10_u8).pow(usize::try_from(places).unwrap_or(0))),
    }
}

/// The count of decimal digits; zero has one.
pub(super) fn digits(mantissa: &IBig) -> i64 {
    let size: UBig = mantissa.unsigned_abs();
    if size.is_zero() {
        return 1;
    }
    if let Ok(small) = u128::try_from(&size) {
        return i64::from(small.ilog10()) + 1;
    }
    i64::try_from(size.ilog(&UBig::from(10_u8))).unwrap_or(i64::MAX - 1) + 1
}

impl From<i64> for Decimal {
    fn from(value: i64) -> Self {
        Self::new(IBig::from(value), 0)
    }
}

impl From<usize> for Decimal {
    fn from(value: usize) -> Self {
        Self::new(IBig::from(value), 0)
    }
}

impl From<u32> for Decimal {
    fn from(value: u32) -> Self {
        Self::new(IBig::from(value), 0)
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        if self.scale == other.scale {
            return self.mantissa.cmp(&other.mantissa);
        }
        let signs = sign(self).cmp(&sign(other));
        if signs != Ordering::Equal || sign(self) == 0 {
            return signs;
        }
        let magnitudes = self.magnitude().cmp(&other.magnitude());
        if magnitudes != Ordering::Equal {
            return if self.is_negative() { magnitudes.reverse() } else { magnitudes };
        }
        let scale = self.scale.max(other.scale);
        let left = &self.mantissa * power_of_ten(scale - self.scale);
        let right = &other.mantissa * power_of_ten(scale - other.scale);
        left.cmp(&right)
    }
}

fn sign(number: &Decimal) -> i8 {
    match number.mantissa.cmp(&IBig::ZERO) {
        Ordering::Less => -1,
        Ordering::Equal => 0,
        Ordering::Greater => 1,
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Decimal {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Decimal {}

impl Hash for Decimal {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.to_string().hash(state);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scaled_numbers_are_exact_or_none() {
        let check = |text: &str, expected: Option<i64>| {
            assert_eq!(text.parse::<Decimal>().unwrap().to_scaled(6), expected, "{text}");
        };
        check("1.5", Some(1_500_000));
        check("-0.000001", Some(-1));
        check("0.0000010", Some(1));
        check("0.0000001", None);
        check("4611686018427.387903", Some((1 << 62) - 1));
        check("4611686018427.387904", None);
        check("12e10", Some(120_000_000_000_000_000));
        check("1e40", None);
        check("0", Some(0));
    }
}
