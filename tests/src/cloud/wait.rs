//! Waiting for what others do, bounded.

use std::fmt::Debug;
use std::time::Duration;

/// How long a step may take at most: a tick comes every minute, and a busy machine is slow.
pub fn patience() -> Duration {
    Duration::from_secs(240)
}

/// Asks until the answer is right, four times a second, at most [`patience`] long.
///
/// # Panics
/// When it never is: shows what was waited for and the last answer.
pub fn eventually<T: Debug>(what: &str, mut ask: impl FnMut() -> T, right: impl Fn(&T) -> bool) -> T {
    let step = Duration::from_millis(250);
    let mut left = patience();
    loop {
        let answer = ask();
        if right(&answer) {
            return answer;
        }
        assert!(left > Duration::ZERO, "waited in vain: {what}; at last {answer:#?}");
        std::thread::sleep(step);
        left = left.saturating_sub(step);
    }
}
