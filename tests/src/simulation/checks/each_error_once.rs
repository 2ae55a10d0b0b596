//! Invariant 4: every record error is in ExportErrors, in both modes, once.
//!
//! Exactly: (a) what is logged is a record that the CRM refused in this very run with that code, the last time it
//! answered about it, or one that is not whole; collateral codes and CRM unavailable are never logged; (b) at most one row
//! is open for one external id of a job, as the CRM compares ids; (c) a job comes to rest at a record, or
//! tries it again in vain, only with that record's row open (or exported: a failed run puts back the hold that it found,
//! though the head went out meanwhile, and the next run that reaches the CRM finds that out); (d) a run of a job with pause off that ends well has logged every record whose last answer
//! was a record error, unless the CRM became unavailable before that was certain and the record waits.

use domain::{ExportError, Hold, JobId};

use super::Check;
use crate::simulation::met::Met;
use crate::simulation::model::Model;
use crate::simulation::seen::{Answer, Kind, Seen};

/// The codes that the simulated CRM or our own side uses for anything but a record error.
const NEVER_LOGGED: [&str; 9] = [
    "ALL_OR_NONE_OPERATION_ROLLED_BACK",
    "PROCESSING_HALTED",
    "UNABLE_TO_LOCK_ROW",
    "REQUEST_LIMIT_EXCEEDED",
    "SERVER_UNAVAILABLE",
    "CONNECTION_FAILED",
    "API_LIMIT_EXCEEDED",
    "SIGN_IN_FAILED",
    "API_DISABLED_FOR_ORG",
];

pub(super) struct EachErrorOnce;

impl Check for EachErrorOnce {
    fn name(&self) -> &'static str {
        "each_error_once"
    }

    fn before(&mut self, model: &Model, seen: &Seen, _: &mut Met) -> Result<(), String> {
        let Seen::Saved { run, id, job, .. } = seen else { return Ok(()) };
        let shadow = &model.jobs[id];
        match &job.hold {
            Some(Hold::RecordRefused(held)) if job.hold != model.runs[run].began_with.hold => {
                let open = shadow.open.iter().any(|row| row.position == held.position);
                let number = model.order.get(id).and_then(|order| order.get(&held.position));
                let open = open || number.is_some_and(|number| model.is_exported(*number));
                open.then_some(())
                    .ok_or_else(|| format!("{id} pauses at {} without an open row", held.position))
            }
            _ => Ok(()),
        }
    }

    fn after(&mut self, model: &Model, seen: &Seen, _: &mut Met) -> Result<(), String> {
        match seen {
            Seen::Logged { run, id, error, carried, .. } => {
                one_open(model, id, error)?;
                if *carried { Ok(()) } else { backed(model, *run, id, error) }
            }
            Seen::Ended { run, ok: true, .. } => all_logged(model, *run),
            _ => Ok(()),
        }
    }
}

fn one_open(model: &Model, id: &JobId, error: &ExportError) -> Result<(), String> {
    let number = model.number(id, &error.record);
    let Some(key) = number.and_then(|number| model.entries.get(&number)).map(|entry| &entry.key) else {
        return Err(format!("a row for a record that nobody sent: {error:?}"));
    };
    let open = model.jobs[id].open.iter().filter(|row| row.key == *key).count();
    let whole = error.record.problem.is_none();
    if whole && open > 1 {
        return Err(format!("{open} rows are open for {}/{}", key.1, key.2));
    }
    Ok(())
}

fn backed(model: &Model, run: u32, id: &JobId, error: &ExportError) -> Result<(), String> {
    let code = error.crm_error().code.as_str();
    if NEVER_LOGGED.contains(&code) {
        return Err(format!("{code} was logged for {}", error.record.external_id));
    }
    if error.record.problem.is_some() {
        let own = code == "INCOMPLETE_RECORD";
        return own.then_some(()).ok_or_else(|| format!("a record that is not whole was logged as {code}"));
    }
    let number = model.number(id, &error.record).unwrap_or_default();
    match model.runs[&run].answers.get(&number) {
        Some(Answer::RecordError(said)) if said == code => Ok(()),
        other => Err(format!("record {number} was logged as {code}, and the CRM said {other:?}")),
    }
}

fn all_logged(model: &Model, run: u32) -> Result<(), String> {
    let view = &model.runs[&run];
    let Some(id) = view.id.as_ref().filter(|_| !view.pause && view.kind != Kind::Settings) else {
        return Ok(());
    };
    let refused = view.answers.iter().filter(|(_, answer)| matches!(answer, Answer::RecordError(_)));
    for (number, answer) in refused {
        let entry = &model.entries[number];
        let open = model.jobs[id].open.iter().any(|row| row.key == entry.key);
        if entry.job == *id && !open && !model.is_parked(*number) && !model.is_settled(*number) {
            return Err(format!("record {number} was refused ({answer:?}) and is not in ExportErrors"));
        }
    }
    Ok(())
}
