//! The report of `export`, `resume`, `retry`, `skip` and `status` for people: a line per job, a block per hold.

use std::fmt::Write;

use clap::builder::styling::Style;
use domain::job::{RefusedRecord, Suspension};
use domain::{Hold, JobState};
use jobs::Disagreement;

use super::hints::Hints;
use super::outcome::{JobOutcome, Outcome};
use super::style::{DIM, OK, STOP, STRONG, WARN};
use super::words::{counted, grouped, minutes, wrapped};
use crate::exit::Exit;
use crate::queue::Target;

/// Text gets no wider than this: longer lines are hard to read.
const WIDEST: usize = 110;

/// The report. `width` is the terminal's, `None` when there is none.
pub(crate) fn outcome(outcome: &Outcome, hints: &Hints, width: Option<usize>) -> String {
    let width = width.unwrap_or(WIDEST).min(WIDEST);
    let mut text = String::new();
    if outcome.jobs.is_empty() {
        text.push_str("no job yet: nothing was exported for this account\n");
    }
    let names: Vec<String> = outcome.jobs.iter().map(|job| job.status.job.display_name()).collect();
    let column = names.iter().map(|name| name.chars().count()).max().unwrap_or(0);
    for (job, name) in outcome.jobs.iter().zip(&names) {
        let (word, style) = state(job);
        let did = counts(job, outcome.ran);
        let _ = writeln!(text, "{STRONG}{name:column$}{STRONG:#}  {style}{word:9}{style:#}  {did}");
        if job.status.hold.is_some() || job.waiting() > 0 {
            hold(&mut text, job, hints, width, outcome);
            text.push('\n');
        }
    }
    rest(&mut text, outcome, hints, width);
    text
}

fn state(job: &JobOutcome) -> (&'static str, Style) {
    match job.status.state {
        JobState::Running => ("running", OK),
        JobState::Paused => ("paused", STOP),
        JobState::Suspended => ("suspended", WARN),
        JobState::Draining => ("draining", WARN),
    }
}

fn counts(job: &JobOutcome, ran: bool) -> String {
    let mut parts = Vec::new();
    if ran {
        parts.push(format!("{} exported", grouped(job.exported)));
        if job.errors > 0 {
            parts.push(format!("{} logged", counted(job.errors, "error")));
        }
    }
    if job.waiting() > 0 {
        parts.push(format!("{} waiting", grouped(job.waiting())));
    } else if !ran {
        parts.push("nothing waits".to_owned());
    }
    // The error of the head is told in its block; the others are told here.
    let head = u64::from(matches!(job.status.hold, Some(Hold::RecordRefused(_))));
    if job.status.open_errors > head || !ran && job.status.open_errors > 0 {
        parts.push(counted(job.status.open_errors, "open error"));
    }
    parts.join(", ")
}

fn hold(text: &mut String, job: &JobOutcome, hints: &Hints, width: usize, outcome: &Outcome) {
    match &job.status.hold {
        Some(Hold::RecordRefused(held)) => refused(text, held, hints, width, job, outcome),
        Some(Hold::CrmUnavailable(suspension)) => unavailable(text, suspension, hints, width),
        None if job.waiting() > 0 && !outcome.export_to_crm => {
            text.push_str(&wrapped("Export to CRM is off: records wait until it is on again.", "  ", width));
            action(text, "turn it on:", &hints.command("settings set exportToCrm=true"));
            action(text, "then:", &hints.command("resume"));
        }
        None if job.waiting() > 0 => action(text, "go on:", &hints.command("resume")),
        None => {}
    }
}

