//! The tick of the resume schedule: tries the held jobs, and tells where all jobs stand.

use cloud::{FunctionError, Summary};
use domain::Timestamp;
use jobs::Cause;

use crate::function::Export;

impl Export {
    /// Runs every job that is held or waits, and tells the metrics of where the jobs stand, whatever came of it.
    pub(crate) async fn resume(&self, deadline: Timestamp) -> Result<Summary, FunctionError> {
        let resumed = self.jobs.resume(&self.account, Cause::Schedule, Some(deadline)).await;
        let summary = resumed.as_ref().map(|reports| self.told(reports)).map_err(FunctionError::from);
        self.metrics.stand(&self.jobs.status(&self.account).await?);
        summary
    }
}
