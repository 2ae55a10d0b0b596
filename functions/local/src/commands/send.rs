//! `send`: checks the files, packs their records into messages, and hands them to the queue of a deployed stack.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

use cloud::SdkConfig;
use domain::AccountName;
use jobs::clock::SystemClock;
use serde_json::{Value, json};

use crate::args::SendArgs;
use crate::connect::Connection;
use crate::context::{Context, Place};
use crate::deployed::configure;
use crate::exit::{Exit, Failure};
use crate::fields::{self, TypesByObject};
use crate::input::{FieldTypes, InputFile, Mark, Reader, Spool, check_with};
use crate::output;
use crate::progress::Progress;
use crate::queue::{ImportError, Target};
use crate::report::{DIM, OK, STRONG, counted, grouped};
use crate::send::{Packer, Parcel, Sender, Sqs, check_group};
use crate::session::blocking;

/// Where messages go.
struct Destination {
    sdk: SdkConfig,
    url: String,
    account: AccountName,
}

/// What was sent.
#[derive(Debug, Default)]
struct Sent {
    records: u64,
    messages: u64,
    requests: u64,
    /// Messages that went in once more, so that the newest values come last.
    again: u64,
    /// Records and messages of each object.
    objects: BTreeMap<String, (u64, u64)>,
}

/// Sends files.
pub(super) async fn run(context: &Context, args: SendArgs) -> Result<Exit, Failure> {
    let files = InputFile::all(&args.files, &args.reading)?;
    let destination = destination(context, args.queue.as_deref()).await?;
    let (files, spool) = blocking(move || {
        let mut files = files;
        let spool = Spool::take_aside(&mut files, std::io::stdin().lock())?;
        Ok((files, spool))
    })
    .await
    .map_err(|error| Failure::Io { what: "keep stdin in a temporary file".to_owned(), error })?;
    let progress = Progress::new(!context.global.no_progress);
    let (files, records) = checked(&progress, files, &destination.account).await?;
    let types = types(context, &files).await?;
    if !context.global.json {
        output::tell(&format!("sending to {}, account {}", destination.url, destination.account));
    }
    progress.send(records);
    let sent = send(&destination, &files, &types, &progress).await;
    progress.end();
    drop(spool);
    report(context, &destination, &sent?);
    Ok(Exit::Done)
}

/// The stack's queue, or the one that was named.
async fn destination(context: &Context, queue: Option<&str>) -> Result<Destination, Failure> {
    let account = context.account.clone();
    let (sdk, url) = match (queue, &context.place) {
        (Some(url), _) => {
            if context.global.account.is_none() {
                return Err(Failure::Usage(
                    "send to a queue: say whose records they are, with --account NAME (the stack's parameter AccountName); the \
                     functions reject another account's"
                        .to_owned(),
                ));
            }
            (configure(&context.global.deployed).await?, url.to_owned())
        }
        (None, Place::Table(deployment)) => match deployment.queue() {
            Some((sdk, url)) => (sdk.clone(), url.to_owned()),
            None => {
                return Err(Failure::Usage("send to a table: give --stack NAME or --queue URL".to_owned()));
            }
        },
        (None, Place::File) => {
            return Err(Failure::Usage(
                "send: say where to, with --stack NAME or --queue URL --account NAME; to export from this machine: crm-export export"
                    .to_owned(),
            ));
        }
    };
    if !url.ends_with(".fifo") {
        return Err(Failure::Usage(format!(
            "send to {url}: it is no FIFO queue, whose URL ends with .fifo; order would be lost"
        )));
    }
    Ok(Destination { sdk, url, account })
}

/// Checks every line of every file; answers how many records there are.
async fn checked(
    progress: &Progress,
    files: Vec<InputFile>,
    account: &AccountName,
) -> Result<(Vec<InputFile>, u64), Failure> {
    let (bar, account) = (progress.clone(), account.clone());
    bar.check(files.iter().map(|file| file.bytes).sum());
    let (files, checked) = blocking(move || {
        let group = |record: &domain::Record| check_group(&account, &record.object);
        let checked = check_with(&files, group, |bytes| bar.reached(bytes));
        (files, checked)
    })
    .await;
    progress.end();
    let records = checked?.map_err(crate::input::BadInput::of_send)?;
    Ok((files, records))
}

