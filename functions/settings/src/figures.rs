//! Daily figures: calls, exported records and errors by code of each of the last days, for a chart without gaps.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::extract::State;
use axum::response::IntoResponse;
use domain::{Figures, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::answer::ok;
use crate::api::Api;
use crate::extract::FromQuery;
use crate::problem::{Kind, Problem};

/// Days, when nobody says how many; and the most.
const DAYS: u32 = 30;
const DAYS_MAX: u32 = 366;

const DAY: Duration = Duration::from_secs(86_400);

/// How many days.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct FiguresQuery {
    /// The last so many UTC days with today, 30 when left out.
    #[param(minimum = 1, maximum = 366, nullable = false)]
    days: Option<u32>,
}

/// Daily figures.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FiguresList {
    /// Oldest first, each day once.
    days: Vec<Day>,
}

/// The figures of a day.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
struct Day {
    /// The UTC day.
    #[schema(format = Date, example = "2026-11-23")]
    day: String,
    /// CRM calls.
    calls: u64,
    /// Records that the CRM took.
    exported: u64,
    /// Refused records by Marketo Measure's code, those of records tried again included.
    errors: BTreeMap<String, u64>,
}

/// Daily figures
#[utoipa::path(
    get, path = "/api/figures", tag = "figures", operation_id = "listFigures", params(FiguresQuery),
    responses((status = 200, description = "The days", body = FiguresList)),
)]
pub(crate) async fn list(
    State(api): State<Api>,
    FromQuery(FiguresQuery { days }): FromQuery<FiguresQuery>,
) -> Result<impl IntoResponse, Problem> {
    let days = days.unwrap_or(DAYS);
    if !(1..=DAYS_MAX).contains(&days) {
        return Err(Problem::new(Kind::BadRequest, format!("days: use 1 to {DAYS_MAX}")));
    }
    let wanted = last_days(api.jobs.clock.now(), days);
    let from = wanted.first().map(String::as_str).unwrap_or_default();
    let counted = api.jobs.ledger.figures(&api.account, from).await?;
    Ok(ok(FiguresList { days: filled(wanted, counted) }))
}

/// The last days up to today, oldest first.
fn last_days(now: Timestamp, days: u32) -> Vec<String> {
    let back = |days: u32| {
        let millis = i64::try_from(DAY.saturating_mul(days).as_millis()).unwrap_or(i64::MAX);
        Timestamp::from_millis(now.millis().saturating_sub(millis)).day()
    };
    (0..days).rev().map(back).collect()
}

fn filled(wanted: Vec<String>, counted: Vec<(String, Figures)>) -> Vec<Day> {
    let mut counted: BTreeMap<String, Figures> = counted.into_iter().collect();
    let day = |day: String| {
        let Figures { calls, exported, errors } = counted.remove(&day).unwrap_or_default();
        Day { day, calls, exported, errors }
    };
    wanted.into_iter().map(day).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_have_no_gaps() {
        let now = Timestamp::parse("2026-03-02T00:30:00Z").expect("a time");
        let days = last_days(now, 4);
        assert_eq!(days, ["2026-02-27", "2026-02-28", "2026-03-01", "2026-03-02"]);
        let filled = filled(days, vec![("2026-02-28".to_owned(), Figures::of_calls(3))]);
        assert_eq!(filled.iter().map(|day| day.calls).collect::<Vec<_>>(), [0, 3, 0, 0]);
    }
}
