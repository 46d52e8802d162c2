//! What an operator can set, from three places under the same names: flags, then `PUSHLIVE_*` variables, then
//! `pushlive.toml`.
//!
//! [`Raw`] is what was written and where; [`Settings`] is what it means. Invariant: a [`Settings`] was checked whole, and
//! what was wrong with any value is said once, with the place where somebody wrote it.

mod checked;
mod config_file;
mod file;
mod given;
mod network;
mod raw;
mod value;

use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tracing::level_filters::LevelFilter;

pub use checked::BRANCH;
pub use config_file::ConfigFile;
pub use file::FILE_NAME;
pub use given::Given;
pub use network::{Network, NotANetwork};
pub use raw::Raw;

/// The flags of a command that takes all settings.
#[derive(clap::Args, Clone, Debug, Default)]
pub struct SettingsArgs {
    /// The settings file [default: pushlive.toml in the git directory, where there is one]
    #[arg(long, env = "PUSHLIVE_CONFIG", value_name = "FILE")]
    pub config: Option<ConfigFile>,
    /// Each setting.
    #[command(flatten)]
    pub raw: Raw,
}

/// All settings, checked, with the defaults in place of what nobody set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Address of the public listener; port 0 picks a free one.
    pub listen: SocketAddr,
    /// Address of the operator's listener; none where it is off.
    pub operator_listen: Option<SocketAddr>,
    /// What the operator's listener asks for; there wherever that listener is not loopback.
    pub operator_token: Option<Token>,
    /// Base of the URLs in answers, without a slash at its end; none: from the request.
    pub public_url: Option<String>,
    /// Base of the URLs of bundles and files, likewise; [`Settings::public_url`] where nobody set it.
    pub artefact_url: Option<String>,
    /// Whose `X-Forwarded-*` headers are believed.
    pub trusted_proxies: Vec<Network>,
    /// The branch that is read, without `refs/heads/`.
    pub branch: String,
    /// The rules that the push hook lets pass.
    pub allow: Vec<&'static str>,
    /// Files with who may sign tags.
    pub allowed_signers: Vec<PathBuf>,
    /// The URL that a mirror fetches from.
    pub upstream: Option<String>,
    /// How often refs are compared even without an event.
    pub poll: Duration,
    /// The folder of state and of the artefact store.
    pub data: PathBuf,
    /// The largest zip, in bytes.
    pub max_bundle: u64,
    /// The most entries of a zip.
    pub max_entries: u64,
    /// The largest sum of a zip's unpacked files, in bytes.
    pub max_unpacked: u64,
    /// The most connections at one time.
    pub max_connections: usize,
    /// How long running downloads may take to finish after a stop.
    pub shutdown_grace: Duration,
    /// How much is logged.
    pub log: LevelFilter,
    /// How a line of the log looks; none: text on a terminal, JSON elsewhere.
    pub log_format: Option<LogFormat>,
    not_yet: Vec<String>,
}

/// How a line of the log looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// For machines: one JSON object a line.
    Json,
}

/// A secret. It compares and can be asked for, but is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// The secret itself.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(hidden)")
    }
}

/// What is wrong with one setting, and what would be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Where it was written and what is wrong, as the start of a sentence.
    pub message: String,
    /// What is accepted, likewise.
    pub help: String,
}

impl Fault {
    fn new(message: String, help: impl Into<String>) -> Self {
        Fault { message, help: help.into() }
    }
}

impl Settings {
    /// The settings of a command for the repository with that git directory (the common one, of a linked worktree).
    ///
    /// # Errors
    /// Every fault of the flags, the variables and the settings file.
    pub fn load(args: &SettingsArgs, git_dir: &Path) -> Result<Settings, Vec<Fault>> {
        let file = file::SettingsFile::find(args.config.as_ref().and_then(ConfigFile::path), git_dir)
            .map_err(|fault| vec![fault])?;
        let below = file.as_ref().map_or_else(|| Ok(Raw::default()), file::SettingsFile::parse)?;
        checked::settings(&args.raw.clone().or(below), file.as_ref(), git_dir)
    }

    /// The settings of a command that is about no repository: a settings file is read where one is named.
    ///
    /// # Errors
    /// As of [`load`](Settings::load).
    pub fn load_for_no_repository(args: &SettingsArgs) -> Result<Settings, Vec<Fault>> {
        match args.config.as_ref().and_then(ConfigFile::path) {
            Some(_) => Settings::load(args, Path::new("")),
            None => checked::settings(&args.raw.clone().or(Raw::default()), None, Path::new("")),
        }
    }

    /// What URLs of artefacts start with where no request says for which host it is, without a slash at its end: of a
    /// daemon that listens at that address.
    pub fn artefact_base(&self, listens: SocketAddr) -> String {
        self.artefact_url.clone().unwrap_or_else(|| format!("http://{listens}"))
    }

    /// A sentence for each setting that somebody set and whose part of pushlive is not there yet.
    pub fn not_yet(&self) -> &[String] {
        &self.not_yet
    }
}

#[cfg(test)]
mod tests;
