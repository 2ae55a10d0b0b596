//! Which faults a seed has, and how often (swarm: about half of them are absent in each seed, others common).
//!
//! A fault that is always there hides what only its absence shows: a run that is often killed never reaches the end of
//! a long drain.

use super::rng::Rng;

const MINUTE: i64 = 60_000;

/// The rates of one seed, per mille of the occasions unless it says otherwise.
#[derive(Debug, Clone, Default)]
pub(super) struct Faults {
    /// Runs that are killed at some await.
    pub(super) kill: u32,
    /// Runs that stand still at some await, for longer than a lease.
    pub(super) freeze: u32,
    /// Ledger calls that fail before their effect.
    pub(super) throttle: u32,
    /// Throttled calls behind which all others of the ledger fail for a while, as a table's do.
    pub(super) burst: u32,
    /// Ledger calls that fail after their effect.
    pub(super) ledger_lost_reply: u32,
    /// Parkings that write only their first records and fail.
    pub(super) partial_park: u32,
    /// Listings of jobs (an index) that answer with what was there before.
    pub(super) stale_jobs: u32,
    /// Ledger calls that take seconds.
    pub(super) slow_ledger: u32,
    /// CRM calls that take up to two minutes.
    pub(super) slow_crm: u32,
    /// CRM calls whose effect is there and whose answer is not.
    pub(super) crm_lost_reply: u32,
    /// CRM calls that never arrive.
    pub(super) crm_lost_request: u32,
    /// Rows that meet a lock.
    pub(super) row_lock: u32,
    /// Rows of a partial call that are halted for another row's sake.
    pub(super) row_halted: u32,
    /// Rows that meet an outage or a limit.
    pub(super) row_outage: u32,
    /// Deletions of a message that have no effect.
    pub(super) delete_lost: u32,
    /// The most that a run's clock is off, in milliseconds.
    pub(super) skew: i64,
    /// Runs of the queue's handler that may go on side by side.
    pub(super) pollers: usize,
    /// How long a received message is hidden.
    pub(super) visibility: i64,
    /// Records that the rules refuse and the CRM does not.
    pub(super) false_alarm: u32,
    /// Records that the CRM refuses and the rules do not.
    pub(super) missed: u32,
    /// Records of which the rules know nothing.
    pub(super) unknown: u32,
    /// Records that the rules refuse with a code that says nothing of them.
    pub(super) odd_code: u32,
    /// Questions to the rules that fail, get too few answers, or get none in time.
    pub(super) rules_trouble: u32,
    /// False alarms do not stop with the other faults.
    pub(super) alarms_stay: bool,
    /// Whether runs of the handler are told their deadline (they are killed at it in any case).
    pub(super) deadline: bool,
}

impl Faults {
    /// No fault at all.
    pub(super) fn none() -> Self {
        Self { pollers: 1, visibility: 6 * MINUTE, ..Self::default() }
    }

    /// A seed's faults.
    pub(super) fn draw(rng: &mut Rng) -> Self {
        let mut rate = |rates: &[u32]| if rng.chance(500) { *rng.pick(rates) } else { 0 };
        Self {
            kill: rate(&[50, 200, 500]),
            freeze: rate(&[50, 200, 400]),
            throttle: rate(&[3, 20, 80]),
            ledger_lost_reply: rate(&[3, 20, 80]),
            partial_park: rate(&[50, 300]),
            stale_jobs: rate(&[300]),
            slow_ledger: rate(&[20, 100]),
            slow_crm: rate(&[50, 400]),
            crm_lost_reply: rate(&[20, 150]),
            crm_lost_request: rate(&[20, 150]),
            row_lock: rate(&[20, 150]),
            row_halted: rate(&[20, 60]),
            row_outage: rate(&[5, 40]),
            delete_lost: rate(&[50, 300]),
            skew: if rng.chance(300) { *rng.pick(&[2_000, 4 * MINUTE]) } else { 0 },
            pollers: usize::try_from(1 + rng.below(3)).expect("a few"),
            visibility: *rng.pick(&[6 * MINUTE, 15 * MINUTE, 90 * MINUTE]),
            deadline: rng.chance(700),
            ..Self::default()
        }
    }

    /// No run stands still, but calls of the ledger and answers of the CRM fail often, runs are killed, and what failed
    /// comes again soon: sooner than a queue should be set to, so that it comes while a suspended job still waits.
    pub(super) fn many_small_ones(&mut self, rng: &mut Rng) {
        let mut rate = |rates: &[u32]| if rng.chance(700) { *rng.pick(rates) } else { 0 };
        (self.kill, self.freeze, self.slow_ledger) = (rate(&[50, 200, 500]), 0, 0);
        (self.throttle, self.ledger_lost_reply) = (rate(&[20, 50, 80]), rate(&[20, 50]));
        (self.crm_lost_reply, self.crm_lost_request) = (rate(&[50, 150, 300]), rate(&[20, 50]));
        (self.row_lock, self.row_outage, self.delete_lost) =
            (rate(&[20, 100]), rate(&[20, 60]), rate(&[50, 300]));
        self.burst = rate(&[100, 500]);
        self.visibility = *rng.pick(&[MINUTE, 2 * MINUTE, 6 * MINUTE]);
    }

    /// Adds how the rules are wrong. A stream of its own, so that a seed's other faults do not hang on it.
    pub(super) fn draw_rules(&mut self, rng: &mut Rng) {
        let mut rate = |rates: &[u32]| if rng.chance(500) { *rng.pick(rates) } else { 0 };
        self.false_alarm = rate(&[20, 100, 300]);
        self.missed = rate(&[100, 500]);
        self.unknown = rate(&[100, 500]);
        self.odd_code = rate(&[20, 100]);
        self.rules_trouble = rate(&[20, 200]);
        self.alarms_stay = rng.chance(500);
    }
}

impl Faults {
    /// Every rate, for the shrinker.
    pub(super) fn rates(&mut self) -> Vec<&mut u32> {
        vec![
            &mut self.kill,
            &mut self.freeze,
            &mut self.throttle,
            &mut self.burst,
            &mut self.ledger_lost_reply,
            &mut self.partial_park,
            &mut self.stale_jobs,
            &mut self.slow_ledger,
            &mut self.slow_crm,
            &mut self.crm_lost_reply,
            &mut self.crm_lost_request,
            &mut self.row_lock,
            &mut self.row_halted,
            &mut self.row_outage,
            &mut self.delete_lost,
            &mut self.false_alarm,
            &mut self.missed,
            &mut self.unknown,
            &mut self.odd_code,
            &mut self.rules_trouble,
        ]
    }
}
