//! `resume` and `retry`: what the schedule does, now.

use jobs::Cause;

use super::shared::finish;
use crate::context::Context;
use crate::exit::{Exit, Failure};
use crate::output;
use crate::runner::{Runner, Tally};
use crate::session::Session;

/// Runs every job that is held or has records waiting, and what a killed export left in the queue.
pub(super) async fn run(context: &Context) -> Result<Exit, Failure> {
    let mut session = Session::open(context).await?;
    let (jobs, progress) = (session.jobs.clone(), session.progress.clone());
    let mut runner = Runner::new(&jobs, &context.account, &progress);
    progress.export(runner.parked().await?);
    runner.resume(Cause::Person).await?;
    if let Some(local) = &mut session.local {
        runner.empty_queue(&mut local.queue).await?;
    }
    runner.resume(Cause::Schedule).await?;
    let tally = runner.tally;
    finish(context, session, &tally, &[]).await
}

/// Tries the open export errors.
pub(super) async fn retry(context: &Context) -> Result<Exit, Failure> {
    let session = Session::open(context).await?;
    let mut tally = Tally::default();
    let waiting: u64 =
        session.jobs.status(&context.account).await?.iter().map(|job| job.open_errors + job.parked).sum();
    session.progress.export(waiting);
    let (settings, _) = session.jobs.settings(&context.account).await?;
    if !settings.export_to_crm {
        output::warn("Export to CRM is off: nothing is retried");
    }
    for report in session.jobs.retry(&context.account, None).await? {
        tally.add(report);
    }
    finish(context, session, &tally, &[]).await
}
