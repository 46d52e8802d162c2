//! `pushlive serve`: the daemon.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use tracing::warn;

use super::failure::Failure;
use super::log;
use crate::repository::reader::Reader;
use crate::serve::{Daemon, StartError, plugin_block};
use crate::settings::{Settings, SettingsArgs};

/// Serve a release repository: answer the plugin's update checks, and follow every push
#[derive(Args)]
pub struct Arguments {
    /// The repository [default: the one around the current folder]
    repo: Option<PathBuf>,
    #[command(flatten)]
    settings: SettingsArgs,
}

/// Serves until a signal says stop.
///
/// # Errors
/// There is no such repository, a setting is wrong, the port or the data directory is taken.
pub fn run(arguments: &Arguments, out: &mut dyn Write) -> Result<(), Failure> {
    let reader = match &arguments.repo {
        Some(repo) => Reader::open(repo)?,
        None => Reader::discover(Path::new("."))?,
    };
    let git_dir = reader.common_dir().to_owned();
    drop(reader);
    let settings = Settings::load(&arguments.settings, &git_dir)?;
    log::start(settings.log, settings.log_format);
    for note in settings.not_yet() {
        warn!("{note}");
    }
    let daemon = Daemon::start(git_dir, settings)?;
    print_block(&daemon, out).map_err(Failure::output)?;
    Ok(daemon.run()?)
}

/// What goes into the app, with this server's own URLs.
fn print_block(daemon: &Daemon, out: &mut dyn Write) -> io::Result<()> {
    let base = daemon.settings().public_url.clone().unwrap_or_else(|| format!("http://{}", daemon.address()));
    writeln!(out, "In capacitor.config, for this server:\n\n{}", plugin_block(&base))?;
    if base.starts_with("http://") {
        writeln!(
            out,
            "Phones refuse http: put a proxy with a certificate in front, and set public_url to its address.\n"
        )?;
    }
    out.flush()
}

impl From<StartError> for Failure {
    fn from(error: StartError) -> Self {
        let failure = Failure::environment(error.to_string());
        match error {
            StartError::Listen(..) => {
                failure.hint("stop what has the port, or take another with --listen; port 0 picks a free one")
            }
            StartError::Data(..) => failure.hint("give this daemon a directory of its own with --data"),
            StartError::System(_) | StartError::Blind => failure,
        }
    }
}
