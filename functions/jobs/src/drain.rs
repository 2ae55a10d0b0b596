//! Brings out what is parked: the head alone first, then the rest in order.

use domain::policy::HEAD_TRY_INTERVAL;
use domain::{Hold, Placed, Position};

use crate::events::Event;
use crate::ledger::LedgerError;
use crate::preflight::LastWord;
use crate::run::{Cause, Run};

/// How many parked records are read at a time: several chunks, well below a DynamoDB page of 1 MB of 1 KB records.
const PARKED_READ: usize = 800;

/// What draining came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Drained {
    /// Nothing is parked: the job may go on with what came in.
    Free,
    /// The job is held, or its time is over: what came in parks.
    Held,
}

impl Run<'_> {
    /// Drains the job as far as it goes. A held job costs one call while its head is refused, whatever waits behind.
    pub(crate) async fn drain(&mut self, cause: Cause) -> Result<Drained, LedgerError> {
        let Some(head) = self.head().await? else {
            // Nothing waits, so nothing can hold the job (someone removed the parked records by hand).
            self.job.hold = None;
            return Ok(Drained::Free);
        };
        if let Some(hold) = self.job.hold.clone() {
            if !self.may_try(&hold, cause) {
                return Ok(Drained::Held);
            }
            if let Some(stop) = self.deliver(&[head], last_word(cause)).await? {
                self.hold(stop.hold);
                return Ok(Drained::Held);
            }
            self.job.hold = None;
            self.ports.events.publish(Event::ExportResumed { job: self.id.clone() }).await;
        }
        let drained = self.drain_rest().await?;
        self.remove_settled().await?;
        Ok(drained)
    }

    async fn drain_rest(&mut self) -> Result<Drained, LedgerError> {
        loop {
            let parked = self.ports.ledger.parked(&self.id, self.job.cursor, PARKED_READ).await?;
            if parked.is_empty() {
                return Ok(Drained::Free);
            }
            if let Some(stop) = self.deliver(&parked, LastWord::Rules).await? {
                // What is left over is parked already.
                self.hold(stop.hold);
                return Ok(Drained::Held);
            }
        }
    }

    /// The first parked record that is not settled. A crash may have left settled ones before it; they are removed.
    async fn head(&mut self) -> Result<Option<Placed>, LedgerError> {
        let first = self.ports.ledger.parked(&self.id, None, 1).await?.into_iter().next();
        match first {
            Some(first) if self.job.is_settled(first.position) => {
                self.remove_settled().await?;
                Ok(self.ports.ledger.parked(&self.id, self.job.cursor, 1).await?.into_iter().next())
            }
            first => Ok(first),
        }
    }

    /// Removes parked records that the cursor has passed, the cursor saved first.
    pub(crate) async fn remove_settled(&mut self) -> Result<(), LedgerError> {
        let Some(cursor): Option<Position> = self.job.cursor else { return Ok(()) };
        self.checkpoint().await?;
        self.ports.ledger.unpark(self.lease(), cursor).await
    }

    fn may_try(&self, hold: &Hold, cause: Cause) -> bool {
        let now = self.ports.clock.now();
        match (cause, hold) {
            (Cause::Person, _) | (Cause::Schedule | Cause::Daily, Hold::RecordRefused(_)) => true,
            (_, Hold::CrmUnavailable(suspension)) => suspension.until <= now,
            // A clock that jumped back must not stop the job for as long.
            (Cause::Message, Hold::RecordRefused(held)) => {
                now < held.last_try || now.since(held.last_try) >= HEAD_TRY_INTERVAL
            }
        }
    }
}

/// A head that the rules refuse costs no call on schedule. A person, and once a day CRMExport_ExportError, bring it before
/// the CRM all the same, so that wrong rules hold no job for ever.
fn last_word(cause: Cause) -> LastWord {
    match cause {
        Cause::Message | Cause::Schedule => LastWord::Rules,
        Cause::Daily | Cause::Person => LastWord::Crm,
    }
}
