//! What there is: versions, resources, limits.

use serde_json::{Map, Value, json};

use super::answer::Answer;
use super::dispatch::Context;
use super::request::{ApiRequest, VERSIONS};
use crate::error::ApiError;

/// `/services/data`: every version, without a token.
pub fn versions() -> Value {
    VERSIONS
        .map(|version| {
            // Three releases a year; v68.0 is Winter '27.
            let (season, year) = match version % 3 {
                0 => ("Spring", version / 3 + 4),
                1 => ("Summer", version / 3 + 4),
                _ => ("Winter", version / 3 + 5),
            };
            json!({
                "label": format!("{season} '{year:02}"),
                "url": format!("/services/data/v{version}.0"),
                "version": format!("{version}.0"),
            })
        })
        .collect()
}

/// `/services/data/v59.0`: name and address of each resource.
pub fn resources(context: &Context<'_>, _: &ApiRequest) -> Result<Answer, ApiError> {
    let base = context.view.base_path();
    let names = ["composite", "jobs", "limits", "query", "queryAll", "sobjects"];
    let mut resources: Map<String, Value> =
        names.iter().map(|name| ((*name).to_owned(), format!("{base}/{name}").into())).collect();
    resources.insert("identity".into(), super::identity::path().into());
    Ok(Answer::ok(Value::Object(resources)))
}

/// `/composite`: its parts.
pub fn composite(context: &Context<'_>, _: &ApiRequest) -> Result<Answer, ApiError> {
    let base = context.view.base_path();
    let names = ["batch", "graph", "sobjects", "tree"];
    let parts = names.iter().map(|name| ((*name).to_owned(), format!("{base}/composite/{name}").into()));
    Ok(Answer::ok(Value::Object(parts.collect())))
}

/// `/limits`: the daily calls are counted; the others are there for clients that look for them.
pub fn limits(context: &Context<'_>, _: &ApiRequest) -> Result<Answer, ApiError> {
    let usage = context.usage;
    let unused = |max: u64| json!({ "Max": max, "Remaining": max });
    Ok(Answer::ok(json!({
        "DailyApiRequests": { "Max": usage.limit, "Remaining": usage.limit.saturating_sub(usage.used) },
        "DailyBulkApiBatches": unused(15_000),
        "DailyBulkV2QueryJobs": unused(10_000),
        "DataStorageMB": unused(1_024),
        "FileStorageMB": unused(1_024),
    })))
}
