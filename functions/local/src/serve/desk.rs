//! The desk between people and the worker: what the API is asked for lies here until the worker takes it.

use async_trait::async_trait;
use domain::JobId;
use settings::{SeamError, Work};
use tokio::sync::mpsc;

/// How much may lie here. A person who asks faster is told to wait.
const LENGTH: usize = 100;

/// Something to do.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// Records are in the queue.
    Queued,
    /// Run this job, or all that wait.
    Resume(Option<JobId>),
    /// Let a job pass its head, if that is still this error.
    Skip(JobId, String),
    /// Try these open errors, or all.
    Retry(Option<Vec<String>>),
}

/// Where orders are given.
#[derive(Debug, Clone)]
pub(crate) struct Desk(mpsc::Sender<Order>);

/// A desk, and where its orders come out.
pub(crate) fn desk() -> (Desk, mpsc::Receiver<Order>) {
    let (sender, receiver) = mpsc::channel(LENGTH);
    (Desk(sender), receiver)
}

impl Desk {
    /// Puts an order on the desk.
    pub(crate) fn give(&self, order: Order) -> Result<(), SeamError> {
        self.0
            .try_send(order)
            .map_err(|_| SeamError("hand work on: too much of it waits, or the program ends".to_owned()))
    }

    /// Says that records are queued. When the desk is full the worker is at work and looks into the queue by itself.
    pub(crate) fn tell_queued(&self) {
        let _ = self.0.try_send(Order::Queued);
    }
}

#[async_trait]
impl Work for Desk {
    async fn resume(&self, job: Option<JobId>) -> Result<(), SeamError> {
        self.give(Order::Resume(job))
    }

    async fn skip(&self, job: JobId, error_id: String) -> Result<(), SeamError> {
        self.give(Order::Skip(job, error_id))
    }

    async fn retry(&self, errors: Option<Vec<String>>) -> Result<(), SeamError> {
        self.give(Order::Retry(errors))
    }
}
