//! The command line of `send`.

use std::path::PathBuf;

use clap::Args;

use super::ReadingArgs;

pub(super) const SEND_HELP: &str = "\
Files are read as `export` reads them, and every line is checked before the
first message is sent. Records are packed into messages of one object each, in
their order: as many as fit in 64 KB, at most 200.

Sending again: the command begins at the first line each time. SQS drops what it
took from the same place of the same file within five minutes; what is older is
exported a second time, in order, which upserts by external id make harmless.
Where SQS drops a part only, what follows it is sent anew, so that the newest
values always come last. So a send that was cut short is simply run again.

CSV cells go out as text, unless the CRM's metadata says what fields take: give
its folder with --rules DIR (or --org DIR), or ask the CRM itself with --crm URL.
Salesforce refuses text for a number or a checkbox.

Exit status: 0 everything is in the queue, 2 wrong usage or input (nothing was
sent), 1 any other failure; run the command again";

/// What `send` takes.
#[derive(Debug, Args)]
pub(crate) struct SendArgs {
    /// NDJSON or CSV, by its ending or --format; - reads stdin
    #[arg(value_name = "FILE", required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// The queue's URL (output QueueUrl of the stack), in place of --stack; needs --account
    #[arg(long, value_name = "URL", conflicts_with_all = ["stack", "table"])]
    pub(crate) queue: Option<String>,
    #[command(flatten)]
    pub(crate) reading: ReadingArgs,
}
