//! Dates, moments and times of day in the Gregorian calendar, with the forms in which the formula language reads and
//! writes them. No clock and no time zone: moments are GMT.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Milliseconds of a day.
pub const DAY_MS: i64 = 86_400_000;
/// Days beyond about a million years are refused, so that sums cannot overflow.
const DAYS_MAX: i64 = 400_000_000;

/// A date: days since 1970-01-01.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Date(i64);

/// A moment: milliseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct DateTime(i64);

/// A time of day: milliseconds since midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Time(i64);

impl Date {
    /// The date `days` after 1970-01-01; none when it is a million years away.
    pub fn from_days(days: i64) -> Option<Self> {
        (days.abs() <= DAYS_MAX).then_some(Self(days))
    }

    /// The date of a year, month (1 to 12) and day; none when there is no such day.
    pub fn from_parts(year: i64, month: i64, day: i64) -> Option<Self> {
        let exists = (1..=12).contains(&month) && (1..=days_of_month(year, month)).contains(&day);
        if exists && year.abs() <= 1_000_000 { Some(Self(days_from_civil(year, month, day))) } else { None }
    }

    /// Days since 1970-01-01.
    pub fn days(self) -> i64 {
        self.0
    }

    /// Year, month (1 to 12) and day of the month.
    pub fn parts(self) -> (i64, i64, i64) {
        civil_from_days(self.0)
    }

    /// Midnight (GMT) of the date.
    pub fn midnight(self) -> DateTime {
        DateTime(self.0 * DAY_MS)
    }

    /// 1 for Sunday to 7 for Saturday.
    pub fn weekday(self) -> i64 {
        (self.0 + 4).rem_euclid(7) + 1
    }

    /// 1 for the first of January.
    pub fn day_of_year(self) -> i64 {
        self.0 - days_from_civil(self.parts().0, 1, 1) + 1
    }

    /// ISO 8601's year and week: weeks begin on Monday, week 1 holds the year's first Thursday.
    pub fn iso_week(self) -> (i64, i64) {
        let thursday = Self(self.0 - (self.0 + 3).rem_euclid(7) + 3);
        (thursday.parts().0, (thursday.day_of_year() - 1) / 7 + 1)
    }

    /// The date `months` later. The last day of a month stays one; another day that the month does not have becomes its
    /// last.
    pub fn add_months(self, months: i64) -> Option<Self> {
        let (year, month, day) = self.parts();
        let was_last = day == days_of_month(year, month);
        let count = year.checked_mul(12)?.checked_add(month - 1)?.checked_add(months)?;
        let (year, month) = (count.div_euclid(12), count.rem_euclid(12) + 1);
        let last = days_of_month(year, month);
        Self::from_parts(year, month, if was_last { last } else { day.min(last) })
    }

    /// Reads `YYYY-MM-DD` as DATEVALUE does: short months and days are taken, text after the date is not looked at.
    pub fn read(text: &str) -> Option<Self> {
        Scanner::new(text)?.date()
    }
}

impl DateTime {
    /// The moment `ms` after 1970-01-01T00:00:00Z; none when it is a million years away.
    pub fn from_ms(ms: i64) -> Option<Self> {
        (ms.abs() <= DAYS_MAX * DAY_MS).then_some(Self(ms))
    }

    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub fn ms(self) -> i64 {
        self.0
    }

    /// The date in a zone `offset_minutes` east of GMT.
    pub fn date(self, offset_minutes: i32) -> Date {
        Date((self.0 + i64::from(offset_minutes) * 60_000).div_euclid(DAY_MS))
    }

    /// The time of day, in GMT.
    pub fn time(self) -> Time {
        Time(self.0.rem_euclid(DAY_MS))
    }

    /// Reads `YYYY-MM-DD HH:MM:SS` as DATETIMEVALUE does; text after it is not looked at.
    pub fn read(text: &str) -> Option<Self> {
        let mut scanner = Scanner::new(text)?;
        let date = scanner.date()?;
        scanner.literal(' ')?;
        let hours = scanner.number(23)?;
        scanner.literal(':')?;
        let minutes = scanner.number(59)?;
        scanner.literal(':')?;
        let seconds = scanner.number(59)?;
        Some(Self(date.0 * DAY_MS + ((hours * 60 + minutes) * 60 + seconds) * 1000))
    }

