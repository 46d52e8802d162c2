//! `pushlive demo`: a repository with an app and two releases, served, with the next commands to type.

mod app;
mod folder;
mod walk;

use std::fs;
use std::io::{self, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;

use clap::Args;

use super::failure::Failure;
use super::serve::print;
use super::{init, log};
use crate::repository::create::Writer;
use crate::serve::Daemon;
use crate::settings::{Settings, SettingsArgs};
use folder::Folder;

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
    let folder = Folder::find(arguments.dir.as_deref())?;
    let repository = folder.repository();
    let mut settings = Settings::load(&arguments.settings, &repository)?;
    if !folder.is_demo {
        make(&folder, &settings.branch)?;
    }
    if arguments.settings.raw.listen.is_none() {
        settings.listen = free_address(settings.listen);
    }
    if arguments.settings.raw.operator_listen.is_none() {
        settings.operator_listen = settings.operator_listen.map(free_address);
    }
    log::start(settings.log, settings.log_format);
    let daemon = Daemon::start(repository, settings)?;
    print(walk::text(&folder.path, daemon.address()), out);
    Ok(daemon.run()?)
}

/// The repository under another name until it is whole.
fn make(folder: &Folder, branch: &str) -> Result<(), Failure> {
    let begun = folder.begun();
    let failed = |error: io::Error| folder.unusable(&error);
    if begun.exists() {
        fs::remove_dir_all(&begun).map_err(failed)?;
    }
    let writer = Writer::create_bare(&begun, branch)?;
    init::equip(&writer, branch)?;
    let files = [("releases.toml", SETTINGS.as_bytes()), (".gitignore", init::GITIGNORE.as_bytes())];
    writer.commit_files(branch, &files, "Add the app\n")?;
    for version in RELEASES {
        let bundle = app::bundle(version).map_err(failed)?;
        let path = format!("{APP}/{version}/bundle.zip");
        writer.commit_files(branch, &[(&path, &bundle)], &format!("Release {version}\n"))?;
    }
    let next = folder.next().join(NEXT);
    fs::create_dir_all(&next).map_err(failed)?;
    fs::write(next.join("bundle.zip"), app::bundle(NEXT).map_err(failed)?).map_err(failed)?;
    fs::rename(&begun, folder.repository()).map_err(failed)
}

/// The address itself where nobody has it, else a free port of this machine.
fn free_address(wanted: SocketAddr) -> SocketAddr {
    match TcpListener::bind(wanted) {
        Ok(_) => wanted,
        Err(_) => SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
    }
}
