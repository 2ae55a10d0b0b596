//! Dates, instants and times of day in the forms that Salesforce reads and writes.
//!
//! Instants are kept to the second, in UTC.

use time::{Date, Month, OffsetDateTime, Time, UtcOffset};

/// `2026-11-23`.
pub fn date_text(date: Date) -> String {
    format!("{:04}-{:02}-{:02}", date.year(), u8::from(date.month()), date.day())
}

/// `2026-11-23T10:00:00.000+0000`.
pub fn datetime_text(instant: OffsetDateTime) -> String {
    let instant = instant.to_offset(UtcOffset::UTC);
    let (hour, minute, second) = instant.to_hms();
    format!("{}T{hour:02}:{minute:02}:{second:02}.000+0000", date_text(instant.date()))
}

/// Reads `2026-11-23`, years 1700 to 4000.
pub fn parse_date(text: &str) -> Option<Date> {
    let mut parts = text.splitn(3, '-');
    let year = digits(parts.next()?, 4)?;
    let month = digits(parts.next()?, 2)?;
    let day = digits(parts.next()?, 2)?;
    if !(1700..=4000).contains(&year) {
        return None;
    }
    let month = Month::try_from(u8::try_from(month).ok()?).ok()?;
    Date::from_calendar_date(i32::try_from(year).ok()?, month, u8::try_from(day).ok()?).ok()
}

/// Reads `2026-11-23T10:00:00Z`, with fractions of a second, `+01:00`, `+0100`, or without a zone (UTC then), and a
/// bare date (midnight UTC).
pub fn parse_datetime(text: &str) -> Option<OffsetDateTime> {
    let Some((date, rest)) = text.split_once(['T', 't']) else {
        return Some(parse_date(text)?.midnight().assume_utc());
    };
    let date = parse_date(date)?;
    let (time, offset) = zone(rest)?;
    let instant = date.with_time(clock_time(time)?).assume_offset(offset).to_offset(UtcOffset::UTC);
    instant.replace_nanosecond(0).ok()
}

/// Reads a time of day and writes it as `10:00:00.000Z`.
pub fn parse_time(text: &str) -> Option<String> {
    let time = clock_time(text.strip_suffix(['Z', 'z']).unwrap_or(text))?;
    let (hour, minute, second, milli) = time.as_hms_milli();
    Some(format!("{hour:02}:{minute:02}:{second:02}.{milli:03}Z"))
}

fn zone(text: &str) -> Option<(&str, UtcOffset)> {
    if let Some(time) = text.strip_suffix(['Z', 'z']) {
        return Some((time, UtcOffset::UTC));
    }
    let Some(at) = text.find(['+', '-']) else { return Some((text, UtcOffset::UTC)) };
    let (time, zone) = text.split_at(at);
    let sign = if zone.starts_with('-') { -1 } else { 1 };
    let plain = zone[1..].replace(':', "");
    let all = digits(&plain, 4)?;
    let (hours, minutes) = (i8::try_from(all / 100).ok()?, i8::try_from(all % 100).ok()?);
    Some((time, UtcOffset::from_hms(sign * hours, sign * minutes, 0).ok()?))
}

fn clock_time(text: &str) -> Option<Time> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let mut parts = whole.split(':');
    let hour = u8::try_from(digits(parts.next()?, 2)?).ok()?;
    let minute = u8::try_from(digits(parts.next()?, 2)?).ok()?;
    let second = match parts.next() {
        Some(second) => u8::try_from(digits(second, 2)?).ok()?,
        None => 0,
    };
    if parts.next().is_some() || fraction.len() > 9 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let milli = format!("{fraction:0<3}")[..3].parse().ok()?;
    Time::from_hms_milli(hour, minute, second, milli).ok()
}

fn digits(text: &str, count: usize) -> Option<u32> {
    let all = text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    if all { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_kept_in_utc_to_the_second() {
        let check = |text: &str, expected: Option<&str>| {
            assert_eq!(parse_datetime(text).map(datetime_text).as_deref(), expected, "{text}");
        };
        check("2026-11-23T10:00:00Z", Some("2026-11-23T10:00:00.000+0000"));
        check("2026-11-23T10:00:00.987Z", Some("2026-11-23T10:00:00.000+0000"));
        check("2026-11-23T10:00:00.000+0000", Some("2026-11-23T10:00:00.000+0000"));
        check("2026-11-23T00:30:00+01:00", Some("2026-11-22T23:30:00.000+0000"));
        check("2026-11-23T10:00", Some("2026-11-23T10:00:00.000+0000"));
        check("2026-11-23", Some("2026-11-23T00:00:00.000+0000"));
        check("2026-11-23T25:00:00Z", None);
        check("2026-02-30", None);
        check("23.11.2026", None);
        check("next week", None);
    }

    #[test]
    fn times_of_day() {
        let check =
            |text: &str, expected: Option<&str>| assert_eq!(parse_time(text).as_deref(), expected, "{text}");
        check("10:00:00", Some("10:00:00.000Z"));
        check("10:00:00.5Z", Some("10:00:00.500Z"));
        check("10:61:00", None);
        check("10", None);
    }
}
