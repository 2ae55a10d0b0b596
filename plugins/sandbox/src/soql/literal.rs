//! Dates of a query: bare dates and instants, and date literals such as `LAST_N_DAYS:3`.
//!
//! The user's time zone is UTC, weeks begin on Sunday and the fiscal year is the calendar year; an org's own settings
//! for these are not read.

use time::{Date, Duration, Month, OffsetDateTime};

use crate::values::{parse_date, parse_datetime};

/// Most units that `LAST_N_...:n` takes; it keeps the arithmetic inside the calendar.
const MOST_UNITS: u32 = 9_999;

/// A date literal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    unit: Unit,
    /// First unit, counted from the current one.
    first: i32,
    /// How many units.
    count: i32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    Day,
    Week,
    Month,
    Quarter,
    Year,
}

impl Unit {
    const ALL: [(&'static str, Unit); 5] = [
        ("DAY", Unit::Day),
        ("WEEK", Unit::Week),
        ("MONTH", Unit::Month),
        ("QUARTER", Unit::Quarter),
        ("YEAR", Unit::Year),
    ];

    /// `MONTH` with an empty suffix, `MONTHS` with `S`.
    fn named(name: &str, suffix: &str) -> Option<Unit> {
        let name = name.strip_prefix("FISCAL_").unwrap_or(name);
        let name = name.strip_suffix(suffix)?;
        Self::ALL.iter().find(|(word, _)| *word == name).map(|(_, unit)| *unit)
    }
}

impl Period {
    /// Whether a literal of this name needs `:n`.
    pub fn takes_count(name: &str) -> bool {
        let name = name.to_ascii_uppercase();
        name.starts_with("LAST_N_")
            || name.starts_with("NEXT_N_")
            || (name.starts_with("N_") && name.ends_with("_AGO"))
    }

    /// The literal of this name (in any case) and count, if there is one.
    pub fn named(name: &str, count: Option<u32>) -> Option<Period> {
        let name = name.to_ascii_uppercase();
        let count = match count {
            Some(count) if count <= MOST_UNITS => Some(i32::try_from(count).ok()?),
            Some(_) => return None,
            None => None,
        };
        match count {
            Some(count) => Self::counted(&name, count),
            None => Self::plain(&name),
        }
    }

    fn plain(name: &str) -> Option<Period> {
        let of = |unit, first, count| Some(Period { unit, first, count });
        match name {
            "YESTERDAY" => return of(Unit::Day, -1, 1),
            "TODAY" => return of(Unit::Day, 0, 1),
            "TOMORROW" => return of(Unit::Day, 1, 1),
            // "Starts with the current day and continues for the past 90 days", 91 days in all.
            "LAST_90_DAYS" => return of(Unit::Day, -90, 91),
            "NEXT_90_DAYS" => return of(Unit::Day, 1, 90),
            _ => {}
        }
        let (which, unit) = name.split_once('_')?;
        let first = match which {
            "LAST" => -1,
            "THIS" => 0,
            "NEXT" => 1,
            _ => return None,
        };
        of(Unit::named(unit, "").filter(|unit| *unit != Unit::Day)?, first, 1)
    }

    fn counted(name: &str, count: i32) -> Option<Period> {
        let (unit, first, count) = if let Some(unit) = name.strip_prefix("LAST_N_") {
            match Unit::named(unit, "S")? {
                // Days include today, the larger units do not include the current one.
                Unit::Day => (Unit::Day, -count, count + 1),
                unit => (unit, -count, count),
            }
        } else if let Some(unit) = name.strip_prefix("NEXT_N_") {
            (Unit::named(unit, "S")?, 1, count)
        } else {
            let unit = name.strip_prefix("N_")?.strip_suffix("_AGO")?;
            (Unit::named(unit, "S")?, -count, 1)
        };
        Some(Period { unit, first, count })
    }

    /// First day, and the first day after it.
    pub fn days(self, today: Date) -> (Date, Date) {
        (self.edge(today, self.first), self.edge(today, self.first + self.count))
    }

