//! `sandbox`: the local CRM for other clients.

use std::sync::Arc;

use jobs::clock::SystemClock;
use sandbox::Fault;
use serde_json::json;

use super::dispatch::interrupted;
use crate::args::SandboxArgs;
use crate::connect::{Serving, start_sandbox};
use crate::context::Context;
use crate::exit::{Exit, Failure};
use crate::fields::org_notes;
use crate::output;
use crate::paths::{sandbox_certificate, sandbox_db, shown};
use crate::queue::{Queue, Target};
use crate::report::{DIM, STRONG};

/// Serves until Ctrl-C or SIGTERM.
pub(super) async fn run(context: &Context, args: &SandboxArgs) -> Result<Exit, Failure> {
    let db = context.db();
    let faults = args.fault.iter().map(|text| text.parse()).collect::<Result<Vec<Fault>, _>>();
    let faults = faults.map_err(|error| Failure::Usage(error.to_string()))?;
    if context.global.crm.is_some() {
        return Err(Failure::Usage(
            "start a sandbox for --crm: a sandbox is for an org folder; give --org DIR".to_owned(),
        ));
    }
    let queue = if db.exists() { Some(Queue::open_read_only(db)?) } else { None };
    let Target::Org(org) = context.target(queue.as_ref())? else {
        return Err(Failure::Usage(
            "start a sandbox: the last export went to a CRM; give --org DIR".to_owned(),
        ));
    };
    drop(queue);
    let serving = Serving { listen: &args.listen, tls: args.tls, faults };
    let running = start_sandbox(&org, db, serving, Arc::new(SystemClock)).await?;
    let certificate = match &running.certificate_pem {
        None => None,
        Some(pem) => {
            let path = sandbox_certificate(db);
            std::fs::write(&path, pem)
                .map_err(|error| Failure::Io { what: format!("write {}", shown(&path)), error })?;
            // Whole, because clients that are given it run elsewhere.
            Some(std::path::absolute(&path).unwrap_or(path).display().to_string())
        }
    };
    if context.global.json {
        output::json(&json!({ "url": running.url, "certificate": certificate, "org": shown(&org) }));
    } else {
        output::answer(&welcome(&running.url, certificate.as_deref(), &shown(&org), &shown(&sandbox_db(db))));
        for note in org_notes(&running) {
            output::warn(&note);
        }
    }
    interrupted().await;
    output::tell("stopping");
    running.stop().await;
    Ok(Exit::Done)
}

fn welcome(url: &str, certificate: Option<&str>, org: &str, records: &str) -> String {
    let trust = certificate.map(|path| format!("CRM_EXPORT_CA_FILE={path} ")).unwrap_or_default();
    let mut text = format!(
        "the sandbox listens on {STRONG}{url}{STRONG:#}\n  \
         {DIM}org{DIM:#}          {org}  (edit it: changes are seen within a second)\n  \
         {DIM}records{DIM:#}      {records}\n"
    );
    if let Some(path) = certificate {
        text.push_str(&format!("  {DIM}certificate{DIM:#}  {path}\n"));
    }
    text.push_str(&format!(
        "point a client at it; any credentials are taken:\n  \
         {DIM}crm-export{DIM:#}         {trust}crm-export export FILE --crm {url} --db other.db\n  \
         {DIM}jsforce{DIM:#}            new Connection({{ loginUrl: '{url}' }})\n"
    ));
    let simple = match certificate {
        Some(path) => {
            format!(
                "REQUESTS_CA_BUNDLE={path}; Salesforce(session_id=TOKEN, instance_url='{url}'), TOKEN as curl shows it"
            )
        }
        None => "speaks https only: start the sandbox with --tls".to_owned(),
    };
    text.push_str(&format!("  {DIM}simple-salesforce{DIM:#}  {simple}\n"));
    text.push_str(&format!(
        "  {DIM}curl{DIM:#}               curl {}{url}/services/oauth2/token -d grant_type=client_credentials -d client_id=x -d \
         client_secret=y\nCtrl-C stops it\n",
        certificate.map(|path| format!("--cacert {path} ")).unwrap_or_default()
    ));
    text
}
