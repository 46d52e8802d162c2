//! `pushlive demo`: a repository with an app and two releases, served, with the next commands to type.

mod app;
mod walk;

use std::fs;
use std::io::{self, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};

use clap::Args;

use super::failure::Failure;
use super::{init, log};
use crate::repository::create::Writer;
use crate::serve::Daemon;
use crate::settings::{Settings, SettingsArgs};

/// What the settings and the releases of the demo are about.
const APP: &str = "com.example.demo";
const SETTINGS: &str = "[apps.\"com.example.demo\"]\nname = \"Demo\"\n";
/// The releases that are there, and the one that waits to be pushed.
const RELEASES: [&str; 2] = ["1.0.1", "1.0.2"];
const NEXT: &str = "1.0.3";

/// Make a repository with an app and two releases, serve it, and print what to try next
#[derive(Args)]
pub struct Arguments {
    /// Where to make it [default: a new folder in the temporary directory]
    dir: Option<PathBuf>,
    #[command(flatten)]
    settings: SettingsArgs,
}

/// Makes the demo, unless it is there from before, and serves it until a signal says stop.
///
/// # Errors
/// The folder is taken by something else, or a daemon cannot be started in it.
pub fn run(arguments: &Arguments, out: &mut dyn Write) -> Result<(), Failure> {
    let folder = folder(arguments.dir.as_deref())?;
    let repository = folder.join("releases.git");
    if !repository.exists() {
        make(&folder, &repository)?;
    }
    let mut settings = Settings::load(&arguments.settings, &repository)?;
    if arguments.settings.raw.listen.is_none() {
        settings.listen = free_address(settings.listen);
    }
    log::start(settings.log, settings.log_format);
    let daemon = Daemon::start(repository, settings)?;
    walk::print(&folder, daemon.address(), out).map_err(Failure::output)?;
    Ok(daemon.run()?)
}

/// The demo's folder, as an absolute path: what is printed works from anywhere.
fn folder(wanted: Option<&Path>) -> Result<PathBuf, Failure> {
    let Some(wanted) = wanted else {
        let made = tempfile::Builder::new().prefix("pushlive-demo-").tempdir();
        return Ok(made.map_err(|error| unusable(&std::env::temp_dir(), &error))?.keep());
    };
    fs::create_dir_all(wanted).map_err(|error| unusable(wanted, &error))?;
    let folder = wanted.canonicalize().map_err(|error| unusable(wanted, &error))?;
    let is_empty = folder.read_dir().map_err(|error| unusable(wanted, &error))?.next().is_none();
    if is_empty || folder.join("releases.git").exists() {
        return Ok(folder);
    }
    Err(Failure::environment(format!("{} has something else in it", wanted.display()))
        .hint("give a folder that is empty, that does not exist yet, or that an earlier demo made"))
}

fn unusable(folder: &Path, error: &io::Error) -> Failure {
    Failure::environment(format!("cannot make the demo in {}: {error}", folder.display()))
        .hint("give a folder that you may write: `pushlive demo <dir>`")
}

/// The repository under another name until it is whole, so that one cut short is never taken for a demo.
fn make(folder: &Path, repository: &Path) -> Result<(), Failure> {
    let begun = folder.join("begun.git");
    let failed = |error: io::Error| unusable(folder, &error);
    if begun.exists() {
        fs::remove_dir_all(&begun).map_err(failed)?;
    }
    let writer = Writer::create_bare(&begun, "main")?;
    init::install_hooks(&writer)?;
    writer.commit_files("main", &[("releases.toml", SETTINGS.as_bytes())], "Add the app\n")?;
    for version in RELEASES {
        let bundle = app::bundle(version).map_err(failed)?;
        let path = format!("{APP}/{version}/bundle.zip");
        writer.commit_files("main", &[(&path, &bundle)], &format!("Release {version}\n"))?;
    }
    let next = folder.join("next").join(NEXT);
    fs::create_dir_all(&next).map_err(failed)?;
    fs::write(next.join("bundle.zip"), app::bundle(NEXT).map_err(failed)?).map_err(failed)?;
    fs::rename(&begun, repository).map_err(failed)
}

/// The address itself where nobody has it, else a free port of this machine.
fn free_address(wanted: SocketAddr) -> SocketAddr {
    match TcpListener::bind(wanted) {
        Ok(_) => wanted,
        Err(_) => SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
    }
}
