//! How a command that ran jobs reports and ends.

use crate::context::Context;
use crate::exit::{Exit, Failure};
use crate::output;
use crate::queue::ImportKey;
use crate::report::{Hints, Outcome, outcome_json, outcome_text};
use crate::runner::{Tally, outcome};
use crate::session::{Reading, Session};

/// Reports where every job stands and what this program did, ends the session, and answers the exit status.
///
/// The `imported` files are done at the very end: until then a program that is killed counts as cut short, so that the
/// same command goes on instead of exporting everything once more.
pub(super) async fn finish(
    context: &Context,
    session: Session,
    tally: &Tally,
    imported: &[ImportKey],
) -> Result<Exit, Failure> {
    session.progress.end();
    let queue = session.local.as_ref().map(|local| &local.queue);
    let mut outcome = outcome(&session.jobs, &context.account, queue, Some(tally)).await?;
    outcome.unfinished.retain(|import| !imported.contains(&import.key));
    for warning in tally.warnings() {
        output::warn(warning);
    }
    let hints = Hints { target: Some(session.target.clone()), ..context.hints.clone() };
    report(context, &outcome, &hints);
    if let Some(mut local) = session.local {
        local.queue.finish(imported)?;
        local.connection.close().await;
    }
    Ok(outcome.exit())
}

/// Tells an outcome.
pub(super) fn report(context: &Context, outcome: &Outcome, hints: &Hints) {
    if context.global.json {
        output::json(&outcome_json(outcome));
    } else {
        output::answer(&outcome_text(outcome, hints, output::width()));
    }
}

/// The hints of a command that only looks: records go where the last export went.
pub(super) fn hints(context: &Context, reading: &Reading) -> Result<Hints, Failure> {
    Ok(Hints { target: reading.target(context)?, ..context.hints.clone() })
}
