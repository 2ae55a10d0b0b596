//! An SQS FIFO queue as it really is (reference aws §1.1, §1.5): at least once, in order within a group.
//!
//! A message that is received is hidden until its visibility time-out, and hides the later ones of its group meanwhile;
//! an earlier one that became visible again is handed out whatever of its group is in flight. A deletion with the
//! receipt of an earlier delivery has no effect. A message older than 14 days is dropped without a word. Sequence
//! numbers grow, with gaps.

use std::collections::BTreeMap;

use domain::JobId;
use domain::message::Message;

use super::rng::Rng;

/// 14 days.
pub(super) const RETENTION: i64 = 14 * 86_400_000;

/// The most messages of one receive.
const BATCH: usize = 10;

/// A message as it was handed out.
#[derive(Debug, Clone)]
pub(super) struct Delivery {
    pub(super) message: Message,
    pub(super) sequence: u128,
    receipt: u32,
}

/// The queue.
#[derive(Debug)]
pub(super) struct Queue {
    groups: BTreeMap<JobId, BTreeMap<u128, Waiting>>,
    visibility: i64,
    next: u128,
}

#[derive(Debug)]
struct Waiting {
    message: Message,
    sent: i64,
    visible: i64,
    receipt: u32,
}

impl Queue {
    pub(super) fn new(visibility: i64) -> Self {
        // A real one, close to 2^64: what overflows there shows here.
        Self { groups: BTreeMap::new(), visibility, next: 18_446_744_073_709_551_600 }
    }

    /// The number of the next message.
    pub(super) fn number(&mut self, rng: &mut Rng) -> u128 {
        self.next += u128::from(1 + rng.below(256));
        self.next
    }

    pub(super) fn send(&mut self, sequence: u128, message: Message, now: i64) {
        let group = self.groups.entry(message.job.clone()).or_default();
        group.insert(sequence, Waiting { message, sent: now, visible: now, receipt: 0 });
    }

    /// When something can next be received.
    pub(super) fn next_at(&self) -> Option<i64> {
        self.groups.values().filter_map(|group| group.values().next()).map(|first| first.visible).min()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.groups.values().all(BTreeMap::is_empty)
    }

    /// Drops what is too old and not in flight, and answers it.
    pub(super) fn expire(&mut self, now: i64) -> Vec<(JobId, u128)> {
        let mut expired = Vec::new();
        for (job, group) in &mut self.groups {
            group.retain(|sequence, waiting| {
                let kept = now - waiting.sent < RETENTION || waiting.visible > now;
                if !kept {
                    expired.push((job.clone(), *sequence));
                }
                kept
            });
        }
        expired
    }

    /// Hands out a batch, of several groups where there are several.
    pub(super) fn receive(&mut self, now: i64, rng: &mut Rng) -> Vec<Delivery> {
        let mut jobs: Vec<JobId> = self.groups.keys().cloned().collect();
        let mut batch = Vec::new();
        while !jobs.is_empty() {
            let at = usize::try_from(rng.below(jobs.len() as u64)).expect("an index");
            let job = jobs.swap_remove(at);
            for (sequence, waiting) in self.groups.get_mut(&job).into_iter().flatten() {
                if waiting.visible > now || batch.len() == BATCH {
                    break;
                }
                waiting.visible = now + self.visibility;
                waiting.receipt += 1;
                let message = waiting.message.clone();
                batch.push(Delivery { message, sequence: *sequence, receipt: waiting.receipt });
            }
        }
        batch
    }

    /// Deletes a delivered message. False when its receipt is no longer good.
    pub(super) fn delete(&mut self, delivery: &Delivery) -> bool {
        let Some(group) = self.groups.get_mut(&delivery.message.job) else { return false };
        let good = group.get(&delivery.sequence).is_some_and(|waiting| waiting.receipt == delivery.receipt);
        if good {
            group.remove(&delivery.sequence);
        }
        good
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(object: &str) -> Message {
        let body = format!(r#"{{"account":"a","object":"{object}","records":[]}}"#);
        Message::from_body("m", 1, &body).expect("a message")
    }

    fn received(queue: &mut Queue, now: i64) -> Vec<u128> {
        queue.receive(now, &mut Rng::new(1, "t")).iter().map(|delivery| delivery.sequence).collect()
    }

    #[test]
    fn a_message_in_flight_hides_the_later_ones_of_its_group() {
        let mut queue = Queue::new(100);
        queue.send(1, message("Contact"), 0);
        assert_eq!(received(&mut queue, 0), [1]);
        queue.send(2, message("Contact"), 10);
        queue.send(3, message("Lead"), 10);
        assert_eq!(received(&mut queue, 20), [3]);
        assert_eq!(queue.next_at(), Some(100));
        assert_eq!(received(&mut queue, 100), [1, 2]);
    }

    #[test]
    fn an_old_receipt_deletes_nothing() {
        let mut queue = Queue::new(100);
        queue.send(1, message("Contact"), 0);
        let first = queue.receive(0, &mut Rng::new(1, "t")).remove(0);
        let second = queue.receive(100, &mut Rng::new(1, "t")).remove(0);
        assert!(!queue.delete(&first) && queue.delete(&second) && queue.is_empty());
    }

    #[test]
    fn a_message_is_dropped_after_fourteen_days() {
        let mut queue = Queue::new(100);
        queue.send(1, message("Contact"), 0);
        assert_eq!(queue.expire(RETENTION - 1).len(), 0);
        assert_eq!(queue.expire(RETENTION).len(), 1);
        assert!(queue.is_empty());
    }
}
