//! Parses the command line, runs one command, turns its outcome into an exit code.

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    pushlive::cli::Cli::parse().run()
}
