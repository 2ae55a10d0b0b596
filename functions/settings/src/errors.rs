//! Export errors: listed page by page, one in full, explained, and tried again.

use axum::extract::State;
use axum::response::IntoResponse;
use domain::{ErrorState, ExportError};
use jobs::ledger::ErrorFilter;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::answer::{Accepted, ok};
use crate::api::Api;
use crate::error_view::{ErrorDetail, ErrorSummary};
use crate::extract::{FromJson, FromQuery, TextOfPath};
use crate::jobs::not_taken;
use crate::problem::{Kind, Problem, ProblemBody};

/// Errors of a page, when nobody says how many.
const PAGE: usize = 50;

/// The most errors of a page.
const PAGE_MAX: usize = 500;

/// The most errors that are named in one retry.
const RETRY_MAX: usize = 500;

/// The longest text that is looked for, in characters.
const TEXT_MAX: usize = 200;

/// Which errors are meant.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct FilterQuery {
    /// In this state: `open` (when left out), `resolved`, `superseded` or `all`.
    #[param(pattern = "^(open|resolved|superseded|all)?$", nullable = false)]
    state: Option<String>,
    /// Of this object, to the letter.
    #[param(example = "Contact", max_length = 200, nullable = false)]
    object: Option<String>,
    /// With this code, Marketo Measure's or the CRM's, to the letter.
    #[param(example = "REQUIRED_FIELD_MISSING", max_length = 200, nullable = false)]
    code: Option<String>,
    /// With this text in external id, message, codes, source or id; letters of either case.
    #[param(max_length = 200, nullable = false)]
    text: Option<String>,
}

impl FilterQuery {
    /// By state and object alone.
    pub(crate) fn of(state: Option<String>, object: Option<String>) -> Self {
        Self { state, object, ..Self::default() }
    }

    /// The same, checked. An empty parameter counts as left out.
    pub(crate) fn filter(self) -> Result<ErrorFilter, Problem> {
        let state = match self.state.as_deref() {
            None | Some("") => Some(ErrorState::Open),
            Some("all") => None,
            Some(name) => Some(ErrorState::parse(name).ok_or_else(|| {
                Problem::new(Kind::BadRequest, "state: use open, resolved, superseded or all")
            })?),
        };
        let text = |name: &str, text: Option<String>| match text {
            Some(text) if text.chars().count() > TEXT_MAX => {
                Err(Problem::new(Kind::BadRequest, format!("{name}: use at most {TEXT_MAX} characters")))
            }
            text => Ok(text.filter(|text| !text.is_empty())),
        };
        Ok(ErrorFilter {
            state,
            object: text("object", self.object)?,
            code: text("code", self.code)?,
            text: text("text", self.text)?,
        })
    }
}

/// Which page of errors.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListQuery {
    /// As for the downloads.
    #[param(pattern = "^(open|resolved|superseded|all)?$", nullable = false)]
    state: Option<String>,
    /// Of this object, to the letter.
    #[param(example = "Contact", max_length = 200, nullable = false)]
    object: Option<String>,
    /// With this code, Marketo Measure's or the CRM's, to the letter.
    #[param(example = "REQUIRED_FIELD_MISSING", max_length = 200, nullable = false)]
    code: Option<String>,
    /// With this text in external id, message, codes, source or id; letters of either case.
    #[param(max_length = 200, nullable = false)]
    text: Option<String>,
    /// Behind this error: `next` of the page before.
    #[param(max_length = 64, pattern = "^[0-9A-Za-z]*$", nullable = false)]
    after: Option<String>,
    /// At most so many, 50 when left out.
    #[param(minimum = 1, maximum = 500, nullable = false)]
    limit: Option<usize>,
}

/// A page of errors.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ErrorPage {
    /// By object and place in the job's order.
    errors: Vec<ErrorSummary>,
    /// `after` of the next page; null on the last one.
    next: Option<String>,
}

/// List export errors
#[utoipa::path(
    get, path = "/api/errors", tag = "errors", operation_id = "listErrors", params(ListQuery),
    responses((status = 200, description = "A page", body = ErrorPage)),
)]
pub(crate) async fn list(
    State(api): State<Api>,
    FromQuery(query): FromQuery<ListQuery>,
) -> Result<impl IntoResponse, Problem> {
    let ListQuery { state, object, code, text, after, limit } = query;
    let filter = FilterQuery { state, object, code, text }.filter()?;
    let limit = limit.unwrap_or(PAGE);
    if !(1..=PAGE_MAX).contains(&limit) {
        return Err(Problem::new(Kind::BadRequest, format!("limit: use 1 to {PAGE_MAX}")));
    }
    let after = after.filter(|after| !after.is_empty());
    if after.as_deref().is_some_and(|after| !is_id(after)) {
        return Err(Problem::new(Kind::BadRequest, "after: use `next` of the page before"));
    }
    // One more than is shown says whether there is a next page.
    let mut errors = api.jobs.ledger.errors(&api.account, &filter, after.as_deref(), limit + 1).await?;
    let more = errors.len() > limit;
    errors.truncate(limit);
    let next = errors.last().filter(|_| more).map(|last| last.id.clone());
    Ok(ok(ErrorPage { errors: errors.into_iter().map(ErrorSummary::from).collect(), next }))
}

