//! How a command that ran jobs reports and ends.

use crate::exit::{Exit, Failure};
use crate::output;
use crate::queue::{ImportKey, Queue};
use crate::report::{Hints, Outcome, outcome_json, outcome_text};
use crate::runner::{Tally, outcome};
use crate::session::{Context, Session};

/// Reports where every job stands and what this program did, ends the session, and answers the exit status.
///
/// The `imported` files are done at the very end: until then a program that is killed counts as cut short, so that the
/// same command goes on instead of exporting everything once more.
pub(super) async fn finish(
    context: &Context,
    mut session: Session,
    tally: &Tally,
    imported: &[ImportKey],
) -> Result<Exit, Failure> {
    session.progress.end();
    let mut outcome = outcome(&session.jobs, &context.account, &session.queue, Some(tally)).await?;
    outcome.unfinished.retain(|import| !imported.contains(&import.key));
    for warning in tally.warnings() {
        output::warn(warning);
    }
    let hints = Hints { target: Some(session.target.clone()), ..context.hints.clone() };
    session.connection.close().await;
    report(context, &outcome, &hints);
    session.queue.finish(imported)?;
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
pub(super) fn hints(context: &Context, queue: &Queue) -> Result<Hints, Failure> {
    Ok(Hints { target: queue.target(&context.account)?, ..context.hints.clone() })
}
