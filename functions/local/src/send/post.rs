//! Sends messages so that each group keeps its order, whatever SQS drops, refuses or takes out of turn.
//!
//! SQS numbers the messages of a group as it takes them, and answers a message that it drops as a repeat with the number
//! that it had the first time. Here the numbers must grow along the file. One that does not was overtaken: it was taken
//! in an earlier send, or behind a message of its own batch that failed, while one before it has gone in only now. It is
//! sent again under another id, so that for every record the newest values go in last.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jobs::clock::Clock;
use thiserror::Error;

use super::parcel::Parcel;
use super::sqs::SqsError;

/// The most messages of a request (reference aws §1.3).
const BATCH_MESSAGES: usize = 10;

/// The most bytes of a request: 1 MiB with what goes around the bodies.
const BATCH_BYTES: usize = 1_000_000;

/// How often in a row nothing of a batch may be taken.
const TRIES: u32 = 10;

/// The first wait, doubled each time up to the last.
const WAIT: Duration = Duration::from_millis(200);
const WAIT_MOST: Duration = Duration::from_secs(20);

/// A message on its way, with the id it goes by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Letter {
    pub(super) parcel: Parcel,
    /// How often it was sent under another id before.
    pub(super) again: u32,
}

/// What SQS said to one message of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Taken {
    /// It has the message, with this number in its group, if it tells.
    Yes(Option<u128>),
    /// It does not have it.
    No {
        /// It will never take it as it is.
        for_good: bool,
        /// Its code and text.
        reason: String,
    },
}

/// Takes batches. One file per technology would be here; there is SQS.
#[async_trait]
pub(crate) trait Outbox: Send + Sync {
    /// Sends a batch; answers message by message in the order sent. Repeats by itself what failed as a whole for a
    /// passing reason.
    async fn send(&self, batch: &[Letter]) -> Result<Vec<Taken>, SqsError>;
}

/// Sending ended early. What went before stays sent.
#[derive(Debug, Error)]
pub(crate) enum PostError {
    #[error(transparent)]
    Sqs(#[from] SqsError),
    #[error("send the message that begins at {place}: SQS refuses it: {reason}")]
    Refused { place: String, reason: String },
    #[error(
        "send the message that begins at {place}: SQS did not take it in {TRIES} tries: {reason}; run the command again later"
    )]
    Tired { place: String, reason: String },
}

impl PostError {
    /// Whether what was given is wrong.
    pub(crate) fn is_usage(&self) -> bool {
        matches!(self, Self::Sqs(error) if error.is_usage())
    }
}

/// Sends messages in batches.
pub(crate) struct Sender {
    outbox: Arc<dyn Outbox>,
    clock: Arc<dyn Clock>,
    waiting: VecDeque<Letter>,
    /// The number of the last message of each group.
    last: HashMap<String, u128>,
    /// Requests that were answered.
    pub(crate) requests: u64,
    /// Messages that were sent again under another id, to keep the order.
    pub(crate) again: u64,
}

impl Sender {
    pub(crate) fn new(outbox: Arc<dyn Outbox>, clock: Arc<dyn Clock>) -> Self {
        Self { outbox, clock, waiting: VecDeque::new(), last: HashMap::new(), requests: 0, again: 0 }
    }

    /// Takes messages and sends them as long as there is a full batch. Answers how many records went in.
    pub(crate) async fn send(&mut self, parcels: Vec<Parcel>) -> Result<u64, PostError> {
        self.waiting.extend(parcels.into_iter().map(|parcel| Letter { parcel, again: 0 }));
        let mut records = 0;
        while self.waiting.len() >= BATCH_MESSAGES {
            records += self.send_some().await?;
        }
        Ok(records)
    }

    /// Sends what waits.
    pub(crate) async fn finish(&mut self) -> Result<u64, PostError> {
        let mut records = 0;
        while !self.waiting.is_empty() {
            records += self.send_some().await?;
        }
        Ok(records)
    }

    /// Sends one batch, again and again until something of it is in. Answers how many records that were.
    async fn send_some(&mut self) -> Result<u64, PostError> {
        let (mut tries, mut wait) = (0, WAIT);
        loop {
            let batch = self.take();
            let (records, failed) = self.send_batch(batch).await?;
            let Some(reason) = failed.filter(|_| records == 0) else { return Ok(records) };
            tries += 1;
            if tries == TRIES {
                let first = self.waiting.front().map(|letter| letter.parcel.place.clone());
                return Err(PostError::Tired { place: first.unwrap_or_default(), reason });
            }
            self.clock.sleep(wait).await;
            wait = (wait * 2).min(WAIT_MOST);
        }
    }