    /// Reads the forms of Salesforce's API: `2004-12-31T23:59:59Z`, with or without parts of a second, with `Z`,
    /// `+0000` or `-08:00`.
    pub fn read_api(text: &str) -> Option<Self> {
        let (date, rest) = text.split_once('T')?;
        let date = exact_date(date)?;
        let zone_at = rest.find(['Z', '+', '-']).unwrap_or(rest.len());
        let (time, zone) = rest.split_at(zone_at);
        let time = Time::read_api(time)?;
        let moment = Self::from_ms(date.0 * DAY_MS + time.0 - zone_minutes(zone)? * 60_000)?;
        // A zone may take it out of the years that can be written.
        (moment.date(0).parts().0 >= 0).then_some(moment)
    }
}

impl Time {
    /// The time `ms` after midnight; none outside the day.
    pub fn from_ms(ms: i64) -> Option<Self> {
        (0..DAY_MS).contains(&ms).then_some(Self(ms))
    }

    /// Milliseconds since midnight.
    pub fn ms(self) -> i64 {
        self.0
    }

    /// Hour, minute, second and millisecond.
    pub fn parts(self) -> (i64, i64, i64, i64) {
        (self.0 / 3_600_000, self.0 / 60_000 % 60, self.0 / 1000 % 60, self.0 % 1000)
    }

    /// Reads `HH:MM:SS.mmm` as TIMEVALUE does: nothing may follow.
    pub fn read(text: &str) -> Option<Self> {
        let mut scanner = Scanner { text, at: 0 };
        let hours = scanner.number(23)?;
        scanner.literal(':')?;
        let minutes = scanner.number(59)?;
        scanner.literal(':')?;
        let seconds = scanner.number(59)?;
        scanner.literal('.')?;
        let ms = scanner.number(999)?;
        (scanner.at == text.len()).then_some(Self(((hours * 60 + minutes) * 60 + seconds) * 1000 + ms))
    }

    /// Reads the forms of Salesforce's API: `23:59`, `23:59:59`, `23:59:59.123`, with or without `Z`.
    pub fn read_api(text: &str) -> Option<Self> {
        let text = text.strip_suffix('Z').unwrap_or(text);
        let (clock, fraction) = text.split_once('.').unwrap_or((text, ""));
        let mut parts = clock.split(':').map(exact_number);
        let hours = parts.next()??;
        let minutes = parts.next()??;
        let seconds = parts.next().unwrap_or(Some(0))?;
        if parts.next().is_some() || hours > 23 || minutes > 59 || seconds > 59 {
            return None;
        }
        if !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let ms = exact_number(&format!("{fraction:0<3}")[..3])?;
        Some(Self(((hours * 60 + minutes) * 60 + seconds) * 1000 + ms))
    }
}

/// `2004-12-31`.
impl fmt::Display for Date {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.parts();
        write!(formatter, "{year:04}-{month:02}-{day:02}")
    }
}

/// `2004-12-31 23:59:59Z`, as TEXT() writes it.
impl fmt::Display for DateTime {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (hours, minutes, seconds, _) = self.time().parts();
        write!(formatter, "{} {hours:02}:{minutes:02}:{seconds:02}Z", self.date(0))
    }
}

/// `23:59:59.123`.
impl fmt::Display for Time {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (hours, minutes, seconds, ms) = self.parts();
        write!(formatter, "{hours:02}:{minutes:02}:{seconds:02}.{ms:03}")
    }
}

/// Reads numbers as Java's `SimpleDateFormat` does when it is not lenient: spaces before a number are skipped, any
/// count of digits is taken, the value must be in its range.
struct Scanner<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Scanner<'a> {
    /// For a date: it must begin with a year of four digits and a dash, on one line.
    fn new(text: &'a str) -> Option<Self> {
        let bytes = text.as_bytes();
        let year = bytes.len() > 4 && bytes[..4].iter().all(u8::is_ascii_digit) && bytes[4] == b'-';
        (year && !text.contains(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}']))
            .then_some(Self { text, at: 0 })
    }

    fn date(&mut self) -> Option<Date> {
        let year = self.number(9999)?;
        self.literal('-')?;
        let month = self.number(12)?;
        self.literal('-')?;
        let day = self.number(31)?;
        if year == 0 { None } else { Date::from_parts(year, month, day) }
    }

    fn number(&mut self, max: i64) -> Option<i64> {
        let rest = &self.text[self.at..];
        let skipped = rest.len() - rest.trim_start_matches([' ', '\t']).len();
        let digits = rest[skipped..].bytes().take_while(u8::is_ascii_digit).count();
        let value: i64 = rest[skipped..skipped + digits].parse().ok()?;
        self.at += skipped + digits;
        (value <= max).then_some(value)
    }

    fn literal(&mut self, expected: char) -> Option<()> {
        let found = self.text[self.at..].starts_with(expected);
        self.at += usize::from(found);
        found.then_some(())
    }
}

