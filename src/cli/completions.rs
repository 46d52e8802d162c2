//! `pushlive completions`: what a shell needs to complete our command line.

use std::io::Write;

use clap::CommandFactory;
use clap_complete::Shell;

use super::Cli;
use super::failure::Failure;

/// Print the completions for a shell
///
/// For bash: pushlive completions bash > ~/.local/share/bash-completion/completions/pushlive
#[derive(clap::Args)]
pub struct Arguments {
    /// The shell
    shell: Shell,
}

pub(super) fn run(arguments: &Arguments, out: &mut dyn Write) -> Result<(), Failure> {
    // The generator panics where it cannot write, so it writes to memory.
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Cli::command(), "pushlive", &mut script);
    out.write_all(&script).map_err(Failure::output)
}
