//! Events as log lines: what the local program does, where nobody subscribes.

use async_trait::async_trait;

use super::{Event, Events};

/// Writes each event to the log.
#[derive(Debug, Clone, Copy, Default)]
pub struct LogEvents;

#[async_trait]
impl Events for LogEvents {
    async fn publish(&self, event: Event) {
        tracing::info!(?event, "event");
    }
}
