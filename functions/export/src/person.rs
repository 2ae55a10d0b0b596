//! What a person asks for, in the settings pages or by an event of their own: resume, or skip.
//!
//! A person does not ask twice, so that a job which another run has is waited for.

use std::time::Duration;

use cloud::{FunctionError, Summary};
use domain::{Hold, JobId, Timestamp};
use jobs::ledger::{LedgerError, LedgerErrorKind};
use jobs::{Cause, SkipError};
use serde::Serialize;

use crate::function::Export;

/// How often, and how long apart, a job is asked for that another run has: a batch is mostly done in a minute.
const TRIES: u32 = 12;
const BETWEEN_TRIES: Duration = Duration::from_secs(10);

/// How long the lease runs that a look at the head takes.
const LOOK: Duration = Duration::from_secs(30);

/// What a skip came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Skipped {
    /// Whether the head was passed.
    skipped: bool,
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

impl Skipped {
    fn no(job: &JobId, reason: &str) -> Self {
        let reason = format!("nothing of {job} was skipped: {reason}");
        tracing::warn!(reason, "skip");
        Self { skipped: false, reason: Some(reason) }
    }
}

impl Export {
    /// Tries one held job, or all of them.
    pub(crate) async fn resume_for_person(
        &self,
        job: Option<&JobId>,
        deadline: Timestamp,
    ) -> Result<Summary, FunctionError> {
        let reports = match job {
            None => self.jobs.resume(&self.account, Cause::Person, Some(deadline)).await?,
            Some(job) => {
                let run = async || self.jobs.run(job, &[], Cause::Person, Some(deadline)).await;
                vec![self.waiting_for_the_job(run).await?]
            }
        };
        Ok(self.told(&reports))
    }

    /// Passes the head of a paused job, if it is the one that was meant: what a person saw may be mended by now, and the
    /// next head is another matter.
    pub(crate) async fn skip(&self, job: &JobId, error_id: &str) -> Result<Skipped, FunctionError> {
        if self.jobs.ledger.job(job).await?.is_none() {
            return Ok(Skipped::no(job, "there is no such job"));
        }
        // With the lease in hand nobody moves the head between the look and the skip, which takes the same lease again.
        let lease = async || {
            let now = self.jobs.clock.now();
            self.jobs.ledger.lease(job, &self.jobs.owner, now, now.plus(LOOK)).await
        };
        let (lease, found) = self.waiting_for_the_job(lease).await?;
        let is_meant = matches!(&found.hold, Some(Hold::RecordRefused(head)) if head.error_id == error_id);
        if !is_meant {
            self.jobs.ledger.save(&lease, &found, Timestamp::from_millis(0)).await?;
            return Ok(Skipped::no(job, "another record or none is its head by now; look at its status"));
        }
        match self.jobs.skip(job).await {
            Ok(report) => {
                self.told(&[report]);
                Ok(Skipped { skipped: true, reason: None })
            }
            Err(SkipError::NotPaused(_)) => Ok(Skipped::no(job, "it is not paused")),
            Err(SkipError::Ledger(error)) => Err(error.into()),
        }
    }

    async fn waiting_for_the_job<T>(
        &self,
        mut run: impl AsyncFnMut() -> Result<T, LedgerError>,
    ) -> Result<T, LedgerError> {
        for _ in 1..TRIES {
            match run().await {
                Err(error) if matches!(error.kind(), LedgerErrorKind::LeaseHeld { .. }) => {
                    self.jobs.clock.sleep(BETWEEN_TRIES).await;
                }
                outcome => return outcome,
            }
        }
        run().await
    }
}
