//! `reproduce`: runs a refused record against the org's rules, locally, and shows which one refuses it, and why.
//!
//! Nothing is exported and nothing is kept: what the record does to the sandbox is undone.

use std::path::{Path, PathBuf};

use domain::{CrmError, ExportError, Hold, Operation, Record};
use engine::Unknown;
use jobs::ledger::Ledger;
use metadata::Org;
use sandbox::{Explanations, RowError};
use serde_json::{Value, json};

use crate::args::ReproduceArgs;
use crate::context::Context;
use crate::exit::{Exit, Failure};
use crate::output;
use crate::paths::{sandbox_db, shown};
use crate::queue::Target;
use crate::report::reproduction_text;
use crate::session::{Reading, blocking};

/// Codes of refusals that rights decide.
const RIGHTS_CODES: [&str; 2] = ["INVALID_FIELD_FOR_INSERT_UPDATE", "INVALID_FIELD"];

/// What is to be reproduced.
#[derive(Debug)]
struct Subject {
    record: Record,
    prior: Option<Record>,
    /// What the CRM said, when it is an export error.
    crm: Vec<CrmError>,
    /// The org folder.
    org: PathBuf,
    /// The sandbox's records, when the record went there.
    records: Option<PathBuf>,
}

/// What came of it.
#[derive(Debug)]
pub(crate) struct Reproduction {
    /// The record.
    pub(crate) record: Record,
    /// What the CRM said, when it is an export error.
    pub(crate) crm: Vec<CrmError>,
    /// Whether it changes a record that is there.
    pub(crate) update: bool,
    /// Why it is refused here.
    pub(crate) errors: Vec<RowError>,
    /// The rules among them, explained, and the flows that ran.
    pub(crate) explanations: Explanations,
    /// What the org folder says about fields that may not be written, a line each.
    pub(crate) rights: Vec<String>,
    /// Rules whose answer is not known.
    pub(crate) unknown: Vec<Unknown>,
}

impl Reproduction {
    /// Whether the record is refused here with a code that the CRM gave; none when the CRM was not asked.
    pub(crate) fn agrees(&self) -> Option<bool> {
        let same = |crm: &CrmError| self.errors.iter().any(|error| error.code == crm.code);
        (!self.crm.is_empty()).then(|| self.crm.iter().any(same))
    }
}

/// Reproduces a record.
pub(super) async fn run(context: &Context, args: &ReproduceArgs) -> Result<Exit, Failure> {
    let subject = match (&args.record, &args.error) {
        (Some(file), _) => of_files(context, file, args.prior.as_deref())?,
        (None, Some(id)) => of_ledger(context, id).await?,
        (None, None) => {
            return Err(Failure::Usage("reproduce a record: give an error's id or --record FILE".to_owned()));
        }
    };
    let reproduction = blocking(move || reproduce(subject)).await?;
    if context.global.json {
        output::json(&as_json(&reproduction));
    } else {
        output::answer(&reproduction_text(&reproduction, output::width().unwrap_or(100)));
    }
    Ok(if reproduction.errors.is_empty() { Exit::Done } else { Exit::ErrorsLogged })
}

fn of_files(context: &Context, file: &Path, prior: Option<&Path>) -> Result<Subject, Failure> {
    let record = read_record(file)?;
    let prior = prior.map(read_record).transpose()?;
    let org = org_folder(context, context.target(None)?)?;
    Ok(Subject { record, prior, crm: Vec::new(), org, records: None })
}

fn read_record(file: &Path) -> Result<Record, Failure> {
    let failed = |why: String| Failure::Usage(format!("read the record {}: {why}", shown(file)));
    let text = std::fs::read_to_string(file).map_err(|error| failed(error.to_string()))?;
    let json: Value = serde_json::from_str(&text).map_err(|error| failed(error.to_string()))?;
    Record::from_json(json).map_err(|problem| failed(problem.to_string()))
}

async fn of_ledger(context: &Context, id: &str) -> Result<Subject, Failure> {
    let reading = Reading::open(context)?;
    let ledger = &reading.jobs.ledger;
    let found = match ledger.error(&context.account, id).await? {
        Some(error) => Some(error),
        None => held(context, ledger.as_ref(), id).await?,
    };
    let error = found.ok_or_else(|| {
        let list = context.hints.command("errors --state all");
        Failure::Usage(format!(
            "reproduce {id}: there is no export error with this id and no job of this object is paused; `{list}` lists them"
        ))
    })?;
    let (org, records) = org_of(context, &reading)?;
    Ok(Subject { record: error.record, prior: None, crm: error.errors, org, records })
}

