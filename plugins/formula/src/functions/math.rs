//! Numbers. What is exact is decimal; roots, logarithms and angles go through 64-bit binary numbers, as in the engine.

use super::row::{Arity, Call, Computed, Failure, Function, Parameter, number, strict};
use crate::decimal::{Decimal, Rounding};
use crate::outcome::ErrorKind;
use crate::types::Type;
use crate::value::Value;

/// Digits that CEILING and FLOOR look at, so that 1/3*3 counts as 1 (`NUMBER_PRECISION_EXTERNAL` of the engine).
const DIGITS_SEEN: i64 = 33;

const ONE: &[Parameter] = &[number("number")];
const ANGLE: &[Parameter] = &[number("radians")];
const WITH_DIGITS: &[Parameter] = &[number("number"), number("num_digits")];
const PI: &str = "3.14159265358979323846";

/// The rows of this family.
pub const FUNCTIONS: &[Function] = &[
    strict("ABS", ONE, Type::NUMBER, abs).doc("The number without its sign.", "ABS(-2.5)", "2.5"),
    strict("MOD", &[number("number"), number("divisor")], Type::NUMBER, modulo).doc(
        "What is left of a division; it has the sign of the number.",
        "MOD(-7, 3)",
        "-1",
    ),
    strict("ROUND", WITH_DIGITS, Type::NUMBER, round).doc(
        "The number rounded to so many decimals, from the middle away from zero.",
        "ROUND(-2.345, 2)",
        "-2.35",
    ),
    strict("TRUNC", WITH_DIGITS, Type::NUMBER, truncate).optional(1).doc(
        "The number cut to so many decimals, or to none.",
        "TRUNC(-2.345, 2)",
        "-2.34",
    ),
    strict("MROUND", &[number("number"), number("multiple")], Type::NUMBER, round_to_multiple).doc(
        "The multiple that is nearest, from the middle away from zero. Not in the engine: as in spreadsheets.",
        "MROUND(7.5, 5)",
        "10",
    ),
    strict("CEILING", ONE, Type::NUMBER, |call| whole(call, Rounding::HalfDown, Rounding::Up))
        .doc("The next whole number away from zero.", "CEILING(-2.1)", "-3"),
    strict("FLOOR", ONE, Type::NUMBER, |call| whole(call, Rounding::HalfUp, Rounding::Down))
        .doc("The next whole number towards zero.", "FLOOR(-2.9)", "-2"),
    strict("MCEILING", ONE, Type::NUMBER, |call| whole(call, Rounding::HalfDown, Rounding::Ceiling))
        .doc("The next whole number towards plus infinity.", "MCEILING(-2.9)", "-2"),
    strict("MFLOOR", ONE, Type::NUMBER, |call| whole(call, Rounding::HalfUp, Rounding::Floor))
        .doc("The next whole number towards minus infinity.", "MFLOOR(-2.1)", "-3"),
    strict("MAX", ONE, Type::NUMBER, |call| extreme(call, |candidate, best| candidate > best))
        .taking(Arity::AtLeast(1))
        .doc("The largest; null when one is null.", "MAX(1, 3, 2)", "3"),
    strict("MIN", ONE, Type::NUMBER, |call| extreme(call, |candidate, best| candidate < best))
        .taking(Arity::AtLeast(1))
        .doc("The smallest; null when one is null.", "MIN(3, 1, 2)", "1"),
    strict("SQRT", ONE, Type::NUMBER, |call| binary(call, libm::sqrt)).doc("The square root.", "SQRT(16)", "4"),
    strict("EXP", ONE, Type::NUMBER, |call| binary(call, libm::exp)).doc("A power of e.", "EXP(0)", "1"),
    strict("LN", ONE, Type::NUMBER, |call| binary(call, libm::log)).doc("The natural logarithm.", "LN(1)", "0"),
    strict("LOG", ONE, Type::NUMBER, |call| binary(call, |value| libm::log(value) / libm::log(10.0)))
        .doc("The logarithm to base 10.", "LOG(100)", "2"),
    strict("PI", &[], Type::NUMBER, pi).doc("The number pi, to 20 decimals.", "ROUND(PI(), 4)", "3.1416"),
    strict("SIN", ANGLE, Type::NUMBER, |call| binary(call, libm::sin)).doc("The sine.", "SIN(0)", "0"),
    strict("COS", ANGLE, Type::NUMBER, |call| binary(call, libm::cos)).doc("The cosine.", "COS(0)", "1"),
    strict("TAN", ANGLE, Type::NUMBER, |call| binary(call, libm::tan)).doc("The tangent.", "TAN(0)", "0"),
    strict("ASIN", ONE, Type::NUMBER, |call| binary(call, libm::asin)).doc("The angle of a sine.", "ASIN(0)", "0"),
    strict("ACOS", ONE, Type::NUMBER, |call| binary(call, libm::acos)).doc("The angle of a cosine.", "ACOS(1)", "0"),
    strict("ATAN", ONE, Type::NUMBER, |call| binary(call, libm::atan)).doc("The angle of a tangent.", "ATAN(0)", "0"),
    strict("ATAN2", &[number("y"), number("x")], Type::NUMBER, atan2).own_nulls().doc(
        "The angle of a point; a null is an error.",
        "ATAN2(0, 1)",
        "0",
    ),
];

