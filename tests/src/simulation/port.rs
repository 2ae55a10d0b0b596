//! A run's own ports: its clock and events here, its CRM and ledger in the files of that name. Every call stands still
//! at least once before its effect and once after, so that a run can be killed or frozen on either side of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use domain::{AccountName, Settings, Timestamp};
use jobs::Jobs;
use jobs::clock::Clock;
use jobs::events::{Event, Events};

use super::seen::{Kind, Seen};
use super::task::Control;
use super::world::World;

/// The ports of one run.
pub(super) struct Port {
    pub(super) world: Arc<World>,
    pub(super) control: Arc<Control>,
    pub(super) run: u32,
    pub(super) account: AccountName,
    /// How far this machine's clock is off.
    pub(super) skew: i64,
    pub(super) known_jumps: AtomicU32,
}

/// Who starts runs: a task, with what all its runs share.
#[derive(Clone)]
pub(super) struct Worker {
    pub(super) world: Arc<World>,
    pub(super) control: Arc<Control>,
    pub(super) owner: String,
    pub(super) skew: i64,
    /// When its runs must be done, by the true time.
    pub(super) deadline: Option<i64>,
}

impl Worker {
    /// Begins a run: the production use cases over ports of its own.
    pub(super) fn begin(&self, account: &AccountName, kind: Kind) -> (Jobs, Arc<Port>) {
        let run = self.world.state().number_run();
        let port = Arc::new(Port {
            world: self.world.clone(),
            control: self.control.clone(),
            run,
            account: account.clone(),
            skew: self.skew,
            known_jumps: AtomicU32::new(0),
        });
        let deadline = self.deadline.is_some();
        self.world.see(Seen::Began { run, kind, account: account.clone(), deadline });
        let jobs = Jobs {
            crm: port.clone(),
            ledger: port.clone(),
            events: port.clone(),
            clock: port.clone(),
            owner: self.owner.clone(),
            defaults: Settings::default(),
        };
        (jobs, port)
    }

    /// The deadline as this machine's clock shows it.
    pub(super) fn deadline(&self) -> Option<Timestamp> {
        self.deadline.map(|at| self.world.state().shown_by_clock(at, self.skew))
    }
}

impl Port {
    /// Stands still for so long.
    pub(super) async fn pause(&self, millis: i64) {
        let until = self.world.state().now + millis;
        self.control.pause(until).await;
    }

    /// What this run's clock shows.
    pub(super) fn clock(&self) -> Timestamp {
        let state = self.world.state();
        state.shown_by_clock(state.now, self.skew)
    }

    /// Whether it stood still for long or its clock jumped since it last looked at the clock or called the CRM: what it
    /// knew of its lease may be out of date through no fault of its own.
    pub(super) fn take_late(&self) -> bool {
        let jumps = self.world.state().jumps;
        let jumped = self.known_jumps.swap(jumps, Ordering::Relaxed) != jumps;
        self.control.take_frozen() || jumped
    }
}

#[async_trait]
impl Clock for Port {
    fn now(&self) -> Timestamp {
        self.take_late();
        self.clock()
    }

    async fn sleep(&self, duration: Duration) {
        self.pause(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)).await;
    }
}

#[async_trait]
impl Events for Port {
    async fn publish(&self, event: Event) {
        self.pause(5).await;
        let mut state = self.world.state();
        let now = state.now;
        state.trace.note(now, format_args!("run {}: tells {event:?}", self.run));
    }
}
