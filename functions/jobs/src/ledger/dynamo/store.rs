//! The ledger's face: each call of the port is a function of its neighbours.

use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use domain::{AccountName, ExportError, ExternalId, Figures, Job, JobId, Placed, Position, Timestamp};
use serde_json::Value;

use super::table::Table;
use super::{error_list, errors, intake, jobs, parked, settings};
use crate::ledger::{ErrorFilter, Lease, Ledger, LedgerError, Rejection, StoredSettings};

/// The ledger in one DynamoDB table.
#[derive(Debug, Clone)]
pub struct DynamoLedger {
    table: Table,
    resolved_days: u32,
}

impl DynamoLedger {
    /// A ledger in this table, which must be there (`infra/template.yaml`, resource `Ledger`). Nothing is called yet.
    ///
    /// The client's own repeats and time-outs are replaced. Closed export errors expire after `resolved_days` days.
    pub fn new(client: Client, table: impl Into<String>, resolved_days: u32) -> Self {
        Self { table: Table::new(&client, table.into()), resolved_days }
    }
}

#[async_trait]
impl Ledger for DynamoLedger {
    async fn settings(&self, account: &AccountName) -> Result<StoredSettings, LedgerError> {
        settings::read(&self.table, account).await
    }

    async fn put_settings(
        &self,
        account: &AccountName,
        body: &Value,
        expected: u64,
    ) -> Result<(), LedgerError> {
        settings::write(&self.table, account, body, expected).await
    }

    async fn lease(
        &self,
        job: &JobId,
        owner: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<(Lease, Job), LedgerError> {
        jobs::lease(&self.table, job, owner, now, until).await
    }

    async fn save(&self, lease: &Lease, job: &Job, until: Timestamp) -> Result<(), LedgerError> {
        jobs::save(&self.table, lease, job, until).await
    }

    async fn job(&self, job: &JobId) -> Result<Option<Job>, LedgerError> {
        jobs::job(&self.table, job).await
    }

    async fn jobs(&self, account: &AccountName) -> Result<Vec<(JobId, Job)>, LedgerError> {
        jobs::jobs(&self.table, account).await
    }

    async fn park(&self, lease: &Lease, records: &[Placed]) -> Result<(), LedgerError> {
        parked::park(&self.table, lease, records).await
    }

    async fn parked(
        &self,
        job: &JobId,
        after: Option<Position>,
        limit: usize,
    ) -> Result<Vec<Placed>, LedgerError> {
        parked::parked(&self.table, job, after, limit).await
    }

    async fn unpark(&self, lease: &Lease, through: Position) -> Result<(), LedgerError> {
        parked::unpark(&self.table, lease, through).await
    }

    async fn count_parked(&self, job: &JobId) -> Result<u64, LedgerError> {
        parked::count(&self.table, job).await
    }

    async fn open_errors_of(
        &self,
        job: &JobId,
        ids: &[&ExternalId],
    ) -> Result<Vec<ExportError>, LedgerError> {
        errors::open_of(&self.table, job, ids).await
    }

    async fn open_errors(
        &self,
        job: &JobId,
        after: Option<Position>,
        limit: usize,
    ) -> Result<Vec<ExportError>, LedgerError> {
        errors::open(&self.table, job, after, limit).await
    }

    async fn count_open_errors(&self, job: &JobId) -> Result<u64, LedgerError> {
        errors::count_open(&self.table, job).await
    }

    async fn put_open_error(&self, lease: &Lease, error: &ExportError) -> Result<(), LedgerError> {
        errors::put(&self.table, lease, error, self.resolved_days).await
    }

    async fn close_error(&self, lease: &Lease, error: &ExportError) -> Result<(), LedgerError> {
        errors::put(&self.table, lease, error, self.resolved_days).await
    }

    async fn errors(
        &self,
        account: &AccountName,
        filter: &ErrorFilter,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<ExportError>, LedgerError> {
        error_list::errors(&self.table, account, filter, after, limit).await
    }

    async fn error(&self, account: &AccountName, id: &str) -> Result<Option<ExportError>, LedgerError> {
        error_list::error(&self.table, account, id).await
    }

    async fn reject(&self, rejection: &Rejection) -> Result<(), LedgerError> {
        intake::reject(&self.table, rejection).await
    }

    async fn rejections(
        &self,
        account: Option<&AccountName>,
        limit: usize,
    ) -> Result<Vec<Rejection>, LedgerError> {
        intake::rejections(&self.table, account, limit).await
    }

    async fn count(
        &self,
        account: &AccountName,
        day: &str,
        figures: &Figures,
    ) -> Result<Figures, LedgerError> {
        intake::count(&self.table, account, day, figures).await
    }

    async fn figures(
        &self,
        account: &AccountName,
        from_day: &str,
    ) -> Result<Vec<(String, Figures)>, LedgerError> {
        intake::figures(&self.table, account, from_day).await
    }
}
