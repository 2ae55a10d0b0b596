//! A batch of the queue: its groups at the same time, each in order, and which messages come again.

use std::collections::HashMap;

use aws_lambda_events::sqs::SqsBatchResponse;
use domain::Timestamp;
use serde_json::Value;
use tokio::task::JoinSet;
use tracing::{Instrument as _, Span};

use crate::function::Export;
use crate::group::{Group, Settled};
use crate::input::Delivery;

impl Export {
    /// Runs the jobs of a batch. Answers `batchItemFailures`: of each group, all messages from the first one on that is
    /// neither settled nor parked. What is not in it the queue deletes.
    ///
    /// A group that fails, be it by a panic, fails no other. (The deployed function aborts on a panic: Lambda starts it
    /// anew, the whole batch comes again, and what was settled is passed.)
    pub(crate) async fn batch(&self, deliveries: Vec<Delivery>, deadline: Timestamp) -> Value {
        let groups = groups(deliveries);
        let mut running = JoinSet::new();
        for (place, group) in groups.iter().cloned().enumerate() {
            let export = self.clone();
            let settled = async move { (place, export.settle(&group, deadline).await) };
            running.spawn(settled.instrument(Span::current()));
        }
        let mut outcomes: HashMap<usize, Settled> = HashMap::new();
        while let Some(ended) = running.join_next().await {
            // One that panicked has no outcome: nothing of its group counts as settled. The panic itself is in the log.
            outcomes.extend(ended.ok());
        }
        let mut response = SqsBatchResponse::default();
        let mut reports = Vec::new();
        for (place, group) in groups.iter().enumerate() {
            let settled = outcomes.remove(&place).unwrap_or_default();
            group.deliveries[settled.deliveries..]
                .iter()
                .for_each(|delivery| response.add_failure(&delivery.id));
            reports.extend(settled.report);
        }
        self.told(&reports);
        serde_json::to_value(response).expect("a list of texts is JSON")
    }
}

/// The messages by group, each group's in order.
fn groups(deliveries: Vec<Delivery>) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for delivery in deliveries {
        match groups.iter_mut().find(|group| group.name == delivery.group) {
            Some(group) => group.deliveries.push(delivery),
            None => groups.push(Group { name: delivery.group.clone(), deliveries: vec![delivery] }),
        }
    }
    for group in &mut groups {
        group.deliveries.sort_by_key(|delivery| delivery.sequence);
    }
    groups
}
