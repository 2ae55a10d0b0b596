//! `rules check`: which records of files the org would refuse, and by which rule.

use std::collections::BTreeMap;
use std::fmt::Write;

use domain::{ExternalId, Operation, Record};
use engine::Unknown;
use sandbox::{Check, RowError};
use serde_json::{Value, json};

use crate::args::CheckArgs;
use crate::context::Context;
use crate::exit::{Exit, Failure};
use crate::fields;
use crate::input::{FieldTypes, InputFile, Mark, Reader, check as check_lines};
use crate::output;
use crate::queue::Target;
use crate::report::{DIM, STOP, STRONG, counted, grouped};
use crate::session::blocking;

/// How many refused records are shown to people; `--json` has them all.
const REFUSED_SHOWN: usize = 20;

/// What came of a check.
#[derive(Debug, Default)]
struct Findings {
    records: u64,
    deletes: u64,
    refused: Vec<Refused>,
    unknown: Vec<(Unknown, u64)>,
}

/// A record that the org would refuse.
#[derive(Debug)]
struct Refused {
    object: String,
    external_id: ExternalId,
    source: Option<String>,
    errors: Vec<RowError>,
}

/// Checks files against the rules of an org folder.
pub(super) async fn run(context: &Context, args: CheckArgs) -> Result<Exit, Failure> {
    if context.global.crm.is_some() {
        return Err(Failure::Usage(
            "check files against --crm: give --org DIR, a folder of its metadata".to_owned(),
        ));
    }
    let Target::Org(folder) = context.target(None)? else {
        return Err(Failure::Usage("check files: give --org DIR".to_owned()));
    };
    let files = InputFile::all(&args.files, &args.reading)?;
    let findings = blocking(move || {
        // Every line is read before the first is judged, as `export` does it.
        check_lines(&files, |_| ())??;
        let mut check = crate::rules::open_check(&folder, None)?;
        let mut findings = Findings::default();
        for file in &files {
            let types = fields::of_file(&folder, file)?;
            judge(&mut check, file, &types, &mut findings)?;
        }
        findings.unknown = check.unknown();
        Ok::<_, Failure>(findings)
    })
    .await?;
    if context.global.json {
        output::json(&as_json(&findings));
    } else {
        output::answer(&as_text(&findings));
    }
    Ok(if findings.refused.is_empty() { Exit::Done } else { Exit::ErrorsLogged })
}

fn judge(
    check: &mut Check,
    file: &InputFile,
    types: &FieldTypes,
    findings: &mut Findings,
) -> Result<(), Failure> {
    let mut reader = Reader::open(file, types, Mark::default())?;
    while let Some(row) = reader.next()? {
        let Ok(record) = row.record else { continue };
        findings.records += 1;
        if record.operation == Operation::Delete {
            findings.deletes += 1;
            continue;
        }
        let result = check.save(&crate::rules::row(&record))?;
        if !result.success() {
            let Record { object, external_id, source, .. } = record;
            findings.refused.push(Refused { object, external_id, source, errors: result.errors });
        }
    }
    Ok(())
}

fn as_json(findings: &Findings) -> Value {
    let refused: Vec<Value> = findings
        .refused
        .iter()
        .map(|refused| {
            let errors: Vec<Value> = refused.errors.iter().map(crate::rules::error_json).collect();
            json!({
                "object": refused.object,
                "externalId": refused.external_id.value,
                "source": refused.source,
                "errors": errors,
            })
        })
        .collect();
    let unknown: u64 = findings.unknown.iter().map(|(_, times)| times).sum();
    let rules: Vec<Value> = findings
        .unknown
        .iter()
        .map(
            |(unknown, times)| json!({ "rule": unknown.rule.name, "reason": unknown.reason, "times": times }),
        )
        .collect();
    json!({ "records": findings.records, "refused": refused, "unknown": unknown, "unknownRules": rules })
}

fn as_text(findings: &Findings) -> String {
    let mut text = String::new();
    for refused in findings.refused.iter().take(REFUSED_SHOWN) {
        let from = refused.source.as_deref().map(|source| format!(" ({source})")).unwrap_or_default();
        let _ = writeln!(text, "{STRONG}{} {}{STRONG:#}{from}", refused.object, refused.external_id);
        for error in &refused.errors {
            text.push_str(&crate::rules::error_text(error, output::width().unwrap_or(100)));
        }
    }
    if findings.refused.len() > REFUSED_SHOWN {
        let _ = writeln!(text, "... and {} more; --json shows all\n", findings.refused.len() - REFUSED_SHOWN);
    }
    let mut causes: BTreeMap<String, u64> = BTreeMap::new();
    for error in findings.refused.iter().flat_map(|refused| &refused.errors) {
        let cause = error.rule.as_ref().map_or_else(
            || error.code.to_string(),
            |rule| format!("{} by {} {}", error.code, rule.kind, rule.name),
        );
        *causes.entry(cause).or_default() += 1;
    }
    let mut by_count: Vec<_> = causes.into_iter().collect();
    by_count.sort_by_key(|(cause, count)| (std::cmp::Reverse(*count), cause.clone()));
    for (cause, count) in by_count {
        let _ = writeln!(text, "{:>7} {cause}", grouped(count));
    }
    for (unknown, times) in &findings.unknown {
        let _ = writeln!(
            text,
            "{:>7} not known: {} {}: {DIM}{}{DIM:#}",
            grouped(*times),
            unknown.rule.kind,
            unknown.rule.name,
            unknown.reason
        );
    }
    if findings.deletes > 0 {
        let _ = writeln!(text, "{} not judged", counted(findings.deletes, "delete"));
    }
    let (refused, records) = (findings.refused.len() as u64, findings.records);
    let style = if refused > 0 { STOP } else { STRONG };
    let _ = writeln!(text, "{style}{} of {} would be refused{style:#}", grouped(refused), grouped(records));
    text
}
