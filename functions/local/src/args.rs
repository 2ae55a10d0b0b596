//! The command line: what a person may ask for. It reads nothing but its arguments and decides nothing.

mod deployed;
mod rules;
mod send;
mod serve;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

pub(crate) use deployed::Deployed;
pub(crate) use rules::{CheckArgs, FormulaEngine, ReproduceArgs, RulesAction};
pub(crate) use send::SendArgs;
pub(crate) use serve::ServeArgs;

const EXAMPLES: &str = "\
Examples:
  crm-export export --sample                     the built-in sample, to see how it works
  crm-export export accounts.ndjson contacts.ndjson --org path/to/org
  crm-export export leads.csv --object Lead --external-id Ext__c
  zcat touchpoints.ndjson.gz | crm-export export - --format ndjson
  crm-export status                              what is held, and why
  crm-export resume                              try again, once the cause is mended
  crm-export send contacts.ndjson --stack NAME   hand records to a deployed stack
  crm-export status --stack NAME                 what is held there; so with most commands

Exit status:
  0   everything is exported          10  a job is held, records wait
  11  done, with export errors logged  2  wrong usage or input; nothing was exported
  1   any other failure; nothing is lost, run the command again";

/// Writes records to a CRM, in order, and never loses one.
///
/// When the CRM refuses a record, the job stops exactly there, says why, and goes on by itself once that is mended.
/// Without --crm, records go to a local CRM (the sandbox) that enforces an org folder's metadata.
#[derive(Debug, Parser)]
#[command(name = "crm-export", version, after_help = EXAMPLES, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What every command takes.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Options of every command")]
pub(crate) struct Global {
    /// Whose CRM it is: settings, jobs and errors are kept apart by account [default: local; the stack's]
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) account: Option<String>,
    /// The ledger: a SQLite file. The sandbox keeps its records beside it [default: crm-export.db]
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) db: Option<PathBuf>,
    /// Export to a local CRM that enforces this folder of Salesforce metadata
    #[arg(long, global = true, value_name = "DIR", conflicts_with = "crm")]
    pub(crate) org: Option<PathBuf>,
    /// Export to this CRM; the credentials come from CRM_EXPORT_CLIENT_ID and the like
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) crm: Option<String>,
    /// For a real CRM: the folder of its metadata, whose rules are asked first (setting preflight)
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) rules: Option<PathBuf>,
    /// The last line of stdout is one JSON object, for scripts
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// No progress bar (there is none anyway when stderr is no terminal)
    #[arg(long, global = true)]
    pub(crate) no_progress: bool,
    #[command(flatten)]
    pub(crate) deployed: Deployed,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Export records from files, in their order
    #[command(
        after_help = EXPORT_HELP,
        override_usage = "crm-export export [OPTIONS] <FILE>...\n       crm-export export --sample [OPTIONS]"
    )]
    Export(ExportArgs),
    /// Hand records from files to the queue of a deployed stack, which exports them
    #[command(
        after_help = send::SEND_HELP,
        override_usage = "crm-export send --stack <NAME> [OPTIONS] <FILE>...\n       crm-export send --queue <URL> --account <NAME> [OPTIONS] <FILE>..."
    )]
    Send(SendArgs),
    /// Run the jobs again, as the schedule does: a held job tries its head first
    Resume,
    /// Try the logged export errors again now (the daily job CRMExport_ExportError)
    Retry,
    /// Let a paused job pass the record it is held at; that record stays an open export error
    Skip {
        /// The job's object, for example Contact
        object: String,
    },
    /// Where every job stands: what is held, why, and what to do
    Status,
    /// List export errors
    Errors(ErrorsArgs),
    /// One export error in full: every answer of the CRM, and the record
    Error {
        /// Its id, as `errors` shows it
        id: String,
    },
    /// Show or change the account's settings
    Settings {
        #[command(subcommand)]
        action: Option<SettingsAction>,
    },
    /// Ask the CRM that records are exported to
    #[command(after_help = "Example:\n  crm-export query \"SELECT Ext__c, LastName FROM Contact LIMIT 5\"")]
    Query {
        /// A SOQL query
        soql: String,
    },
    /// Run the local CRM for other clients, until Ctrl-C
    Sandbox(SandboxArgs),
    /// Everything on this machine, until Ctrl-C: queue, jobs, schedules, sandbox, and pages in a browser
    #[command(after_help = serve::SERVE_HELP)]
    Serve(ServeArgs),
    /// Run a refused record against the org's rules, locally: which rule refuses it, and why
    Reproduce(ReproduceArgs),
    /// Work with the CRM's rules: compile them, check files against them, test formulas
    Rules {
        #[command(subcommand)]
        action: RulesAction,
    },
    /// Print a completion script for a shell
    #[command(
        after_help = "Example:\n  crm-export completions bash > ~/.local/share/bash-completion/completions/crm-export"
    )]
    Completions {
        /// Which shell
        shell: Shell,
    },
}

