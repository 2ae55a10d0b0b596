//! Puts the routes together: which need a scope, which are open, and what all of them share.

use std::convert::Infallible;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::Method;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::IntoResponse;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::Api;
use crate::openapi::{Head, completed};
use crate::problem::{Kind, Problem};
use crate::{
    auth, causes, download, errors, figures, guard, headers, jobs, openapi, records, rejections, session,
    settings,
};

/// The largest body of a request, in bytes.
const BODY_BYTES_MAX: usize = 65_536;

/// The API and its pages.
pub fn router(api: Api) -> Router {
    let require = from_fn_with_state(api.clone(), auth::require);
    let (protected, _) = protected().split_for_parts();
    let (open, _) = open().split_for_parts();
    let mut routes = protected.route_layer(require.clone()).merge(open);
    routes = routes.layer(from_fn(guard::small_body)).layer(DefaultBodyLimit::max(BODY_BYTES_MAX));
    if api.intake.is_some() {
        let (intake, _) = intake().split_for_parts();
        let limit = DefaultBodyLimit::max(records::BODY_BYTES_MAX);
        routes = routes.merge(intake.route_layer(require).layer(limit));
    }
    routes
        .with_state(api.clone())
        .merge(crate::pages::router())
        .method_not_allowed_fallback(other_method)
        .fallback(nothing)
        .layer(from_fn(guard::in_time))
        .layer(from_fn_with_state(api.clone(), auth::right_place))
        .layer(from_fn_with_state(api, headers::add))
}

/// What is served, described.
pub(crate) fn description(api: &Api) -> utoipa::openapi::OpenApi {
    let mut all = OpenApiRouter::with_openapi(Head::openapi()).merge(protected()).merge(open());
    if api.intake.is_some() {
        all = all.merge(intake());
    }
    completed(all.into_openapi(), &api.auth)
}

/// What needs a scope.
fn protected() -> OpenApiRouter<Api> {
    OpenApiRouter::default()
        .routes(routes!(settings::get, settings::put))
        .routes(routes!(jobs::list))
        .routes(routes!(jobs::resume_all))
        .routes(routes!(jobs::resume))
        .routes(routes!(jobs::skip))
        .routes(routes!(errors::list))
        .routes(routes!(errors::retry))
        .routes(routes!(causes::list))
        .routes(routes!(download::csv))
        .routes(routes!(download::ndjson))
        .routes(routes!(errors::one))
        .routes(routes!(errors::explanation))
        .routes(routes!(rejections::list))
        .routes(routes!(figures::list))
}

/// What is open: no data is in it.
fn open() -> OpenApiRouter<Api> {
    OpenApiRouter::default().routes(routes!(session::get)).routes(routes!(openapi::get))
}

/// Where records come in; a scope is needed, and a larger body allowed.
fn intake() -> OpenApiRouter<Api> {
    OpenApiRouter::default().routes(routes!(records::post))
}

async fn nothing() -> impl IntoResponse {
    Problem::new(
        Kind::NotFound,
        "there is nothing at this path; GET /api/openapi.json lists the paths of the API",
    )
}

async fn other_method(method: Method, _: Request) -> Result<Infallible, Problem> {
    let detail = format!("this path does not take {method}; the header Allow says what it takes");
    Err(Problem::new(Kind::MethodNotAllowed, detail))
}
