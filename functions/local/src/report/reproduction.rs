//! A reproduced record for people: what the CRM said, which rule refuses it here, and the values that decide.

use std::fmt::Write;

use super::style::{DIM, STOP, STRONG};
use super::words::wrapped;
use crate::commands::Reproduction;

/// How many rules that are not known are shown.
const UNKNOWN_SHOWN: usize = 10;

/// What came of running a record against the org's rules.
pub(crate) fn reproduction_text(reproduction: &Reproduction, width: usize) -> String {
    let mut text = String::new();
    let record = &reproduction.record;
    let from = record.source.as_deref().map(|source| format!(" ({source})")).unwrap_or_default();
    let what = if reproduction.update { "a change of" } else { "a new" };
    let _ = writeln!(text, "{what} {STRONG}{} {}{STRONG:#}{from}", record.object, record.external_id);
    for crm in &reproduction.crm {
        let on = if crm.fields.is_empty() { String::new() } else { format!(" on {}", crm.fields.join(", ")) };
        let _ = writeln!(text, "{DIM}the CRM said{DIM:#}  {}{on}", crm.code);
        text.push_str(&wrapped(&crm.message, "              ", width));
    }
    for error in &reproduction.errors {
        let explained = reproduction
            .explanations
            .refused
            .iter()
            .find(|explained| Some(&explained.refusal.rule) == error.rule.as_deref());
        match explained {
            Some(explained) => {
                let _ = write!(text, "\n{STOP}refused here{STOP:#} by {explained}");
                flow(&mut text, reproduction, &explained.refusal.rule.name);
            }
            None => {
                let _ =
                    write!(text, "\n{STOP}refused here{STOP:#}\n{}", crate::rules::error_text(error, width));
            }
        }
    }
    for right in &reproduction.rights {
        text.push_str(&wrapped(&format!("→ {right}"), "    ", width));
    }
    text.push('\n');
    text.push_str(&verdict(reproduction));
    for unknown in reproduction.unknown.iter().take(UNKNOWN_SHOWN) {
        let rule = &unknown.rule;
        let _ = writeln!(
            text,
            "  {} {}: {}\n    {DIM}{}{DIM:#}",
            rule.kind, rule.name, unknown.reason, rule.file
        );
    }
    if reproduction.unknown.len() > UNKNOWN_SHOWN {
        let _ =
            writeln!(text, "  ... and {} more; --json shows all", reproduction.unknown.len() - UNKNOWN_SHOWN);
    }
    text
}

/// The elements of a flow that ran, when a flow refuses.
fn flow(text: &mut String, reproduction: &Reproduction, name: &str) {
    let Some(trace) = reproduction.explanations.flows.iter().find(|trace| trace.flow == name) else { return };
    text.push('\n');
    let width = trace.steps.iter().map(|step| step.element.chars().count()).max().unwrap_or(0);
    for step in &trace.steps {
        let space = " ".repeat(width - step.element.chars().count());
        let _ = writeln!(text, "  {}{space}  {DIM}{:10}{DIM:#}  {}", step.element, step.kind, step.detail);
    }
}

fn verdict(reproduction: &Reproduction) -> String {
    let unknown = if reproduction.unknown.is_empty() { "" } else { "; not known here:" };
    let said = match (reproduction.errors.is_empty(), reproduction.agrees()) {
        (true, None) => "the org's rules accept this record",
        (true, Some(_)) => {
            "no rule of the org folder refuses this record: the CRM's org differs from the folder, or what refused it is not \
             known here"
        }
        (false, None) => "the org's rules refuse this record",
        (false, Some(true)) => "reproduced: the CRM refused it with the same code",
        (false, Some(false)) => {
            "refused here too, but with another code: the CRM's org differs from the folder, or more than one cause refuses it"
        }
    };
    format!("{STRONG}{said}{STRONG:#}{unknown}\n")
}
