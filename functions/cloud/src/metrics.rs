//! Metrics as lines on stdout, in CloudWatch's embedded metric format: no call, no agent, and each logged byte costs money.
//!
//! What a run did is told without its zeros, and not at all when it is nothing: most deliveries of an idle queue. Where
//! the jobs stand is told by every tick, 0 included, so that an alarm can tell rest from silence.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use domain::Timestamp;
use jobs::clock::Clock;
use jobs::{JobStatus, RunReport};
use serde_json::{Map, Value, json};

const NAMESPACE: &str = "CrmExport";

/// Writes the metrics of one stack. Cheap to clone.
#[derive(Clone)]
pub struct Metrics {
    stack: String,
    clock: Arc<dyn Clock>,
    out: Arc<Mutex<dyn Write + Send>>,
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").field("stack", &self.stack).finish_non_exhaustive()
    }
}

impl Metrics {
    /// The metrics of a stack, on stdout.
    pub fn new(stack: &str, clock: Arc<dyn Clock>) -> Self {
        Self::to(stack, clock, Arc::new(Mutex::new(io::stdout())))
    }

    /// The same, written elsewhere.
    pub fn to(stack: &str, clock: Arc<dyn Clock>, out: Arc<Mutex<dyn Write + Send>>) -> Self {
        Self { stack: stack.to_owned(), clock, out }
    }

    /// What runs did: `Exported`, `RecordErrors` (by code, and together) and `ModelDisagreements`.
    pub fn ran(&self, reports: &[RunReport]) {
        let exported = reports.iter().map(|report| report.exported).sum();
        let disagreements = reports.iter().map(|report| &report.disagreements);
        let disagreements = disagreements.map(|found| found.false_alarms + found.misses).sum();
        let mut counts = vec![("Exported", exported), ("ModelDisagreements", disagreements)];
        counts.retain(|(_, count)| *count > 0);
        self.write(&counts, None);
        let mut errors: BTreeMap<&str, u64> = BTreeMap::new();
        for (code, count) in reports.iter().flat_map(|report| &report.errors_by_code) {
            *errors.entry(code).or_default() += count;
        }
        for (code, count) in errors {
            self.write(&[("RecordErrors", count)], Some(code));
        }
    }

    /// Where the jobs stand: `HeldJobs`, `ParkedRecords`, `OldestHoldSeconds` and `OpenErrors`.
    pub fn stand(&self, jobs: &[JobStatus]) {
        let now = self.clock.now();
        let held: Vec<Timestamp> = jobs.iter().filter_map(|job| Some(job.hold.as_ref()?.since())).collect();
        let oldest = held.iter().map(|since| now.since(*since).as_secs()).max().unwrap_or(0);
        self.write(
            &[
                ("HeldJobs", held.len() as u64),
                ("ParkedRecords", jobs.iter().map(|job| job.parked).sum()),
                ("OldestHoldSeconds", oldest),
                ("OpenErrors", jobs.iter().map(|job| job.open_errors).sum()),
            ],
            None,
        );
    }

    /// One line. With a code the metrics are told twice: by stack and code, and by stack, where the codes add up.
    fn write(&self, metrics: &[(&str, u64)], code: Option<&str>) {
        if metrics.is_empty() {
            return;
        }
        let names: Vec<Value> = metrics.iter().map(|(name, _)| json!({ "Name": name })).collect();
        let dimensions =
            if code.is_some() { json!([["Stack"], ["Stack", "Code"]]) } else { json!([["Stack"]]) };
        let directive = json!({ "Namespace": NAMESPACE, "Dimensions": dimensions, "Metrics": names });
        let mut line = Map::new();
        let about = json!({ "Timestamp": self.clock.now().millis(), "CloudWatchMetrics": [directive] });
        line.insert("_aws".to_owned(), about);
        line.insert("Stack".to_owned(), self.stack.as_str().into());
        line.extend(code.map(|code| ("Code".to_owned(), code.into())));
        line.extend(metrics.iter().map(|(name, value)| ((*name).to_owned(), (*value).into())));
        let text = format!("{}\n", Value::Object(line));
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        // A metric that cannot be written must not fail a run; Lambda's stdout does not fail.
        let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    }
}
