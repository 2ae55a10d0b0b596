//! Dates, moments and times of day.

use super::row::{Body, Call, Computed, Failure, Function, Parameter, ResultType, number, of, row, strict};
use crate::calendar::{DAY_MS, Date, DateTime, Time};
use crate::decimal::Decimal;
use crate::outcome::ErrorKind;
use crate::types::{Kinds, Type};
use crate::value::Value;

const DAY: Kinds = Kinds::DATE.or(Kinds::DATETIME);
const DATE: &[Parameter] = &[of("date", Kinds::DATE)];
const DAY_ONLY: &[Parameter] = &[of("date", DAY)];
const TIME: &[Parameter] = &[of("time", Kinds::TIME)];

/// The rows of this family.
pub const FUNCTIONS: &[Function] = &[
    strict("DATE", &[number("year"), number("month"), number("day")], Type::Date, date).doc(
        "A date; an error when there is no such day.",
        "DATE(2024, 2, 29)",
        "2024-02-29",
    ),
    strict("DATEVALUE", &[of("expression", DAY.or(Kinds::TEXT))], Type::Date, date_value).doc(
        "The date of a moment in the user's zone, or of a text YYYY-MM-DD.",
        "DATEVALUE(\"2024-2-9\")",
        "2024-02-09",
    ),
    strict("DATETIMEVALUE", &[of("expression", DAY.or(Kinds::TEXT))], Type::DateTime, date_time_value).doc(
        "The moment (GMT) of a text YYYY-MM-DD HH:MM:SS, or midnight of a date.",
        "DATETIMEVALUE(\"2024-02-29 10:30:00\")",
        "2024-02-29T10:30:00Z",
    ),
    strict(
        "TIMEVALUE",
        &[of("expression", Kinds::TEXT.or(Kinds::TIME).or(Kinds::DATETIME))],
        Type::Time,
        time_value,
    )
    .doc(
        "The time of a text HH:MM:SS.mmm, or of a moment in GMT.",
        "TIMEVALUE(\"10:30:00.000\")",
        "10:30:00.000",
    ),
    strict("TODAY", &[], Type::Date, |call| Ok(Value::Date(call.environment.today()))).doc(
        "The user's date.",
        "TODAY()",
        "2024-01-31",
    ),
    strict("NOW", &[], Type::DateTime, |call| Ok(Value::DateTime(call.environment.now))).doc(
        "The moment.",
        "NOW()",
        "2024-01-31T12:00:00Z",
    ),
    strict("TIMENOW", &[], Type::Time, |call| Ok(Value::Time(call.environment.now.time()))).doc(
        "The time of day, in GMT.",
        "TIMENOW()",
        "12:00:00.000",
    ),
    strict("YEAR", DATE, Type::NUMBER, |call| of_date(call, |date| date.parts().0)).doc(
        "The year.",
        "YEAR(DATE(2024, 2, 29))",
        "2024",
    ),
    strict("MONTH", DATE, Type::NUMBER, |call| of_date(call, |date| date.parts().1)).doc(
        "The month, from 1.",
        "MONTH(DATE(2024, 2, 29))",
        "2",
    ),
    strict("DAY", DATE, Type::NUMBER, |call| of_date(call, |date| date.parts().2)).doc(
        "The day of the month.",
        "DAY(DATE(2024, 2, 29))",
        "29",
    ),
    strict("WEEKDAY", DATE, Type::NUMBER, |call| of_date(call, Date::weekday)).doc(
        "The day of the week: 1 for Sunday to 7 for Saturday.",
        "WEEKDAY(DATE(2024, 2, 29))",
        "5",
    ),
    strict("DAYOFYEAR", DATE, Type::NUMBER, |call| of_date(call, Date::day_of_year)).doc(
        "The day of the year, from 1.",
        "DAYOFYEAR(DATE(2024, 2, 29))",
        "60",
    ),
    strict("ISOWEEK", DAY_ONLY, Type::NUMBER, |call| of_date(call, |date| date.iso_week().1)).doc(
        "The week of ISO 8601.",
        "ISOWEEK(DATE(2021, 1, 1))",
        "53",
    ),
    strict("ISOYEAR", DAY_ONLY, Type::NUMBER, |call| of_date(call, |date| date.iso_week().0)).doc(
        "The year that the week of ISO 8601 belongs to.",
        "ISOYEAR(DATE(2021, 1, 1))",
        "2020",
    ),
    row("ADDMONTHS", &[of("date", DAY), number("num")], ResultType::First, Body::Strict(add_months)).doc(
        "The date so many months later; the last day of a month stays one.",
        "ADDMONTHS(DATE(2023, 12, 31), 2)",
        "2024-02-29",
    ),
    strict("HOUR", TIME, Type::NUMBER, |call| of_time(call, |time| time.parts().0)).doc(
        "The hour, 0 to 23.",
        "HOUR(TIMEVALUE(\"10:30:15.250\"))",
        "10",
    ),
    strict("MINUTE", TIME, Type::NUMBER, |call| of_time(call, |time| time.parts().1)).doc(
        "The minute.",
        "MINUTE(TIMEVALUE(\"10:30:15.250\"))",
        "30",
    ),
    strict("SECOND", TIME, Type::NUMBER, |call| of_time(call, |time| time.parts().2)).doc(
        "The second.",
        "SECOND(TIMEVALUE(\"10:30:15.250\"))",
        "15",
    ),
    strict("MILLISECOND", TIME, Type::NUMBER, |call| of_time(call, |time| time.parts().3)).doc(
        "The millisecond.",
        "MILLISECOND(TIMEVALUE(\"10:30:15.250\"))",
        "250",
    ),
    strict("UNIXTIMESTAMP", &[of("value", DAY.or(Kinds::TIME))], Type::NUMBER, unix_timestamp).doc(
        "Seconds since 1970-01-01T00:00:00Z, or since midnight.",
        "UNIXTIMESTAMP(DATE(1970, 1, 2))",
        "86400",
    ),
    strict("FROMUNIXTIME", &[number("seconds")], Type::DateTime, from_unix_time).doc(
        "The moment so many seconds after 1970-01-01T00:00:00Z.",
        "FROMUNIXTIME(86400)",
        "1970-01-02T00:00:00Z",
    ),
    strict(
        "FORMATDURATION",
        &[
            of("seconds_or_start", Kinds::NUMBER.or(Kinds::TIME).or(Kinds::DATETIME)),
            of("include_days_or_end", Kinds::BOOLEAN.or(Kinds::TIME).or(Kinds::DATETIME)),
        ],
        Type::Text,
        format_duration,
    )
    .optional(1)
    .own_nulls()
    .doc(
        "Seconds, or the time between two times or moments, as HH:MM:SS or D:HH:MM:SS.",
        "FORMATDURATION(100000, TRUE)",
        "1:03:46:40",
    ),
];