fn result(number: Decimal) -> Computed {
    Ok(Value::Number(number.in_range()?))
}

/// A function over binary numbers; where it has no value, or an infinite one, it is an error.
fn binary(call: &Call<'_>, function: fn(f64) -> f64) -> Computed {
    from_binary(function(call.given_number(0)?.to_f64()))
}

fn from_binary(value: f64) -> Computed {
    match Decimal::from_f64(value) {
        Some(number) => Ok(Value::Number(number)),
        None => Err(Failure::error(ErrorKind::Number, "the number is out of the function's range")),
    }
}

fn abs(call: &Call<'_>) -> Computed {
    result(call.given_number(0)?.abs())
}

fn modulo(call: &Call<'_>) -> Computed {
    result(call.given_number(0)?.remainder(call.given_number(1)?)?)
}

fn round(call: &Call<'_>) -> Computed {
    result(call.given_number(0)?.round_formula(call.given_number(1)?.to_i32(), Rounding::HalfUp))
}

fn truncate(call: &Call<'_>) -> Computed {
    let digits = if call.has(1) { call.given_number(1)?.to_i32() } else { 0 };
    result(call.given_number(0)?.round_formula(digits, Rounding::Down))
}

fn round_to_multiple(call: &Call<'_>) -> Computed {
    let multiple = call.given_number(1)?;
    if multiple.is_zero() {
        return result(Decimal::ZERO);
    }
    let count = call.given_number(0)?.divide(multiple)?.round_scale(0, Rounding::HalfUp);
    result(count.multiply(multiple))
}

fn whole(call: &Call<'_>, seen: Rounding, towards: Rounding) -> Computed {
    result(call.given_number(0)?.round_digits(DIGITS_SEEN, seen).round_scale(0, towards))
}

fn extreme(call: &Call<'_>, better: fn(&Decimal, &Decimal) -> bool) -> Computed {
    let mut best = call.given_number(0)?;
    for at in 1..call.arguments.len() {
        let candidate = call.given_number(at)?;
        if better(candidate, best) {
            best = candidate;
        }
    }
    result(best.clone())
}

fn pi(_: &Call<'_>) -> Computed {
    match PI.parse() {
        Ok(number) => Ok(Value::Number(number)),
        Err(_) => from_binary(std::f64::consts::PI),
    }
}

fn atan2(call: &Call<'_>) -> Computed {
    match (call.number(0)?, call.number(1)?) {
        (Some(y), Some(x)) => from_binary(libm::atan2(y.to_f64(), x.to_f64())),
        _ => Err(Failure::error(ErrorKind::Null, "an argument of ATAN2 is blank")),
    }
}
