//! The production code's ports, which write down every write and call in the order in which it took effect, and what the
//! ledger holds then. One of them can be made to fail, to lose its reply, to be the last before a crash, or to stand still.
//!
//! The ledger is the memory ledger, the CRM is the model's own: neither is under test here.

use std::future::pending;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use domain::Timestamp;
use jobs::clock::{Clock, ManualClock};
use jobs::ledger::{Ledger, LedgerError, LedgerErrorKind, MemoryLedger};

use super::actions::Action;
use super::crm::Answer;
use super::decisions::job_id;
use super::plan::{Content, Plan};
use super::seen::{Fared, Mishap, Seen, Shown, Wrote};
use super::state::{Crm, Why};

/// What all recorded runs share.
pub struct Tape {
    pub plan: Plan,
    pub memory: MemoryLedger,
    pub clock: ManualClock,
    inner: Mutex<Inner>,
    counted: AtomicU32,
}

struct Inner {
    crm: Crm,
    seen: Vec<(Seen, Option<Shown>)>,
    mishap: Option<(u32, Mishap)>,
    /// The mishap befell something that it can befall.
    met: bool,
}

/// One worker's ports.
pub struct Recorder {
    pub tape: Arc<Tape>,
    pub worker: u8,
    /// Why its run begins.
    pub why: Why,
    /// Another run has its lease, and that is noted.
    lost: AtomicBool,
}

impl Tape {
    /// A tape on which the write or call of this number (from 0) meets a mishap.
    pub fn new(plan: Plan, mishap: Option<(u32, Mishap)>) -> Self {
        let crm = plan.beginning().crm;
        let inner = Inner { crm, seen: Vec::new(), mishap, met: false };
        let clock = ManualClock::at(Timestamp::from_millis(1_795_435_200_000));
        Self {
            plan,
            memory: MemoryLedger::default(),
            clock,
            inner: Mutex::new(inner),
            counted: AtomicU32::new(0),
        }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().expect("no thread panics with it")
    }

    /// What was recorded, with what the ledger and the CRM held after each.
    pub fn seen(&self) -> Vec<(Seen, Option<Shown>)> {
        self.inner().seen.clone()
    }

    /// How many writes and calls there were.
    pub fn counted(&self) -> u32 {
        self.counted.load(Ordering::Relaxed)
    }

    pub fn mishap_was_met(&self) -> bool {
        self.inner().met
    }

    /// Changes the CRM, and notes it. What is so already is not noted.
    pub fn outside(&self, action: Action) {
        let mut inner = self.inner();
        let flawed = self.plan.records.iter().any(|record| record.flaw.is_some());
        match action {
            Action::Mend if inner.crm.mended || !flawed => return,
            Action::Away(away) if inner.crm.away == away => return,
            Action::Mend => inner.crm.mended = true,
            Action::Away(away) => inner.crm.away = away,
            _ => {}
        }
        inner.seen.push((Seen::Outside(action), None));
    }

    /// Notes what took effect, with what is there now.
    pub async fn note(&self, seen: Seen) {
        let shown = self.shown().await;
        self.inner().seen.push((seen, Some(shown)));
    }

    async fn shown(&self) -> Shown {
        let job = self.memory.job(&job_id()).await.expect("memory").unwrap_or_default();
        let parked = self.memory.parked(&job_id(), None, usize::MAX).await.expect("memory");
        let rows = self.memory.open_errors(&job_id(), None, usize::MAX).await.expect("memory");
        let crm = self.inner().crm.records.to_vec();
        Shown {
            job: self.plan.small_job(&job),
            parked: parked.iter().map(|placed| self.plan.place(placed.position)).collect(),
            rows: rows.iter().map(|row| self.plan.content_of(&row.record)).collect(),
            crm,
        }
    }

    /// What befalls the next write or call.
    fn mishap(&self) -> Option<Mishap> {
        let at = self.counted.fetch_add(1, Ordering::Relaxed);
        self.inner().mishap.filter(|(nth, _)| *nth == at).map(|(_, mishap)| mishap)
    }

    pub fn meet(&self) {
        self.inner().met = true;
    }

    pub fn crm_is_away(&self) -> bool {
        self.inner().crm.away
    }

    /// One call of the CRM.
    pub fn call(
        &self,
        sent: &[Content],
        all_or_none: bool,
        answer: Answer,
    ) -> Option<Vec<domain::decide::RowAnswer>> {
        let mut inner = self.inner();
        inner.crm.call(&self.plan, sent, all_or_none, answer).told
    }
}

impl Recorder {
    pub fn new(tape: &Arc<Tape>, worker: u8, why: Why) -> Self {
        Self { tape: tape.clone(), worker, why, lost: AtomicBool::new(false) }
    }

    /// How many of these are parked before parking fails half way, if it does.
    pub fn half_of_parking(&self, records: usize) -> Option<usize> {
        let at = self.tape.counted();
        let half = self.tape.inner().mishap == Some((at, Mishap::HalfDone)) && records > 1;
        half.then_some(records / 2)
    }

    /// What happens before a call of the CRM. `None` is a call as any.
    pub async fn before_call(&self) -> Option<Mishap> {
        let mishap = self.tape.mishap();
        match mishap {
            Some(Mishap::Crash) => self.crash().await,
            // It stands still while its lease is good, and calls late: no CRM can be fenced, so that is not looked at.
            Some(Mishap::Freeze | Mishap::HalfDone) => None,
            other => other.inspect(|_| self.tape.meet()),
        }
    }

    /// One write: its mishap, its effect, and its note.
    pub async fn write(
        &self,
        wrote: Wrote,
        effect: impl AsyncFnOnce() -> Result<(), LedgerError>,
        half: Option<Wrote>,
    ) -> Result<(), LedgerError> {
        let (worker, unavailable) =
            (self.worker, || Err(LedgerErrorKind::Unavailable("a mishap".to_owned()).into()));
        match self.tape.mishap() {
            Some(Mishap::Fails) => {
                self.tape.meet();
                self.tape.note(Seen::Wrote(worker, wrote, Fared::Failed)).await;
                return unavailable();
            }
            Some(Mishap::LosesItsReply) => {
                effect().await?;
                self.tape.meet();
                self.tape.note(Seen::Wrote(worker, wrote, Fared::ReplyLost)).await;
                return unavailable();
            }
            Some(Mishap::HalfDone) if half.is_some() => {
                effect().await?;
                self.tape.meet();
                self.tape.note(Seen::Wrote(worker, half.unwrap_or(wrote), Fared::ReplyLost)).await;
                return unavailable();
            }
            Some(Mishap::Crash) => return self.crash().await,
            Some(Mishap::Freeze) => {
                self.tape.meet();
                stand_still_once().await;
            }
            _ => {}
        }
        match effect().await {
            Ok(()) => self.tape.note(Seen::Wrote(worker, wrote, Fared::Well)).await,
            Err(error) => {
                if !self.lost.swap(true, Ordering::Relaxed) {
                    self.tape.note(Seen::Lost(worker)).await;
                }
                return Err(error);
            }
        }
        Ok(())
    }

    async fn crash<T>(&self) -> T {
        self.tape.meet();
        self.tape.note(Seen::Crashed(self.worker)).await;
        pending().await
    }

    pub fn now(&self) -> Timestamp {
        self.tape.clock.now()
    }
}

/// Pending the first time.
async fn stand_still_once() {
    let mut stood = false;
    std::future::poll_fn(|_| {
        if std::mem::replace(&mut stood, true) {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
}
