//! A run as the simulation holds it: a future that is polled by hand, stands still at every port call until its time has
//! come, and may be dropped (killed) or kept standing (frozen) at any of them.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

/// What will befall a task. `at` counts its pauses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// It ends by itself.
    Ends,
    /// It is killed.
    Dies { at: u32 },
    /// It stands still for so many milliseconds.
    Freezes { at: u32, millis: i64 },
}

/// What a task and the loop that polls it share.
#[derive(Debug)]
pub(super) struct Control {
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    fate: Fate,
    /// When it is killed for having taken too long.
    limit: i64,
    wake: i64,
    pauses: u32,
    doomed: bool,
    frozen: bool,
    ever_frozen: bool,
}

impl Control {
    pub(super) fn new(fate: Fate, now: i64, limit: i64) -> Self {
        let inner =
            Inner { fate, limit, wake: now, pauses: 0, doomed: false, frozen: false, ever_frozen: false };
        Self { inner: Mutex::new(inner) }
    }

    /// Stands still until this instant.
    pub(super) fn pause(&self, until: i64) -> Pause<'_> {
        Pause { control: self, until, armed: false }
    }

    /// Whether it stood still for long since this was last asked.
    pub(super) fn take_frozen(&self) -> bool {
        std::mem::take(&mut self.inner().frozen)
    }

    fn arm(&self, until: i64) {
        let mut inner = self.inner();
        inner.pauses += 1;
        inner.wake = until;
        match inner.fate {
            Fate::Dies { at } if at == inner.pauses => inner.doomed = true,
            Fate::Freezes { at, millis } if at == inner.pauses => {
                (inner.frozen, inner.ever_frozen) = (true, true);
                inner.wake += millis;
            }
            _ => {}
        }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A pause: pending once, so that every port call is a place to die at.
pub(super) struct Pause<'c> {
    control: &'c Control,
    until: i64,
    armed: bool,
}

impl Future for Pause<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if self.armed {
            return Poll::Ready(());
        }
        self.armed = true;
        self.control.arm(self.until);
        Poll::Pending
    }
}

/// A run in the loop.
pub(super) struct Task {
    /// A worker's number: two tasks that overlap never share it, one may have it after another.
    pub(super) slot: usize,
    /// Whether it came from the queue.
    pub(super) from_queue: bool,
    control: Arc<Control>,
    future: Pin<Box<dyn Future<Output = ()> + Send>>,
}

/// What polling came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Polled {
    Goes,
    Ended,
    Killed,
    OutOfTime,
}

impl Task {
    pub(super) fn new(
        slot: usize,
        from_queue: bool,
        control: Arc<Control>,
        future: impl Future<Output = ()> + Send + 'static,
    ) -> Self {
        Self { slot, from_queue, control, future: Box::pin(future) }
    }

    /// When it is next polled or killed.
    pub(super) fn due(&self) -> i64 {
        let inner = self.control.inner();
        inner.wake.min(inner.limit)
    }

    /// Whether it ever stood still for long.
    pub(super) fn was_frozen(&self) -> bool {
        self.control.inner().ever_frozen
    }

    /// Polls it at its time. Whatever is not `Goes` wants it dropped.
    pub(super) fn poll(&mut self) -> Polled {
        {
            let inner = self.control.inner();
            if inner.wake > inner.limit {
                return Polled::OutOfTime;
            }
            if inner.doomed {
                return Polled::Killed;
            }
        }
        match self.future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(()) => Polled::Ended,
            Poll::Pending => Polled::Goes,
        }
    }
}
