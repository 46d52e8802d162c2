//! `pushlive man`: the manual page, with every command and its flags.

use std::io::{self, Write};

use clap::{Command, CommandFactory};
use clap_mangen::Man;

use super::Cli;
use super::failure::Failure;

/// Print the manual, for `man -l -`
#[derive(clap::Args)]
pub struct Arguments {}

pub(super) fn run(_: &Arguments, out: &mut dyn Write) -> Result<(), Failure> {
    let mut command = Cli::command();
    command.build();
    pages(command, out).map_err(Failure::output)
}

/// The program's own page, and behind it one for each command: a reader of `man -l -` sees them in one go.
fn pages(command: Command, out: &mut dyn Write) -> io::Result<()> {
    let commands: Vec<_> = command.get_subcommands().filter(|command| !command.is_hide_set()).cloned().collect();
    Man::new(command).render(out)?;
    commands.into_iter().try_for_each(|command| Man::new(command).render(out))
}
