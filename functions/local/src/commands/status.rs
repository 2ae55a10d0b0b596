//! `status`: where every job stands. Only looks, and never waits for a program that works.

use super::shared::{hints, report};
use crate::context::Context;
use crate::exit::{Exit, Failure};
use crate::output;
use crate::runner::outcome;
use crate::session::Reading;

/// Shows the jobs.
pub(super) async fn run(context: &Context) -> Result<Exit, Failure> {
    let reading = Reading::open(context)?;
    let outcome = outcome(&reading.jobs, &context.account, reading.queue.as_ref(), None).await?;
    for warning in reading.jobs.settings(&context.account).await?.1 {
        output::warn(&warning);
    }
    report(context, &outcome, &hints(context, &reading)?);
    Ok(outcome.exit())
}
