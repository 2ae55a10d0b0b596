//! From the command line to an exit status: reads the arguments, starts the runtime, tells failures.

use clap::Parser;
use clap::error::ErrorKind;
use tracing_subscriber::filter::LevelFilter;

use crate::args::Cli;
use crate::config::Environment;
use crate::exit::{Exit, Failure};
use crate::report::{STOP, failure};
use crate::{commands, output};

/// The sandbox, the client and SQLite share these; more would only stand by.
const THREADS: usize = 4;

/// Runs the program.
pub(crate) fn start() -> Exit {
    let words: Vec<_> = std::env::args_os().collect();
    let called = words.first().map(|word| word.to_string_lossy().into_owned()).unwrap_or_default();
    let cli = match Cli::try_parse_from(&words) {
        Ok(cli) => cli,
        Err(error) => return refused(&error, words.iter().any(|word| word == "--json")),
    };
    log();
    let json = cli.global.json;
    match run(cli, &called) {
        Ok(exit) => exit,
        Err(error) => {
            let message = format!("{}{error}", prefix(&error));
            output::tell(&format!("{STOP}error:{STOP:#} {message}"));
            if json {
                output::json(&failure(&message));
            }
            error.exit()
        }
    }
}

fn run(cli: Cli, called: &str) -> Result<Exit, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(THREADS).enable_all().build();
    let runtime = runtime.map_err(|error| Failure::Io { what: "start".to_owned(), error })?;
    let result = runtime.block_on(commands::run(cli, called));
    // What is still under way is of no use to anyone any more.
    runtime.shutdown_background();
    result
}

/// Errors are written to follow "failed to"; what is a sentence of its own is not.
fn prefix(error: &Failure) -> &'static str {
    match error {
        Failure::Usage(text) if text.starts_with(char::is_uppercase) => "",
        Failure::BadInput(_) | Failure::Interrupted => "",
        _ => "failed to ",
    }
}

/// Help and version are answers; everything else is wrong usage.
fn refused(error: &clap::Error, json: bool) -> Exit {
    let _ = error.print();
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        return Exit::Done;
    }
    if json {
        let text = anstream::adapter::strip_str(&error.to_string()).to_string();
        let message = text.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned();
        output::json(&failure(&message));
    }
    Exit::Usage
}

/// Errors of the machinery go to stderr; `CRM_EXPORT_LOG` shows more.
fn log() {
    let level = Environment::read().log.and_then(|level| level.parse().ok()).unwrap_or(LevelFilter::ERROR);
    tracing_subscriber::fmt().with_max_level(level).with_writer(std::io::stderr).init();
}