fn refused(
    text: &mut String,
    held: &RefusedRecord,
    hints: &Hints,
    width: usize,
    job: &JobOutcome,
    outcome: &Outcome,
) {
    let object = &job.status.job.object;
    let source = held.source.as_ref().map(|source| format!(" ({source})")).unwrap_or_default();
    text.push_str(&wrapped(&format!("at {}{source}", held.external_id), "  ", width));
    let since = format!("since {}, tried {}", minutes(held.since), counted(held.attempts.into(), "time"));
    text.push_str(&wrapped(&since, "  ", width));
    let who = if held.foretold_by.is_some() { "preflight" } else { "CRM" };
    let crm = if held.crm_code == held.code { String::new() } else { format!(" ({who}: {})", held.crm_code) };
    let on = if held.fields.is_empty() { String::new() } else { format!(" on {}", held.fields.join(", ")) };
    let code = wrapped(&format!("{}{crm}{on}", held.code), "  ", width);
    let _ = write!(text, "{STOP}{code}{STOP:#}");
    text.push_str(&wrapped(&held.message, "  ", width));
    if let Some(rule) = &held.foretold_by {
        let foretold = format!("foretold by the rule {rule}: the CRM was not asked, `resume` asks it");
        text.push_str(&wrapped(&foretold, "  ", width));
    }
    let waiting = outcome.jobs.iter().filter(|job| job.waiting() > 0);
    let waiting: Vec<&str> = waiting.map(|job| job.status.job.object.as_str()).collect();
    arrow(text, &hints.mend(held, object, &waiting), width);
    // For a real CRM it takes a folder of its metadata, which is not known here.
    if matches!(hints.target, Some(Target::Org(_))) {
        action(text, "the rule behind it:", &hints.command(&format!("reproduce {object}")));
    }
    action(text, "once it is mended:", &hints.command("resume"));
    action(text, "or let it pass:", &hints.command(&format!("skip {object}")));
    action(text, "the record in full:", &hints.command(&format!("error {}", held.error_id)));
}

fn unavailable(text: &mut String, suspension: &Suspension, hints: &Hints, width: usize) {
    let since = format!(
        "the CRM is unavailable since {}, tried {}",
        minutes(suspension.since),
        counted(suspension.attempts.into(), "time")
    );
    text.push_str(&wrapped(&since, "  ", width));
    let until = format!("the schedule tries again after {}", minutes(suspension.until));
    text.push_str(&wrapped(&until, "  ", width));
    let code = wrapped(&suspension.code, "  ", width);
    let _ = write!(text, "{WARN}{code}{WARN:#}");
    text.push_str(&wrapped(&suspension.message, "  ", width));
    arrow(text, &hints.wait(suspension), width);
    action(text, "try now:", &hints.command("resume"));
}

fn arrow(text: &mut String, hint: &str, width: usize) {
    let hint = wrapped(hint, "    ", width);
    text.push_str(&hint.replacen("    ", "  → ", 1));
}

fn action(text: &mut String, what: &str, command: &str) {
    let _ = writeln!(text, "    {DIM}{what:19}{DIM:#}  {STRONG}{command}{STRONG:#}");
}

/// What belongs to no single job.
fn disagreement(found: &Disagreement) -> String {
    match found {
        Disagreement::FalseAlarm { rule, code } => format!("{rule} foretold {code}, the CRM took the record"),
        Disagreement::Miss { code } => format!("the CRM refused with {code}, no rule foretold it"),
    }
}

