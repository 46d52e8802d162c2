//! The commands, a file each: flags to calls, and outcomes to words.
//!
//! A command writes what was asked for to the output that it is given, and ends with nothing or a [`Failure`], which knows
//! the exit code. [`report`] alone knows how problems are rendered for people.

mod ask;
mod branch;
mod check;
mod completions;
mod demo;
mod explain;
pub mod failure;
mod history;
mod hook;
mod init;
mod kept;
mod layout;
mod live;
mod log;
mod man;
mod pack;
mod plan;
pub mod report;
mod serve;
pub mod shell;
mod status;
mod table;
mod time;
mod when;
mod whom;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use failure::Failure;

/// Live updates of Capacitor apps, released with git push.
#[derive(Parser)]
#[command(name = "pushlive", version, about, max_term_width = 100, disable_help_subcommand = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Demo(demo::Arguments),
    Init(init::Arguments),
    Serve(serve::Arguments),
    Check(check::Arguments),
    Plan(plan::Arguments),
    Explain(Box<explain::Arguments>),
    Log(history::Arguments),
    Status(status::Arguments),
    Hook(hook::Arguments),
    Completions(completions::Arguments),
    Man(man::Arguments),
    Pack(Box<pack::Arguments>),
}

impl Cli {
    /// Runs the command that was asked for, and says how to exit.
    pub fn run(self) -> ExitCode {
        let mut out = io::stdout();
        let done = self.command.run(&mut out).and_then(|()| out.flush().map_err(Failure::output));
        done.map_or_else(|failure| failure.report(), |()| ExitCode::SUCCESS)
    }
}

impl Command {
    fn run(self, out: &mut dyn Write) -> Result<(), Failure> {
        match self {
            Command::Demo(arguments) => demo::run(&arguments, out),
            Command::Init(arguments) => init::run(&arguments, out),
            Command::Serve(arguments) => serve::run(&arguments, out),
            Command::Check(arguments) => check::run(&arguments, out),
            Command::Plan(arguments) => plan::run(&arguments, out),
            Command::Explain(arguments) => explain::run(&arguments, out),
            Command::Log(arguments) => history::run(&arguments, out),
            Command::Status(arguments) => status::run(&arguments, out),
            Command::Hook(arguments) => hook::run(&arguments, out),
            Command::Completions(arguments) => completions::run(&arguments, out),
            Command::Man(arguments) => man::run(&arguments, out),
            Command::Pack(arguments) => pack::run(&arguments, out),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn completions_and_the_manual_name_every_command() {
        let (mut completions, mut manual) = (Vec::new(), Vec::new());
        let bash = Cli::try_parse_from(["pushlive", "completions", "bash"]).unwrap();
        bash.command.run(&mut completions).unwrap();
        Cli::try_parse_from(["pushlive", "man"]).unwrap().command.run(&mut manual).unwrap();
        for command in Cli::command().get_subcommands() {
            assert!(String::from_utf8_lossy(&completions).contains(command.get_name()));
            assert!(String::from_utf8_lossy(&manual).contains(command.get_name()));
        }
    }
}
