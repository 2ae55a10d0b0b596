//! Takes records that came by HTTP into the queue, in their order, all or none.

use std::path::Path;
use std::sync::Mutex;

use async_trait::async_trait;
use domain::{AccountName, Record};
use jobs::ledger::Ledger;
use settings::{Intake, SeamError};
use std::sync::Arc;

use super::desk::Desk;
use crate::queue::{Queue, QueueError, Spellings};

/// The queue's inlet.
pub(crate) struct QueueIntake {
    account: AccountName,
    ledger: Arc<dyn Ledger>,
    desk: Desk,
    /// A connection of its own: the worker has another.
    queue: Arc<Mutex<Queue>>,
}

impl QueueIntake {
    /// Opens the inlet of the queue in a ledger's file.
    pub(crate) fn open(
        db: &Path,
        account: AccountName,
        ledger: Arc<dyn Ledger>,
        desk: Desk,
    ) -> Result<Self, QueueError> {
        Ok(Self { account, ledger, desk, queue: Arc::new(Mutex::new(Queue::open(db)?)) })
    }
}

#[async_trait]
impl Intake for QueueIntake {
    async fn take(&self, records: Vec<Record>) -> Result<(), SeamError> {
        let failed = |error: &dyn std::fmt::Display| SeamError(format!("queue records: {error}"));
        // `contact` and `Contact` are one job, spelled as it was first.
        let jobs = self.ledger.jobs(&self.account).await.map_err(|error| failed(&error))?;
        let mut spellings: Spellings =
            jobs.into_iter().map(|(job, _)| (job.object.to_lowercase(), job.object)).collect();
        let (queue, account) = (Arc::clone(&self.queue), self.account.clone());
        let written = tokio::task::spawn_blocking(move || {
            let mut queue = queue.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            queue.add(&account, records, &mut spellings)
        });
        match written.await {
            Ok(Ok(())) => {
                self.desk.tell_queued();
                Ok(())
            }
            Ok(Err(error)) => Err(failed(&error)),
            Err(error) => Err(failed(&error)),
        }
    }
}