const EXPORT_HELP: &str = "\
NDJSON: one record per line
  {\"object\":\"Contact\",\"externalId\":{\"field\":\"Ext__c\",\"value\":\"42\"},
   \"fields\":{\"LastName\":\"Doe\",\"Account\":{\"Ext__c\":\"A-1\"}}}   (in one line)
  \"operation\":\"delete\" deletes; Account is found by its external id
CSV: a header of field names, a parent as Account.Ext__c; --object and
  --external-id say the rest; an empty cell is left out, #N/A is null

Every file is checked before anything is exported. A file whose export was
killed goes on where it stopped when the same command is run again.

Sign-in for --crm, from the environment:
  CRM_EXPORT_CLIENT_ID with CRM_EXPORT_CLIENT_SECRET, or with
  CRM_EXPORT_USERNAME and CRM_EXPORT_PRIVATE_KEY_FILE (JWT bearer);
  CRM_EXPORT_LOGIN_URL, CRM_EXPORT_AUDIENCE, CRM_EXPORT_CA_FILE where needed";

/// What `export` takes.
#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    /// NDJSON or CSV, by its ending or --format; - reads stdin
    #[arg(value_name = "FILE", required_unless_present = "sample")]
    pub(crate) files: Vec<PathBuf>,
    /// Export the built-in sample into its sample org
    #[arg(long, conflicts_with_all = ["files", "object", "external_id", "format"])]
    pub(crate) sample: bool,
    #[command(flatten)]
    pub(crate) reading: ReadingArgs,
}

const SANDBOX_HELP: &str = "\
Faults: CODE:WHEN, where WHEN is one or several of, joined by commas,
  always, once, N (the Nth write), first=N, every=N, Object, Object.Field=value
for example
  --fault UNABLE_TO_LOCK_ROW:first=3
  --fault INACTIVE_OWNER_OR_USER:Contact.Ext__c=C-0805
  --fault REQUEST_LIMIT_EXCEEDED:once";

/// How files are read.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct ReadingArgs {
    /// The object of CSV rows, and of NDJSON records that name none
    #[arg(long, value_name = "NAME")]
    pub(crate) object: Option<String>,
    /// The column of CSV rows that is the external id
    #[arg(long, value_name = "FIELD")]
    pub(crate) external_id: Option<String>,
    /// How every file is to be read, whatever its ending
    #[arg(long, value_enum)]
    pub(crate) format: Option<Format>,
}

/// How a file is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// One JSON record per line
    Ndjson,
    /// Comma-separated, with a header
    Csv,
}

/// What `errors` takes.
#[derive(Debug, Args)]
pub(crate) struct ErrorsArgs {
    /// Which errors
    #[arg(long, value_enum, default_value = "open")]
    pub(crate) state: StateFilter,
    /// Only this object's
    #[arg(long, value_name = "NAME")]
    pub(crate) object: Option<String>,
    /// Only with this code, crm-export's or the CRM's
    #[arg(long, value_name = "CODE")]
    pub(crate) code: Option<String>,
    /// Only with this text in the external id, message, code, source or id
    #[arg(long, value_name = "TEXT")]
    pub(crate) text: Option<String>,
    /// At most so many; 0 shows all [default: 100, with --json all]
    #[arg(long, value_name = "N")]
    pub(crate) limit: Option<usize>,
}

/// Which errors are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum StateFilter {
    /// Not exported yet; the daily retry tries them
    Open,
    /// Exported since
    Resolved,
    /// Made moot by a newer record
    Superseded,
    /// Every one
    All,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SettingsAction {
    /// Show the settings
    Get,
    /// Change settings
    #[command(after_help = "Settings:
  exportToCrm=true|false          while off nothing is sent; records wait
  pauseOnExportErrors=true|false  stop at a refused record, or log it and go on
  batchSize=200|100|50|25         records in one CRM call
  dailyCrmApiLimit=N              CRM calls in one UTC day
  preflight=off|report|enforce    ask the rules of the org folder before the CRM: not at all,
                                  to count where they differ, or to stop what they refuse
  retryHour=0..23                 when the daily job CRMExport_ExportError runs
  timeZone=NAME                   the time zone of that hour, for example Europe/Berlin")]
    Set {
        /// For example batchSize=100
        #[arg(value_name = "NAME=VALUE", required = true)]
        changes: Vec<String>,
        /// Accept that data in the CRM may become inconsistent (needed to turn pauseOnExportErrors off)
        #[arg(long)]
        accept_data_inconsistency: bool,
    },
}

/// What `sandbox` takes.
#[derive(Debug, Args)]
#[command(after_help = SANDBOX_HELP)]
pub(crate) struct SandboxArgs {
    /// Address and port to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    pub(crate) listen: String,
    /// Serve https with a certificate that the sandbox makes for itself
    #[arg(long)]
    pub(crate) tls: bool,
    /// Refuse writes as the CRM does when no metadata says so, for example UNABLE_TO_LOCK_ROW:once (repeatable)
    #[arg(long, value_name = "CODE:WHEN")]
    pub(crate) fault: Vec<String>,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn global_options_may_stand_anywhere() {
        let cli = Cli::try_parse_from(["crm-export", "status", "--json", "--account", "acme"]).expect("fits");
        assert!(cli.global.json);
        assert_eq!(cli.global.account.as_deref(), Some("acme"));
    }

    #[test]
    fn wrong_combinations_are_refused() {
        for line in [
            "export",
            "export --sample a.csv",
            "status --org a --crm b",
            "errors --state closed",
            "settings set",
            "reproduce",
            "reproduce 0123 --record a.json",
            "rules check",
            "status --stack a --table b",
            "status --stack a --db b",
            "status --table a --db b",
            "send --stack a",
            "send a.ndjson --stack a --queue b",
        ] {
            let words = std::iter::once("crm-export").chain(line.split(' '));
            assert!(Cli::try_parse_from(words).is_err(), "{line}");
        }
    }
}
