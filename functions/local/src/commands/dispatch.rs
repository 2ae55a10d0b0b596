//! Starts the command that was asked for, and ends it when a signal comes.

use tokio::signal::unix::{SignalKind, signal};

use super::{completions, errors, export, query, reproduce, resume, rules, sandbox, settings, skip, status};
use crate::args::{Cli, Command};
use crate::exit::{Exit, Failure};
use crate::session::Context;

/// Runs the command line. A signal ends it as SIGKILL would: every write is made so that this loses nothing.
pub(crate) async fn run(cli: Cli, called: &str) -> Result<Exit, Failure> {
    let context = Context::new(cli.global, called)?;
    if let Command::Sandbox(args) = &cli.command {
        // It runs until a signal comes, which is its proper end.
        return sandbox::run(&context, args).await;
    }
    tokio::select! {
        result = command(&context, cli.command) => result,
        () = interrupted() => Err(Failure::Interrupted),
    }
}

async fn command(context: &Context, command: Command) -> Result<Exit, Failure> {
    match command {
        Command::Export(args) => export::run(context, args).await,
        Command::Resume => resume::run(context).await,
        Command::Retry => resume::retry(context).await,
        Command::Skip { object } => skip::run(context, &object).await,
        Command::Status => status::run(context).await,
        Command::Errors(args) => errors::list(context, &args).await,
        Command::Error { id } => errors::one(context, &id).await,
        Command::Settings { action } => settings::run(context, action).await,
        Command::Query { soql } => query::run(context, &soql).await,
        Command::Sandbox(args) => sandbox::run(context, &args).await,
        Command::Reproduce(args) => reproduce::run(context, &args).await,
        Command::Rules { action } => rules::run(context, action).await,
        Command::Completions { shell } => Ok(completions::run(shell)),
    }
}

/// Until Ctrl-C or SIGTERM. Never, when the system gives no signals.
pub(super) async fn interrupted() {
    let (Ok(mut interrupt), Ok(mut terminate)) =
        (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
}
