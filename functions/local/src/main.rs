//! `crm-export`: writes records to a CRM, in order, and never loses one; on one machine, or by a deployed stack.
//!
//! Arguments in [`args`], the environment in [`config`], both together in a [`context`]; [`commands`] do the work with a
//! [`session`]: files come in through [`input`] into the local [`queue`], the jobs run on them, and [`report`] tells what
//! came of it. Or [`send`] hands them to a stack's queue, and the same commands work on what is [`deployed`].

mod args;
mod commands;
mod config;
mod connect;
mod context;
mod deployed;
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
#[cfg(feature = "aws")]
mod send;
mod serve;
mod session;
mod start;

use std::process::ExitCode;

fn main() -> ExitCode {
    start::start().into()
}
