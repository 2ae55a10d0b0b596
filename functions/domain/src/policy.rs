//! When to try again. What is worth trying is [`crate::codes::Advice`]'s business.

use std::time::Duration;

use crate::codes::Class;
use crate::timestamp::Timestamp;

/// Waits inside one call of a chunk, before the job is suspended: a lock or a busy CRM often clears in seconds.
pub const QUICK_RETRIES: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(3)];

/// A message that arrives at a paused job tries the head only when the last try is at least this old. Schedule and
/// people always try. Without it a busy queue would spend the account's daily calls on one refused record.
pub const HEAD_TRY_INTERVAL: Duration = Duration::from_secs(60);

/// The longest wait of a suspended job.
pub const BACKOFF_MAX: Duration = Duration::from_secs(3600);

/// When a suspended job may try again: one minute doubled with each attempt, at most an hour. A daily limit waits for
/// an hour at once: Salesforce's window is a rolling 24 hours, so calls trickle back.
pub fn suspended_until(
    class: Class,
    attempts: u32,
    now: Timestamp,
    retry_after: Option<Duration>,
) -> Timestamp {
    let first = Duration::from_secs(60);
    let backoff = match class {
        Class::Limit => BACKOFF_MAX,
        _ => first.saturating_mul(1 << attempts.min(10)).min(BACKOFF_MAX),
    };
    now.plus(backoff.max(retry_after.unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backoff_doubles_to_an_hour() {
        let now = Timestamp::from_millis(0);
        let wait = |class, attempts, after| suspended_until(class, attempts, now, after).since(now).as_secs();
        assert_eq!(wait(Class::Outage, 0, None), 60);
        assert_eq!(wait(Class::Outage, 3, None), 480);
        assert_eq!(wait(Class::Outage, 40, None), 3600);
        assert_eq!(wait(Class::Limit, 0, None), 3600);
        assert_eq!(
            wait(Class::Outage, 0, Some(Duration::from_secs(7200))),
            7200,
            "the CRM's own word is kept"
        );
    }
}
