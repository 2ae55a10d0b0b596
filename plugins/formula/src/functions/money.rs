//! Money and places: currencies, locations and the distance between them.

use super::row::{Call, Computed, Failure, Function, number, of, strict, text};
use crate::decimal::Decimal;
use crate::outcome::ErrorKind;
use crate::types::{Kinds, Type};
use crate::value::Value;

/// Mean radius of the earth in miles and kilometres, as the engine has them.
const RADII: [(&str, f64); 2] = [("mi", 3958.761), ("km", 6371.009)];
/// Currencies whose amounts have no decimals, and those with three; the others have two (ISO 4217).
const WITHOUT_DECIMALS: [&str; 17] = [
    "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF",
    "XOF", "XPF",
];
const WITH_THREE: [&str; 7] = ["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"];

/// The rows of this family.
pub const FUNCTIONS: &[Function] = &[
    strict("FORMATCURRENCY", &[text("iso_code"), number("amount")], Type::Text, format_currency)
        .own_nulls()
        .doc(
            "An amount with its currency, in the form of en_US.",
            "FORMATCURRENCY(\"USD\", 1234567.5)",
            "USD 1,234,567.50",
        ),
    strict("CURRENCYRATE", &[text("iso_code")], Type::NUMBER, currency_rate).doc(
        "The rate of a currency to the org's own. Unknown unless rates are given.",
        "CURRENCYRATE(\"EUR\")",
        "unknown",
    ),
    strict("GEOLOCATION", &[number("latitude"), number("longitude")], Type::Location, geolocation)
        .own_nulls()
        .doc(
            "A place on the earth, in degrees; null when both are null, an error when one is.",
            "GEOLOCATION(37.79, -122.4)",
            "37.79, -122.4",
        ),
    strict(
        "DISTANCE",
        &[of("from", Kinds::LOCATION), of("to", Kinds::LOCATION), text("unit")],
        Type::NUMBER,
        distance,
    )
    .own_nulls()
    .doc(
        "The distance of two places along the earth's surface, in 'mi' or 'km'.",
        "ROUND(DISTANCE(GEOLOCATION(0, 0), GEOLOCATION(0, 1), 'km'), 3)",
        "111.195",
    ),
];

fn format_currency(call: &Call<'_>) -> Computed {
    let code = call.text(0)?.unwrap_or_default();
    let Some(amount) = call.number(1)? else { return Ok(Value::Text(String::new())) };
    if amount.magnitude() >= 18 {
        return Err(Failure::error(ErrorKind::Number, "the amount is too large to format"));
    }
    let decimals = match code {
        code if WITHOUT_DECIMALS.contains(&code) => 0,
        code if WITH_THREE.contains(&code) => 3,
        _ => 2,
    };
    Ok(Value::Text(format!("{code} {}", amount.to_grouped(decimals))))
}

fn currency_rate(call: &Call<'_>) -> Computed {
    let code = call.text(0)?.unwrap_or_default();
    match call.environment.currency_rates.get(code) {
        Some(rate) => Ok(Value::Number(rate.clone())),
        None => Err(Failure::Unknown(format!("the rate of {code} is not known locally"))),
    }
}

fn geolocation(call: &Call<'_>) -> Computed {
    let latitude = in_range(call, 0, 90)?;
    let longitude = in_range(call, 1, 180)?;
    match (latitude, longitude) {
        (Some(latitude), Some(longitude)) => Ok(Value::Location(latitude.clone(), longitude.clone())),
        (None, None) => Ok(Value::Null),
        _ => Err(Failure::error(ErrorKind::Null, "only one of latitude and longitude is blank")),
    }
}

fn in_range<'a>(call: &Call<'a>, at: usize, max: i64) -> Result<Option<&'a Decimal>, Failure> {
    let degrees = call.number(at)?;
    if degrees.is_some_and(|degrees| degrees.abs() > Decimal::from(max)) {
        return Err(Failure::error(ErrorKind::Argument, format!("degrees must be from -{max} to {max}")));
    }
    Ok(degrees)
}

fn distance(call: &Call<'_>) -> Computed {
    let unit = call.text(2)?.unwrap_or_default();
    let Some((_, radius)) = RADII.iter().find(|(name, _)| *name == unit) else {
        return Err(Failure::error(ErrorKind::Argument, "the unit of DISTANCE must be 'mi' or 'km'"));
    };
    let (Some(from), Some(to)) = (point(call, 0)?, point(call, 1)?) else { return Ok(Value::Null) };
    let straight = libm::hypot(libm::hypot(from[0] - to[0], from[1] - to[1]), from[2] - to[2]);
    let along = 2.0 * radius * libm::asin((straight / 2.0).min(1.0));
    Ok(Decimal::from_f64(along).map_or(Value::Null, Value::Number))
}

/// A place on the unit sphere.
fn point(call: &Call<'_>, at: usize) -> Result<Option<[f64; 3]>, Failure> {
    match call.value(at) {
        Value::Null => Ok(None),
        Value::Location(latitude, longitude) => {
            let (latitude, longitude) = (latitude.to_f64().to_radians(), longitude.to_f64().to_radians());
            let circle = libm::cos(latitude);
            Ok(Some([libm::sin(longitude) * circle, libm::cos(longitude) * circle, libm::sin(latitude)]))
        }
        _ => Err(Failure::error(ErrorKind::Type, "DISTANCE needs locations")),
    }
}
