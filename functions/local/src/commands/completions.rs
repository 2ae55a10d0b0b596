//! `completions`: a script for the shell.

use clap::CommandFactory;
use clap_complete::Shell;

use crate::args::Cli;
use crate::exit::Exit;
use crate::output;

/// Prints the script.
pub(super) fn run(shell: Shell) -> Exit {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "crm-export", &mut script);
    output::answer(&String::from_utf8_lossy(&script));
    Exit::Done
}