fn refused(message: &str) -> Failure {
    Failure::error(ErrorKind::Date, message)
}

fn of_date(call: &Call<'_>, part: fn(Date) -> i64) -> Computed {
    Ok(Value::whole(part(call.given_date(0)?)))
}

fn of_time(call: &Call<'_>, part: fn(Time) -> i64) -> Computed {
    Ok(Value::whole(part(call.given_time(0)?)))
}

fn date(call: &Call<'_>) -> Computed {
    let part = |at| call.given_number(at).map(|number| i64::from(number.to_i32()));
    let (year, month, day) = (part(0)?, part(1)?, part(2)?);
    if !(1..=9999).contains(&year) {
        return Err(refused("the year of DATE must be from 1 to 9999"));
    }
    Date::from_parts(year, month, day)
        .map(Value::Date)
        .ok_or_else(|| refused("DATE has no such month or day"))
}

fn date_value(call: &Call<'_>) -> Computed {
    match call.value(0) {
        Value::DateTime(moment) => Ok(Value::Date(moment.date(call.environment.offset_minutes))),
        Value::Date(date) => Ok(Value::Date(*date)),
        _ => match Date::read(call.text(0)?.unwrap_or_default()) {
            Some(date) => Ok(Value::Date(date)),
            None => Err(refused("the text is not a date: YYYY-MM-DD")),
        },
    }
}

fn date_time_value(call: &Call<'_>) -> Computed {
    match call.value(0) {
        Value::DateTime(_) | Value::Date(_) => Ok(Value::DateTime(call.given_moment(0)?)),
        _ => match DateTime::read(call.text(0)?.unwrap_or_default()) {
            Some(moment) => Ok(Value::DateTime(moment)),
            None => Err(refused("the text is not a date and time: YYYY-MM-DD HH:MM:SS")),
        },
    }
}

fn time_value(call: &Call<'_>) -> Computed {
    match call.value(0) {
        Value::Time(time) => Ok(Value::Time(*time)),
        Value::DateTime(moment) => Ok(Value::Time(moment.time())),
        _ => match Time::read(call.text(0)?.unwrap_or_default()) {
            Some(time) => Ok(Value::Time(time)),
            None => Err(refused("the text is not a time: HH:MM:SS.mmm")),
        },
    }
}

fn add_months(call: &Call<'_>) -> Computed {
    let months = i64::from(call.given_number(1)?.to_i32());
    let moved = call.given_date(0)?.add_months(months).ok_or_else(|| refused("the date is out of range"))?;
    Ok(match call.value(0) {
        Value::DateTime(moment) => {
            let ms = moved.midnight().ms() + moment.time().ms();
            Value::DateTime(DateTime::from_ms(ms).ok_or_else(|| refused("the date is out of range"))?)
        }
        _ => Value::Date(moved),
    })
}

fn unix_timestamp(call: &Call<'_>) -> Computed {
    let ms = match call.value(0) {
        Value::Time(time) => time.ms(),
        _ => call.given_moment(0)?.ms(),
    };
    Ok(Value::whole(ms / 1000))
}

fn from_unix_time(call: &Call<'_>) -> Computed {
    let ms = call.given_number(0)?.move_point_right(3);
    let in_range = ms.abs() < Decimal::from(i64::MAX);
    let moment = if in_range { DateTime::from_ms(ms.to_i64()) } else { None };
    moment.map(Value::DateTime).ok_or_else(|| refused("the moment is out of range"))
}

fn format_duration(call: &Call<'_>) -> Computed {
    let (seconds, with_days) = match (call.value(0), call.value(1)) {
        (Value::Null, _) => return Ok(Value::Null),
        (Value::Number(seconds), _) => (seconds.to_i64(), call.boolean(1)? == Some(true)),
        (_, Value::Null) => return Ok(Value::Null),
        (Value::Time(start), Value::Time(end)) => ((end.ms() - start.ms()) / 1000, false),
        (Value::DateTime(start), Value::DateTime(end)) => ((end.ms() - start.ms()) / 1000, true),
        _ => {
            return Err(Failure::error(
                ErrorKind::Type,
                "the arguments of FORMATDURATION do not go together",
            ));
        }
    };
    let seconds = seconds.unsigned_abs();
    let (minutes, rest) = (seconds / 60 % 60, seconds % 60);
    Ok(Value::Text(if with_days {
        let day = DAY_MS.unsigned_abs() / 1000;
        format!("{}:{:02}:{minutes:02}:{rest:02}", seconds / day, seconds / 3600 % 24)
    } else {
        format!("{:02}:{minutes:02}:{rest:02}", seconds / 3600)
    }))
}
