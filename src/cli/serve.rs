//! `pushlive serve`: the daemon.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use tracing::{info, warn};

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
    print(block(&daemon), out);
    Ok(daemon.run()?)
}

/// Prints what a daemon has to say to who starts it. That nobody reads it is no reason to end.
pub(super) fn print(text: impl AsRef<[u8]>, out: &mut dyn Write) {
    if let Err(error) = out.write_all(text.as_ref()).and_then(|()| out.flush()) {
        info!("serving all the same, although the standard output takes no words: {error}");
    }
}

/// What goes into the app, with this server's own URLs.
fn block(daemon: &Daemon) -> String {
    let base = daemon.settings().public_url.clone().unwrap_or_else(|| format!("http://{}", daemon.address()));
    let block = format!("In capacitor.config, for this server:\n\n{}\n", plugin_block(&base));
    if !base.starts_with("http://") {
        return block;
    }
    block + "Phones refuse http: put a proxy with a certificate in front, and set public_url to its address.\n\n"
}

impl From<StartError> for Failure {
    fn from(error: StartError) -> Self {
        let failure = Failure::environment(error.to_string());
        match error {
            StartError::Listen(..) => {
                failure.hint("stop what has the port, or take another with --listen; port 0 picks a free one")
            }
            StartError::ListenForOperator(..) => failure.hint(
                "stop what has the port, or take another with --operator-listen; port 0 picks a free one, `off` is none",
            ),
            StartError::Data(..) => failure.hint("give this daemon a directory of its own with --data"),
            StartError::System(_) | StartError::Blind => failure,
        }
    }
}