/// What the fields of CSV files take: as a folder of metadata or the CRM says, when one is named.
async fn types(context: &Context, files: &[InputFile]) -> Result<TypesByObject, Failure> {
    if files.iter().all(|file| file.csv_object().is_none()) {
        return Ok(TypesByObject::new());
    }
    let global = &context.global;
    if let Some(folder) = global.org.as_ref().or(global.rules.as_ref()) {
        return Ok(fields::in_folder(folder, files)?);
    }
    let Some(url) = &global.crm else {
        output::warn(
            "CSV cells go out as text: the CRM refuses text for numbers and checkboxes; if there are any, give --rules DIR or --crm URL",
        );
        return Ok(TypesByObject::new());
    };
    let target = Target::Crm(url.clone());
    let connection =
        Connection::open(&target, context.db(), &context.environment, Arc::new(SystemClock)).await?;
    fields::find(&target, &connection, None, files).await
}

/// Sends every file, one after the other.
async fn send(
    destination: &Destination,
    files: &[InputFile],
    types: &TypesByObject,
    progress: &Progress,
) -> Result<Sent, Failure> {
    let mut sent = Sent::default();
    let outbox = Arc::new(Sqs::new(&destination.sdk, &destination.url));
    let mut sender = Sender::new(outbox, Arc::new(SystemClock));
    let mut packer = Packer::new(destination.account.clone());
    let text = FieldTypes::default();
    for file in files {
        let types = file.csv_object().and_then(|object| types.get(object)).unwrap_or(&text);
        let mut reader = Reader::open(file, types, Mark::default())?;
        while let Some(row) = reader.next()? {
            let record = row.record.map_err(|problem| ImportError::Changed {
                file: file.name.clone(),
                problem: format!("line {}: {problem}", row.line),
            })?;
            let parcels = packer.add(file, row.line, &record);
            if !parcels.is_empty() {
                sent.count(&parcels);
                sent.records += sender.send(parcels).await?;
                progress.reached(sent.records);
            }
        }
        let parcels = packer.end(file);
        sent.count(&parcels);
        sent.records += sender.send(parcels).await?;
    }
    sent.records += sender.finish().await?;
    progress.reached(sent.records);
    Ok(Sent { requests: sender.requests, again: sender.again, ..sent })
}

impl Sent {
    fn count(&mut self, parcels: &[Parcel]) {
        self.messages += parcels.len() as u64;
        for parcel in parcels {
            let (records, messages) = self.objects.entry(parcel.object.clone()).or_default();
            *records += u64::from(parcel.records);
            *messages += 1;
        }
    }
}

fn report(context: &Context, destination: &Destination, sent: &Sent) {
    if context.global.json {
        output::json(&as_json(destination, sent));
        return;
    }
    let mut text = String::new();
    let width = sent.objects.keys().map(|object| object.chars().count()).max().unwrap_or(0);
    for (object, (records, messages)) in &sent.objects {
        let (records, messages) = (counted(*records, "record"), counted(*messages, "message"));
        let _ = writeln!(text, "{STRONG}CRMExport_{object:width$}{STRONG:#}  {records} in {messages}");
    }
    let (messages, requests) = (counted(sent.messages, "message"), counted(sent.requests, "request"));
    let _ = writeln!(
        text,
        "{OK}{} in the queue{OK:#}, {DIM}{messages} in {requests}{DIM:#}",
        counted(sent.records, "record")
    );
    if sent.again > 0 {
        let _ = writeln!(
            text,
            "{} sent twice: SQS had dropped a part of what was sent before, and the newest values must come last",
            grouped(sent.again)
        );
    }
    if let Place::Table(_) = context.place {
        let status = context.hints.command("status");
        let _ = writeln!(text, "{DIM}what became of them:{DIM:#}  {STRONG}{status}{STRONG:#}");
    }
    output::answer(&text);
}

/// What scripts read. Its shape is a promise, as that of the other commands.
fn as_json(destination: &Destination, sent: &Sent) -> Value {
    let jobs: Vec<Value> = sent
        .objects
        .iter()
        .map(|(object, (records, messages))| json!({ "object": object, "records": records, "messages": messages }))
        .collect();
    json!({
        "account": destination.account,
        "queue": destination.url,
        "records": sent.records,
        "messages": sent.messages,
        "requests": sent.requests,
        "sentTwice": sent.again,
        "jobs": jobs,
    })
}
