//! The description of the API (OpenAPI 3.1), made from the handlers, completed with what holds for every route: how people
//! are let in, and the problems that any request may meet.

use axum::extract::State;
use axum::response::IntoResponse;
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::{Content, Ref, RefOr, Response};
use utoipa::{OpenApi, PartialSchema, ToSchema};

use crate::answer::ok;
use crate::api::Api;
use crate::auth::{Auth, Scope};
use crate::problem::{PROBLEM_JSON, ProblemBody};

/// The head of the description.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "crm-export",
        description = "Settings, jobs and export errors of one account. Errors are `application/problem+json` (RFC 9457). \
            Times are RFC 3339 in UTC. Nothing is exported by this API itself: POST hands work on and answers 202.",
        license(name = "MIT", identifier = "MIT"),
    ),
    tags(
        (name = "settings", description = "The account's settings"),
        (name = "jobs", description = "One job for each object: where it stands, resume, skip"),
        (name = "errors", description = "ExportErrors: records that the CRM refused"),
        (name = "rejections", description = "Messages that could not be read"),
        (name = "figures", description = "What was done each day"),
        (name = "records", description = "Records come in, where there is no other queue"),
        (name = "session", description = "How to begin, and this description"),
    ),
)]
pub(crate) struct Head;

/// What any request may meet: status, and when.
const ANY: [(&str, &str); 5] = [
    ("400", "The request cannot be read: a parameter, a header, or broken JSON"),
    ("401", "Nobody is signed in, or the token is not good"),
    ("403", "Signed in, but not for this; or a page of another site asks"),
    ("500", "Something is broken on our side; the log says what"),
    ("503", "Something that is needed does not answer now; `Retry-After` says when to try again"),
];

/// What a request with a body may meet.
const WITH_BODY: [(&str, &str); 3] = [
    ("413", "The body is too large"),
    ("415", "The body is of a type that is not read here"),
    ("422", "The values do not fit"),
];

/// Completes what the handlers say.
pub(crate) fn completed(mut api: utoipa::openapi::OpenApi, auth: &Auth) -> utoipa::openapi::OpenApi {
    let components = api.components.get_or_insert_default();
    components.schemas.insert(ProblemBody::name().into_owned(), ProblemBody::schema());
    if let Some((name, scheme)) = scheme(auth) {
        components.add_security_scheme(name, scheme);
    }
    for item in api.paths.paths.values_mut() {
        let reads = [&mut item.get].into_iter().map(|operation| (operation, Scope::Read));
        let writes = [&mut item.put, &mut item.post].into_iter().map(|operation| (operation, Scope::Write));
        for (operation, scope) in reads.chain(writes) {
            if let Some(operation) = operation {
                complete(operation, auth, scope);
            }
        }
    }
    api
}

fn complete(operation: &mut Operation, auth: &Auth, scope: Scope) {
    let with_body: &[_] = if scope == Scope::Write { &WITH_BODY } else { &[] };
    for (status, description) in ANY.iter().chain(with_body) {
        let mut response = Response::new(*description);
        let problem = RefOr::Ref(Ref::from_schema_name(ProblemBody::name()));
        response.content.insert(PROBLEM_JSON.to_owned(), RefOr::T(Content::new(Some(problem))));
        operation.responses.responses.entry((*status).to_owned()).or_insert(RefOr::T(response));
    }
    // An operation that says what it needs (nothing) is left as it is.
    if operation.security.is_none() {
        operation.security = match (scheme(auth), auth) {
            (Some((name, _)), Auth::Jwt(_)) => Some(vec![SecurityRequirement::new(name, [scope.as_str()])]),
            (Some((name, _)), Auth::Loopback(_)) if scope == Scope::Write => {
                Some(vec![SecurityRequirement::new(name, NO_SCOPES)])
            }
            (Some((name, _)), Auth::Iam) => Some(vec![SecurityRequirement::new(name, NO_SCOPES)]),
            _ => None,
        };
    }
}

const NO_SCOPES: [&str; 0] = [];

fn scheme(auth: &Auth) -> Option<(&'static str, SecurityScheme)> {
    let header = |name: &str, description: &str| {
        SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::with_description(name, description)))
    };
    Some(match auth {
        Auth::Loopback(_) => (
            "loopback",
            header(
                "X-Requested-With",
                "`crm-export`: keeps forms of other sites out; for what changes something",
            ),
        ),
        Auth::Jwt(_) => {
            let http = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT");
            let about = "An access token with the scope `crm-export/read` or `crm-export/write` and the claim `crm_export_account`";
            ("token", SecurityScheme::Http(http.description(Some(about)).build()))
        }
        Auth::Iam => {
            ("signature", header("Authorization", "AWS Signature Version 4, for the service `execute-api`"))
        }
    })
}

/// This description
#[utoipa::path(
    get, path = "/api/openapi.json", tag = "session", operation_id = "getOpenApi",
    responses((status = 200, description = "OpenAPI 3.1", body = serde_json::Value)),
    security(()),
)]
pub(crate) async fn get(State(api): State<Api>) -> impl IntoResponse {
    ok(crate::router::description(&api))
}
