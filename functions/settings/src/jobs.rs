//! The account's jobs: where each stands, and what a person may ask of it. Nothing runs here: work is handed on.

use axum::extract::State;
use axum::response::IntoResponse;
use domain::{ExternalId, Hold, JobState, Position, Timestamp};
use jobs::JobStatus;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::answer::{Accepted, ok};
use crate::api::{Api, SeamError};
use crate::extract::{FromJson, JobOfPath, NoBody};
use crate::problem::{Kind, Problem, ProblemBody};

/// The jobs.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct JobList {
    /// By object name.
    jobs: Vec<Job>,
}

/// Where a job stands.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Job {
    /// Account and object.
    #[schema(example = "acme/Contact")]
    job: String,
    /// How it is called.
    #[schema(example = "CRMExport_Contact")]
    name: String,
    /// API name of its object.
    #[schema(example = "Contact")]
    object: String,
    /// `running`: nothing waits. `paused`: held at a refused record. `suspended`: waits for the CRM, or Export to CRM is off.
    /// `draining`: what was held goes out.
    #[schema(value_type = String, pattern = "^(running|paused|suspended|draining)$")]
    state: JobState,
    /// The last position whose fate is settled.
    #[schema(value_type = Option<String>, example = "7.3")]
    cursor: Option<Position>,
    /// Records that wait behind the hold.
    parked: u64,
    /// Records that the CRM refused and that are not exported yet.
    open_errors: u64,
    /// Why it does not move.
    hold: Option<HoldView>,
}

/// Why a job does not move.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "camelCase")]
#[schema(as = Hold)]
enum HoldView {
    /// The CRM refused a record, and the job stays there until it takes it.
    RecordRefused(RefusedRecord),
    /// The CRM cannot be asked.
    CrmUnavailable(Suspension),
}

/// The record at which a job is paused.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct RefusedRecord {
    /// Its place in the job's order.
    #[schema(value_type = String, example = "7.4")]
    position: Position,
    /// Which record.
    external_id: ExternalIdView,
    /// Where it came from.
    #[schema(example = "contacts.ndjson:812")]
    source: Option<String>,
    /// Its export error.
    error_id: String,
    /// Marketo Measure's code.
    #[schema(example = "MISSING_REQUIRED_FIELD")]
    code: String,
    /// The CRM's code.
    #[schema(example = "REQUIRED_FIELD_MISSING")]
    crm_code: String,
    /// The CRM's words.
    message: String,
    /// Fields that the CRM names.
    fields: Vec<String>,
    /// The rule that foretold it, when the CRM was not asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    foretold_by: Option<String>,
    /// How often it was tried.
    attempts: u32,
    /// When the job came to rest here.
    #[schema(value_type = String, format = DateTime)]
    since: Timestamp,
    /// The last try.
    #[schema(value_type = String, format = DateTime)]
    last_try: Timestamp,
}

/// An external id: which field, and its value.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ExternalId)]
pub(crate) struct ExternalIdView {
    /// API name of the field.
    #[schema(example = "Ext__c")]
    field: String,
    /// Its value.
    value: String,
}

impl From<ExternalId> for ExternalIdView {
    fn from(id: ExternalId) -> Self {
        Self { field: id.field, value: id.value }
    }
}

/// A job that waits for the CRM.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Suspension {
    /// `auth`, `limit`, `outage` or `lock`.
    #[schema(value_type = String, example = "outage")]
    class: domain::codes::Class,
    /// What was said, as a code.
    #[schema(example = "API_LIMIT_EXCEEDED")]
    code: String,
    /// What was said.
    message: String,
    /// How often the CRM was tried.
    attempts: u32,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    since: Timestamp,
    /// It is not tried before, but for a person who asks.
    #[schema(value_type = String, format = DateTime)]
    until: Timestamp,
}

impl From<JobStatus> for Job {
    fn from(status: JobStatus) -> Self {
        Self {
            job: status.job.to_string(),
            name: status.job.display_name(),
            object: status.job.object,
            state: status.state,
            cursor: status.cursor,
            parked: status.parked,
            open_errors: status.open_errors,
            hold: status.hold.map(HoldView::from),
        }
    }
}

