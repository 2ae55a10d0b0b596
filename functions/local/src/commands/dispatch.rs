//! Starts the command that was asked for, and ends it when a signal comes.

use tokio::signal::unix::{SignalKind, signal};

use super::{
    completions, errors, export, query, reproduce, resume, rules, sandbox, send, serve, settings, skip,
    status,
};
use crate::args::{Cli, Command};
use crate::context::Context;
use crate::exit::{Exit, Failure};

/// Runs the command line. A signal ends it as SIGKILL would: every write is made so that this loses nothing.
pub(crate) async fn run(cli: Cli, called: &str) -> Result<Exit, Failure> {
    check_place(&cli)?;
    let context = Context::open(cli.global, called).await?;
    // These run until a signal comes, which is their proper end.
    match &cli.command {
        Command::Sandbox(args) => return sandbox::run(&context, args).await,
        Command::Serve(args) => return serve::run(&context, args).await,
        _ => {}
    }
    tokio::select! {
        result = command(&context, cli.command) => result,
        () = interrupted() => Err(Failure::Interrupted),
    }
}

async fn command(context: &Context, command: Command) -> Result<Exit, Failure> {
    match command {
        Command::Export(args) => export::run(context, args).await,
        Command::Send(args) => send::run(context, args).await,
        Command::Resume => resume::run(context).await,
        Command::Retry => resume::retry(context).await,
        Command::Skip { object } => skip::run(context, &object).await,
        Command::Status => status::run(context).await,
        Command::Errors(args) => errors::list(context, &args).await,
        Command::Error { id } => errors::one(context, &id).await,
        Command::Settings { action } => settings::run(context, action).await,
        Command::Query { soql } => query::run(context, &soql).await,
        Command::Sandbox(args) => sandbox::run(context, &args).await,
        Command::Serve(args) => serve::run(context, &args).await,
        Command::Reproduce(args) => reproduce::run(context, &args).await,
        Command::Rules { action } => rules::run(context, action).await,
        Command::Completions { shell } => Ok(completions::run(shell)),
    }
}

/// Refuses `--stack` and `--table` where there is nothing for them to do.
fn check_place(cli: &Cli) -> Result<(), Failure> {
    let deployed = &cli.global.deployed;
    if deployed.stack.is_none() && deployed.table.is_none() {
        return Ok(());
    }
    let (command, advice) = match &cli.command {
        Command::Export(_) => {
            ("export", "it writes from this machine; `crm-export send` hands records to a stack")
        }
        Command::Sandbox(_) => ("sandbox", "it runs on this machine"),
        Command::Serve(_) => ("serve", "a stack has its own pages; see the outputs of its deployment"),
        Command::Rules { .. } => ("rules", "it works on this machine's files"),
        Command::Completions { .. } => ("completions", "it needs no ledger"),
        _ => return Ok(()),
    };
    Err(Failure::Usage(format!("use {command} with --stack or --table: {advice}; leave the option out")))
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
