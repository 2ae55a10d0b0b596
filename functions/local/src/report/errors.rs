//! Export errors for people: the list, what it amounts to, and one error in full.

use std::collections::BTreeMap;
use std::fmt::Write;

use domain::nested::Nested;
use domain::{CrmError, ExportError};

use super::hints::Hints;
use super::style::{DIM, STOP, STRONG};
use super::table::Table;
use super::words::{counted, grouped, minutes, wrapped};

/// From this width on there is room for when an error was last seen.
const WIDE: usize = 120;

/// The list: one error in a line. `states` shows where each stands.
pub(crate) fn error_table(errors: &[ExportError], states: bool, width: Option<usize>) -> String {
    let times = width.is_none_or(|width| width >= WIDE);
    let mut header = vec!["ID", "OBJECT", "EXTERNAL ID"];
    header.extend(states.then_some("STATE"));
    header.push("TRIED");
    header.extend(times.then_some("LAST FAILED"));
    header.extend(["CODE", "MESSAGE"]);
    let mut table = Table::new(&header).keep(0);
    for error in errors {
        let mut row =
            vec![error.id.clone(), error.record.object.clone(), error.record.external_id.value.clone()];
        row.extend(states.then(|| error.state.as_str().to_owned()));
        row.push(error.attempts.to_string());
        row.extend(times.then(|| minutes(error.last_failed_at)));
        row.extend([error.code.clone(), error.crm_error().message.clone()]);
        table.row(row);
    }
    table.render(width)
}

/// What the list amounts to: how many of which code. `more` were left out; `open` ones can be tried again.
pub(crate) fn error_summary(codes: &BTreeMap<String, u64>, more: bool, open: bool, hints: &Hints) -> String {
    let total: u64 = codes.values().sum();
    let mut by_count: Vec<(&String, &u64)> = codes.iter().collect();
    by_count.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    let parts: Vec<String> =
        by_count.iter().map(|(code, count)| format!("{} {code}", grouped(**count))).collect();
    let shown = if more { "the first " } else { "" };
    let mut text = format!("{shown}{}: {}\n", counted(total, "error"), parts.join(", "));
    if more {
        let _ = writeln!(
            text,
            "{DIM}all of them:{DIM:#}   {STRONG}{}{STRONG:#}",
            hints.command("errors --limit 0")
        );
    }
    let _ = writeln!(text, "{DIM}one in full:{DIM:#}   {STRONG}{}{STRONG:#}", hints.command("error ID"));
    if open {
        let _ = writeln!(text, "{DIM}try them now:{DIM:#}  {STRONG}{}{STRONG:#}", hints.command("retry"));
    }
    text
}

/// One error in full.
pub(crate) fn error_details(error: &ExportError, width: usize) -> String {
    let mut text = String::new();
    let record = &error.record;
    let mut line = |what: &str, value: &str| {
        let _ = writeln!(text, "{DIM}{what:14}{DIM:#}{value}");
    };
    line("error", &error.id);
    line("state", error.state.as_str());
    line("job", &error.job().display_name());
    line("record", &record.external_id.to_string());
    if let Some(source) = &record.source {
        line("from", source);
    }
    line("position", &error.position.to_string());
    line("tried", &counted(error.attempts.into(), "time"));
    line("first failed", &minutes(error.first_failed_at));
    line("last failed", &minutes(error.last_failed_at));
    if let Some(at) = error.closed_at {
        line("closed", &minutes(at));
    }
    line("code", &error.code);
    for crm in &error.errors {
        text.push('\n');
        crm_error(&mut text, crm, width);
    }
    if let Some(problem) = &record.problem {
        let _ = writeln!(text, "\nthe record cannot be sent as it is:");
        text.push_str(&wrapped(problem, "  ", width));
    }
    let record = serde_json::to_string_pretty(record).unwrap_or_default();
    let _ = writeln!(text, "\n{DIM}the record as it was last sent:{DIM:#}\n{record}");
    text
}

