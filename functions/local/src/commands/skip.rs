//! `skip`: lets a paused job pass its head.

use domain::JobId;

use super::shared::finish;
use crate::context::Context;
use crate::exit::{Exit, Failure};
use crate::runner::Tally;
use crate::session::Session;

/// Skips the head of the job of this object.
pub(super) async fn run(context: &Context, object: &str) -> Result<Exit, Failure> {
    let session = Session::open(context).await?;
    let job = find(context, &session, object).await?;
    let parked = session.jobs.ledger.count_parked(&job).await?;
    session.progress.export(parked);
    let mut tally = Tally::default();
    tally.add(session.jobs.skip(&job).await?);
    finish(context, session, &tally, &[]).await
}

/// The job of an object, however it was spelled; `CRMExport_Contact` is the job's own name.
async fn find(context: &Context, session: &Session, object: &str) -> Result<JobId, Failure> {
    let wanted = object.strip_prefix("CRMExport_").unwrap_or(object);
    let jobs = session.jobs.ledger.jobs(&context.account).await?;
    let names: Vec<String> = jobs.iter().map(|(job, _)| job.object.clone()).collect();
    let found = jobs.into_iter().map(|(job, _)| job).find(|job| job.object.eq_ignore_ascii_case(wanted));
    found.ok_or_else(|| {
        let there = if names.is_empty() {
            "there is no job yet".to_owned()
        } else {
            format!("there is {}", names.join(", "))
        };
        Failure::Usage(format!("skip {object}: no job has this object; {there}"))
    })
}
