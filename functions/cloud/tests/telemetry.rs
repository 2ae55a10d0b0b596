//! What the log and the metrics say.

#[path = "support/emf.rs"]
mod emf;
#[path = "support/log.rs"]
mod log;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cloud::{Invocation, Metrics, Summary};
use domain::{AccountName, JobId, Timestamp};
use jobs::clock::{Clock as _, ManualClock};
use jobs::{JobStatus, RunReport};
use log::Lines;
use serde_json::{Value, json};
use tracing::{Level, Subscriber};

fn job(object: &str) -> JobId {
    JobId::new(AccountName::new("acme").expect("fits"), object).expect("fits")
}

fn metrics() -> (Metrics, Lines, Arc<ManualClock>) {
    let (lines, clock) =
        (Lines::default(), Arc::new(ManualClock::at(Timestamp::from_millis(1_795_464_000_000))));
    (Metrics::to("crm-export", clock.clone(), Arc::new(Mutex::new(lines.clone()))), lines, clock)
}

fn log_to(lines: &Lines, level: Level) -> impl Subscriber + Send + Sync + 'static {
    let lines = lines.clone();
    cloud::telemetry::subscriber(level, move || lines.clone())
}

/// All metrics of some lines, as `dimensions name` and value.
fn shown(lines: &[String]) -> BTreeMap<String, f64> {
    let all = lines.iter().flat_map(|line| emf::metrics(line));
    let mut sums = BTreeMap::new();
    for ((dimensions, name), value) in all {
        *sums.entry(format!("{dimensions} {name}")).or_default() += value;
    }
    sums
}

fn expected(of: &[(&str, f64)]) -> BTreeMap<String, f64> {
    of.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect()
}

#[test]
fn what_runs_did_is_summed_up() {
    let (metrics, lines, _) = metrics();
    let mut contacts = RunReport::new(job("Contact"));
    (contacts.exported, contacts.errors) = (600, 3);
    contacts.errors_by_code = BTreeMap::from([("STRING_TOO_LONG".into(), 2), ("TRIGGER_ERROR".into(), 1)]);
    contacts.disagreements.false_alarms = 1;
    contacts.disagreements.misses = 1;
    let mut leads = RunReport::new(job("Lead"));
    (leads.exported, leads.errors) = (7, 1);
    leads.errors_by_code = BTreeMap::from([("TRIGGER_ERROR".into(), 1)]);
    metrics.ran(&[contacts, leads]);
    let found = shown(&lines.take());
    let stack = [("Stack=crm-export Exported", 607.0), ("Stack=crm-export ModelDisagreements", 2.0)];
    let errors = [
        ("Stack=crm-export RecordErrors", 4.0),
        ("Stack=crm-export,Code=STRING_TOO_LONG RecordErrors", 2.0),
        ("Stack=crm-export,Code=TRIGGER_ERROR RecordErrors", 2.0),
    ];
    assert_eq!(found, expected(&[stack.as_slice(), &errors].concat()));
}

#[test]
fn a_run_that_did_nothing_costs_no_byte() {
    let (metrics, lines, _) = metrics();
    metrics.ran(&[RunReport::new(job("Contact"))]);
    metrics.ran(&[]);
    assert_eq!(lines.take(), [""; 0]);
}

#[test]
fn the_common_line_is_short() {
    let (metrics, lines, _) = metrics();
    let mut report = RunReport::new(job("Contact"));
    report.exported = 600;
    metrics.ran(&[report]);
    let expected = "{\"_aws\":{\"Timestamp\":1795464000000,\"CloudWatchMetrics\":[{\"Namespace\":\"CrmExport\",\
                    \"Dimensions\":[[\"Stack\"]],\"Metrics\":[{\"Name\":\"Exported\"}]}]},\"Stack\":\"crm-export\",\
                    \"Exported\":600}";
    assert_eq!(lines.take(), [expected]);
}

#[test]
fn where_jobs_stand_is_told_with_its_zeros() {
    let (metrics, lines, clock) = metrics();
    metrics.stand(&[]);
    let stand = |held: f64, parked: f64, oldest: f64, open: f64| {
        expected(&[
            ("Stack=crm-export HeldJobs", held),
            ("Stack=crm-export ParkedRecords", parked),
            ("Stack=crm-export OldestHoldSeconds", oldest),
            ("Stack=crm-export OpenErrors", open),
        ])
    };
    let found = lines.take();
    assert_eq!((found.len(), shown(&found)), (1, stand(0.0, 0.0, 0.0, 0.0)));
    let since = clock.now().to_string();
    let hold = json!({"crmUnavailable": {"class": "outage", "code": "CONNECTION_FAILED", "message": "x", "attempts": 1,
        "since": since, "until": since}});
    let status = |object: &str, hold: Option<&Value>, parked, open_errors| JobStatus {
        job: job(object),
        state: domain::JobState::Running,
        hold: hold.map(|hold| serde_json::from_value(hold.clone()).expect("a hold")),
        cursor: None,
        open_errors,
        parked,
    };
    clock.advance(Duration::from_secs(4000));
    metrics.stand(&[status("Contact", Some(&hold), 12, 3), status("Lead", None, 1, 4)]);
    let found = lines.take();
    assert_eq!((found.len(), shown(&found)), (1, stand(1.0, 13.0, 4000.0, 7.0)));
}

#[test]
fn each_line_has_the_invocations_ids() {
    let lines = Lines::default();
    tracing::subscriber::with_default(log_to(&lines, Level::WARN), || {
        let trace = Some("Root=1-6b04a1d9-a8e6236fb457326379eeb76c".to_owned());
        let invocation = Invocation { request_id: "r-1".to_owned(), trace, deadline_ms: 7_000 };
        assert_eq!(invocation.deadline(), Timestamp::from_millis(2_000));
        let mut report = RunReport::new(job("Contact"));
        (report.exported, report.calls) = (2, 1);
        report.warnings = vec!["the stored settings are damaged".to_owned()];
        let summary = invocation.span().in_scope(|| Summary::of(&[report]));
        assert_eq!(json!(summary), json!({"jobs": 1, "exported": 2, "errors": 0, "calls": 1}));
    });
    let line: Value = serde_json::from_str(&lines.take().concat()).expect("one line of JSON");
    assert_eq!((&line["level"], &line["job"]), (&json!("WARN"), &json!("acme/Contact")));
    assert_eq!(line["warning"], "the stored settings are damaged");
    assert_eq!(line["span"]["requestId"], "r-1");
    assert_eq!(line["span"]["traceId"], "Root=1-6b04a1d9-a8e6236fb457326379eeb76c");
    assert!(line["timestamp"].is_string(), "{line}");
}

#[test]
fn other_crates_are_heard_from_warnings_on() {
    let lines = Lines::default();
    tracing::subscriber::with_default(log_to(&lines, Level::TRACE), || {
        tracing::debug!(target: "aws_smithy_runtime::client", "a request with all its fields");
        tracing::warn!(target: "hyper_util::client", "a connection broke");
        tracing::error!(target: "lambda_runtime::layers::panic", "told twice");
        tracing::debug!(target: "jobs::run", "ours");
    });
    let messages: Vec<Value> = lines
        .take()
        .iter()
        .map(|line| serde_json::from_str::<Value>(line).expect("JSON")["message"].clone())
        .collect();
    assert_eq!(messages, ["a connection broke", "ours"]);
}
