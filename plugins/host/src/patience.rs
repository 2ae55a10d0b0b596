//! How long a plugin may run: so many milliseconds of its own, not of a machine that is busy with something else.
//!
//! The epoch moves by wall time. When half of a plugin's time is over, the processor time of its thread is noted, and it
//! is stopped when it used the other half. On a quiet machine both are the same; on a busy one a good plugin is not
//! blamed for having waited. Where the system does not tell the processor time, wall time counts.

use std::fs;

use wasmtime::UpdateDeadline;

use crate::failure::{FailureKind, Stopped};

/// In wall time no plugin gets more than so many times its limit.
const WALL_FACTOR: u64 = 20;

/// What remains of a plugin's time. One for each store.
#[derive(Debug)]
pub(crate) struct Patience {
    milliseconds: u64,
    /// Nanoseconds of processor time when the first half was over.
    noted: Option<u64>,
    /// Ticks that were given.
    given: u64,
}

impl Patience {
    pub(crate) fn new(milliseconds: u64) -> Self {
        Self { milliseconds, noted: None, given: 0 }
    }

    /// A call begins: answers the ticks until [`Patience::ask`].
    pub(crate) fn begin(&mut self) -> u64 {
        (self.noted, self.given) = (None, self.half());
        self.half()
    }

    /// The ticks that were given are over: gives more, or stops the plugin.
    pub(crate) fn ask(&mut self) -> wasmtime::Result<UpdateDeadline> {
        match self.more(processor_nanoseconds()) {
            Some(ticks) => {
                self.given += ticks;
                Ok(UpdateDeadline::Continue(ticks))
            }
            None => Err(Stopped(FailureKind::Time { milliseconds: self.milliseconds }).into()),
        }
    }

    fn more(&mut self, now: Option<u64>) -> Option<u64> {
        let second_half = (self.milliseconds - self.half()).max(1);
        if self.given <= self.half() {
            self.noted = now;
            return Some(second_half);
        }
        let used = now?.saturating_sub(self.noted?) / 1_000_000;
        (used < second_half && self.given < self.milliseconds * WALL_FACTOR).then(|| second_half - used)
    }

    fn half(&self) -> u64 {
        (self.milliseconds / 2).max(1)
    }
}

/// What this thread used of the processor, as Linux tells it.
fn processor_nanoseconds() -> Option<u64> {
    let text = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split(' ').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Milliseconds of processor time at each question, and the ticks given.
    #[track_caller]
    fn check(times: &[Option<u64>], expected: &[Option<u64>]) {
        let mut patience = Patience::new(10);
        assert_eq!(patience.begin(), 5);
        let answers: Vec<_> = times
            .iter()
            .map(|now| {
                let more = patience.more(now.map(|milliseconds| milliseconds * 1_000_000));
                patience.given += more.unwrap_or(0);
                more
            })
            .collect();
        assert_eq!(answers, expected);
    }

    #[test]
    fn on_a_quiet_machine_it_is_wall_time() {
        check(&[Some(105), Some(110)], &[Some(5), None]);
    }

    #[test]
    fn on_a_busy_machine_the_plugin_gets_its_time() {
        check(&[Some(101), Some(102), Some(104), Some(106)], &[Some(5), Some(4), Some(2), None]);
    }

    #[test]
    fn without_processor_time_it_is_wall_time() {
        check(&[None, None], &[Some(5), None]);
    }

    #[test]
    fn nobody_waits_for_ever() {
        let mut patience = Patience::new(10);
        let mut ticks = patience.begin();
        while let Some(more) = patience.more(Some(0)) {
            patience.given += more;
            ticks += more;
        }
        assert_eq!(ticks, 200);
    }
}