    /// The first messages that fit into a request.
    fn take(&mut self) -> Vec<Letter> {
        let mut bytes = 0;
        let fits = |letter: &&Letter| {
            bytes += letter.parcel.body.len();
            bytes <= BATCH_BYTES
        };
        // A single message is always smaller than a request.
        let count = self.waiting.iter().take(BATCH_MESSAGES).take_while(fits).count().max(1);
        self.waiting.drain(..count.min(self.waiting.len())).collect()
    }

    /// Sends a batch once. Answers how many records are in and why a message failed, if one did. What must be sent again
    /// waits in its place.
    async fn send_batch(&mut self, batch: Vec<Letter>) -> Result<(u64, Option<String>), PostError> {
        let answers = self.outbox.send(&batch).await?;
        self.requests += 1;
        let (mut records, mut failed) = (0, None);
        let mut overtaken: HashSet<String> = HashSet::new();
        let mut left = Vec::new();
        for (mut letter, answer) in batch.into_iter().zip(answers) {
            let group = &letter.parcel.group;
            match answer {
                Taken::No { for_good: true, reason } => {
                    return Err(PostError::Refused { place: letter.parcel.place, reason });
                }
                Taken::No { reason, .. } => {
                    overtaken.insert(group.clone());
                    failed.get_or_insert(reason);
                    left.push(letter);
                }
                Taken::Yes(number) if overtaken.contains(group) || self.is_older(group, number) => {
                    overtaken.insert(group.clone());
                    letter.again += 1;
                    self.again += 1;
                    left.push(letter);
                }
                Taken::Yes(number) => {
                    if let Some(number) = number {
                        self.last.insert(group.clone(), number);
                    }
                    records += u64::from(letter.parcel.records);
                }
            }
        }
        for letter in left.into_iter().rev() {
            self.waiting.push_front(letter);
        }
        Ok((records, failed))
    }

