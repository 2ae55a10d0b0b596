//! Messages that could not be read. They are for operators: nothing of them was exported, and nothing will be.

use axum::extract::State;
use axum::response::IntoResponse;
use domain::Timestamp;
use jobs::ledger::Rejection;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::answer::ok;
use crate::api::Api;
use crate::extract::FromQuery;
use crate::problem::{Kind, Problem};

/// Rejections of one answer, when nobody says how many; and the most.
const SHOWN: usize = 100;
const SHOWN_MAX: usize = 500;

/// How much of a body is shown, in characters. A message has up to a megabyte.
const BODY_SHOWN: usize = 4_000;

/// How many rejections.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct RejectionsQuery {
    /// At most so many, 100 when left out.
    #[param(minimum = 1, maximum = 500, nullable = false)]
    limit: Option<usize>,
}

/// Rejected messages.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RejectionList {
    /// Oldest first.
    rejections: Vec<RejectionView>,
    /// Whether there are more.
    more: bool,
}

/// A message that could not be read.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Rejection)]
struct RejectionView {
    /// The queue's id of it.
    message_id: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// Why.
    reason: String,
    /// What it says, cut after 4,000 characters.
    body: String,
    /// How long it is, in bytes.
    body_bytes: usize,
}

impl From<Rejection> for RejectionView {
    fn from(rejection: Rejection) -> Self {
        Self {
            message_id: rejection.message_id,
            at: rejection.at,
            reason: rejection.reason,
            body: rejection.body.chars().take(BODY_SHOWN).collect(),
            body_bytes: rejection.body.len(),
        }
    }
}

/// List rejected messages
#[utoipa::path(
    get, path = "/api/rejections", tag = "rejections", operation_id = "listRejections", params(RejectionsQuery),
    responses((status = 200, description = "Rejected messages", body = RejectionList)),
)]
pub(crate) async fn list(
    State(api): State<Api>,
    FromQuery(RejectionsQuery { limit }): FromQuery<RejectionsQuery>,
) -> Result<impl IntoResponse, Problem> {
    let limit = limit.unwrap_or(SHOWN);
    if !(1..=SHOWN_MAX).contains(&limit) {
        return Err(Problem::new(Kind::BadRequest, format!("limit: use 1 to {SHOWN_MAX}")));
    }
    let mut rejections = api.jobs.ledger.rejections(Some(&api.account), limit + 1).await?;
    let more = rejections.len() > limit;
    rejections.truncate(limit);
    Ok(ok(RejectionList { rejections: rejections.into_iter().map(RejectionView::from).collect(), more }))
}
