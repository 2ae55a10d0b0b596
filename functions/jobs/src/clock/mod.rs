//! The port to time: the only place that a job learns what time it is, or waits.

mod manual;
mod system;

use std::time::Duration;

use async_trait::async_trait;
use domain::Timestamp;

pub use manual::ManualClock;
pub use system::SystemClock;

/// Knows the time and can wait.
#[async_trait]
pub trait Clock: Send + Sync {
    /// The present instant. May jump, also backwards: nothing may rest on it for order.
    fn now(&self) -> Timestamp;

    /// Waits.
    async fn sleep(&self, duration: Duration);
}
