//! `export`: checks the files, brings them into the queue a little at a time, and runs the jobs in between.

use std::path::PathBuf;

use jobs::Cause;

use super::shared::finish;
use crate::args::ExportArgs;
use crate::connect::place;
use crate::context::Context;
use crate::exit::{Exit, Failure};
use crate::fields::{self, TypesByObject};
use crate::input::{FieldTypes, InputFile, Spool, check};
use crate::output;
use crate::paths::{sample, shown};
use crate::progress::Progress;
use crate::queue::{Beginning, ImportKey, Importer, Queue, Spellings};
use crate::runner::Runner;
use crate::session::{Local, Session, blocking};

/// Exports files.
pub(super) async fn run(context: &Context, args: ExportArgs) -> Result<Exit, Failure> {
    let files = files(context, args)?;
    let (session, mut local) = Session::of_file(context).await?;
    announce(context, &session, &local);
    let (files, spool) = spooled(context, files).await?;
    let (files, records) = checked(&session.progress, files).await?;
    let types = fields::find(&session.target, &local.connection, Some(&local.queue), &files).await?;
    local.queue.remember_target(&context.account, &session.target)?;

    let (jobs, progress) = (session.jobs.clone(), session.progress.clone());
    let mut runner = Runner::new(&jobs, &context.account, &progress);
    progress.export(records + runner.parked().await?);
    runner.resume(Cause::Person).await?;
    runner.empty_queue(&mut local.queue).await?;
    let mut imported = Vec::new();
    for file in &files {
        imported.push(import(context, &session, &mut local.queue, &mut runner, file, &types).await?);
    }
    runner.resume(Cause::Schedule).await?;
    let tally = runner.tally;
    let exit = finish(context, Session { local: Some(local), ..session }, &tally, &imported).await;
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
fn announce(context: &Context, session: &Session, local: &Local) {
    if let Some(error) = &local.connection.unavailable {
        output::warn(&format!("the CRM does not answer ({}); records wait until it does", error.code));
    }
    if context.global.json {
        return;
    }
    output::tell(&format!("exporting to {}", place(&session.target, context.db())));
    for note in local.connection.sandbox().map(fields::org_notes).unwrap_or_default() {
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
async fn checked(progress: &Progress, files: Vec<InputFile>) -> Result<(Vec<InputFile>, u64), Failure> {
    let bar = progress.clone();
    bar.check(files.iter().map(|file| file.bytes).sum());
    let (files, checked) = blocking(move || {
        let checked = check(&files, |bytes| bar.reached(bytes));
        (files, checked)
    })
    .await;
    progress.end();
    Ok((files, checked??))
}

/// Brings one file in, running the jobs whenever a few messages are queued.
async fn import(
    context: &Context,
    session: &Session,
    queue: &mut Queue,
    runner: &mut Runner<'_>,
    file: &InputFile,
    types: &TypesByObject,
) -> Result<ImportKey, Failure> {
    let text = FieldTypes::default();
    let types = file.csv_object().and_then(|object| types.get(object)).unwrap_or(&text);
    let (mut importer, beginning) = Importer::open(queue, &context.account, file, types)?;
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
    while importer.fill(queue, &mut spellings)?.is_some() {
        runner.empty_queue(queue).await?;
    }
    Ok(importer.key().clone())
}

/// The object names of the jobs that are there already.
async fn spellings(session: &Session, context: &Context) -> Result<Spellings, Failure> {
    let jobs = session.jobs.ledger.jobs(&context.account).await?;
    Ok(jobs.into_iter().map(|(job, _)| (job.object.to_lowercase(), job.object)).collect())
}

/// The sample's files, in their order.
fn sample_files() -> Result<Vec<PathBuf>, Failure> {
    let folder = sample().ok_or_else(|| {
        Failure::Usage(
            "find the sample: the checkout that this program was built from is gone; export files of your own".to_owned(),
        )
    })?;
    let list = || -> std::io::Result<Vec<PathBuf>> {
        let entries = std::fs::read_dir(&folder)?.collect::<Result<Vec<_>, _>>()?;
        let mut files: Vec<PathBuf> = entries.into_iter().map(|entry| entry.path()).collect();
        files.retain(|path| path.extension().is_some_and(|ending| ending == "ndjson"));
        files.sort();
        Ok(files)
    };
    let files = list().map_err(|error| Failure::Io { what: format!("read {}", folder.display()), error })?;
    if files.is_empty() {
        return Err(Failure::Usage(format!("find the sample: no *.ndjson in {}", folder.display())));
    }
    Ok(files)
}
