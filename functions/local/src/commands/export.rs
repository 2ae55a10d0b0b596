//! `export`: checks the files, brings them into the queue a little at a time, and runs the jobs in between.

use jobs::Cause;

use super::shared::finish;
use crate::args::ExportArgs;
use crate::connect::place;
use crate::exit::{Exit, Failure};
use crate::fields::{self, TypesByObject};
use crate::input::{FieldTypes, InputFile, Spool, check};
use crate::output;
use crate::paths::shown;
use crate::queue::{Beginning, ImportKey, Importer, Spellings};
use crate::runner::Runner;
use crate::session::{Context, Session, blocking, sample_files};

/// Exports files.
pub(super) async fn run(context: &Context, args: ExportArgs) -> Result<Exit, Failure> {
    let files = files(context, args)?;
    let mut session = Session::open(context, true).await?;
    announce(context, &session);
    let (files, spool) = spooled(context, files).await?;
    let (files, records) = checked(&session, files).await?;
    let types = fields::find(&session, &files).await?;
    session.queue.remember_target(&context.account, &session.target)?;

    let (jobs, progress) = (session.jobs.clone(), session.progress.clone());
    let mut runner = Runner::new(&jobs, &context.account, &progress);
    progress.export(records + runner.parked().await?);
    runner.resume(Cause::Person).await?;
    runner.empty_queue(&mut session.queue).await?;
    let mut imported = Vec::new();
    for file in &files {
        imported.push(import(context, &mut session, &mut runner, file, &types).await?);
    }
    runner.resume(Cause::Schedule).await?;
    let tally = runner.tally;
    let exit = finish(context, session, &tally, &imported).await;
    drop(spool);
    exit
}

fn files(context: &Context, args: ExportArgs) -> Result<Vec<InputFile>, Failure> {
    let paths = if args.sample { sample_files()? } else { args.files };
    if args.sample && !context.global.json {
        let folder = paths.first().and_then(|file| file.parent());
        output::tell(&format!("the sample is in {}", folder.map(shown).unwrap_or_default()));
    }
    Ok(InputFile::all(&paths, &args.reading)?)
}

/// Says where records go, and what the sandbox cannot do.
fn announce(context: &Context, session: &Session) {
    if let Some(error) = &session.connection.unavailable {
        output::warn(&format!("the CRM does not answer ({}); records wait until it does", error.code));
    }
    if context.global.json {
        return;
    }
    output::tell(&format!("exporting to {}", place(&session.target, context.db())));
    for note in session.connection.sandbox().map(fields::org_notes).unwrap_or_default() {
        output::warn(&note);
    }
}

/// Keeps stdin beside the ledger, when it is among the files.
async fn spooled(
    context: &Context,
    mut files: Vec<InputFile>,
) -> Result<(Vec<InputFile>, Option<Spool>), Failure> {
    let db = context.db().to_owned();
    let spool = blocking(move || {
        let spool = Spool::take(&db, &mut files, std::io::stdin().lock())?;
        Ok((files, spool))
    });
    spool.await.map_err(|error| Failure::Io { what: "keep stdin beside the ledger".to_owned(), error })
}

/// Checks every line of every file; answers how many records there are.
async fn checked(session: &Session, files: Vec<InputFile>) -> Result<(Vec<InputFile>, u64), Failure> {
    let progress = session.progress.clone();
    progress.check(files.iter().map(|file| file.bytes).sum());
    let (files, checked) = blocking(move || {
        let checked = check(&files, |bytes| progress.reached(bytes));
        (files, checked)
    })
    .await;
    session.progress.end();
    Ok((files, checked??))
}

/// Brings one file in, running the jobs whenever a few messages are queued.
async fn import(
    context: &Context,
    session: &mut Session,
    runner: &mut Runner<'_>,
    file: &InputFile,
    types: &TypesByObject,
) -> Result<ImportKey, Failure> {
    let text = FieldTypes::default();
    let types = file.csv_object().and_then(|object| types.get(object)).unwrap_or(&text);
    let (mut importer, beginning) = Importer::open(&session.queue, &context.account, file, types)?;
    let said = match beginning {
        Beginning::New => None,
        Beginning::GoesOn { lines } => {
            Some(format!("{}: goes on behind line {lines}, where its export was cut short", file.name))
        }
        Beginning::Anew { lines } => Some(format!(
            "{}: its export was cut short behind line {lines}, but the file was changed since; it begins anew",
            file.name
        )),
    };
    if let Some(said) = said {
        session.progress.aside(|| output::tell(&said));
    }
    let mut spellings = spellings(session, context).await?;
    while importer.fill(&mut session.queue, &mut spellings)?.is_some() {
        runner.empty_queue(&mut session.queue).await?;
    }
    Ok(importer.key().clone())
}

/// The object names of the jobs that are there already.
async fn spellings(session: &Session, context: &Context) -> Result<Spellings, Failure> {
    let jobs = session.jobs.ledger.jobs(&context.account).await?;
    Ok(jobs.into_iter().map(|(job, _)| (job.object.to_lowercase(), job.object)).collect())
}
