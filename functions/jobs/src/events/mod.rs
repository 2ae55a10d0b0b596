//! The port to whoever wants to be told: paused, resumed, errors logged. Telling may fail without harm: the ledger is the truth.

mod event;
#[cfg(feature = "eventbridge")]
mod eventbridge;
mod log;
mod memory;

use async_trait::async_trait;

pub use event::Event;
#[cfg(feature = "eventbridge")]
pub use eventbridge::EventBridgeEvents;
pub use log::LogEvents;
pub use memory::MemoryEvents;

/// Tells events. An adapter that cannot deliver logs that and goes on.
#[async_trait]
pub trait Events: Send + Sync {
    /// Tells one event.
    async fn publish(&self, event: Event);
}
