//! `crm-export`: writes records to a CRM, in order, and never loses one; all of it on one machine.
//!
//! Arguments in [`args`], the environment in [`config`]; [`commands`] do the work with a [`session`]: files come in through
//! [`input`] into the local [`queue`], the jobs run on them, and [`report`] tells what came of it.

mod args;
mod commands;
mod config;
mod connect;
mod exit;
mod fields;
mod input;
mod lock;
mod output;
mod paths;
mod preflight;
mod progress;
mod queue;
mod report;
mod rules;
mod runner;
mod session;
mod start;

use std::process::ExitCode;

fn main() -> ExitCode {
    start::start().into()
}