impl From<Hold> for HoldView {
    fn from(hold: Hold) -> Self {
        match hold {
            Hold::RecordRefused(held) => Self::RecordRefused(RefusedRecord {
                position: held.position,
                external_id: held.external_id.into(),
                source: held.source,
                error_id: held.error_id,
                code: held.code,
                crm_code: held.crm_code,
                message: held.message,
                fields: held.fields,
                foretold_by: held.foretold_by,
                attempts: held.attempts,
                since: held.since,
                last_try: held.last_try,
            }),
            Hold::CrmUnavailable(held) => Self::CrmUnavailable(Suspension {
                class: held.class,
                code: held.code,
                message: held.message,
                attempts: held.attempts,
                since: held.since,
                until: held.until,
            }),
        }
    }
}

/// Where every job stands
#[utoipa::path(
    get, path = "/api/jobs", tag = "jobs", operation_id = "listJobs",
    responses((status = 200, description = "The jobs, by object name", body = JobList)),
)]
pub(crate) async fn list(State(api): State<Api>) -> Result<impl IntoResponse, Problem> {
    let statuses = api.jobs.status(&api.account).await?;
    Ok(ok(JobList { jobs: statuses.into_iter().map(Job::from).collect() }))
}

/// Run every job that waits
///
/// A held job tries its head once more, and goes on when the CRM takes it.
#[utoipa::path(
    post, path = "/api/jobs/resume", tag = "jobs", operation_id = "resumeJobs",
    responses((status = 202, description = "Taken on", body = Accepted)),
)]
pub(crate) async fn resume_all(State(api): State<Api>, _: NoBody) -> Result<impl IntoResponse, Problem> {
    api.work.resume(None).await.map_err(not_taken)?;
    Ok(Accepted::new("resume", api.jobs.clock.now()))
}

/// Run one job
///
/// A held job tries its head once more, and goes on when the CRM takes it.
#[utoipa::path(
    post, path = "/api/jobs/{object}/resume", tag = "jobs", operation_id = "resumeJob",
    params(("object" = String, Path, description = "API name of the job's object", example = "Contact")),
    responses(
        (status = 202, description = "Taken on", body = Accepted),
        (status = 404, content_type = "application/problem+json", body = ProblemBody, description = "No job of this object"),
    ),
)]
pub(crate) async fn resume(
    State(api): State<Api>,
    JobOfPath(job): JobOfPath,
    _: NoBody,
) -> Result<impl IntoResponse, Problem> {
    api.work.resume(Some(job)).await.map_err(not_taken)?;
    Ok(Accepted::new("resume", api.jobs.clock.now()))
}

/// Which head is meant.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct SkipRequest {
    /// The export error at which the job is held, as the person saw it.
    #[schema(example = "0f3a9c5d21be", min_length = 1, max_length = 64)]
    error_id: String,
}

/// Let a paused job pass the record it is held at
///
/// The record stays an open export error, which the daily retry tries. The error is named so that nobody skips a record that
/// they have not seen.
#[utoipa::path(
    post, path = "/api/jobs/{object}/skip", tag = "jobs", operation_id = "skipHead",
    params(("object" = String, Path, description = "API name of the job's object", example = "Contact")),
    request_body = SkipRequest,
    responses(
        (status = 202, description = "Taken on", body = Accepted),
        (status = 404, content_type = "application/problem+json", body = ProblemBody, description = "No job of this object"),
        (
            status = 409, content_type = "application/problem+json", body = ProblemBody,
            description = "The job is not paused, or at another record by now",
        ),
    ),
)]
pub(crate) async fn skip(
    State(api): State<Api>,
    JobOfPath(job): JobOfPath,
    FromJson(SkipRequest { error_id }): FromJson<SkipRequest>,
) -> Result<impl IntoResponse, Problem> {
    let hold = api.jobs.ledger.job(&job).await?.and_then(|job| job.hold);
    let Some(Hold::RecordRefused(held)) = hold else {
        return Err(Problem::new(
            Kind::Conflict,
            "the job is not paused at a record: there is nothing to skip",
        ));
    };
    if held.error_id != error_id {
        let detail = format!(
            "the job is paused at another record by now, the error {}; look at it first",
            held.error_id
        );
        return Err(Problem::new(Kind::Conflict, detail));
    }
    api.work.skip(job, error_id).await.map_err(not_taken)?;
    Ok(Accepted::new("skip", api.jobs.clock.now()))
}

/// Work that could not be handed on. Nothing was done.
pub(crate) fn not_taken(error: SeamError) -> Problem {
    tracing::error!(%error, "work was not taken on");
    Problem::unavailable("the work was not taken on; try again in a few seconds")
}
