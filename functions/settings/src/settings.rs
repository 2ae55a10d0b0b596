//! The account's settings: shown, and changed under an optimistic lock.
//!
//! What a setting may be, `domain::settings` says; here only that a time zone is one that exists. A change is stored first
//! and the schedule brought into line after it, so that what people see is what holds.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::IntoResponse;
use domain::Preflight;
use domain::settings::{BATCH_SIZES, SettingsError};
use jobs::ChangeError;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;
use utoipa::openapi::schema::{Object, ObjectBuilder, Type};

use crate::answer::ok;
use crate::api::Api;
use crate::extract::FromJson;
use crate::problem::{Kind, Problem, ProblemBody};

/// The account's settings.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Settings {
    /// Send records. While off nothing is sent, and what arrives waits.
    export_to_crm: bool,
    /// Stop at a refused record and try it until it succeeds; off: log it and go on. Left out while `exportToCrm` is off.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pause_on_export_errors: Option<bool>,
    /// Records in one CRM call.
    #[schema(schema_with = batch_size)]
    batch_size: u32,
    /// CRM calls that may be made in one UTC day.
    #[schema(minimum = 1)]
    daily_crm_api_limit: u64,
    /// What the CRM's rules, run on our side, may do before a call.
    #[schema(schema_with = preflight)]
    preflight: Preflight,
    /// At which hour of `timeZone` the daily retry CRMExport_ExportError runs.
    #[schema(maximum = 23)]
    retry_hour: u32,
    /// An IANA time zone.
    #[schema(example = "Europe/Berlin")]
    time_zone: String,
    /// What people should look at, such as stored settings that are damaged.
    warnings: Vec<String>,
}

/// Settings to change; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"pauseOnExportErrors": false, "acceptDataInconsistency": true}))]
#[expect(dead_code, reason = "it describes the body, whose members domain::settings reads one by one")]
pub(crate) struct SettingsChange {
    /// Send records.
    #[schema(nullable = false)]
    export_to_crm: Option<bool>,
    /// Stop at a refused record. Can be set only while `exportToCrm` is on.
    #[schema(nullable = false)]
    pause_on_export_errors: Option<bool>,
    /// Records in one CRM call.
    #[schema(schema_with = batch_size)]
    batch_size: Option<u32>,
    /// CRM calls that may be made in one UTC day.
    #[schema(minimum = 1, nullable = false)]
    daily_crm_api_limit: Option<u64>,
    /// What the CRM's rules may do before a call.
    #[schema(schema_with = preflight)]
    preflight: Option<String>,
    /// At which hour the daily retry runs.
    #[schema(maximum = 23, nullable = false)]
    retry_hour: Option<u32>,
    /// An IANA time zone.
    #[schema(nullable = false, max_length = 50, pattern = "^[A-Za-z0-9_+/-]+$", example = "Europe/Berlin")]
    time_zone: Option<String>,
    /// Accept that data in the CRM may become inconsistent; needed to turn `pauseOnExportErrors` off.
    #[schema(nullable = false)]
    accept_data_inconsistency: Option<bool>,
}

fn batch_size() -> Object {
    let sizes = BATCH_SIZES.map(Value::from);
    ObjectBuilder::new()
        .schema_type(Type::Integer)
        .enum_values(Some(sizes))
        .description(Some("Records in one CRM call; a smaller one helps when the CRM runs out of CPU time."))
        .build()
}

fn preflight() -> Object {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .enum_values(Some(["off", "report", "enforce"]))
        .description(Some(
            "What the CRM's rules, run on our side, may do before a call: nothing, count where they differ, or stop what they refuse.",
        ))
        .build()
}

impl Settings {
    fn new(settings: &domain::Settings, warnings: Vec<String>) -> Self {
        Self {
            export_to_crm: settings.export_to_crm,
            pause_on_export_errors: settings.export_to_crm.then_some(settings.pause_on_export_errors),
            batch_size: settings.batch_size,
            daily_crm_api_limit: settings.daily_crm_api_limit,
            preflight: settings.preflight,
            retry_hour: settings.retry_hour,
            time_zone: settings.time_zone.clone(),
            warnings,
        }
    }
}

/// The settings
///
/// The `ETag` is their version: send it as `If-Match` with a change.
#[utoipa::path(
    get, path = "/api/settings", tag = "settings", operation_id = "getSettings",
    responses((
        status = 200, description = "The settings", body = Settings,
        headers(("ETag" = String, description = "Their version, such as `\"3\"`")),
    )),
)]
pub(crate) async fn get(State(api): State<Api>) -> Result<impl IntoResponse, Problem> {
    let (settings, warnings, version) = api.jobs.settings_with_version(&api.account).await?;
    Ok(([(header::ETAG, etag(version))], ok(Settings::new(&settings, warnings))))
}