/// The org folder that is to judge a record of the ledger, and the sandbox's records when the record went there.
fn org_of(context: &Context, reading: &Reading) -> Result<(PathBuf, Option<PathBuf>), Failure> {
    if let (Some(rules), None) = (&context.global.rules, &context.global.org) {
        return Ok((rules.clone(), None));
    }
    let Some(queue) = &reading.queue else {
        let target = context.asked_target()?.or(reading.target(context)?);
        let target = target.unwrap_or_else(|| Target::Crm("the CRM".to_owned()));
        return Ok((org_folder(context, target)?, None));
    };
    let target = context.target(Some(queue))?;
    let went_there = queue.target(&context.account)?.is_some_and(|went| went == target);
    let records = Some(sandbox_db(context.db())).filter(|db| went_there && db.exists());
    Ok((org_folder(context, target)?, records))
}

/// What `--json` says of an export error, judged by the rules of a folder.
///
/// # Errors
/// When the folder cannot be read, or the error is of a delete.
pub(crate) fn explanation(
    error: &ExportError,
    org: PathBuf,
    records: Option<PathBuf>,
) -> Result<Value, Failure> {
    let (record, crm) = (error.record.clone(), error.errors.clone());
    Ok(as_json(&reproduce(Subject { record, prior: None, crm, org, records })?))
}

/// The error that the job of an object is held at.
async fn held(context: &Context, ledger: &dyn Ledger, object: &str) -> Result<Option<ExportError>, Failure> {
    let jobs = ledger.jobs(&context.account).await?;
    let Some((_, job)) = jobs.into_iter().find(|(job, _)| job.object.eq_ignore_ascii_case(object)) else {
        return Ok(None);
    };
    let Some(Hold::RecordRefused(held)) = job.hold else { return Ok(None) };
    Ok(ledger.error(&context.account, &held.error_id).await?)
}

fn org_folder(context: &Context, target: Target) -> Result<PathBuf, Failure> {
    match target {
        Target::Org(folder) => Ok(folder),
        Target::Crm(url) => Err(Failure::Usage(format!(
            "reproduce what {url} refused: give --org DIR, a folder of its metadata (`sf project retrieve start`); see `{} reproduce --help`",
            context.hints.program
        ))),
    }
}

fn reproduce(subject: Subject) -> Result<Reproduction, Failure> {
    let Subject { record, prior, crm, org, records } = subject;
    if record.operation == Operation::Delete {
        return Err(Failure::Usage("reproduce a delete: only writes are reproduced".to_owned()));
    }
    let mut check = crate::rules::open_check(&org, records.as_deref())?;
    if let Some(prior) = &prior {
        let given = check.give(&crate::rules::row(prior))?;
        if let Some(error) = given.errors.first() {
            return Err(Failure::Usage(format!("take the prior record: {}: {}", error.code, error.message)));
        }
    }
    let row = crate::rules::row(&record);
    let update = check.finds(&row)?;
    let (result, explanations) = check.explain(&row)?;
    let rights = rights(check.org(), &record.object, &result.errors);
    let unknown = check.unknown().into_iter().map(|(unknown, _)| unknown).collect();
    Ok(Reproduction { record, crm, update, errors: result.errors, explanations, rights, unknown })
}

/// What the folder says about the fields that the user may not write.
fn rights(org: &Org, object: &str, errors: &[RowError]) -> Vec<String> {
    let Some(object) = org.object(object) else { return Vec::new() };
    let refused =
        errors.iter().filter(|error| error.rule.is_none() && RIGHTS_CODES.contains(&error.code.as_str()));
    let fields = refused.flat_map(|error| &error.fields).filter_map(|name| object.field(name));
    let shown = fields.map(|field| {
        let name = format!("{}.{}", object.api_name, field.api_name);
        if field.read_only {
            return format!("{name} is computed by the CRM: nobody can write it");
        }
        let may =
            if org.user.field_rights(object, field).readable { "may read it" } else { "may not see it" };
        let sets = match (&org.user.profile, org.user.permission_sets.join(", ")) {
            (Some(profile), sets) if sets.is_empty() => format!("profile {profile}"),
            (Some(profile), sets) => format!("profile {profile}, permission sets {sets}"),
            (None, sets) => format!("permission sets {sets}"),
        };
        format!(
            "{name}: {} {may}, and nothing that the user has makes it editable ({sets})",
            org.user.username
        )
    });
    shown.collect()
}

fn as_json(reproduction: &Reproduction) -> Value {
    let record = &reproduction.record;
    let crm: Vec<Value> = reproduction
        .crm
        .iter()
        .map(|error| json!({ "code": error.code, "message": error.message, "fields": error.fields }))
        .collect();
    let errors: Vec<Value> = reproduction.errors.iter().map(crate::rules::error_json).collect();
    json!({
        "object": record.object,
        "externalId": record.external_id.value,
        "operation": if reproduction.update { "update" } else { "create" },
        "refused": !reproduction.errors.is_empty(),
        "agrees": reproduction.agrees(),
        "errors": errors,
        "explained": reproduction.explanations.refused,
        "flows": reproduction.explanations.flows,
        "rights": reproduction.rights,
        "unknown": reproduction.unknown,
        "crm": crm,
    })
}
