//! Keeps events in a list. For tests and the simulation.

use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;

use super::{Event, Events};

/// Keeps what was published.
#[derive(Debug, Default)]
pub struct MemoryEvents {
    published: Mutex<Vec<Event>>,
}

impl MemoryEvents {
    /// Takes what was published since the last call.
    pub fn take(&self) -> Vec<Event> {
        std::mem::take(&mut *self.published.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[async_trait]
impl Events for MemoryEvents {
    async fn publish(&self, event: Event) {
        self.published.lock().unwrap_or_else(PoisonError::into_inner).push(event);
    }
}
