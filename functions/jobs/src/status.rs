//! Where an account's jobs stand. Reads only, without a lease: what it says may be a moment old.

use domain::AccountName;

use crate::ledger::LedgerError;
use crate::report::JobStatus;
use crate::run::Jobs;

impl Jobs {
    /// The status of every job of an account, by object name.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn status(&self, account: &AccountName) -> Result<Vec<JobStatus>, LedgerError> {
        let (settings, ..) = self.settings_with_version(account).await?;
        let mut statuses = Vec::new();
        for (id, job) in self.ledger.jobs(account).await? {
            let parked = self.ledger.count_parked(&id).await?;
            let open_errors = self.ledger.count_open_errors(&id).await?;
            let state = job.state(parked, settings.export_to_crm);
            statuses.push(JobStatus {
                job: id,
                state,
                hold: job.hold,
                cursor: job.cursor,
                open_errors,
                parked,
            });
        }
        Ok(statuses)
    }
}