    /// First day of the unit that is this many units from today's.
    fn edge(self, today: Date, units: i32) -> Date {
        let days = |date: Date, count: i64| date.saturating_add(Duration::days(count));
        match self.unit {
            Unit::Day => days(today, i64::from(units)),
            Unit::Week => {
                let sunday = days(today, -i64::from(today.weekday().number_days_from_sunday()));
                days(sunday, 7 * i64::from(units))
            }
            Unit::Month => month_start(today.year(), i32::from(u8::from(today.month())) - 1 + units),
            Unit::Quarter => {
                let quarter = (i32::from(u8::from(today.month())) - 1) / 3;
                month_start(today.year(), (quarter + units) * 3)
            }
            Unit::Year => month_start(today.year() + units, 0),
        }
    }
}

/// First day of a month, counted from January of the year; it stays inside the calendar.
fn month_start(year: i32, months: i32) -> Date {
    let year = year + months.div_euclid(12);
    let month = u8::try_from(months.rem_euclid(12) + 1).ok().and_then(|number| Month::try_from(number).ok());
    let start = month.and_then(|month| Date::from_calendar_date(year, month, 1).ok());
    start.unwrap_or(if year < 0 { Date::MIN } else { Date::MAX })
}

/// A bare date, `2026-11-23`.
pub fn date(text: &str) -> Option<Date> {
    parse_date(text)
}

/// A bare instant, `2026-11-23T10:00:00.000+01:00`; the zone is required here.
pub fn instant(text: &str) -> Option<OffsetDateTime> {
    let (_, clock) = text.split_once(['T', 't'])?;
    clock.contains(['Z', 'z', '+', '-']).then(|| parse_datetime(text))?
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::values::datetime_text;

    /// A Monday.
    const TODAY: &str = "2026-11-23";

    fn check(name: &str, count: Option<u32>, expected: Option<(&str, &str)>) {
        let today = date(TODAY).expect("date");
        let days = Period::named(name, count).map(|period| period.days(today));
        let expected = expected.map(|(from, to)| (date(from).expect("from"), date(to).expect("to")));
        assert_eq!(days, expected, "{name} {count:?}");
    }

    #[test]
    fn date_literals() {
        check("TODAY", None, Some(("2026-11-23", "2026-11-24")));
        check("yesterday", None, Some(("2026-11-22", "2026-11-23")));
        check("TOMORROW", None, Some(("2026-11-24", "2026-11-25")));
        check("THIS_WEEK", None, Some(("2026-11-22", "2026-11-29")));
        check("LAST_WEEK", None, Some(("2026-11-15", "2026-11-22")));
        check("THIS_MONTH", None, Some(("2026-11-01", "2026-12-01")));
        check("NEXT_MONTH", None, Some(("2026-12-01", "2027-01-01")));
        check("LAST_QUARTER", None, Some(("2026-07-01", "2026-10-01")));
        check("THIS_FISCAL_QUARTER", None, Some(("2026-10-01", "2027-01-01")));
        check("LAST_YEAR", None, Some(("2025-01-01", "2026-01-01")));
        check("LAST_90_DAYS", None, Some(("2026-08-25", "2026-11-24")));
        check("LAST_N_DAYS", Some(1), Some(("2026-11-22", "2026-11-24")));
        check("NEXT_N_DAYS", Some(2), Some(("2026-11-24", "2026-11-26")));
        check("N_DAYS_AGO", Some(2), Some(("2026-11-21", "2026-11-22")));
        check("LAST_N_MONTHS", Some(2), Some(("2026-09-01", "2026-11-01")));
        check("N_MONTHS_AGO", Some(11), Some(("2025-12-01", "2026-01-01")));
        check("NEXT_N_YEARS", Some(1), Some(("2027-01-01", "2028-01-01")));
        check("LAST_N_WEEKS", Some(1), Some(("2026-11-15", "2026-11-22")));
        check("THIS_DAY", None, None);
        check("LAST_N_DAYS", None, None);
        check("TODAY", Some(3), None);
        check("SOMEDAY", None, None);
        check("LAST_N_DAYS", Some(u32::MAX), None);
    }

    fn check_instant(text: &str, expected: Option<&str>) {
        assert_eq!(instant(text).map(datetime_text).as_deref(), expected, "{text}");
    }

    #[test]
    fn instants_are_read_into_utc() {
        check_instant("2026-11-23T10:00:00Z", Some("2026-11-23T10:00:00.000+0000"));
        check_instant("2026-11-23T00:30:00.123+01:00", Some("2026-11-22T23:30:00.000+0000"));
        check_instant("2026-11-23T10:00:00-0530", Some("2026-11-23T15:30:00.000+0000"));
        check_instant("2026-11-23T10:00:00", None);
        check_instant("2026-11-23T25:00:00Z", None);
        check_instant("2026-13-23T10:00:00Z", None);
        check_instant("2026-11-23T10:00:00+é", None);
    }

    #[test]
    fn dates_are_real_days() {
        assert_eq!(date("2026-02-29"), None);
        assert_eq!(date("2026-2-3"), None);
        assert_eq!(date("2028-02-29").map(|day| day.to_string()), Some("2028-02-29".to_owned()));
    }
}