fn crm_error(text: &mut String, crm: &CrmError, width: usize) {
    let on = if crm.fields.is_empty() { String::new() } else { format!(" on {}", crm.fields.join(", ")) };
    let _ = writeln!(text, "{STOP}{}{STOP:#}{on}", crm.code);
    text.push_str(&wrapped(&crm.message, "  ", width));
    if let Some(rule) = &crm.foretold_by {
        let foretold = format!("foretold in preflight by the rule {rule}: the CRM was not asked");
        text.push_str(&wrapped(&foretold, "  ", width));
    }
    let Some(nested) = Nested::read(&crm.message) else { return };
    let _ = writeln!(text, "  {DIM}the cause inside it:{DIM:#}");
    let fields = (!nested.fields.is_empty()).then(|| nested.fields.join(", "));
    let parts = [
        ("automation", nested.automation),
        ("event", nested.event),
        ("exception", nested.exception),
        ("code", nested.code),
        ("message", nested.message),
        ("fields", fields),
    ];
    for (what, value) in parts {
        if let Some(value) = value {
            let _ = writeln!(text, "    {DIM}{what:12}{DIM:#}{value}");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::outcome::samples::{error, required};
    use super::*;

    fn plain(text: &str) -> String {
        anstream::adapter::strip_str(text).to_string()
    }

    #[test]
    fn the_list_fits_and_keeps_the_id() {
        let error = error(required());
        let check = |states: bool, width: Option<usize>, expected: [&str; 2]| {
            let text = plain(&error_table(std::slice::from_ref(&error), states, width));
            let text = text.replace(&error.id, "0123456789ab");
            assert_eq!(text.lines().collect::<Vec<_>>(), expected);
        };
        check(
            false,
            Some(80),
            [
                "ID            OBJECT   EXTERNAL ID  TRIED  CODE                MESSAGE",
                "0123456789ab  Contact  C-1205       1      MISSING_REQUIRED_…  Required fields …",
            ],
        );
        check(
            true,
            None,
            [
                "ID            OBJECT   EXTERNAL ID  STATE  TRIED  LAST FAILED           CODE                    MESSAGE",
                "0123456789ab  Contact  C-1205       open   1      2026-11-23 16:02 UTC  MISSING_REQUIRED_FIELD  Required fields are \
                 missing: [LastName]",
            ],
        );
    }

    #[test]
    fn the_summary_counts_codes() {
        let codes = BTreeMap::from([("A".to_owned(), 2), ("B".to_owned(), 1_500)]);
        let hints = Hints::new("crm-export", "local", Path::new("crm-export.db"));
        assert_eq!(
            plain(&error_summary(&codes, true, true, &hints)),
            "the first 1,502 errors: 1,500 B, 2 A\nall of them:   crm-export errors --limit 0\n\
             one in full:   crm-export error ID\ntry them now:  crm-export retry\n"
        );
    }

    #[test]
    fn an_error_that_preflight_foretold_says_so() {
        let text = plain(&error_details(&error(required().foretold_by("Contact.Name_Needed")), 100));
        let foretold = "  foretold in preflight by the rule Contact.Name_Needed: the CRM was not asked\n";
        assert!(text.contains(foretold), "{text}");
        let text = plain(&error_details(&error(required()), 100));
        assert!(!text.contains("foretold"), "{text}");
    }

    #[test]
    fn an_error_is_shown_with_the_cause_inside_it() {
        let message = "ns.Rollups: execution of AfterUpdate\n\ncaused by: System.DmlException: Update failed. First exception on \
            row 0; first error: FIELD_CUSTOM_VALIDATION_EXCEPTION, Tier is needed: [Tier__c]";
        let error = error(CrmError::new("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", message, &[]));
        let text = plain(&error_details(&error, 80));
        for part in [
            "job           CRMExport_Contact\n",
            "record        Ext__c=C-1205\n",
            "from          contacts.ndjson:1205\n",
            "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY\n  ns.Rollups: execution of AfterUpdate\n",
            "    automation  ns.Rollups\n",
            "    code        FIELD_CUSTOM_VALIDATION_EXCEPTION\n",
            "    fields      Tier__c\n",
            "\"FirstName\": \"Jo\"",
        ] {
            assert!(text.contains(part), "{part} is missing in\n{text}");
        }
    }
}
