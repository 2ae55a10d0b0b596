//! The ports of a recorded run. Reads go straight through; each write and call is one line in [`super::record`].

use async_trait::async_trait;
use domain::decide::RowAnswer;
use domain::{
    AccountName, CrmError, ExportError, ExternalId, Figures, Job, JobId, Placed, Position, Timestamp,
};
use jobs::crm::{Chunk, Crm, CrmFailure, Reply};
use jobs::ledger::{ErrorFilter, Lease, Ledger, LedgerError, Rejection, StoredSettings};
use serde_json::Value;

use super::crm::Answer;
use super::plan::Content;
use super::record::Recorder;
use super::seen::{Mishap, Seen, Wrote};
use super::set::{Set, small};

#[async_trait]
impl Crm for Recorder {
    async fn send(&self, chunk: Chunk<'_>) -> Reply {
        let plan = &self.tape.plan;
        let sent: Vec<Content> = chunk.records.iter().map(|record| plan.content_of(record)).collect();
        let mishap = self.before_call().await;
        let answer = match mishap.filter(|_| !self.tape.crm_is_away()) {
            Some(Mishap::Fails) => Answer::RequestLost,
            Some(Mishap::LosesItsReply) => Answer::ReplyLost,
            Some(Mishap::Limit) => Answer::Limit(0),
            Some(Mishap::Lock) => Answer::Locked(small(sent.len() - 1)),
            _ => Answer::Told,
        };
        let told: Option<Vec<RowAnswer>> = self.tape.call(&sent, chunk.all_or_none, answer);
        let (worker, all_or_none) = (self.worker, chunk.all_or_none);
        self.tape.note(Seen::Called { worker, sent, all_or_none, answer }).await;
        let error = CrmError::new("CONNECTION_FAILED", "no answer", &[]);
        let outcome = told.ok_or(CrmFailure::Unavailable { error, retry_after: None });
        Reply { outcome, calls: 1, usage: None }
    }
}

#[async_trait]
impl Ledger for Recorder {
    async fn settings(&self, account: &AccountName) -> Result<StoredSettings, LedgerError> {
        self.tape.memory.settings(account).await
    }

    async fn put_settings(
        &self,
        account: &AccountName,
        body: &Value,
        expected: u64,
    ) -> Result<(), LedgerError> {
        self.tape.memory.put_settings(account, body, expected).await
    }

    async fn lease(
        &self,
        job: &JobId,
        owner: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<(Lease, Job), LedgerError> {
        let leased = self.tape.memory.lease(job, owner, now, until).await?;
        self.tape.note(Seen::Begun(self.worker, self.why)).await;
        Ok(leased)
    }

    async fn save(&self, lease: &Lease, job: &Job, until: Timestamp) -> Result<(), LedgerError> {
        let keep = until > self.now();
        self.write(Wrote::Save { keep }, async || self.tape.memory.save(lease, job, until).await, None).await
    }

    async fn job(&self, job: &JobId) -> Result<Option<Job>, LedgerError> {
        self.tape.memory.job(job).await
    }

    async fn jobs(&self, account: &AccountName) -> Result<Vec<(JobId, Job)>, LedgerError> {
        self.tape.memory.jobs(account).await
    }

    async fn park(&self, lease: &Lease, records: &[Placed]) -> Result<(), LedgerError> {
        let places = |records: &[Placed]| -> Set {
            records.iter().map(|placed| self.tape.plan.place(placed.position)).collect()
        };
        let half = self.half_of_parking(records.len());
        let written = half.map_or(records, |half| &records[..half]);
        let half = half.map(|half| Wrote::Park(places(&records[..half])));
        let effect = async || self.tape.memory.park(lease, written).await;
        self.write(Wrote::Park(places(records)), effect, half).await
    }

    async fn parked(
        &self,
        job: &JobId,
        after: Option<Position>,
        limit: usize,
    ) -> Result<Vec<Placed>, LedgerError> {
        self.tape.memory.parked(job, after, limit).await
    }

    async fn unpark(&self, lease: &Lease, through: Position) -> Result<(), LedgerError> {
        self.write(Wrote::Unpark, async || self.tape.memory.unpark(lease, through).await, None).await
    }

    async fn count_parked(&self, job: &JobId) -> Result<u64, LedgerError> {
        self.tape.memory.count_parked(job).await
    }

    async fn open_errors_of(
        &self,
        job: &JobId,
        ids: &[&ExternalId],
    ) -> Result<Vec<ExportError>, LedgerError> {
        self.tape.memory.open_errors_of(job, ids).await
    }

    async fn open_errors(
        &self,
        job: &JobId,
        after: Option<Position>,
        limit: usize,
    ) -> Result<Vec<ExportError>, LedgerError> {
        self.tape.memory.open_errors(job, after, limit).await
    }

    async fn count_open_errors(&self, job: &JobId) -> Result<u64, LedgerError> {
        self.tape.memory.count_open_errors(job).await
    }

    async fn put_open_error(&self, lease: &Lease, error: &ExportError) -> Result<(), LedgerError> {
        let content = self.tape.plan.content_of(&error.record);
        assert_eq!(
            self.tape.plan.place(error.position),
            content.place,
            "a row stands at its newest record's place"
        );
        self.write(Wrote::Put(content), async || self.tape.memory.put_open_error(lease, error).await, None)
            .await
    }

    async fn close_error(&self, lease: &Lease, error: &ExportError) -> Result<(), LedgerError> {
        let id = self.tape.plan.id_of(self.tape.plan.content_of(&error.record).place);
        self.write(Wrote::Close(id), async || self.tape.memory.close_error(lease, error).await, None).await
    }

    async fn errors(
        &self,
        account: &AccountName,
        filter: &ErrorFilter,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<ExportError>, LedgerError> {
        self.tape.memory.errors(account, filter, after, limit).await
    }

    async fn error(&self, account: &AccountName, id: &str) -> Result<Option<ExportError>, LedgerError> {
        self.tape.memory.error(account, id).await
    }

    async fn reject(&self, rejection: &Rejection) -> Result<(), LedgerError> {
        self.tape.memory.reject(rejection).await
    }

    async fn rejections(
        &self,
        account: Option<&AccountName>,
        limit: usize,
    ) -> Result<Vec<Rejection>, LedgerError> {
        self.tape.memory.rejections(account, limit).await
    }

    async fn count(
        &self,
        account: &AccountName,
        day: &str,
        figures: &Figures,
    ) -> Result<Figures, LedgerError> {
        self.tape.memory.count(account, day, figures).await
    }

    async fn figures(
        &self,
        account: &AccountName,
        from_day: &str,
    ) -> Result<Vec<(String, Figures)>, LedgerError> {
        self.tape.memory.figures(account, from_day).await
    }
}