fn rest(text: &mut String, outcome: &Outcome, hints: &Hints, width: usize) {
    let passed = outcome.jobs.iter().filter(|job| job.status.hold.is_none());
    let open: u64 = passed.map(|job| job.status.open_errors).sum();
    if open > 0 {
        let what = format!("{} for the daily retry to try again:", counted(open, "open error"));
        let _ = writeln!(text, "{what}  {STRONG}{}{STRONG:#}", hints.command("errors"));
    }
    for import in &outcome.unfinished {
        let what = format!(
            "the export of {} was cut short: {} of it are in; run the same export again to go on",
            import.name,
            counted(import.lines, "line")
        );
        let what = wrapped(&what, "", width);
        let _ = write!(text, "{WARN}{what}{WARN:#}");
    }
    if outcome.rejections > 0 {
        let what = wrapped(
            &format!(
                "{} could not be read and are kept as rejections",
                counted(outcome.rejections, "message")
            ),
            "",
            width,
        );
        let _ = write!(text, "{WARN}{what}{WARN:#}");
    }
    let found = &outcome.disagreements;
    if found.false_alarms + found.misses > 0 {
        let kinds: Vec<String> = found.first.iter().map(disagreement).collect();
        let what = format!(
            "the rules of the org folder and the CRM differed {}: {}",
            counted(found.false_alarms + found.misses, "time"),
            kinds.join("; ")
        );
        let what = wrapped(&what, "", width);
        let _ = write!(text, "{WARN}{what}{WARN:#}");
    }
    if outcome.ran {
        let calls = counted(outcome.calls, "CRM call");
        let all = match outcome.exit() {
            Exit::Done if open == 0 => format!("{OK}everything is exported{OK:#}, "),
            _ => String::new(),
        };
        let _ = writeln!(text, "{all}{DIM}{calls}{DIM:#}");
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use domain::{AccountName, CrmError};

    use super::super::outcome::samples::{outcome as sample, paused, required, running, suspended};
    use super::*;
    use crate::queue::{ImportKey, Target, Unfinished};

    fn check(outcome: &Outcome, width: usize, expected: &str) {
        let hints = Hints {
            target: Some(Target::Org("/org".into())),
            ..Hints::new("crm-export", "local", Path::new("crm-export.db"))
        };
        let text = super::outcome(outcome, &hints, Some(width));
        let plain = anstream::adapter::strip_str(&text).to_string();
        let id = super::super::outcome::samples::error(required()).id;
        assert_eq!(plain.replace(&id, "ID"), expected);
        assert!(plain.lines().all(|line| line.chars().count() <= width), "{plain}");
    }

    #[test]
    fn a_paused_job_says_what_happened_and_what_to_do() {
        check(
            &sample(vec![running(), paused(required())]),
            80,
            "\
CRMExport_Account  running    300 exported
CRMExport_Contact  paused     1,204 exported, 1 error logged, 396 waiting
  at Ext__c=C-1205 (contacts.ndjson:1205)
  since 2026-11-23 16:02 UTC, tried 1 time
  MISSING_REQUIRED_FIELD (CRM: REQUIRED_FIELD_MISSING) on LastName
  Required fields are missing: [LastName]
  → LastName must have a value: make it optional or give it a default in the org
    folder /org
    the rule behind it:  crm-export reproduce Contact
    once it is mended:   crm-export resume
    or let it pass:      crm-export skip Contact
    the record in full:  crm-export error ID

9 CRM calls
",
        );
    }

    #[test]
    fn a_hold_that_preflight_foretold_says_so() {
        let outcome = sample(vec![paused(required().foretold_by("Contact.Name_Needed"))]);
        let hints = Hints::new("crm-export", "local", Path::new("crm-export.db"));
        let text = anstream::adapter::strip_str(&super::outcome(&outcome, &hints, Some(110))).to_string();
        let expected = "\
  MISSING_REQUIRED_FIELD (preflight: REQUIRED_FIELD_MISSING) on LastName
  Required fields are missing: [LastName]
  foretold by the rule Contact.Name_Needed: the CRM was not asked, `resume` asks it
";
        assert!(text.contains(expected), "{text}");
    }

    #[test]
    fn a_suspended_job_says_when_it_is_tried_again() {
        let down = CrmError::new("CONNECTION_FAILED", "cannot connect to http://127.0.0.1:1", &[]);
        let mut outcome = sample(vec![suspended(down)]);
        let account = AccountName::new("local").expect("fits");
        let key = ImportKey { account, file: "/a.ndjson".into(), occurrence: 0 };
        outcome.unfinished.push(Unfinished { key, name: "a.ndjson".into(), lines: 400 });
        let mut text = "\
CRMExport_Lead  suspended  0 exported, 5 waiting
  the CRM is unavailable since 2026-11-23 16:02 UTC, tried 1 time
  the schedule tries again after 2026-11-23 16:03 UTC
  CONNECTION_FAILED
  cannot connect to http://127.0.0.1:1
  → HINT
    try now:             crm-export resume

the export of a.ndjson was cut short: 400 lines of it are in; run the same export again to go on
9 CRM calls
"
        .to_owned();
        let hint = if let Some(Hold::CrmUnavailable(suspension)) = &outcome.jobs[0].status.hold {
            Hints::default().wait(suspension)
        } else {
            String::new()
        };
        text = text.replace("HINT", &hint);
        check(&outcome, 100, &text);
    }

    #[test]
    fn a_look_at_the_jobs_tells_no_counts_of_a_run() {
        let mut off = running();
        off.status.parked = 7;
        off.status.state = JobState::Suspended;
        let outcome = Outcome { ran: false, export_to_crm: false, ..sample(vec![off]) };
        check(
            &outcome,
            80,
            "\
CRMExport_Account  suspended  7 waiting
  Export to CRM is off: records wait until it is on again.
    turn it on:          crm-export settings set exportToCrm=true
    then:                crm-export resume

",
        );
        let mut passed = running();
        passed.status.open_errors = 3;
        check(
            &Outcome { ran: false, ..sample(vec![passed]) },
            80,
            "\
CRMExport_Account  running    nothing waits, 3 open errors
3 open errors for the daily retry to try again:  crm-export errors
",
        );
        check(
            &Outcome { ran: false, ..sample(vec![]) },
            80,
            "no job yet: nothing was exported for this account\n",
        );
    }
}
