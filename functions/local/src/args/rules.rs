//! The command line of `rules` and `reproduce`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::ReadingArgs;

#[derive(Debug, Subcommand)]
pub(crate) enum RulesAction {
    /// Compile an org folder's rules to WASM: what compiled, what did not, and why
    #[command(after_help = "\
Exit status: 0 every rule compiled or is reported as unknown, 1 a rule has an error, 2 the folder cannot be read")]
    Compile {
        /// The org folder
        #[arg(value_name = "DIR")]
        dir: PathBuf,
        /// Write the compiled rules into this folder, for the functions: rules.wasm, rules.cwasm, rules.json
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
    },
    /// Say which records of files the org would refuse, and by which rule; nothing is exported
    #[command(
        after_help = "\
The records are saved into a local CRM in memory, in their order, and forgotten. A record whose parent is not among
them is counted as unknown.

Exit status: 0 none would be refused, 11 some would, 2 wrong usage or input",
        override_usage = "crm-export rules check --org <DIR> [OPTIONS] <FILE>..."
    )]
    Check(CheckArgs),
    /// Evaluate formulas over records and compare with what is expected, blanks read as zeros and as blanks
    #[command(after_help = "\
A case file is a JSON list of
  {\"name\", \"returns\": TYPE, \"formula\", \"fields\": [{\"name\", \"type\"}],
   \"rows\": [{\"record\": {FIELD: TEXT}, \"blank_as_zero\": {\"value\": TEXT}, \"blank_as_blank\": {\"value\": TEXT}}]}

Exit status: 0 every expectation is met, 1 some are not, 2 the file is no case file")]
    Test {
        /// The case file
        #[arg(value_name = "CASES.json")]
        cases: PathBuf,
        /// What evaluates the formulas
        #[arg(long, value_enum, default_value = "wasm")]
        engine: FormulaEngine,
    },
}

/// What evaluates formulas.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FormulaEngine {
    /// Code compiled to WASM, as rules run
    Wasm,
    /// The reference evaluator, which explains
    Reference,
}

/// What `rules check` takes.
#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// NDJSON or CSV, by its ending or --format
    #[arg(value_name = "FILE", required = true)]
    pub(crate) files: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) reading: ReadingArgs,
}

/// What `reproduce` takes.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  crm-export reproduce a04dd92ca801            the refused record of an export error, as `errors` lists it
  crm-export reproduce Contact                 the record that the job is held at
  crm-export reproduce --record contact.json --prior before.json --org path/to/org

A record file is one JSON record as `export` takes it; the prior file the same, as the record was before.

Exit status: 0 the org's rules accept the record, 11 they refuse it, 2 wrong usage or input")]
pub(crate) struct ReproduceArgs {
    /// Id of an export error, or the object of a held job
    #[arg(value_name = "ERROR-ID", required_unless_present = "record")]
    pub(crate) error: Option<String>,
    /// A record in a file
    #[arg(long, value_name = "FILE", conflicts_with = "error")]
    pub(crate) record: Option<PathBuf>,
    /// The record as it was before, in a file; without it the record is looked up in the sandbox, or new
    #[arg(long, value_name = "FILE", requires = "record")]
    pub(crate) prior: Option<PathBuf>,
}
