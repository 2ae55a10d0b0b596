//! One message group of a batch, which is one job: its messages are settled in order, or come again in order.

use domain::message::Message;
use domain::{AccountName, Timestamp};
use jobs::ledger::{LedgerError, LedgerErrorKind, Rejection};
use jobs::{Cause, RunReport};

use crate::function::Export;
use crate::input::Delivery;

/// Messages of one group, in order.
#[derive(Debug, Clone)]
pub(crate) struct Group {
    /// `account/Object`.
    pub(crate) name: String,
    /// Its messages.
    pub(crate) deliveries: Vec<Delivery>,
}

/// What became of a group.
#[derive(Debug, Default)]
pub(crate) struct Settled {
    /// How many of its first messages are settled, parked or kept as rejections. The others come again.
    pub(crate) deliveries: usize,
    /// What its run did.
    pub(crate) report: Option<RunReport>,
}

impl Export {
    /// Runs the job with the messages, and keeps what is none.
    pub(crate) async fn settle(&self, group: &Group, deadline: Timestamp) -> Settled {
        let read = group.deliveries.iter().map(|delivery| message(delivery, &self.account));
        let (mut messages, mut rejected) = (Vec::new(), Vec::new());
        for (index, read) in read.enumerate() {
            match read {
                Ok(message) => messages.push(message),
                Err(reason) => rejected.push((index, reason)),
            }
        }
        let mut settled = Settled { deliveries: group.deliveries.len(), report: None };
        if let Some(job) = messages.first().map(|message| &message.job) {
            match self.jobs.run(job, &messages, Cause::Message, Some(deadline)).await {
                Ok(report) => settled.report = Some(report),
                Err(error) => {
                    self.comes_again(group, &error).await;
                    return Settled::default();
                }
            }
        }
        for (index, reason) in rejected {
            if let Err(error) = self.keep(&group.deliveries[index], reason).await {
                self.comes_again(group, &error).await;
                // What is settled behind it comes again too, and is passed then.
                settled.deliveries = index;
                break;
            }
        }
        settled
    }

    async fn comes_again(&self, group: &Group, error: &LedgerError) {
        if is_held(error) {
            self.redelivery.soon(&group.deliveries).await;
        }
        let (group, error) = (&group.name, cloud::FunctionError::from(error));
        tracing::warn!(group, %error, "messages come again");
    }

    /// Keeps a rejection. The same message comes again as the same rejection, so it is dated by when it was sent. What
    /// names no account, or another one, is the operators' to see.
    async fn keep(&self, delivery: &Delivery, reason: Reason) -> Result<(), LedgerError> {
        let rejection = Rejection {
            account: reason.ours.then(|| self.account.clone()),
            message_id: delivery.id.clone(),
            reason: reason.text,
            body: delivery.body.clone(),
            at: delivery.sent,
        };
        self.jobs.ledger.reject(&rejection).await?;
        tracing::warn!(id = delivery.id, group = delivery.group, "a message is kept as a rejection");
        Ok(())
    }
}

/// Why a delivery is kept as a rejection.
struct Reason {
    text: String,
    /// Whether it is this account's, as its group says.
    ours: bool,
}

/// Reads a message, which must be this account's and lie in its job's group: a job's order is its group's, and a message
/// that comes by another way would look settled, and be lost.
fn message(delivery: &Delivery, account: &AccountName) -> Result<Message, Reason> {
    let ours = delivery.group.split('/').next() == Some(account.as_str());
    let message = Message::from_body(&delivery.id, delivery.sequence, &delivery.body)
        .map_err(|problem| Reason { text: problem.to_string(), ours })?;
    let job = &message.job;
    if job.account != *account {
        let text = format!("the message is for account {}, this stack exports {account} only", job.account);
        return Err(Reason { text, ours: false });
    }
    if delivery.group != job.to_string() {
        let text = format!("the message group is `{}`; send it in its job's group, {job}", delivery.group);
        return Err(Reason { text, ours: true });
    }
    Ok(message)
}

/// Whether another run has the job: it will be done in seconds or minutes. While the ledger itself is away, messages come
/// again in the queue's own time, so that an outage of a day does not use up their deliveries.
fn is_held(error: &LedgerError) -> bool {
    matches!(error.kind(), LedgerErrorKind::LeaseHeld { .. } | LedgerErrorKind::LeaseLost { .. })
}