/// Change settings
///
/// They hold from the next run on. Turning `pauseOnExportErrors` off needs `acceptDataInconsistency`, else the answer is
/// 409 with the warning as its detail and nothing is changed.
#[utoipa::path(
    put, path = "/api/settings", tag = "settings", operation_id = "putSettings",
    params(("If-Match" = String, Header, description = "The version that is changed, as `ETag` gave it; `*` for any",
        example = "\"3\"")),
    request_body = SettingsChange,
    responses(
        (
            status = 200, description = "The settings now", body = Settings,
            headers(("ETag" = String, description = "Their new version")),
        ),
        (
            status = 409, content_type = "application/problem+json", body = ProblemBody,
            description = "`/problems/data-inconsistency`: the warning must be accepted. `/problems/conflict`: the pause can be \
                set only while exportToCrm is on",
        ),
        (
            status = 412, content_type = "application/problem+json", body = ProblemBody,
            description = "Someone else changed the settings: get them again",
        ),
        (
            status = 428, content_type = "application/problem+json", body = ProblemBody,
            description = "`If-Match` is missing",
        ),
    ),
)]
pub(crate) async fn put(
    State(api): State<Api>,
    headers: HeaderMap,
    FromJson(mut changes): FromJson<Map<String, Value>>,
) -> Result<impl IntoResponse, Problem> {
    let expected = if_match(&headers)?;
    let accept = match changes.remove("acceptDataInconsistency") {
        None => false,
        Some(Value::Bool(accept)) => accept,
        Some(_) => {
            return Err(Problem::new(Kind::Unprocessable, "acceptDataInconsistency: use true or false"));
        }
    };
    if let Some(zone) = changes.get("timeZone").and_then(Value::as_str) {
        known_zone(zone)?;
    }
    let changed = api.jobs.change_settings(&api.account, &changes, accept, expected).await;
    let (settings, version) = changed.map_err(refused)?;
    tracing::info!(account = %api.account, version, changed = ?changes.keys().collect::<Vec<_>>(), "settings changed");
    let mut warnings = Vec::new();
    if let Err(error) = api.schedule.set(settings.retry_hour, &settings.time_zone).await {
        tracing::error!(%error, "the schedule of the daily retry was not changed");
        warnings.push(
            "the settings are stored, but the daily retry still runs as before; save them again in a minute"
                .to_owned(),
        );
    }
    Ok(([(header::ETAG, etag(version))], ok(Settings::new(&settings, warnings))))
}

fn refused(error: ChangeError) -> Problem {
    match error {
        ChangeError::Refused(error @ SettingsError::NotAccepted) => {
            Problem::new(Kind::DataInconsistency, error.to_string())
        }
        ChangeError::Refused(error @ SettingsError::ExportIsOff) => {
            Problem::new(Kind::Conflict, error.to_string())
        }
        ChangeError::Refused(error) => Problem::new(Kind::Unprocessable, error.to_string()),
        ChangeError::Ledger(error) => error.into(),
    }
}

fn known_zone(name: &str) -> Result<(), Problem> {
    let unknown = || {
        let detail = format!("timeZone cannot be {name:?}: use an IANA name such as Europe/Berlin");
        Problem::new(Kind::Unprocessable, detail)
    };
    jiff::tz::db().get(name).map(drop).map_err(|_| unknown())
}

fn etag(version: u64) -> HeaderValue {
    HeaderValue::from_str(&format!("\"{version}\"")).expect("digits and quotes fit in a header")
}

/// The version that is to be changed; `None` for any. A weak tag matches nothing (RFC 9110 §13.1.1).
fn if_match(headers: &HeaderMap) -> Result<Option<u64>, Problem> {
    let mut values = headers.get_all(header::IF_MATCH).iter();
    let value = match (values.next(), values.next()) {
        (None, _) => {
            return Err(Problem::new(
                Kind::PreconditionRequired,
                "send If-Match with the ETag that GET /api/settings gave",
            ));
        }
        (Some(value), None) => value.to_str().unwrap_or_default().trim(),
        (Some(_), Some(_)) => return Err(Problem::new(Kind::BadRequest, "send If-Match once")),
    };
    if value == "*" {
        return Ok(None);
    }
    let digits = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    let version = digits.and_then(|digits| digits.parse().ok());
    version.map(Some).ok_or_else(|| {
        Problem::new(
            Kind::PreconditionFailed,
            "If-Match is no ETag of the settings; get them again and repeat",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn if_match_names_one_version() {
        let check = |value: Option<&str>, expected: Result<Option<u64>, u16>| {
            let mut headers = HeaderMap::new();
            if let Some(value) = value {
                headers.insert(header::IF_MATCH, value.parse().expect("a header"));
            }
            assert_eq!(
                if_match(&headers).map_err(|problem| problem.status().as_u16()),
                expected,
                "{value:?}"
            );
        };
        check(Some("\"3\""), Ok(Some(3)));
        check(Some("*"), Ok(None));
        check(None, Err(428));
        for other in ["3", "W/\"3\"", "\"\"", "\"x\"", "", "\"3\", \"4\"", "\"-1\""] {
            check(Some(other), Err(412));
        }
    }

    #[test]
    fn zones_are_those_that_exist() {
        for zone in ["UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires", "Etc/GMT+5"] {
            assert_eq!(known_zone(zone), Ok(()), "{zone}");
        }
        for zone in ["Mars/Base", "", "../etc/passwd", "+02:00"] {
            assert_eq!(known_zone(zone).map_err(|problem| problem.status().as_u16()), Err(422), "{zone}");
        }
    }
}