/// Reads `2004-12-31`, or the date of a moment in the API's form, and nothing else.
pub fn read_api_date(text: &str) -> Option<Date> {
    if text.contains('T') { DateTime::read_api(text).map(|moment| moment.date(0)) } else { exact_date(text) }
}

fn exact_date(text: &str) -> Option<Date> {
    let mut parts = text.split('-').map(exact_number);
    let date = Date::from_parts(parts.next()??, parts.next()??, parts.next()??);
    if parts.next().is_some() { None } else { date }
}

fn exact_number(text: &str) -> Option<i64> {
    let digits = !text.is_empty() && text.len() <= 6 && text.bytes().all(|byte| byte.is_ascii_digit());
    if digits { text.parse().ok() } else { None }
}

fn zone_minutes(zone: &str) -> Option<i64> {
    if zone.is_empty() || zone == "Z" {
        return Some(0);
    }
    let digits: String = zone[1..].chars().filter(|&letter| letter != ':').collect();
    let value = if digits.len() == 4 { exact_number(&digits)? } else { return None };
    let minutes = value / 100 * 60 + value % 100;
    Some(if zone.starts_with('-') { -minutes } else { minutes })
}

fn days_of_month(year: i64, month: i64) -> i64 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Howard Hinnant's algorithm: eras of 400 years that begin in March.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day_of_year - (153 * shifted + 2) / 5 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_days_agree() {
        for days in (-800_000..800_000).step_by(37) {
            let (year, month, day) = Date(days).parts();
            assert_eq!(Date::from_parts(year, month, day), Some(Date(days)));
        }
        assert_eq!(Date::from_parts(2000, 2, 28).unwrap().weekday(), 2);
        assert_eq!(Date::from_parts(4000, 1, 1).unwrap().iso_week(), (3999, 52));
        assert_eq!(Date::from_parts(2011, 2, 29), None);
    }

    #[test]
    fn months_keep_the_end_of_the_month() {
        let check = |from: &str, months, to: &str| {
            assert_eq!(
                exact_date(from).unwrap().add_months(months).unwrap().to_string(),
                to,
                "{from} {months}"
            );
        };
        check("2004-12-31", 2, "2005-02-28");
        check("2004-02-29", -1, "2004-01-31");
        check("2004-03-29", -1, "2004-02-29");
        check("2004-03-30", -1, "2004-02-29");
        check("2004-03-30", 1, "2004-04-30");
        check("2004-03-30", -3, "2003-12-30");
    }

    #[test]
    fn moments_are_read_leniently_and_checked() {
        let check = |text: &str, expected: Option<&str>| {
            assert_eq!(
                DateTime::read(text).map(|moment| moment.to_string()).as_deref(),
                expected,
                "{text:?}"
            );
        };
        check("2005-11-15 17:00:00 ", Some("2005-11-15 17:00:00Z"));
        check("2011-1-1  1:0:09 and more", Some("2011-01-01 01:00:09Z"));
        for bad in
            ["2012:02:02", "2012-01-01 24:00:00", "11-01-01 00:00:00", "2011-02-29 00:00:00", "sample ", ""]
        {
            check(bad, None);
        }
        assert_eq!(Time::read("01:14:23.3456"), None);
        assert_eq!(Time::read("1:2:3.4").unwrap().to_string(), "01:02:03.004");
        assert_eq!(Time::read("10:00:00.000 "), None);
    }

    #[test]
    fn the_apis_forms_are_read() {
        let check = |text: &str, expected: &str| {
            assert_eq!(DateTime::read_api(text).unwrap().to_string(), expected);
        };
        check("2004-12-31T23:59:59Z", "2004-12-31 23:59:59Z");
        check("2004-12-31T23:59:59.000+0000", "2004-12-31 23:59:59Z");
        check("2004-12-31T23:59:59-08:00", "2005-01-01 07:59:59Z");
        assert_eq!(DateTime::read_api("2004-12-31"), None);
        assert_eq!(Time::read_api("10:40:55.666").unwrap().ms(), 38_455_666);
        assert_eq!(Time::read_api("10:40Z").unwrap().to_string(), "10:40:00.000");
        assert_eq!(Time::read_api("é:40"), None);
        assert_eq!(Time::read_api("10:40:55.11é"), None, "it is not cut inside of a letter");
        assert_eq!(DateTime::read_api("0-1-1T0:0+1400"), None, "its year could not be written");
    }
}
