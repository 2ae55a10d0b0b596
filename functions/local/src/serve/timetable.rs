//! When the worker does something by itself: held jobs every few minutes, CRMExport_ExportError once a day at the hour of
//! the account's settings. What EventBridge Scheduler does on AWS.

use std::time::Duration;

use domain::{Settings, Timestamp};
use jiff::tz::TimeZone;

/// The longest time between two looks: settings are changed by other programs too.
const LOOK: Duration = Duration::from_secs(30);

/// What is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Due {
    /// Held jobs try again.
    Resume,
    /// The daily retry.
    Daily,
}

/// When what is due.
#[derive(Debug)]
pub(crate) struct Timetable {
    resume_every: Duration,
    next_resume: Timestamp,
    /// The hour and zone that `next_daily` was computed for.
    daily_at: (u32, String),
    next_daily: Timestamp,
}

impl Timetable {
    /// From now on. A daily retry whose hour passed while no program ran is left out until tomorrow.
    pub(crate) fn new(now: Timestamp, resume_every: Duration, settings: &Settings) -> Self {
        let daily_at = (settings.retry_hour, settings.time_zone.clone());
        let next_daily = next_daily(now, &daily_at);
        Self { resume_every, next_resume: now.plus(resume_every), daily_at, next_daily }
    }

    /// What is due now; the daily retry first, which tries heads as well.
    pub(crate) fn due(&mut self, now: Timestamp, settings: &Settings) -> Option<Due> {
        let daily_at = (settings.retry_hour, settings.time_zone.clone());
        if daily_at != self.daily_at {
            self.next_daily = next_daily(now, &daily_at);
            self.daily_at = daily_at;
        }
        if now >= self.next_daily {
            self.next_daily = next_daily(now, &self.daily_at);
            return Some(Due::Daily);
        }
        // A clock that jumped back must not keep jobs waiting for as long.
        if now >= self.next_resume || self.next_resume.since(now) > self.resume_every {
            self.next_resume = now.plus(self.resume_every);
            return Some(Due::Resume);
        }
        None
    }

    /// How long nothing is due, at most until the next look.
    pub(crate) fn rest(&self, now: Timestamp) -> Duration {
        self.next_resume.min(self.next_daily).since(now).min(LOOK)
    }
}

/// The next time that it is this hour there. A zone that is not known is UTC; an hour that a change of clocks leaves out is
/// the one after it.
fn next_daily(now: Timestamp, (hour, zone): &(u32, String)) -> Timestamp {
    let in_a_day = now.plus(Duration::from_secs(86_400));
    let zone = jiff::tz::db().get(zone).unwrap_or(TimeZone::UTC);
    let Ok(here) =
        jiff::Timestamp::from_millisecond(now.millis()).map(|now| now.to_zoned_datetime(zone.clone()))
    else {
        return in_a_day;
    };
    let hour = i8::try_from(*hour).unwrap_or(0);
    let at = |date: jiff::civil::Date| {
        let there = date.at(hour, 0, 0, 0).to_zoned_datetime(zone.clone()).ok()?;
        Some(Timestamp::from_millis(there.timestamp().as_millisecond()))
    };
    let today = at(here.date()).filter(|today| *today > now);
    today.or_else(|| at(here.date().tomorrow().ok()?)).unwrap_or(in_a_day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).expect("a time")
    }

    fn settings(hour: u32, zone: &str) -> Settings {
        Settings { retry_hour: hour, time_zone: zone.to_owned(), ..Settings::default() }
    }

    #[test]
    fn the_daily_hour_is_that_of_the_zone() {
        let check = |now: &str, hour, zone: &str, next: &str| {
            assert_eq!(next_daily(at(now), &(hour, zone.to_owned())), at(next), "{now} {hour} {zone}");
        };
        check("2026-11-23T02:59:59Z", 3, "UTC", "2026-11-23T03:00:00Z");
        check("2026-11-23T03:00:00Z", 3, "UTC", "2026-11-24T03:00:00Z");
        check("2026-11-23T23:30:00Z", 0, "Europe/Berlin", "2026-11-24T23:00:00Z");
        check("2026-07-01T00:00:00Z", 3, "Europe/Berlin", "2026-07-01T01:00:00Z");
        // The clocks go forward at two: half past has no place, three is three.
        check("2026-03-29T00:30:00Z", 2, "Europe/Berlin", "2026-03-29T01:00:00Z");
        // The clocks go back at three: the first of the two.
        check("2026-10-24T23:30:00Z", 2, "Europe/Berlin", "2026-10-25T00:00:00Z");
        check("2026-11-23T12:00:00Z", 5, "Mars/Base", "2026-11-24T05:00:00Z");
    }

    #[test]
    fn each_thing_is_due_in_its_time() {
        let minute = Duration::from_secs(60);
        let utc = settings(3, "UTC");
        let mut table = Timetable::new(at("2026-11-23T02:58:30Z"), minute, &utc);
        assert_eq!(table.rest(at("2026-11-23T02:58:30Z")), LOOK);
        assert_eq!(table.due(at("2026-11-23T02:59:00Z"), &utc), None);
        assert_eq!(table.due(at("2026-11-23T02:59:30Z"), &utc), Some(Due::Resume));
        assert_eq!(table.due(at("2026-11-23T03:00:30Z"), &utc), Some(Due::Daily));
        assert_eq!(table.due(at("2026-11-23T03:00:30Z"), &utc), Some(Due::Resume));
        assert_eq!(table.due(at("2026-11-23T03:01:00Z"), &utc), None, "once a day");
        // The hour is changed to one that comes sooner.
        let sooner = settings(4, "UTC");
        assert_eq!(table.due(at("2026-11-23T03:01:10Z"), &sooner), None);
        assert_eq!(table.due(at("2026-11-23T04:00:00Z"), &sooner), Some(Due::Daily));
    }

    #[test]
    fn a_clock_that_jumps_back_stops_nothing() {
        let utc = settings(3, "UTC");
        let mut table = Timetable::new(at("2026-11-23T12:00:00Z"), Duration::from_secs(60), &utc);
        assert_eq!(table.due(at("2026-11-22T12:00:00Z"), &utc), Some(Due::Resume));
    }
}