/// One export error
///
/// With every answer of the CRM, the record, and its history.
#[utoipa::path(
    get, path = "/api/errors/{id}", tag = "errors", operation_id = "getError",
    params(("id" = String, Path, description = "The error's id", example = "0f3a9c5d21be")),
    responses(
        (status = 200, description = "The error", body = ErrorDetail),
        (status = 404, content_type = "application/problem+json", body = ProblemBody, description = "No error of this id"),
    ),
)]
pub(crate) async fn one(
    State(api): State<Api>,
    TextOfPath(id): TextOfPath,
) -> Result<impl IntoResponse, Problem> {
    Ok(ok(ErrorDetail::from(find(&api, &id).await?)))
}

/// Explain an export error
///
/// Runs the record against the org's rules, as `crm-export reproduce --json` does, and shows which one refuses it and why.
/// Nothing is exported. Only where the org's rules are at hand: see `features` of the session.
#[utoipa::path(
    get, path = "/api/errors/{id}/explanation", tag = "errors", operation_id = "explainError",
    params(("id" = String, Path, description = "The error's id", example = "0f3a9c5d21be")),
    responses(
        (status = 200, description = "What `reproduce` says", body = serde_json::Value),
        (
            status = 404, content_type = "application/problem+json", body = ProblemBody,
            description = "No error of this id, or it cannot be explained here",
        ),
    ),
)]
pub(crate) async fn explanation(
    State(api): State<Api>,
    TextOfPath(id): TextOfPath,
) -> Result<impl IntoResponse, Problem> {
    let error = find(&api, &id).await?;
    let Some(explain) = api.explain.clone() else {
        return Err(Problem::new(
            Kind::NotFound,
            "the org's rules are not at hand here: run `crm-export reproduce`",
        ));
    };
    // It compiles and runs rules: on a thread where it keeps nobody waiting.
    let explained = tokio::task::spawn_blocking(move || explain.explain(&error)).await;
    match explained {
        Ok(Ok(tree)) => Ok(ok(tree)),
        Ok(Err(error)) => Err(Problem::new(Kind::NotFound, format!("failed to {error}"))),
        Err(error) => {
            tracing::error!(%error, id, "an explanation broke off");
            Err(Problem::new(Kind::Internal, "failed to explain the error; the log says why"))
        }
    }
}

async fn find(api: &Api, id: &str) -> Result<ExportError, Problem> {
    let found = if is_id(id) { api.jobs.ledger.error(&api.account, id).await? } else { None };
    found.ok_or_else(|| {
        Problem::new(Kind::NotFound, "there is no export error with this id; GET /api/errors lists them")
    })
}

/// Whether it can be an error's id. What cannot never becomes a key in a store.
fn is_id(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// Which errors are tried again.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"ids": ["0f3a9c5d21be"]}))]
pub(crate) struct RetryRequest {
    /// Their ids; left out: all open ones.
    #[serde(default, deserialize_with = "named")]
    #[schema(min_items = 1, max_items = 500, nullable = false)]
    ids: Option<Vec<String>>,
}

/// Ids that are given must be ids: `null` would be a list that went missing, and not a wish for all of them.
fn named<'de, D: Deserializer<'de>>(ids: D) -> Result<Option<Vec<String>>, D::Error> {
    Vec::deserialize(ids).map(Some)
}

/// Try export errors again
///
/// Named ones that are closed by now are left alone.
#[utoipa::path(
    post, path = "/api/errors/retry", tag = "errors", operation_id = "retryErrors",
    request_body = RetryRequest,
    responses(
        (status = 202, description = "Taken on", body = Accepted),
        (status = 404, content_type = "application/problem+json", body = ProblemBody, description = "No error of such an id; none is tried"),
        (status = 409, content_type = "application/problem+json", body = ProblemBody, description = "None of them is open"),
    ),
)]
pub(crate) async fn retry(
    State(api): State<Api>,
    FromJson(RetryRequest { ids }): FromJson<RetryRequest>,
) -> Result<impl IntoResponse, Problem> {
    let ids = match ids {
        Some(ids) => Some(open_ones(&api, ids).await?),
        None => None,
    };
    api.work.retry(ids).await.map_err(not_taken)?;
    Ok(Accepted::new("retry", api.jobs.clock.now()))
}

/// Those of these errors that are open. One that is not there, or another account's, refuses them all.
async fn open_ones(api: &Api, mut ids: Vec<String>) -> Result<Vec<String>, Problem> {
    if ids.is_empty() || ids.len() > RETRY_MAX {
        return Err(Problem::new(
            Kind::Unprocessable,
            format!("ids: name 1 to {RETRY_MAX} errors, or leave it out"),
        ));
    }
    ids.sort_unstable();
    ids.dedup();
    let mut open = Vec::new();
    for id in ids {
        if find(api, &id).await?.state == ErrorState::Open {
            open.push(id);
        }
    }
    if open.is_empty() {
        return Err(Problem::new(Kind::Conflict, "none of these errors is open any more"));
    }
    Ok(open)
}