    fn is_older(&self, group: &str, number: Option<u128>) -> bool {
        matches!((number, self.last.get(group)), (Some(number), Some(last)) if number <= *last)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use jobs::clock::ManualClock;

    use super::super::parcel::Origin;
    use super::*;

    /// A queue as SQS is: it drops repeats by id, numbers what it takes, and fails where it is told to.
    #[derive(Default)]
    struct Queue {
        state: Mutex<State>,
    }

    #[derive(Default)]
    struct State {
        taken: Vec<(String, String)>,
        numbers: HashMap<String, u128>,
        next: u128,
        /// Bodies that fail so many times.
        fails: HashMap<String, u32>,
        batches: Vec<usize>,
    }

    impl Queue {
        fn failing(body: &str, times: u32) -> Arc<Self> {
            let queue = Self::default();
            queue.state.lock().expect("free").fails.insert(body.to_owned(), times);
            Arc::new(queue)
        }

        /// The ids of these messages are forgotten, as after five minutes.
        fn forget(&self, parcels: &[Parcel]) {
            let mut state = self.state.lock().expect("free");
            for parcel in parcels {
                state.numbers.remove(&format!("{} {}", parcel.group, parcel.deduplication_id(0)));
            }
        }

        fn bodies(&self, group: &str) -> Vec<String> {
            let state = self.state.lock().expect("free");
            state.taken.iter().filter(|(of, _)| of == group).map(|(_, body)| body.clone()).collect()
        }
    }

    #[async_trait]
    impl Outbox for Queue {
        async fn send(&self, batch: &[Letter]) -> Result<Vec<Taken>, SqsError> {
            let mut state = self.state.lock().expect("free");
            state.batches.push(batch.len());
            let mut answers = Vec::new();
            for Letter { parcel, again } in batch {
                if let Some(left) = state.fails.get_mut(&parcel.body).filter(|left| **left > 0) {
                    *left -= 1;
                    answers.push(Taken::No { for_good: false, reason: "InternalError".to_owned() });
                    continue;
                }
                let key = format!("{} {}", parcel.group, parcel.deduplication_id(*again));
                if let Some(number) = state.numbers.get(&key) {
                    answers.push(Taken::Yes(Some(*number)));
                    continue;
                }
                state.next += 1;
                let number = state.next;
                state.numbers.insert(key, number);
                state.taken.push((parcel.group.clone(), parcel.body.clone()));
                answers.push(Taken::Yes(Some(number)));
            }
            Ok(answers)
        }
    }

    /// Messages `Object:body`, one a line.
    fn parcels(words: &[&str]) -> Vec<Parcel> {
        let parcel = |(line, word): (u64, &&str)| {
            let (object, body) = word.split_once(':').expect("an object and a body");
            let origin = Origin { account: "acme", file: "/a", occurrence: 0, line };
            Parcel::new(origin, object, body.to_owned(), 1, format!("a:{line}"))
        };
        (1..).zip(words).map(parcel).collect()
    }

    async fn send(queue: &Arc<Queue>, parcels: Vec<Parcel>) -> Result<(u64, Sender), PostError> {
        let mut sender = Sender::new(queue.clone(), Arc::new(ManualClock::default()));
        let records = sender.send(parcels).await? + sender.finish().await?;
        Ok((records, sender))
    }

    #[tokio::test]
    async fn ten_messages_or_a_mebibyte_go_in_a_request() {
        let queue = Arc::new(Queue::default());
        let words: Vec<String> = (0..23).map(|number| format!("A:{number}")).collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let (records, sender) = send(&queue, parcels(&words)).await.expect("sent");
        assert_eq!((records, sender.requests, sender.again), (23, 3, 0));
        assert_eq!(queue.state.lock().expect("free").batches, [10, 10, 3]);

        let queue = Arc::new(Queue::default());
        let large = ["1", "2", "3", "4"].map(|body| format!("A:{}", body.repeat(300_000)));
        let large: Vec<&str> = large.iter().map(String::as_str).collect();
        send(&queue, parcels(&large)).await.expect("sent");
        assert_eq!(queue.state.lock().expect("free").batches, [3, 1]);
    }

    #[tokio::test]
    async fn what_fails_is_sent_again_with_all_behind_it_in_its_group() {
        let queue = Queue::failing("2", 3);
        let (records, sender) =
            send(&queue, parcels(&["A:1", "A:2", "B:x", "A:3", "B:y", "A:4"])).await.expect("sent");
        assert_eq!(queue.bodies("acme/B"), ["x", "y"], "another group is not concerned");
        let seen = queue.bodies("acme/A");
        assert_eq!(
            seen[seen.len() - 3..],
            ["2", "3", "4"],
            "in the end everything is in, in order: {seen:?}"
        );
        assert_eq!((seen[0].as_str(), records), ("1", 6), "each record counts once");
        assert!(sender.again >= 2);
    }

    #[tokio::test]
    async fn a_message_that_never_goes_in_is_told() {
        let queue = Queue::failing("2", u32::MAX);
        let clock = Arc::new(ManualClock::default());
        let mut sender = Sender::new(queue.clone(), clock.clone());
        sender.send(parcels(&["A:1", "A:2"])).await.expect("no full batch yet");
        let error = sender.finish().await.expect_err("refused").to_string();
        assert!(error.contains("a:2: SQS did not take it in 10 tries: InternalError"), "{error}");
        assert!(clock.now().millis() > 20_000, "it waited in between");
    }

    #[tokio::test]
    async fn a_repeat_within_five_minutes_sends_nothing() {
        let queue = Arc::new(Queue::default());
        let words = ["A:1", "B:x", "A:2"];
        send(&queue, parcels(&words)).await.expect("sent");
        let (records, sender) = send(&queue, parcels(&words)).await.expect("sent");
        assert_eq!((records, sender.again), (3, 0));
        assert_eq!(queue.bodies("acme/A"), ["1", "2"]);
    }

    #[tokio::test]
    async fn a_repeat_that_is_half_dropped_still_ends_with_the_newest() {
        let queue = Arc::new(Queue::default());
        let words = ["A:1", "A:2", "A:3", "A:4"];
        send(&queue, parcels(&words)).await.expect("sent");
        // The first send was slow: when it is repeated, SQS has forgotten the first two messages and knows the others.
        queue.forget(&parcels(&words)[..2]);
        let (records, _) = send(&queue, parcels(&words)).await.expect("sent");
        assert_eq!(records, 4);
        assert_eq!(queue.bodies("acme/A"), ["1", "2", "3", "4", "1", "2", "3", "4"]);
    }
}
